package caddymodule_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/gatehouse-auth/gatehouse/caddymodule"
)

// TestTrustedByOneGuard: each guard on the way judges by the origins that it
// trusts itself, whichever stands first (PRX-08).
func TestTrustedByOneGuard(t *testing.T) {
	for _, rules := range []string{
		"gatehouse /a* {\n\ttrusted_origins https://Tools.example.com\n\t}\n\tgatehouse /b* {\n\tallow user alice\n\t}",
		"gatehouse /b* {\n\tallow user alice\n\t}\n\tgatehouse /a* {\n\ttrusted_origins https://Tools.example.com\n\t}",
	} {
		port := freePort(t)
		h := serve(t, fmt.Sprintf(benchSite, t.TempDir(), port, rules))
		cookie := caddymodule.SignIn(t)
		post := func(path, from string) int {
			r := httptest.NewRequest("POST", path, nil)
			r.Host, r.RequestURI = fmt.Sprintf("localhost:%d", port), path
			r.Header.Set("Origin", from)
			r.Header.Set("Cookie", cookie)
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			return w.Code
		}
		const trusted = "https://tools.example.com"
		own := fmt.Sprintf("http://localhost:%d", port)
		for _, c := range []struct {
			path, from string
			want       int
		}{
			{"/a", own, http.StatusOK},
			{"/b", own, http.StatusOK},
			{"/a", trusted, http.StatusOK},
			{"/b", trusted, http.StatusForbidden},
			{"/a", "https://other.example.com", http.StatusForbidden},
			{"/b", "https://other.example.com", http.StatusForbidden},
			{"/c", "https://other.example.com", http.StatusForbidden},
			{"/a", "null", http.StatusForbidden},
		} {
			if got := post(c.path, c.from); got != c.want {
				t.Errorf("%s from %s: %d, want %d", c.path, c.from, got, c.want)
			}
		}
	}
}
