package client_test

import (
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
)

func TestValidateTokens(t *testing.T) {
	c := good()
	c.GrantTypes, c.Scopes = []string{client.GrantCredentials}, []string{"api.read"}
	c.RedirectURIs = nil // who never asks a person is never answered by a redirect
	c.AccessToken, c.AccessTokenLife, c.RefreshIdle, c.RefreshMaxAge = client.JWT, time.Hour, time.Hour, 24*time.Hour
	c.Resources, c.Audiences, c.UserInfoAlg = []string{"https://api.example.com/v1?x=1", "urn:example:api"}, []string{"https://wiki.example.com"}, client.ES256
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	cases := map[string]func(*client.Client){
		"access_token \"jws\"":        func(c *client.Client) { c.AccessToken = "jws" },
		"access_token_life":           func(c *client.Client) { c.AccessTokenLife = time.Hour + time.Second },
		"access_token_lifetime: must": func(c *client.Client) { c.AccessTokenLife = -time.Second },
		"a number of seconds":         func(c *client.Client) { c.AccessTokenLife = time.Millisecond },
		"refresh_idle":                func(c *client.Client) { c.RefreshIdle = -1 },
		"refresh_max_age":             func(c *client.Client) { c.RefreshMaxAge = -1 },
		"userinfo_alg":                func(c *client.Client) { c.UserInfoAlg = "none" }, // JWT-02
		"offline_access: needs":       func(c *client.Client) { c.OfflineAccess, c.GrantTypes = true, []string{client.GrantCode} },
		"has no credentials": func(c *client.Client) {
			c.Public, c.Secrets, c.GrantTypes = true, nil, []string{client.GrantCredentials}
		},
		"can't ask about tokens":     func(c *client.Client) { c.Public, c.Secrets, c.Audiences = true, nil, []string{"https://a.example"} }, // OAU-34
		"resource: at most":          func(c *client.Client) { c.Resources = make([]string, 40) },
		"resource \"/api\"":          func(c *client.Client) { c.Resources = []string{"/api"} }, // OAU-25
		"without a fragment":         func(c *client.Client) { c.Resources = []string{"https://api.example.com/#x"} },
		"audience \"":                func(c *client.Client) { c.Audiences = []string{""} },
		"audience \"https://a b\"":   func(c *client.Client) { c.Audiences = []string{"https://a b"} },
		"at most 512":                func(c *client.Client) { c.Audiences = []string{"https://a.example/" + strings.Repeat("x", 512)} },
		"redirect_uri: at least one": func(c *client.Client) { c.RedirectURIs = nil },
	}
	for want, change := range cases {
		c := good()
		change(c)
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}

// What a client may do at the token endpoint if nothing is said, and that
// nobody may do more (OAU-13).
func TestMayUse(t *testing.T) {
	plain, offline, machine := client.Client{}, client.Client{OfflineAccess: true}, client.Client{GrantTypes: []string{client.GrantCredentials}}
	for _, c := range []struct {
		who   client.Client
		grant string
		want  bool
	}{
		{plain, client.GrantCode, true},
		{plain, client.GrantRefresh, false},
		{plain, client.GrantCredentials, false},
		{offline, client.GrantRefresh, true},
		{offline, client.GrantCode, true},
		{machine, client.GrantCode, false},
		{machine, client.GrantCredentials, true},
	} {
		if got := c.who.MayUse(c.grant); got != c.want {
			t.Errorf("%v may use %s: %v", c.who.GrantTypes, c.grant, got)
		}
	}
	if plain.MayAsk(client.ScopeOffline) || !offline.MayAsk(client.ScopeOffline) || (&client.Client{Scopes: []string{client.ScopeOffline}}).MayAsk(client.ScopeOffline) {
		t.Error("offline_access is for those who have it")
	}
}
