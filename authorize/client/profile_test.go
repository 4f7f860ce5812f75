package client_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/internal/jose"
)

// bank is a client of which only what must be said is said.
func bank(t testing.TB) *client.Client {
	return &client.Client{ID: "bank", Profile: client.ProfileFAPI2, JWKS: keySet(t), RedirectURIs: []string{"https://bank.example.com/cb"}}
}

// One word sets everything that the profile demands.
func TestFAPI2Sets(t *testing.T) {
	c := bank(t)
	c.ApplyProfile()
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	if c.AuthMethod() != client.AuthPrivateKey || !c.StrictAssertions || !c.RequirePushedRequests || !c.DPoPBoundTokens || c.CertificateBoundTokens || c.Alg() != "PS256" {
		t.Errorf("%+v", c)
	}
	if slices.Contains(c.AssertionAlgs(), "RS256") || slices.Contains(c.RequestAlgs(), "RS256") { // JWT-02
		t.Error("RS256 is allowed")
	}
	certified := bank(t)
	certified.JWKS, certified.TLSSANDNS = jose.Set{}, "bank.example.com"
	certified.ApplyProfile()
	if err := certified.Validate(); err != nil || certified.AuthMethod() != client.AuthTLS || !certified.CertificateBoundTokens || certified.DPoPBoundTokens {
		t.Errorf("%v, %+v", err, certified)
	}
	mixed := bank(t)
	mixed.TokenEndpointAuthMethod, mixed.CertificateBoundTokens, mixed.IDTokenAlg = client.AuthSelfSignedTLS, true, "ES256"
	mixed.ApplyProfile()
	if err := mixed.Validate(); err != nil || mixed.DPoPBoundTokens || mixed.Alg() != "ES256" {
		t.Errorf("%v, %+v", err, mixed)
	}
	plain := good()
	plain.ApplyProfile()
	if plain.StrictAssertions || plain.RequirePushedRequests || plain.DPoPBoundTokens {
		t.Error("a client without a profile was changed")
	}
}

// What contradicts it is said, in the words of the settings.
func TestFAPI2Refuses(t *testing.T) {
	for want, change := range map[string]func(*client.Client){
		"a public client can't prove who it is": func(c *client.Client) { c.Public, c.JWKS = true, jose.Set{} },
		"auth_method must be":                   func(c *client.Client) { c.Secrets, c.JWKS = good().Secrets, jose.Set{} },
		"insecure_pkce_optional":                func(c *client.Client) { c.InsecurePKCEOptional = true },  // OAU-05
		"insecure_nonce_optional":               func(c *client.Client) { c.InsecureNonceOptional = true }, // OAU-05
		"redirect_uri: must use https":          func(c *client.Client) { c.RedirectURIs = []string{"http://127.0.0.1/cb"} },
		"id_token_alg: must be PS256":           func(c *client.Client) { c.IDTokenAlg = "RS256" }, // JWT-02
		"userinfo_alg: must be PS":              func(c *client.Client) { c.UserInfoAlg = "RS256" },
		"assertion_alg":                         func(c *client.Client) { c.TokenEndpointAuthSigningAlg = "RS256" },
		"request_alg":                           func(c *client.Client) { c.RequestObjectAlg = "RS256" },
		`profile "fapi1": must be fapi2`:        func(c *client.Client) { c.Profile = "fapi1" },
	} {
		c := bank(t)
		change(c)
		c.ApplyProfile()
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
	// Nothing is set behind somebody's back: who forgets to apply it is told.
	err := bank(t).Validate()
	for _, want := range []string{"assertions must be strict", "require_pushed_requests", "tokens must be bound", "id_token_alg"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}

func TestValidateRequests(t *testing.T) {
	for want, change := range map[string]func(*client.Client){
		"needs the client's public keys": func(c *client.Client) { c.RequireSignedRequests = true },
		"must be one of PS256":           func(c *client.Client) { c.RequestObjectAlg, c.JWKS = "none", keySet(t) }, // OAU-21
		"need the grant type": func(c *client.Client) {
			c.RequirePushedRequests, c.GrantTypes = true, []string{client.GrantCredentials}
		},
	} {
		c := good()
		change(c)
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
	c := good()
	c.RequireSignedRequests, c.RequestObjectAlg, c.JWKSURI = true, "ES256", "https://wiki.example.com/jwks"
	if err := c.Validate(); err != nil || !slices.Equal(c.RequestAlgs(), []string{"ES256"}) {
		t.Errorf("%v, %v", err, c.RequestAlgs())
	}
}
