package authorize_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// BenchmarkFlow is a code flow with a session at hand: authorize, token,
// userinfo, on the handlers themselves, with an RS256 signature.
func BenchmarkFlow(b *testing.B) {
	for id, uri := range map[string]string{"wiki": wikiURI, "spa": "https://spa.example.com/"} {
		b.Run(id, func(b *testing.B) {
			w := newWorld(b, "")
			browser := w.browser()
			browser.signIn("alice", "local")
			ask := ticketRequest(browser, request("client_id", id, "redirect_uri", uri))
			for b.Loop() {
				rec := httptest.NewRecorder()
				_ = w.Authorize(rec, ask)
				to, _ := url.Parse(rec.Header().Get("Location"))
				v := redeem(to.Query().Get("code"), "client_id", id, "redirect_uri", uri)
				if id == "spa" {
					v.Del("client_secret")
				}
				r := httptest.NewRequest(http.MethodPost, "/token", strings.NewReader(v.Encode()))
				r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
				rec = httptest.NewRecorder()
				_ = w.serves("/token")(rec, r)
				_, token, _ := strings.Cut(rec.Body.String(), `"access_token":"`)
				r = httptest.NewRequest(http.MethodGet, "/userinfo", nil)
				r.Header.Set("Authorization", "Bearer "+token[:43])
				rec = httptest.NewRecorder()
				_ = w.serves("/userinfo")(rec, r)
				if rec.Code != http.StatusOK {
					b.Fatal(rec.Code, rec.Body)
				}
			}
		})
	}
}
