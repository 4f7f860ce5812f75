package authorize_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/fault"
)

// private gives clients of a token world names of their own for people.
func private(cfg *parts) {
	all := static(cfg)
	secrets := all["wiki"].Secrets
	for _, c := range []*client.Client{
		{ID: "hidden", Secrets: secrets, RedirectURIs: []string{wikiURI}, OfflineAccess: true, Resources: []string{apiURI}},
		{ID: "hidden-jwt", Secrets: secrets, RedirectURIs: []string{wikiURI}, OfflineAccess: true, AccessToken: "jwt", Resources: []string{apiURI}},
		{ID: "hidden-too", Secrets: secrets, RedirectURIs: []string{wikiURI}, SectorIdentifier: "elsewhere.example"},
		{ID: "hidden-robot", Secrets: secrets, GrantTypes: []string{"client_credentials"}, AccessToken: "jwt", SectorIdentifier: "x.example"},
	} {
		c.SubjectType = "pairwise"
		all[c.ID] = c
	}
}

// A pairwise client sees one name for a person, the same wherever it looks, and
// the account's nowhere (OpenID Connect Core, section 8.1).
func TestPairwiseSubjects(t *testing.T) {
	w, who := newTokenWorld(t, onDisk, private)
	b := w.browser()
	b.signIn("alice-uuid", "local")
	seen := map[string]string{}
	for _, client := range []string{"hidden", "hidden-jwt"} {
		held := b.login(client, "scope", "openid offline_access")
		sub, _ := part(t, held.ID, 1)["sub"].(string)
		seen[client] = sub
		look := func(when string, held tokens) {
			if strings.Contains(held.Access, ".") {
				if access := part(t, held.Access, 1); access["sub"] != sub || strings.Contains(decoded(t, held.Access), "alice") {
					t.Errorf("%s %s: access token %v", client, when, access)
				}
			}
			for name, body := range map[string]string{
				"userinfo": b.userinfo(held.Access).body, "introspection": b.post("/introspect", form(client, "token", held.Access)).body,
				"of refresh": b.post("/introspect", form(client, "token", held.Refresh)).body,
			} {
				var out struct{ Sub string }
				if err := json.Unmarshal([]byte(body), &out); err != nil || out.Sub != sub || strings.Contains(body, "alice") {
					t.Errorf("%s %s, %s: %s", client, when, name, body)
				}
			}
		}
		look("first", held)
		again := b.refresh(client, held.Refresh)
		if id := part(t, again.ID, 1); id["sub"] != sub {
			t.Errorf("%s: renewed ID token %v", client, id)
		}
		look("renewed", again)
		api := b.login(client, "scope", "openid", "resource", apiURI)
		body := b.post("/introspect", form("api", "token", api.Access)).body
		if !strings.Contains(body, `"sub":"`+sub+`"`) {
			t.Errorf("%s: to the resource server: %s", client, body)
		}
		who.lose("alice-uuid", fault.NotFound) // a token that hides whose it is still ends with its account
		w.sessions.mu.Lock()
		kept := w.sessions.bySID
		w.sessions.bySID = nil
		w.sessions.mu.Unlock()
		if b.active(client, again.Access) {
			t.Errorf("%s: the token outlives the account", client)
		}
		w.sessions.mu.Lock()
		w.sessions.bySID = kept
		w.sessions.mu.Unlock()
		who.mu.Lock()
		delete(who.gone, "alice-uuid")
		who.mu.Unlock()
	}
	other := b.login("hidden-too", "scope", "openid")
	if sub := part(t, other.ID, 1)["sub"]; sub == seen["hidden"] || seen["hidden"] != seen["hidden-jwt"] || seen["hidden"] == "" {
		t.Errorf("sectors: %v, other %v", seen, sub)
	}
	robot := b.post("/token", form("hidden-robot", "grant_type", "client_credentials")).tokens(t)
	if part(t, robot.Access, 1)["sub"] != "hidden-robot" { // a client's own is no person's
		t.Errorf("%v", part(t, robot.Access, 1))
	}
	if body := b.get(w.issuer + "/.well-known/openid-configuration").body; !strings.Contains(body, `"subject_types_supported":["public","pairwise"]`) { // OAU-40
		t.Error("discovery does not say so")
	}
}

// decoded is a token as its client can read it.
func decoded(t *testing.T, token string) string {
	t.Helper()
	raw, err := json.Marshal([]any{part(t, token, 0), part(t, token, 1)})
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// What a pairwise client brings back is its own name for the person, and the
// account's means nothing from it. OAU-24
func TestPairwiseHints(t *testing.T) {
	w, _ := newTokenWorld(t, inMemory, private)
	b := w.browser()
	b.signIn("alice-uuid", "local")
	hint := b.login("hidden", "scope", "openid").ID
	public := b.login("agent", "scope", "openid").ID
	sub, _ := part(t, hint, 1)["sub"].(string)
	for name, c := range map[string]struct {
		parameter, value string
		code             bool
	}{
		"own hint":      {"id_token_hint", hint, true},
		"claims":        {"claims", `{"id_token":{"sub":{"value":"` + sub + `"}}}`, true},
		"public hint":   {"id_token_hint", public, false},
		"public claims": {"claims", `{"id_token":{"sub":{"value":"alice-uuid"}}}`, false},
	} {
		q := b.ask(request("client_id", "hidden", "scope", "openid", "prompt", "none", c.parameter, c.value)).to.Query()
		if (q.Get("code") != "") != c.code || !c.code && q.Get("error") != "login_required" {
			t.Errorf("%s: %v", name, q)
		}
	}
	bob := w.browser()
	bob.signIn("bob-uuid", "local")
	if q := bob.ask(request("client_id", "hidden", "scope", "openid", "prompt", "none", "id_token_hint", hint)).to.Query(); q.Get("error") != "login_required" {
		t.Errorf("somebody else's hint: %v", q)
	}
}
