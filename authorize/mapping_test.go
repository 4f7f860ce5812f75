package authorize_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/claims"
	"github.com/gatehouse-auth/gatehouse/authorize/client"
)

// mapped changes a token world: scopes and resource servers of its own, and
// clients with claims of theirs.
func mapped(t testing.TB) func(cfg *parts) {
	return func(cfg *parts) {
		var err error
		cfg.Book, err = claims.NewBook(claims.Scope{Name: "shoes", Description: "What you wear", Claims: []client.Claim{{Name: "shoe_size", From: "shoe"}}})
		if err != nil {
			t.Fatal(err)
		}
		cfg.Resources = client.Resources{
			apiURI:   {Name: "Interface", AccessToken: client.JWT, AccessTokenLife: time.Minute},
			filesURI: {AccessToken: client.Opaque},
		}
		for _, id := range []string{"agent", "jot", "third"} {
			c := static(cfg)[id]
			if c == nil {
				continue
			}
			c.Scopes = append(client.Scopes(), "shoes")
			c.Claims = []client.Claim{{Name: "roles", From: "groups"}, {Name: "nickname", From: "username"}, {Name: "tenant", Value: "blue"}}
			c.AccessTokenClaims = []string{"roles", "shoe_size", "email"}
		}
	}
}

// A client's own claims come where they belong, and none stands for a claim of
// the protocol.
func TestMappedClaims(t *testing.T) {
	w, _ := newTokenWorld(t, inMemory, mapped(t))
	b := w.browser()
	b.signIn("alice", "local")
	for scope, want := range map[string]struct{ info, access string }{
		"openid":               {"map[roles:[admins staff] sub:alice tenant:blue]", "[admins staff] <nil> <nil>"},
		"openid profile shoes": {"map[given_name:Given name:Name of alice nickname:alice preferred_username:alice roles:[admins staff] shoe_size:42 sub:alice tenant:blue]", "[admins staff] 42 <nil>"},
	} {
		held := b.login("jot", "scope", scope)
		var info map[string]any
		if info = part(t, b.userinfo(held.Access).body, 1); info["aud"] != "jot" {
			t.Fatalf("userinfo %v", info)
		}
		for _, name := range []string{"iss", "aud", "iat"} {
			delete(info, name)
		}
		if got := fmt.Sprint(info); got != want.info {
			t.Errorf("%s: userinfo %s", scope, got)
		}
		access := part(t, held.Access, 1)
		if got := fmt.Sprintf("%v %v %v", access["roles"], access["shoe_size"], access["email"]); got != want.access || access["tenant"] != nil || access["sub"] != "alice" {
			t.Errorf("%s: access token %v", scope, access)
		}
		if id := part(t, held.ID, 1); fmt.Sprintf("%v %v %v %v", id["roles"], id["tenant"], id["nickname"], id["shoe_size"]) != "[admins staff] blue <nil> <nil>" {
			t.Errorf("%s: ID token %v", scope, id)
		}
	}
	held := b.login("jot", "scope", "openid", "claims", `{"id_token":{"shoe_size":null},"userinfo":{"nickname":null}}`)
	if id, info := part(t, held.ID, 1), part(t, b.userinfo(held.Access).body, 1); id["shoe_size"] != "42" || info["nickname"] != "alice" || info["shoe_size"] != nil {
		t.Errorf("by name: %v %v", id, info)
	}
	meta := b.get(w.issuer + "/.well-known/openid-configuration").body
	for _, word := range []string{`"shoes"`, `"shoe_size"`} { // OAU-40
		if !strings.Contains(meta, word) {
			t.Errorf("discovery does not name %s", word)
		}
	}
}

// The form of an access token is that of the resource server it is for.
func TestTokensByResource(t *testing.T) {
	w, _ := newTokenWorld(t, inMemory, mapped(t))
	b := w.browser()
	b.signIn("alice", "local")
	both := request("client_id", "agent", "redirect_uri", wikiURI, "scope", "openid offline_access")
	both["resource"] = []string{apiURI, filesURI}
	code := func() string { return b.code(both) }
	if a := b.post("/token", as("agent", redeem(code()))); a.StatusCode != 400 || a.tokens(t).Error != "invalid_target" { // OAU-25
		t.Errorf("two forms in one: %d %s", a.StatusCode, a.body)
	}
	api := b.post("/token", as("agent", redeem(code(), "resource", apiURI))).tokens(t)
	if claims := part(t, api.Access, 1); claims["aud"] != apiURI || api.Expires != 60 || claims["exp"].(float64)-claims["iat"].(float64) != 60 {
		t.Errorf("%v, for %d s", claims, api.Expires)
	}
	if files := b.refresh("agent", api.Refresh, "resource", filesURI); strings.Contains(files.Access, ".") || files.Expires != 300 {
		t.Errorf("%+v", files)
	}
	if own := b.refresh("agent", api.Refresh, "resource", w.issuer+"/userinfo"); strings.Contains(own.Access, ".") || b.userinfo(own.Access).StatusCode != 200 {
		t.Errorf("%+v", own)
	}
}

// People are told what scopes and resource servers are in the words of the
// configuration, and see the claims that come with no scope (OAU-41).
func TestConsentInTheirWords(t *testing.T) {
	w := newConsentWorld(t, inMemory, mapped(t))
	b := w.browser()
	b.signIn("alice", "local")
	v := b.atConsent(b.ask(wants("third", "openid shoes", "resource", apiURI)))
	if got := fmt.Sprint(v.Scopes, v.Resources); got != "[{openid  [admins staff blue] } {shoes What you wear [42] }] [Interface ("+apiURI+")]" {
		t.Errorf("the page shows %s", got)
	}
	b.agree(wants("third", "openid shoes", "resource", apiURI), true)
	g, err := json.Marshal(b.granted().Grants)
	if err != nil || !strings.Contains(string(g), "What you wear") || !strings.Contains(string(g), "Interface ("+apiURI+")") {
		t.Errorf("%s, %v", g, err)
	}
}
