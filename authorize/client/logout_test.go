package client_test

import (
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
)

func leaving(t *testing.T) *client.Client {
	t.Helper()
	return &client.Client{
		ID: "wiki", Public: true, RedirectURIs: []string{"https://wiki.example.com/cb", "https://wiki.example.com:8443/cb", "http://localhost:3000/cb", "com.example.app:/cb"},
	}
}

// RED-03: letter by letter, and a port of this computer is no exception.
func TestReturnsTo(t *testing.T) {
	c := leaving(t)
	c.PostLogoutRedirectURIs = []string{"https://wiki.example.com/bye", "http://127.0.0.1/bye", "com.example.app:/bye"}
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	for uri, want := range map[string]bool{
		"https://wiki.example.com/bye": true, "com.example.app:/bye": true, "http://127.0.0.1/bye": true,
		"": false, "https://wiki.example.com/bye?x=1": false, "https://wiki.example.com/bye/": false, "https://wiki.example.com/BYE": false,
		"https://WIKI.example.com/bye": false, "http://127.0.0.1:8000/bye": false, "https://wiki.example.com/cb": false,
		"https://wiki.example.com/bye#x": false, " https://wiki.example.com/bye": false, "https://wiki.example.com/%62ye": false,
	} {
		if got := c.ReturnsTo(uri); got != want {
			t.Errorf("%q: %v", uri, got)
		}
	}
}

// RED-03: what can't be a way back or an address to be told is found
// when the client is read.
func TestLogoutAddressesAreChecked(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*client.Client)
		want   string // "" good
	}{
		"back":                   {func(c *client.Client) { c.PostLogoutRedirectURIs = []string{"https://elsewhere.example/bye?x=1"} }, ""},
		"back, script":           {func(c *client.Client) { c.PostLogoutRedirectURIs = []string{"javascript:alert(1)"} }, "post_logout_redirect_uri"},
		"back, fragment":         {func(c *client.Client) { c.PostLogoutRedirectURIs = []string{"https://wiki.example.com/#bye"} }, "fragment"},
		"back, http":             {func(c *client.Client) { c.PostLogoutRedirectURIs = []string{"http://wiki.example.com/"} }, "https"},
		"back, wildcard":         {func(c *client.Client) { c.PostLogoutRedirectURIs = []string{"https://*.example.com/"} }, "wildcard"},
		"channel":                {func(c *client.Client) { c.BackchannelLogoutURI = "https://wiki.internal/logout?a=b" }, ""},
		"channel, loopback":      {func(c *client.Client) { c.BackchannelLogoutURI = "http://localhost:8000/logout" }, ""},
		"channel, http":          {func(c *client.Client) { c.BackchannelLogoutURI = "http://wiki.example.com/logout" }, "backchannel_logout_uri"},
		"channel, app":           {func(c *client.Client) { c.BackchannelLogoutURI = "com.example.app:/logout" }, "backchannel_logout_uri"},
		"channel, fragment":      {func(c *client.Client) { c.BackchannelLogoutURI = "https://wiki.example.com/#x" }, "fragment"},
		"channel, password":      {func(c *client.Client) { c.BackchannelLogoutURI = "https://a:b@wiki.example.com/" }, "password"},
		"frame":                  {func(c *client.Client) { c.FrontchannelLogoutURI = "https://wiki.example.com:443/out?x=1" }, ""},
		"frame, port":            {func(c *client.Client) { c.FrontchannelLogoutURI = "https://wiki.example.com:8443/out" }, ""},
		"frame, own port":        {func(c *client.Client) { c.FrontchannelLogoutURI = "http://localhost:3001/out" }, "redirect_uri"},
		"frame, another host":    {func(c *client.Client) { c.FrontchannelLogoutURI = "https://evil.example/out" }, "redirect_uri"},
		"frame, another scheme":  {func(c *client.Client) { c.FrontchannelLogoutURI = "http://wiki.example.com/out" }, "https"},
		"frame, words of policy": {func(c *client.Client) { c.FrontchannelLogoutURI = "https://wiki.example.com;script-src/out" }, "frontchannel_logout_uri"},
	} {
		c := leaving(t)
		tt.change(c)
		err := c.Validate()
		if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestOrigins(t *testing.T) {
	if got := strings.Join(leaving(t).Origins(), " "); got != "https://wiki.example.com https://wiki.example.com:8443 http://localhost:3000" {
		t.Error(got)
	}
	for _, none := range []string{"", "%", "com.example.app:/x", "//host/x", "ftp://host/", "http://wiki.example.com/"} {
		if got := client.Origin(none); got != "" {
			t.Errorf("%q: %q", none, got)
		}
	}
}
