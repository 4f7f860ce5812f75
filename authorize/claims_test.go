package authorize_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/authorize/consent"
)

// What is asked for by name comes where it was asked for, now and after every
// renewal (OpenID Connect Core, section 5.5).
func TestClaimsByName(t *testing.T) {
	w, _ := newTokenWorld(t, onDisk)
	const claims = `{"userinfo":{"email":{"essential":true},"shoe":null,"sub":null,"given_name":{"value":"x"}},"id_token":{"name":null,"iss":{"value":"x"},"auth_time":{"essential":true},"nickname":null}}`
	for _, client := range []string{"agent", "jot"} {
		b := w.browser()
		b.signIn("alice", "local")
		first := b.login(client, "scope", "openid offline_access", "claims", claims)
		for name, held := range map[string]tokens{"first": first, "renewed": b.refresh(client, first.Refresh)} {
			id := part(t, held.ID, 1)
			if id["name"] != "Name of alice" || id["iss"] != w.issuer || id["auth_time"] == nil || id["email"] != nil || id["nickname"] != nil {
				t.Errorf("%s %s: ID token %v", client, name, id)
			}
			body := b.userinfo(held.Access).body
			if strings.Count(body, ".") == 2 && !strings.HasPrefix(body, "{") { // jot's are signed
				body = fmt.Sprint(part(t, body, 1))
			}
			if !strings.Contains(body, "alice@example.com") || !strings.Contains(body, "Given") || strings.Contains(body, "Name of") || strings.Contains(body, "shoe") {
				t.Errorf("%s %s: userinfo %s", client, name, body)
			}
		}
	}
}

// A claim is no way around the scopes that a client may ask for (OAU-15), and
// without openid there is nobody to speak of.
func TestClaimsOfScopesNotAllowed(t *testing.T) {
	w := newWorld(t, "")
	b := w.browser()
	b.signIn("alice", "local")
	const claims = `{"userinfo":{"email":null,"groups":{"essential":true}},"id_token":{"email":null}}`
	code := b.code(request("client_id", "narrow", "scope", "openid", "claims", claims))
	held := b.post("/token", as("narrow", redeem(code))).tokens(t)
	if id := part(t, held.ID, 1); id["email"] != nil {
		t.Errorf("ID token %v", id)
	}
	if body := b.userinfo(held.Access).body; strings.Contains(body, "alice@") || strings.Contains(body, "groups") {
		t.Errorf("userinfo %s", body)
	}
	code = b.code(request("client_id", "narrow", "scope", "api.read", "claims", claims))
	if held = b.post("/token", as("narrow", redeem(code))).tokens(t); held.ID != "" || b.userinfo(held.Access).StatusCode != 403 {
		t.Errorf("without openid: %+v", held)
	}
}

// What a client asks for by name people are asked about, and shown (OAU-41).
func TestClaimsNeedConsent(t *testing.T) {
	onBothStores(t, func(t *testing.T, w *consentWorld) {
		b := w.browser()
		b.signIn("alice", "local")
		const email, groups = `{"id_token":{"email":null}}`, `{"userinfo":{"groups":null,"email":null}}`
		b.agree(wants("third", "openid"), true)
		v := b.atConsent(b.ask(wants("third", "openid", "claims", email)))
		if got := fmt.Sprint(v.Scopes); got != "[{openid  [] } {email  [alice@example.com] }]" {
			t.Errorf("the page shows %s", got)
		}
		code := b.agree(wants("third", "openid", "claims", email), true)
		if id := part(t, b.post("/token", as("third", redeem(code))).tokens(t).ID, 1); id["email"] != "alice@example.com" {
			t.Errorf("ID token %v", id)
		}
		b.code(wants("third", "openid", "claims", email)) // remembered
		b.code(wants("third", "openid"))
		b.atConsent(b.ask(wants("third", "openid", "claims", groups)))
		b.atConsent(b.ask(wants("third", "openid email")))
		b.agree(wants("third", "openid email groups"), true)
		b.code(wants("third", "openid groups", "claims", groups)) // the scopes cover the claims
		if got := b.granted().Grants; len(got) != 1 || fmt.Sprint(got[0].Scopes) != "[{email  [] } {groups  [] } {openid  [] }]" {
			t.Errorf("granted %v", got)
		}
		again := b.say(b.atConsent(b.ask(wants("third", "openid", "claims", email, "prompt", "consent"))), consent.ActionAllow, false)
		if a := b.get(strings.Replace(again.to.String(), "email", "groups", 1)); a.to == nil || a.to.Query().Get("code") != "" {
			t.Errorf("an answer for other claims: %v", a.to) // OAU-41
		}
	})
}

// acr as an essential claim is a condition; wished for, it is none (OpenID
// Connect Core, section 5.5.1.1).
func TestEssentialACR(t *testing.T) {
	w := newWorld(t, "")
	b := w.browser()
	b.signIn("alice", "local") // with acr 1
	for claims, meets := range map[string]bool{
		`{"id_token":{"acr":{"essential":true,"values":["2","1"]}}}`: true, `{"id_token":{"acr":{"essential":true,"value":"1"}}}`: true,
		`{"id_token":{"acr":{"essential":true}}}`: true, `{"id_token":{"acr":{"values":["2"]}}}`: true, `{"userinfo":{"acr":{"essential":true,"value":"2"}}}`: true,
		`{"id_token":{"acr":{"essential":true,"value":"2"}}}`: false,
	} {
		v := request("claims", claims)
		a := b.ask(v)
		if meets {
			if a.to == nil || a.to.Query().Get("code") == "" {
				t.Errorf("%s: %d %v", claims, a.StatusCode, a.to)
			}
			continue
		}
		back, ok := a.atLogin(w)
		if !ok {
			t.Fatalf("%s: %d %v", claims, a.StatusCode, a.to)
		}
		c, err := w.Context(t.Context(), a.to.Query().Get("return_url"))
		if err != nil || !c.Force || fmt.Sprint(c.EssentialACR) != "[2]" {
			t.Errorf("the login page is told %+v, %v", c, err)
		}
		w.clock.pass(1e9)
		b.signIn("alice", "local")
		if q := b.get(back).to.Query(); q.Get("error") != "unmet_authentication_requirements" || q.Has("code") {
			t.Errorf("%s after the login: %v", claims, q)
		}
	}
}
