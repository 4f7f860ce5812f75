package authorize_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/authorize/claims"
	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/authorize/consent"
	"github.com/gatehouse-auth/gatehouse/authorize/device"
)

// A scope that exists at one resource server alone is asked for with that server,
// and in no token that is meant for others alone (RFC 8707, section 2.2; OAU-25).
func TestScopesOfResources(t *testing.T) {
	w, _ := newTokenWorld(t, inMemory, func(cfg *parts) {
		cfg.Resources = client.Resources{apiURI: {Scopes: []string{"api.read"}}, filesURI: {Scopes: []string{"files.read"}}}
		static(cfg)["phone"].Scopes = []string{"openid", "api.read", "files.read", "anywhere"}
		static(cfg)["robot"].Scopes = []string{"api.read", "files.read"}
	})
	b := w.browser()
	b.signIn("alice", "local")
	both := []string{apiURI, filesURI}
	ask := func(scope string, resources []string) url.Values {
		v := request("client_id", "phone", "redirect_uri", phoneURI, "scope", scope)
		v["resource"] = resources
		return b.ask(v).to.Query()
	}
	for _, c := range []struct {
		scope       string
		asked, want []string // want: what token requests name
		scopes      string   // "": invalid_scope, at the token endpoint unless asked is refused already
	}{
		{"openid api.read", nil, nil, ""},
		{"openid api.read", []string{filesURI}, nil, ""},
		{"openid anywhere", nil, nil, "openid anywhere"},
		{"openid anywhere api.read", []string{apiURI}, nil, "openid anywhere api.read"},
		{"openid api.read files.read", both, nil, "openid api.read files.read"},
		{"openid api.read files.read", both, []string{apiURI}, "openid api.read"},
		{"openid api.read files.read", both, []string{filesURI}, "openid files.read"},
		{"openid api.read files.read", both, []string{w.issuer + "/userinfo"}, "openid"},
		{"api.read", both, []string{filesURI}, ""},
	} {
		name := c.scope + " at " + strings.Join(c.asked, " ") + " for " + strings.Join(c.want, " ")
		q := ask(c.scope+" offline_access", c.asked)
		if c.want == nil && c.scopes == "" {
			if q.Get("error") != "invalid_scope" || q.Has("code") {
				t.Errorf("%s: %v", name, q)
			}
			continue
		}
		v := as("phone", redeem(q.Get("code"), "redirect_uri", phoneURI))
		v["resource"] = c.want
		got := b.post("/token", v).tokens(t)
		if c.scopes == "" {
			if got.Error != "invalid_scope" || got.Access != "" {
				t.Errorf("%s: %+v", name, got)
			}
			continue
		}
		if got.Scope != c.scopes && got.Scope != c.scopes+" offline_access" {
			t.Errorf("%s: %q", name, got.Scope)
		}
		// The refresh token still stands for everything that was granted.
		again := form("phone", "grant_type", "refresh_token", "refresh_token", got.Refresh)
		if all := b.post("/token", again).tokens(t); all.Scope != c.scope && all.Scope != c.scope+" offline_access" {
			t.Errorf("%s, refreshed: %+v", name, all)
		}
	}
	machine := form("robot", "grant_type", "client_credentials", "resource", apiURI)
	if got := b.post("/token", machine).tokens(t); got.Scope != "api.read" {
		t.Errorf("credentials: %+v", got)
	}
	machine.Set("scope", "files.read")
	if got := b.post("/token", machine).tokens(t); got.Error != "invalid_scope" {
		t.Errorf("credentials: %+v", got)
	}
	if listed := b.get(w.issuer + "/.well-known/openid-configuration").fields(t)["scopes_supported"]; !slices.Equal(listed.([]any), []any{"openid", "profile", "email", "groups", "api.read", "files.read", "offline_access"}) { // OAU-40
		t.Errorf("%v", listed)
	}
}

// A token that is exchanged for one at another server loses what means nothing
// there (RFC 8693).
func TestExchangeLosesScopes(t *testing.T) {
	w, _ := newTokenWorld(t, inMemory, func(cfg *parts) {
		cfg.Resources = client.Resources{apiURI: {Scopes: []string{"api.read"}}, filesURI: {Scopes: []string{"files.read"}}}
		static(cfg)["agent"].OfflineAccess = false
		static(cfg)["agent"].Scopes = []string{"openid", "api.read", "files.read"}
		static(cfg)["agent"].GrantTypes = []string{"authorization_code", client.GrantExchange}
	})
	b := w.browser()
	b.signIn("alice", "local")
	v := request("client_id", "agent", "scope", "openid api.read files.read")
	v["resource"] = []string{apiURI, filesURI}
	whole := b.post("/token", as("agent", redeem(b.ask(v).to.Query().Get("code")))).tokens(t)
	if got := b.exchange("agent", whole.Access, "resource", filesURI); got.Scope != "openid files.read" {
		t.Errorf("%+v", got)
	}
	if got := b.exchange("agent", whole.Access, "resource", filesURI, "scope", "api.read"); got.Error != "invalid_scope" {
		t.Errorf("%+v", got)
	}
}

// Where several resource servers are asked for, people see which scope counts at
// which, those of one together; a device's page says the same (RFC 8628, section
// 5.4). Wrong settings are found.
func TestScopesAreShownByResource(t *testing.T) {
	known := client.Resources{apiURI: {Name: "Calendar", Scopes: []string{"api.read", "api.write"}}, filesURI: {Scopes: []string{"files.read"}}}
	asked := []string{"files.read", "openid", "api.read", "anywhere", "api.write"}
	shown := func(uris ...string) (text string) {
		for _, s := range consent.Sort(consent.Explain(claims.Book{}, asked, nil), known, uris) {
			text += s.Name + "@" + s.At + " "
		}
		return text
	}
	const calendar = "Calendar (" + apiURI + ")"
	if got, want := shown(apiURI, filesURI), "openid@ anywhere@ api.read@"+calendar+" api.write@"+calendar+" files.read@"+filesURI+" "; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if got, want := shown(apiURI), "files.read@ openid@ api.read@ anywhere@ api.write@ "; got != want { // the page names the one
		t.Errorf("%s, want %s", got, want)
	}
	for _, bad := range [][]string{{"a", "a"}, {"openid"}, {"offline_access"}, {"a b"}, {""}} {
		if (client.Resource{Scopes: bad}).Validate() == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}

// A device asks by the same rules, and its page says the same.
func TestDeviceAtResources(t *testing.T) {
	w := newDeviceWorld(t, func(cfg *parts) {
		cfg.Resources = client.Resources{apiURI: {Name: "Calendar", Scopes: []string{"api.read"}}}
		cfg.Device.Resources = cfg.Resources
		static(cfg)["tv"].Scopes = []string{"openid", "profile", "api.read"}
	})
	b := w.browser()
	b.signIn("alice", "local")
	if a := b.post("/device_authorization", onDevice("tv", "scope", "openid api.read")); a.StatusCode != 400 || a.tokens(t).Error != "invalid_scope" {
		t.Errorf("%d %s", a.StatusCode, a.body)
	}
	var d waiting
	if err := json.Unmarshal([]byte(b.post("/device_authorization", onDevice("tv", "scope", "openid api.read", "resource", apiURI)).body), &d); err != nil {
		t.Fatal(err)
	}
	q := b.typeCode(d.UserCode).Confirm
	if got := fmt.Sprint(q.Scopes, q.Resources); got != "[{openid  [] } {api.read  [] }] [Calendar ("+apiURI+")]" {
		t.Errorf("the page shows %s", got)
	}
	b.decide(q, device.ActionAllow, device.FieldMine)
	if got := b.poll("tv", d.DeviceCode); got.Scope != "openid api.read" {
		t.Errorf("%+v", got)
	}
}
