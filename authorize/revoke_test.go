package authorize_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/internal/secret"
)

// What ends with what (RFC 7009, section 2.1; OAU-33).
func TestRevoke(t *testing.T) {
	for _, client := range []string{"agent", "phone", "jot"} {
		w, _ := newTokenWorld(t, inMemory)
		b := w.browser()
		b.signIn("alice", "local")
		first := b.login(client)
		second := b.refresh(client, first.Refresh)
		revoke := func(who, token string, pairs ...string) {
			t.Helper()
			a := b.post("/revoke", form(who, append([]string{"token", token}, pairs...)...))
			if a.StatusCode != 200 || a.body != "" || a.Header.Get("Cache-Control") != "no-store" {
				t.Errorf("%s: %d %s", client, a.StatusCode, a.body)
			}
		}
		lives := func(name string, token string, want bool) {
			t.Helper()
			if a := b.userinfo(token); (a.StatusCode == 200) != want {
				t.Errorf("%s, %s: %d", client, name, a.StatusCode)
			}
		}
		for _, stranger := range []string{"tied", "wiki", "spa"} { // OAU-33: somebody else's tokens are unknown
			if stranger == "spa" {
				b.post("/revoke", url.Values{"client_id": {"spa"}, "token": {first.Access}})
				b.post("/revoke", url.Values{"client_id": {"spa"}, "token": {second.Refresh}})
				continue
			}
			revoke(stranger, first.Access)
			revoke(stranger, second.Refresh)
		}
		lives("revoked by a stranger", first.Access, true)
		revoke(client, first.Access, "token_type_hint", "refresh_token") // a wrong hint is no matter
		lives("revoked", first.Access, false)
		lives("another of the family", second.Access, true)
		revoke(client, first.Access) // again
		third := b.refresh(client, second.Refresh)
		if third.Access == "" {
			t.Fatalf("%s: %+v", client, third)
		}
		revoke(client, third.Refresh, "token_type_hint", "urn:unknown")
		for _, token := range []string{second.Access, third.Access} { // the family ends with its refresh token
			lives("family", token, false)
		}
		if a := b.refresh(client, third.Refresh); a.Error != "invalid_grant" {
			t.Errorf("%s: refresh token lives: %+v", client, a)
		}
		other := b.login(client)
		lives("another authorization", other.Access, true)
		renewed := b.refresh(client, other.Refresh)
		revoke(client, other.Refresh) // for who rotates: one that was replaced
		lives("family of a replaced token", renewed.Access, false)
		for _, token := range []string{"x", secret.New(), secret.New() + secret.New(), "a.b.c", other.ID, strings.Repeat("x", 50000), "\x00"} {
			revoke(client, token)
		}
	}
}

// Who may ask the revocation and introspection endpoints, and how (OAU-30,
// OAU-33, OAU-34).
func TestRevokeAndIntrospectRequests(t *testing.T) {
	w, _ := newTokenWorld(t, inMemory)
	b := w.browser()
	b.signIn("alice", "local")
	token := b.login("agent").Access
	good := func() url.Values { return form("agent", "token", token) }
	set := func(name, value string) url.Values {
		v := good()
		v.Set(name, value)
		return v
	}
	twice := good()
	twice.Add("token", "x")
	for _, path := range []string{"/introspect", "/revoke"} {
		public := map[string]int{"/introspect": 401, "/revoke": 200}[path]
		for _, c := range []struct {
			name   string
			a      answer
			status int
			error  string
		}{
			{"no token", b.post(path, set("token", "")), 400, "invalid_request"},
			{"token twice", b.post(path, twice), 400, "invalid_request"}, // OAU-14
			{"wrong secret", b.post(path, set("client_secret", wikiSecret+"x")), 401, "invalid_client"},
			{"no secret", b.post(path, set("client_secret", "")), 401, "invalid_client"},
			{"no client", b.post(path, url.Values{"token": {token}}), 401, "invalid_client"},
			{"unknown client", b.post(path, set("client_id", "nobody")), 401, "invalid_client"},
			{"token as bearer", b.post(path, url.Values{"token": {token}}, func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token) }), 401, "invalid_client"},
			{"two ways", b.post(path, good(), basic("agent", wikiSecret)), 400, "invalid_request"}, // OAU-11
			{"in the query", b.post(path+"?token="+token, good()), 400, "invalid_request"},
			{"json", b.post(path, good(), func(r *http.Request) { r.Header.Set("Content-Type", "application/json") }), 415, "invalid_request"},
			{"large", b.post(path, set("token", strings.Repeat("x", 70000))), 413, "invalid_request"}, // DOS-02
			{"public client", b.post(path, form("phone", "token", secret.New())), public, ""},
		} {
			got, _ := c.a.fieldsOrNone()["error"].(string)
			if c.a.StatusCode != c.status || c.error != "" && got != c.error {
				t.Errorf("%s %s: %d %s", path, c.name, c.a.StatusCode, c.a.body)
			}
			if c.a.Header.Get("Cache-Control") != "no-store" { // WEB-08
				t.Errorf("%s %s: %v", path, c.name, c.a.Header)
			}
		}
		if a := b.get(w.issuer + path + "?token=x"); a.StatusCode != 405 || a.Header.Get("Allow") != "POST" { // WEB-12
			t.Errorf("%s: GET: %d %v", path, a.StatusCode, a.Header)
		}
	}
	if !b.active("agent", token) {
		t.Error("one of these ended the token")
	}
	w.shorts.broken = fault.New(fault.Unavailable, "test", "")
	w.sessions.broken = w.shorts.broken // a status of 503 is expected
	for _, path := range []string{"/introspect", "/revoke"} {
		if a := b.post(path, good()); a.StatusCode != 503 { // RFC 7009 2.2.1
			t.Errorf("%s: %d %s", path, a.StatusCode, a.body)
		}
	}
}
