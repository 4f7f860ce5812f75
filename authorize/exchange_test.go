package authorize_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
)

const (
	mailURI    = "https://mail.example.com/"
	typeAccess = "urn:ietf:params:oauth:token-type:access_token"
)

// exchangers are a program, the interface it calls, one that the interface calls
// in turn, and one behind that.
func exchangers(cfg *parts) {
	secrets := static(cfg)["wiki"].Secrets
	scopes := []string{"openid", "profile", "api.read", "api.write"}
	grants := []string{client.GrantCode, client.GrantRefresh, client.GrantExchange}
	for _, c := range []*client.Client{
		{ID: "caller", Secrets: secrets, RedirectURIs: []string{wikiURI}, GrantTypes: grants, Scopes: scopes, Resources: []string{apiURI, filesURI}, OfflineAccess: true},
		{ID: "signed", Secrets: secrets, RedirectURIs: []string{wikiURI}, GrantTypes: grants, Scopes: scopes, Resources: []string{apiURI, filesURI}, OfflineAccess: true, AccessToken: "jwt"},
		{ID: "front", Secrets: secrets, GrantTypes: []string{client.GrantExchange}, Scopes: []string{"api.read", "openid"}, Audiences: []string{apiURI}, Resources: []string{filesURI}},
		{ID: "middle", Secrets: secrets, GrantTypes: []string{client.GrantExchange}, Scopes: []string{"api.read"}, Audiences: []string{filesURI}, Resources: []string{mailURI, apiURI}, AccessToken: "jwt", AccessTokenLife: time.Hour},
		{ID: "back", Secrets: secrets, GrantTypes: []string{client.GrantCredentials}, Scopes: []string{"api.read"}, Audiences: []string{mailURI}, Resources: []string{apiURI}},
	} {
		static(cfg)[c.ID] = c
	}
}

// exchange asks for another token; pairs add to the request or, with "",
// remove from it.
func (b *browser) exchange(id, token string, pairs ...string) tokens {
	b.w.t.Helper()
	v := form(id, "grant_type", client.GrantExchange, "subject_token", token, "subject_token_type", typeAccess)
	for i := 0; i+1 < len(pairs); i += 2 {
		if v.Add(pairs[i], pairs[i+1]); pairs[i+1] == "" {
			v.Del(pairs[i])
		}
	}
	return b.post("/token", v).tokens(b.w.t)
}

// says what a token is, as a client that may know.
func (b *browser) says(id, token string) map[string]any {
	b.w.t.Helper()
	return b.post("/introspect", form(id, "token", token)).fieldsOrNone()
}

// The token's own client gets less of it, and nothing that it had not (RFC 8693,
// section 2.1).
func TestExchangeNarrows(t *testing.T) {
	for _, id := range []string{"caller", "signed"} {
		w, _ := newTokenWorld(t, inMemory, exchangers)
		b := w.browser()
		session := b.signIn("alice", "local")
		whole := b.login(id, "scope", "openid api.read api.write offline_access", "resource", apiURI)
		w.clock.pass(time.Minute)
		got := b.exchange(id, whole.Access, "scope", "api.read")
		if got.Access == "" || got.Access == whole.Access || got.Refresh != "" || got.ID != "" || got.Scope != "api.read" || got.Expires != 240 {
			t.Fatalf("%s: %+v", id, got)
		}
		known := b.says("front", got.Access)
		for name, want := range map[string]any{
			"active": true, "sub": "alice", "client_id": id, "aud": apiURI, "sid": session.SID, "scope": "api.read",
			"auth_time": float64(session.At.Unix()), "act": nil, "exp": float64(session.At.Add(5 * time.Minute).Unix()),
		} {
			if known[name] != want {
				t.Errorf("%s: %s is %v, want %v", id, name, known[name], want)
			}
		}
		if all := b.exchange(id, whole.Access); all.Scope != "openid api.read api.write" {
			t.Errorf("%s: without scope %+v", id, all)
		}
		for what, c := range map[string]struct{ err, token, name, value string }{
			"another resource":      {"invalid_target", whole.Access, "resource", filesURI},
			"another audience":      {"invalid_target", whole.Access, "audience", filesURI},
			"userinfo":              {"invalid_target", whole.Access, "resource", w.issuer + "/userinfo"},
			"a scope it had not":    {"invalid_scope", whole.Access, "scope", "profile"},
			"offline":               {"invalid_scope", whole.Access, "scope", "offline_access"},
			"the scope given away":  {"invalid_scope", got.Access, "scope", "api.write"},
			"a refresh token":       {"invalid_request", whole.Refresh, "scope", ""},
			"an ID token":           {"invalid_request", whole.ID, "scope", ""},
			"no token":              {"invalid_request", "", "scope", ""},
			"no type":               {"invalid_request", whole.Access, "subject_token_type", ""},
			"another type":          {"invalid_request", whole.Access, "requested_token_type", "urn:ietf:params:oauth:token-type:refresh_token"},
			"an actor":              {"invalid_request", whole.Access, "actor_token", whole.Access},
			"two types":             {"invalid_request", whole.Access, "subject_token_type", "urn:ietf:params:oauth:token-type:jwt"},
			"an actor's type alone": {"invalid_request", whole.Access, "actor_token_type", typeAccess},
		} {
			if no := b.exchange(id, c.token, c.name, c.value); no.Error != c.err || no.Access != "" {
				t.Errorf("%s, %s: %+v", id, what, no)
			}
		}
		if no := b.exchange(id, whole.Access, "subject_token_type", "", "subject_token_type", "urn:ietf:params:oauth:token-type:saml2"); no.Error != "invalid_request" {
			t.Errorf("%s, unsupported type: %+v", id, no)
		}
		if twice := b.exchange(id, whole.Access, "audience", apiURI, "audience", apiURI, "resource", apiURI); twice.Access == "" {
			t.Errorf("%s: audience may come more than once: %+v", id, twice)
		}
	}
}

// A token that is meant for userinfo stays so for its own client, and who the
// person is nobody else learns.
func TestExchangeUserinfo(t *testing.T) {
	w, _ := newTokenWorld(t, inMemory, exchangers)
	b := w.browser()
	b.signIn("alice", "local")
	whole := b.login("caller", "scope", "openid profile")
	less := b.exchange("caller", whole.Access, "scope", "openid")
	if a := b.bearer(less.Access); a.StatusCode != 200 || a.fields(t)["sub"] != "alice" || a.fields(t)["name"] != nil {
		t.Errorf("%d %s", a.StatusCode, a.body)
	}
	api := b.login("caller", "scope", "openid profile api.read", "resource", apiURI)
	if got := b.exchange("front", api.Access, "resource", w.issuer+"/userinfo"); got.Error != "invalid_target" {
		t.Errorf("%+v", got)
	}
}

// bearer asks userinfo.
func (b *browser) bearer(token string) answer {
	b.w.t.Helper()
	return b.post("/userinfo", nil, header("Authorization", "Bearer "+token))
}

// A resource server acts for the person at another one that it may call, and
// every token says who (RFC 8693, section 4.1).
func TestExchangeDelegates(t *testing.T) {
	for _, id := range []string{"caller", "signed"} {
		w, _ := newTokenWorld(t, inMemory, exchangers)
		b := w.browser()
		b.signIn("alice", "local")
		first := b.login(id, "scope", "openid api.read api.write", "resource", apiURI)
		second := b.exchange("front", first.Access, "resource", filesURI)
		third := b.exchange("middle", second.Access, "audience", mailURI)
		known := b.says("back", third.Access)
		act, _ := known["act"].(map[string]any)
		before, _ := act["act"].(map[string]any)
		if known["sub"] != "alice" || known["client_id"] != "middle" || known["aud"] != mailURI || known["scope"] != "api.read" || act["sub"] != "middle" || before["sub"] != "front" || before["act"] != nil {
			t.Fatalf("%s: %v after %+v", id, known, second)
		}
		if claims := part(t, third.Access, 1); claims["act"].(map[string]any)["sub"] != "middle" || claims["exp"] != b.says(id, first.Access)["exp"] {
			t.Errorf("%s: %v", id, claims) // an hour of its own is not more than the first token's time
		}
		for what, no := range map[string]tokens{
			"a stranger's":           b.exchange("back", first.Access, "resource", apiURI),
			"no grant type":          b.exchange("back", third.Access, "resource", apiURI),
			"somebody without right": b.exchange("middle", first.Access, "resource", mailURI),
			"nowhere":                b.exchange("front", first.Access),
			"a scope it may not":     b.exchange("front", first.Access, "resource", filesURI, "scope", "api.write"),
			"not its resource":       b.exchange("front", first.Access, "resource", mailURI),
			"back to itself":         b.exchange("front", first.Access, "resource", apiURI),
		} {
			if no.Access != "" || no.Error == "" || no.Error == "server_error" {
				t.Errorf("%s, %s: %+v", id, what, no)
			}
		}
	}
}

// A chain ends after a few.
func TestExchangeChain(t *testing.T) {
	w, _ := newTokenWorld(t, inMemory, exchangers)
	b := w.browser()
	b.signIn("alice", "local")
	token, n := b.login("signed", "scope", "openid api.read", "resource", apiURI).Access, 0
	for ; n < 10; n++ {
		got := b.exchange("signed", token)
		if got.Error == "invalid_request" {
			break
		}
		token = got.Access
	}
	if n != 4 || b.says("signed", token)["active"] != true {
		t.Errorf("%d exchanges", n)
	}
}

// Whatever ends the first token ends all that came of it: its revocation, the
// session, its family, the consent, a client of the chain.
func TestExchangeEnds(t *testing.T) {
	for _, id := range []string{"caller", "signed"} {
		for what, end := range map[string]func(w *world, b *browser, sid string, first, second tokens){
			"the first token revoked": func(_ *world, b *browser, _ string, first, _ tokens) {
				b.post("/revoke", form(id, "token", first.Access))
			},
			"the second token revoked": func(_ *world, b *browser, _ string, _, second tokens) {
				b.post("/revoke", form("front", "token", second.Access))
			},
			"the family revoked": func(_ *world, b *browser, _ string, first, _ tokens) {
				b.post("/revoke", form(id, "token", first.Refresh))
			},
			"the session ended": func(w *world, _ *browser, sid string, _, _ tokens) {
				w.sessions.mu.Lock()
				defer w.sessions.mu.Unlock()
				delete(w.sessions.bySID, sid)
			},
			"the consent withdrawn": func(w *world, _ *browser, _ string, _, _ tokens) {
				if err := w.Grants.EndConsent(t.Context(), "alice", id); err != nil {
					t.Error(err)
				}
			},
			"the actor's consent withdrawn": func(w *world, _ *browser, _ string, _, _ tokens) {
				if err := w.Grants.EndConsent(t.Context(), "alice", "front"); err != nil {
					t.Error(err)
				}
			},
			"its client deleted": func(w *world, _ *browser, _ string, _, _ tokens) { delete(w.clients, id) },
			"the actor deleted":  func(w *world, _ *browser, _ string, _, _ tokens) { delete(w.clients, "front") },
			"time":               func(w *world, _ *browser, _ string, _, _ tokens) { w.clock.pass(5 * time.Minute) },
		} {
			w, _ := newTokenWorld(t, inMemory, exchangers)
			b := w.browser()
			session := b.signIn("alice", "local")
			first := b.login(id, "scope", "openid api.read", "resource", apiURI)
			second := b.exchange("front", first.Access, "resource", filesURI)
			third := b.exchange("middle", second.Access, "resource", mailURI)
			if b.says("back", third.Access)["active"] != true {
				t.Fatalf("%s: %+v", id, third)
			}
			end(w, b, session.SID, first, second)
			if b.says("back", third.Access)["active"] != false {
				t.Errorf("%s outlives %s", id, what)
			}
			if no := b.exchange("middle", third.Access, "resource", mailURI); no.Access != "" {
				t.Errorf("%s: exchanged after %s", id, what)
			}
		}
	}
}

// A bound token is exchanged by who has its key and stays bound; a client that
// must bind its tokens binds these (RFC 9449, section 5).
func TestExchangeBound(t *testing.T) {
	w, _ := newTokenWorld(t, inMemory, exchangers, withPossession, func(cfg *parts) {
		static(cfg)["signed"].DPoPBoundTokens = true
	})
	b := w.browser()
	b.signIn("alice", "local")
	me, other := newProver(t, w), newProver(t, w)
	prove := func(p *prover, v url.Values) tokens {
		return b.post("/token", v, header("DPoP", p.proof("POST", "/token", ""))).tokens(t)
	}
	ask := func(id, token string) url.Values {
		return form(id, "grant_type", client.GrantExchange, "subject_token", token, "subject_token_type", typeAccess)
	}
	code := b.code(request("client_id", "signed", "scope", "openid api.read", "resource", apiURI))
	bound := prove(me, as("signed", redeem(code)))
	if got := prove(me, ask("signed", bound.Access)); got.Type != "DPoP" || part(t, got.Access, 1)["cnf"].(map[string]any)["jkt"] != me.thumbprint() {
		t.Errorf("with its key: %+v", got)
	}
	for what, got := range map[string]tokens{
		"without a key":         b.post("/token", ask("signed", bound.Access)).tokens(t),
		"with another key":      prove(other, ask("signed", bound.Access)),
		"by a resource server":  b.exchange("front", bound.Access, "resource", filesURI),
		"with the server's key": prove(other, ask("front", bound.Access)),
	} {
		if got.Access != "" || got.Error != "invalid_request" && got.Error != "invalid_dpop_proof" {
			t.Errorf("%s: %+v", what, got)
		}
	}
}

// The public can't act for others, whatever its settings say (OAU-13).
func TestExchangePublic(t *testing.T) {
	c := &client.Client{ID: "a", FirstParty: true, Public: true, GrantTypes: []string{client.GrantExchange}}
	if err := c.Validate(); err == nil || !strings.Contains(err.Error(), "public client") {
		t.Error(err)
	}
	w, _ := newTokenWorld(t, inMemory, exchangers)
	if got := w.browser().exchange("phone", "x"); got.Error != "unauthorized_client" {
		t.Errorf("%+v", got)
	}
	if got := w.browser().exchange("agent", "x"); got.Error != "unauthorized_client" {
		t.Errorf("%+v", got)
	}
}
