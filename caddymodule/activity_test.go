package caddymodule_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/caddymodule"
)

// SES-15, as amended: a session is kept by what is let through to a protected
// path. Public and refused requests are no activity.
func TestActivity(t *testing.T) {
	port := freePort(t)
	own := fmt.Sprintf("http://localhost:%d", port)
	for name, c := range map[string]struct {
		method, path, origin string
		status               int
		keeps                bool
	}{
		"protected":          {"GET", "/x", "", 200, true},
		"protected, written": {"POST", "/x", own, 200, true},
		"public":             {"GET", "/pub/x", "", 200, false},
		"refused by a rule":  {"GET", "/bobs/x", "", 403, false},
		"of another site":    {"POST", "/x", "https://evil.example", 403, false},
		"ambiguous":          {"GET", "/pub/..;/x", "", 400, false},
	} {
		t.Run(name, func(t *testing.T) {
			h := serve(t, fmt.Sprintf(benchSite, t.TempDir(), port, "gatehouse {\n\t\tpublic /pub/*\n\t}\n\tgatehouse /bobs/* {\n\t\tallow user bob\n\t}"))
			now := time.Now()
			cookie, write := caddymodule.OnClock(t, func() time.Time { return now })
			ask := func(method, path, origin string) int {
				r := httptest.NewRequest(method, path, nil)
				r.Host, r.RequestURI = fmt.Sprintf("localhost:%d", port), path
				r.Header.Set("Cookie", cookie)
				if origin != "" {
					r.Header.Set("Origin", origin)
				}
				w := httptest.NewRecorder()
				h.ServeHTTP(w, r)
				return w.Code
			}
			now = now.Add(50 * time.Minute)
			if got := ask(c.method, c.path, c.origin); got != c.status {
				t.Fatalf("%d, want %d", got, c.status)
			}
			write()
			now = now.Add(50 * time.Minute)
			if got := ask(http.MethodGet, "/x", ""); (got == http.StatusOK) != c.keeps {
				t.Errorf("50 minutes later: %d", got)
			}
		})
	}
}
