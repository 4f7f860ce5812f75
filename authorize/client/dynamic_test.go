package client_test

import (
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
)

// stranger is a client that came by itself.
func stranger() *client.Client {
	return &client.Client{ID: "robot", Dynamic: true, Public: true, RedirectURIs: []string{"https://robot.example.com/cb"}}
}

// OAU-05, OAU-41, OAU-42: what may not be said of a client that nobody vouches
// for, whoever says it.
func TestDynamic(t *testing.T) {
	if c := stranger(); c.Validate() != nil || c.ConsentMode() != client.ConsentAlways {
		t.Errorf("%v, %s", c.Validate(), c.ConsentMode())
	}
	c := stranger()
	if c.Consent = client.ConsentOnce; c.Validate() != nil || c.ConsentMode() != client.ConsentOnce {
		t.Errorf("an administrator's word: %v, %s", c.Validate(), c.ConsentMode())
	}
	for want, change := range map[string]func(*client.Client){
		"first_party":            func(c *client.Client) { c.FirstParty = true },
		"insecure_pkce_optional": func(c *client.Client) { c.Public, c.Secrets, c.InsecurePKCEOptional = false, good().Secrets, true },
		"consent never":          func(c *client.Client) { c.Consent = client.ConsentNever },
		"consent_max_age":        func(c *client.Client) { c.ConsentMaxAge = time.Hour },
		"audience": func(c *client.Client) {
			c.Public, c.Secrets, c.Audiences = false, good().Secrets, []string{"https://api.example.com"}
		},
		"allowed_origin": func(c *client.Client) { c.AllowedOrigins = []string{"https://robot.example.com"} },
		"grant_type": func(c *client.Client) {
			c.Public, c.Secrets, c.GrantTypes = false, good().Secrets, []string{client.GrantCode, client.GrantCredentials}
		},
		"backchannel_logout_uri": func(c *client.Client) { c.BackchannelLogoutURI = "http://localhost/out" },
		"can't hold a secret": func(c *client.Client) {
			c.ID, c.Public, c.Secrets = "https://robot.example.com/id", false, good().Secrets
		},
	} {
		c := stranger()
		change(c)
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}

// An id that is an address is for clients that came by themselves alone: of
// others it would look like a guarded site.
func TestDocumentIDs(t *testing.T) {
	for id, host := range map[string]string{
		"https://robot.example.com/id":                "robot.example.com",
		"https://robot.example.com:8443/a/b.json":     "robot.example.com:8443",
		"https://robot.example.com/a//b":              "robot.example.com",
		"https://robot.example.com":                   "",
		"https://robot.example.com/":                  "",
		"http://robot.example.com/id":                 "",
		"HTTPS://robot.example.com/id":                "",
		"https://Robot.example.com/id":                "",
		"https://robot.example.com:443/id":            "",
		"https://robot.example.com/id?x":              "",
		"https://robot.example.com/id#x":              "",
		"https://robot.example.com/a/../id":           "",
		"https://robot.example.com/a/%2e%2E/id":       "",
		"https://robot.example.com/./id":              "",
		"https://a@robot.example.com/id":              "",
		"https://robot.example.com\\@evil.example/id": "",
		"https:///id":                   "",
		"https://robot.example.com/i d": "",
		"https://robot.example.com/" + strings.Repeat("x", 280): "",
		"robot": "",
	} {
		c := stranger()
		c.ID = id
		if client.IsDocument(id) != (host != "") || c.Host() != host {
			t.Errorf("%q: %v, %q", id, client.IsDocument(id), c.Host())
		}
		if host == "" {
			continue
		}
		if err := c.Validate(); err != nil {
			t.Errorf("%q: %v", id, err)
		}
		if c.Dynamic = false; c.Validate() == nil {
			t.Errorf("%q is taken from a configuration", id)
		}
	}
}

func TestOnDevice(t *testing.T) {
	for uri, want := range map[string]bool{
		"http://127.0.0.1:7/cb": true, "http://[::1]/cb": true, "http://localhost/cb": true, "https://localhost/cb": true,
		"com.example.app:/cb": true, "https://robot.example.com/cb": false, "https://localhost.example.com/": false,
	} {
		if client.OnDevice(uri) != want {
			t.Errorf("%s: %v", uri, !want)
		}
	}
}
