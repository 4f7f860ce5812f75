package authorize_test

import (
	"net/http"
	"testing"
)

// BenchmarkGrants are the grant types without a person at the browser, on the
// handler itself: a client's own token, opaque and as a JWT (RS256), and a
// refresh with ID token, of a fixed and of a changing token.
func BenchmarkGrants(b *testing.B) {
	for name, client := range map[string]string{"credentials": "robot", "credentials jwt": "signing-robot", "refresh": "agent", "refresh rotating": "phone"} {
		b.Run(name, func(b *testing.B) {
			w, _ := newTokenWorld(b, inMemory)
			browser := w.browser()
			browser.signIn("alice", "local")
			v := form(client, "grant_type", "client_credentials")
			if client == "agent" || client == "phone" {
				v = form(client, "grant_type", "refresh_token", "refresh_token", browser.login(client).Refresh)
			}
			for b.Loop() {
				rec, err := serve(w.serves("/token"), v.Encode())
				if err != nil || rec.Code != http.StatusOK {
					b.Fatal(rec.Code, rec.Body)
				}
				if client == "phone" {
					v.Set("refresh_token", answer{body: rec.Body.String()}.tokens(b).Refresh)
				}
			}
		})
	}
}
