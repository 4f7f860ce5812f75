package client_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
)

const plain = "a-secret-of-more-than-32-characters!"

func good() *client.Client {
	s, _ := client.NewSecret(plain)
	return &client.Client{ID: "wiki", Secrets: []client.Secret{s}, RedirectURIs: []string{"https://wiki.example.com/cb"}}
}

func TestValidate(t *testing.T) {
	if err := good().Validate(); err != nil {
		t.Fatal(err)
	}
	cases := map[string]func(*client.Client){
		"id: must have":             func(c *client.Client) { c.ID = "" },
		"without ://":               func(c *client.Client) { c.ID = "https://app.example.com" },
		"logo":                      func(c *client.Client) { c.LogoURI = "http://x.example/l.png" }, // WEB-02
		"logo: must":                func(c *client.Client) { c.LogoURI = "data:image/svg+xml,x" },   // WEB-02
		"needs one":                 func(c *client.Client) { c.Secrets = nil },
		"secret: is empty":          func(c *client.Client) { c.Secrets = []client.Secret{{}} }, // CFG-01
		"public client has none":    func(c *client.Client) { c.Public = true },
		"no other proof":            func(c *client.Client) { c.Public, c.Secrets, c.InsecurePKCEOptional = true, nil, true }, // OAU-05
		"without insecure_pkce":     func(c *client.Client) { c.InsecureNonceOptional = true },                                // OAU-05
		"at least one is needed":    func(c *client.Client) { c.RedirectURIs = nil },
		"one of authorization_code": func(c *client.Client) { c.GrantTypes = []string{"password"} }, // OAU-13
		"grant_types: at least":     func(c *client.Client) { c.GrantTypes = []string{} },
		"scopes: at least":          func(c *client.Client) { c.Scopes = []string{} },
		"printable ASCII":           func(c *client.Client) { c.Scopes = []string{"a b"} },
		"id_token_alg":              func(c *client.Client) { c.IDTokenAlg = "none" },  // JWT-02
		"one of RS256, ES256":       func(c *client.Client) { c.IDTokenAlg = "HS256" }, // JWT-03
		"a name is empty":           func(c *client.Client) { c.Providers = []string{""} },
		"not be negative":           func(c *client.Client) { c.UserSSOLifetime = -time.Second },
	}
	for want, change := range cases {
		c := good()
		change(c)
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
	all := (&client.Client{LogoURI: "x", GrantTypes: []string{"x", client.GrantCode}, Providers: []string{""}, AllowedOrigins: []string{"*"}}).Validate()
	if n := len(all.(client.Problems)); n != 7 { // all at once
		t.Errorf("%d problems: %v", n, all)
	}
	for _, origin := range []string{"*", "null", "https://a.example/", "https://A.example", "https://a.example:443", "http://a.example", "https://a.example/x", "a.example", "https://u@a.example", "https://*.example", "https://a.example:"} {
		c := good()
		c.AllowedOrigins = []string{origin}
		if c.Validate() == nil {
			t.Errorf("origin %s was accepted", origin)
		}
	}
}

// Addresses that can't be registered; what can be, and what then matches.
func TestRedirectURIs(t *testing.T) {
	for _, uri := range []string{ // OAU-01, CFG-01; keycloak CVE-2020-10776, authentik CVE-2024-21637, better-auth CVE-2026-67333
		"", "/cb", "//a.example/cb", "http://a.example/cb", "https://a.example/cb#x", "https://*.a.example/cb", "https://a.example/*", "https://u:p@a.example/", "https://u@a.example/",
		"javascript:alert(1)", "JavaScript:alert(1)", "data:text/html,x", "file:///etc/passwd", "vbscript:x", "mailto:a@b.example", "ftp://a.example/", "blob:https://a.example/x",
		"about:blank", "ssh://a.example", "tel:1", "view-source:https://a.example/", "ws://a.example/", "wss://a.example/", "intent://x", "https:///cb", "https:a.example", "myapp:/cb",
		"com.example.app:cb", "https://a.example/\ncb", "https://a.example/c b", "https://a.example\\cb", "https://ä.example/", "https://a.example/%zz", "https://a.example:x/", strings.Repeat("https://a.example/", 30),
	} {
		for _, public := range []bool{false, true} {
			c := good()
			if c.RedirectURIs = []string{uri}; public {
				c.Public, c.Secrets = true, nil
			}
			if c.Validate() == nil {
				t.Errorf("%q was accepted (public: %v)", uri, public)
			}
		}
	}
	c := good()
	c.RedirectURIs = []string{"https://a.example/cb", "http://127.0.0.1:8080/cb", "http://localhost:3000/", "http://[::1]/cb", "http://app.localhost/cb", "https://a.example/?x=1"}
	if err := c.Validate(); err != nil {
		t.Error(err)
	}
	for _, uri := range c.RedirectURIs {
		if !c.Redirects(uri) {
			t.Errorf("%s is registered and does not match", uri)
		}
	}
	if c.Redirects("http://127.0.0.1:1/cb") { // RFC 8252 7.3 is for public clients
		t.Error("a confidential client's port varied")
	}
	if c.RedirectURIs = []string{"com.example.app:/cb"}; c.Validate() == nil {
		t.Error("a confidential client has an app's own scheme")
	}
}

func TestSecrets(t *testing.T) {
	for _, bad := range []string{"", "short", strings.Repeat("a", 31), strings.Repeat("a", 40), strings.Repeat("ab", 300)} { // OAU-11
		if _, err := client.NewSecret(bad); err == nil || bad != "" && strings.Contains(err.Error(), bad) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	c := good()
	if !c.Authenticate(plain) || c.Authenticate(plain+"x") || c.Authenticate("") || (*client.Client)(nil).Authenticate(plain) || (&client.Client{}).Authenticate("") { // OAU-11
		t.Error("secrets are compared wrongly")
	}
	if c.Public = true; c.Authenticate(plain) {
		t.Error("a public client authenticated")
	}
	text, _ := json.Marshal(c)
	if out := fmt.Sprintf("%v %+v %#v %s", c.Secrets, *c, c.Secrets, text); strings.Count(out, "REDACTED") != 4 { // CFG-02
		t.Errorf("printed as %s", out)
	}
}
