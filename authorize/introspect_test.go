package authorize_test

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/internal/secret"
)

// fieldsOrNone decodes a JSON answer, if it is one.
func (a answer) fieldsOrNone() map[string]any {
	out := map[string]any{}
	_ = json.Unmarshal([]byte(a.body), &out)
	return out
}

// What is said about a token, and to whom (RFC 7662, section 2.2; OAU-34).
func TestIntrospect(t *testing.T) {
	for _, client := range []string{"agent", "jot"} {
		w, _ := newTokenWorld(t, inMemory)
		b := w.browser()
		session := b.signIn("alice", "local")
		got := b.login(client, "resource", apiURI)
		now := float64(w.clock.Now().Unix())
		a := b.post("/introspect", form("api", "token", got.Access, "token_type_hint", "nonsense")) // whom it is meant for
		want := map[string]any{
			"active": true, "iss": w.issuer, "sub": "alice", "aud": apiURI, "client_id": client, "scope": "openid profile offline_access", "token_type": "Bearer",
			"iat": now, "exp": now + 300, "auth_time": float64(session.At.Unix()), "acr": "1", "sid": session.SID,
		}
		fields := a.fields(t)
		for name, value := range want {
			if fields[name] != value {
				t.Errorf("%s: %s is %v, want %v", client, name, fields[name], value)
			}
		}
		for _, name := range []string{"email", "name", "username", "cnf"} {
			if fields[name] != nil {
				t.Errorf("%s: says %s", client, name)
			}
		}
		if id, _ := fields["jti"].(string); len(id) < 22 {
			t.Errorf("%s: jti %v", client, fields["jti"])
		}
		nothing := func(name string, a answer) {
			t.Helper()
			if a.StatusCode != 200 || a.body != `{"active":false}` {
				t.Errorf("%s, %s: %d %s", client, name, a.StatusCode, a.body)
			}
		}
		nothing("a stranger", b.post("/introspect", form("wiki", "token", got.Access)))
		nothing("a stranger and a refresh token", b.post("/introspect", form("api", "token", got.Refresh)))
		for name, token := range map[string]string{"made up": secret.New(), "made up refresh": secret.New() + secret.New(), "ID token": got.ID, "code": b.code(request()), "sid": session.SID, "odd": "\x00.\x00.", "cut": got.Access[1:]} {
			nothing(name, b.post("/introspect", form("api", "token", token)))
		}
		userinfo := b.login(client)
		nothing("meant for userinfo", b.post("/introspect", form("api", "token", userinfo.Access)))
		w.clock.pass(5 * time.Minute)
		nothing("expired", b.post("/introspect", form("api", "token", got.Access)))
		fresh := b.refresh(client, got.Refresh)
		if a := b.post("/introspect", form("api", "token", fresh.Access)); a.fields(t)["active"] != true {
			t.Errorf("%s: %s", client, a.body)
		}
		b.post("/revoke", form(client, "token", fresh.Refresh))
		nothing("family ended", b.post("/introspect", form("api", "token", fresh.Access)))
	}
}

// A client may ask about its own tokens, refresh tokens too; asking is not
// using, and what ends a token elsewhere ends it here.
func TestIntrospectOwn(t *testing.T) {
	w, who := newTokenWorld(t, inMemory)
	b := w.browser()
	session := b.signIn("alice", "local")
	tied, offline := b.login("tied"), b.login("agent")
	for range 3 {
		for _, token := range []string{tied.Access, tied.Refresh} {
			if !b.active("tied", token) {
				t.Error("an own token is unknown")
			}
		}
	}
	if a := b.post("/introspect", form("tied", "token", tied.Refresh)).fields(t); a["exp"] != float64(w.clock.Now().Add(15*24*time.Hour).Unix()) || a["token_type"] != nil || a["aud"] != nil {
		t.Errorf("%v", a)
	}
	robot := b.post("/token", form("robot", "grant_type", "client_credentials", "resource", apiURI)).tokens(t)
	if a := b.post("/introspect", form("api", "token", robot.Access)).fields(t); a["sub"] != "robot" || a["auth_time"] != nil || a["sid"] != nil {
		t.Errorf("a client's own: %v", a)
	}
	delete(w.sessions.bySID, session.SID)
	if b.active("tied", tied.Access) || b.active("tied", tied.Refresh) { // SES-09, SES-10
		t.Error("tokens outlive the session")
	}
	if !b.active("agent", offline.Access) || !b.active("agent", offline.Refresh) {
		t.Error("offline_access ends with the session")
	}
	who.lose("alice", fault.Denied)
	if b.active("agent", offline.Access) || b.active("agent", offline.Refresh) { // SES-16
		t.Error("offline_access outlives the account")
	}
	delete(w.clients, "robot")
	if b.post("/introspect", form("api", "token", robot.Access)).fields(t)["active"] != false {
		t.Error("a client that is gone is answered for")
	}
}

// Signed answers: introspection (RFC 9701) and userinfo (OpenID Connect Core,
// section 5.3.2), neither of which is another kind of token (JWT-06).
func TestSignedAnswers(t *testing.T) {
	w, _ := newTokenWorld(t, inMemory)
	b := w.browser()
	b.signIn("alice", "local")
	got := b.login("agent", "resource", apiURI)
	for accept, want := range map[string]string{
		"application/token-introspection+jwt":                         "application/token-introspection+jwt",
		"application/json;q=0.5, application/Token-Introspection+JWT": "application/token-introspection+jwt",
		"application/json": "application/json; charset=utf-8",
		"*/*":              "application/json; charset=utf-8",
		"application/token-introspection+jwt;q=0": "application/json; charset=utf-8",
		";;;,": "application/json; charset=utf-8",
	} {
		for _, token := range []string{got.Access, "x"} {
			a := b.post("/introspect", form("api", "token", token), func(r *http.Request) { r.Header.Set("Accept", accept) })
			if a.StatusCode != 200 || a.Header.Get("Content-Type") != want || a.Header.Get("Cache-Control") != "no-store" {
				t.Errorf("%s: %d %v", accept, a.StatusCode, a.Header)
			}
			if want[12] == 'j' {
				continue
			}
			var claims struct {
				Iss, Aud string
				Iat, Exp int64
				Sub      *string
				Told     map[string]any `json:"token_introspection"`
			}
			if err := w.signer.Verify(t.Context(), a.body, "token-introspection+jwt", &claims); err != nil {
				t.Fatal(err)
			}
			if claims.Iss != w.issuer || claims.Aud != "api" || claims.Iat != w.clock.Now().Unix() || claims.Exp != 0 || claims.Sub != nil || claims.Told["active"] != (token != "x") {
				t.Errorf("%+v", claims)
			}
			if b.userinfo(a.body).StatusCode != 401 {
				t.Error("it is taken for an access token")
			}
		}
	}
	jot := b.login("jot")
	a := b.userinfo(jot.Access)
	var claims struct{ Iss, Aud, Sub, Name string }
	if err := w.signer.Verify(t.Context(), a.body, "userinfo+jwt", &claims); err != nil || a.Header.Get("Content-Type") != "application/jwt" {
		t.Fatalf("%v: %s", err, a.body)
	}
	if claims.Iss != w.issuer || claims.Aud != "jot" || claims.Sub != "alice" || claims.Name == "" || part(t, a.body, 0)["alg"] != "ES256" {
		t.Errorf("%+v", claims)
	}
	if back := b.ask(request("id_token_hint", a.body)); back.to.Query().Get("error") != "invalid_request" {
		t.Errorf("it is taken for an ID token: %v", back.to)
	}
}
