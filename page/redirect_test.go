package page_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/gatehouse-auth/gatehouse/page"
)

func TestSeeOther(t *testing.T) {
	w := httptest.NewRecorder()
	if err := page.SeeOther(w, "https://app.example.com/?a=1"); err != nil {
		t.Fatal(err)
	}
	if w.Code != http.StatusSeeOther || w.Body.Len() != 0 { // RED-06
		t.Errorf("%d, %q", w.Code, w.Body)
	}
	for name, want := range map[string]string{
		"Location":               "https://app.example.com/?a=1",
		"Cache-Control":          "no-store",    // WEB-08
		"Referrer-Policy":        "no-referrer", // WEB-06
		"X-Content-Type-Options": "nosniff",
	} {
		if got := w.Header().Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}
