package authorize_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// oddTokens are texts in the place of tokens that went wrong somewhere.
func oddTokens() []string {
	return []string{"", "x", "a.b.c", "..", "eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0.e30.", strings.Repeat("A", 43), strings.Repeat("A", 86), strings.Repeat("A", 85) + "\n", "\x00", "%", strings.Repeat(".", 9)}
}

// serve sends a form to one of the endpoints without a network.
func serve(h func(http.ResponseWriter, *http.Request) error, body string) (*httptest.ResponseRecorder, error) {
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	rec := httptest.NewRecorder()
	return rec, h(rec, r)
}

// FuzzGrants: whatever an authenticated client sends to the token endpoint, it
// gets no more than it may have, and nothing is our fault.
func FuzzGrants(f *testing.F) {
	w, _ := newTokenWorld(f, inMemory)
	for _, token := range oddTokens() {
		f.Add("grant_type=refresh_token&refresh_token="+url.QueryEscape(token), false)
		f.Add("grant_type=refresh_token&refresh_token="+url.QueryEscape(token)+"&scope=admin&resource=%00", true)
	}
	f.Add("grant_type=client_credentials&scope=api.read&resource="+url.QueryEscape(apiURI), false)
	f.Add("grant_type=client_credentials&scope=%20%20&resource=&resource=", false)
	f.Add("grant_type=client_credentials&scope=openid+%ff", false)
	f.Fuzz(func(t *testing.T, body string, public bool) {
		who := form("robot").Encode()
		if public {
			who = form("phone").Encode()
		}
		rec, err := serve(w.serves("/token"), who+"&"+body)
		if err != nil {
			t.Fatal(err)
		}
		if rec.Code != 200 && rec.Code != 400 && rec.Code != 401 && rec.Code != 413 || rec.Header().Get("Cache-Control") != "no-store" {
			t.Fatalf("%d %s", rec.Code, rec.Body)
		}
		if rec.Code != 200 {
			return
		}
		got := answer{body: rec.Body.String()}.tokens(t)
		if public || got.Refresh != "" || got.ID != "" || strings.Trim(strings.NewReplacer("api.read", "", "api.write", "").Replace(got.Scope), " ") != "" {
			t.Fatalf("%s gave %s", body, rec.Body)
		}
	})
}

// FuzzRevokeIntrospect: no text in the place of a token is our fault, or says
// more than nothing.
func FuzzRevokeIntrospect(f *testing.F) {
	w, _ := newTokenWorld(f, inMemory)
	for _, token := range oddTokens() {
		f.Add(token, "access_token")
		f.Add(token, "\x00")
	}
	f.Fuzz(func(t *testing.T, token, hint string) {
		v := form("agent", "token", token, "token_type_hint", hint).Encode()
		for _, h := range []func(http.ResponseWriter, *http.Request) error{w.serves("/revoke"), w.serves("/introspect")} {
			rec, err := serve(h, v)
			if err != nil {
				t.Fatal(err)
			}
			body := rec.Body.String()
			if rec.Code != 200 && rec.Code != 400 && rec.Code != 413 || rec.Code == 200 && body != "" && body != `{"active":false}` {
				t.Fatalf("%d %s", rec.Code, body)
			}
		}
	})
}
