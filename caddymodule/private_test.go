package caddymodule_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/caddymodule"
)

// WEB-08: no cache gives one person's page to another.
func TestAnswersArePrivate(t *testing.T) {
	for said, want := range map[string]string{
		"":                                    "private",
		"no-store":                            "no-store",
		"private, max-age=60":                 "private, max-age=60",
		"max-age=60":                          "max-age=60",
		"public":                              "private",
		"Public, max-age=60":                  "private, max-age=60",
		"public, max-age=60, s-maxage=600":    "private, max-age=60",
		"max-age=60,S-MaxAge=600":             "private, max-age=60",
		"private, public":                     "private",
		"no-cache, , public = x, immutable":   "private, no-cache, immutable",
		`private="x-public", must-revalidate`: "private, must-revalidate",
		"stale-while-revalidate=9, public":    "private, stale-while-revalidate=9",
	} {
		recorder := httptest.NewRecorder()
		w := caddymodule.Private(recorder)
		if said != "" {
			w.Header().Set("Cache-Control", said)
		}
		w.Header().Add("Vary", "Accept")
		w.WriteHeader(http.StatusOK)
		io.WriteString(w, "hello")
		h := recorder.Result().Header
		if got := h.Get("Cache-Control"); got != want || strings.Join(h["Vary"], ", ") != "Accept, Cookie" {
			t.Errorf("%q became %q, want %q; Vary is %q", said, got, want, h["Vary"])
		}
	}
}

// However an answer begins, it is marked: WEB-08.
func TestEveryWayToAnswerIsPrivate(t *testing.T) {
	for name, answer := range map[string]func(http.ResponseWriter){
		"WriteHeader":   func(w http.ResponseWriter) { w.WriteHeader(http.StatusNotFound) },
		"Write":         func(w http.ResponseWriter) { io.WriteString(w, "hello") },
		"ReadFrom":      func(w http.ResponseWriter) { io.Copy(w, strings.NewReader("hello")) },
		"Flush":         func(w http.ResponseWriter) { http.NewResponseController(w).Flush() },
		"informational": func(w http.ResponseWriter) { w.WriteHeader(http.StatusEarlyHints); io.WriteString(w, "hello") },
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { answer(caddymodule.Private(w)) }))
		resp, err := server.Client().Get(server.URL)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		server.Close()
		if h := resp.Header; h.Get("Cache-Control") != "private" || h.Get("Vary") != "Cookie" {
			t.Errorf("%s: Cache-Control %q, Vary %q", name, h["Cache-Control"], h["Vary"])
		}
	}
}
