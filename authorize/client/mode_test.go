package client_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
)

// OAU-16: the ways to an address are those of the client, of the known ones, and
// an app's own scheme takes no form.
func TestModes(t *testing.T) {
	c := leaving(t)
	for _, tt := range []struct {
		modes, web, app []string
	}{
		{nil, []string{"query", "fragment", "form_post"}, []string{"query", "fragment"}},
		{[]string{"fragment", "form_post"}, []string{"fragment", "form_post"}, []string{"fragment"}},
		{[]string{"query"}, []string{"query"}, []string{"query"}},
	} {
		c.ResponseModes = tt.modes
		if err := c.Validate(); err != nil {
			t.Errorf("%v: %v", tt.modes, err)
		}
		if web, app := c.Modes("https://wiki.example.com/cb"), c.Modes("com.example.app:/cb"); !slices.Equal(web, tt.web) || !slices.Equal(app, tt.app) {
			t.Errorf("%v: %v, %v", tt.modes, web, app)
		}
	}
	for _, tt := range []struct {
		modes []string
		want  string
	}{
		{[]string{"jwt"}, `response_modes "jwt"`}, {[]string{}, "response_modes: at least one"}, {[]string{"form_post"}, `redirect_uri "com.example.app:/cb"`},
	} {
		c.ResponseModes = tt.modes
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%v: %v", tt.modes, err)
		}
	}
	c.ResponseModes, c.GrantTypes = []string{"query"}, []string{client.GrantDevice}
	if err := c.Validate(); err == nil || !strings.Contains(err.Error(), client.GrantCode) {
		t.Error(err)
	}
}
