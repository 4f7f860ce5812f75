package client_test

import (
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
)

// What is wrong can be said by other names than ours, everywhere in the text and
// never in a value.
func TestProblemsNamed(t *testing.T) {
	c := &client.Client{
		ID: "x", Profile: client.ProfileFAPI2, JWKSURI: "{scopes}%s", Scopes: []string{"{scopes} %d"},
		RedirectURIs: []string{"https://a.example/"}, FrontchannelLogoutURI: "https://b.example/",
	}
	problems, ok := c.Validate().(client.Problems)
	if !ok {
		t.Fatal("no problems")
	}
	text := problems.Named(func(word string) string { return "<" + word + "%>" })
	for _, want := range []string{
		"<profile%> fapi2: <auth_method%> must be private_key_jwt", "tokens must be bound: <dpop_bound_tokens%> or <certificate_bound_tokens%>",
		"<frontchannel_logout_uri%> \"https://b.example/\": must have the scheme, host and port of a <redirect_uri%>", `<scopes%> "{scopes} %d"`, "; ",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in %s", want, text)
		}
	}
	if plain := problems.Error(); strings.ContainsAny(strings.ReplaceAll(plain, "{scopes} %d", ""), "{}\n") || !strings.Contains(plain, "fapi2: auth_method must be") {
		t.Errorf("%s", plain)
	}
}
