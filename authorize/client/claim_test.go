package client_test

import (
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
)

// A claim as it is written, and back.
func TestParseClaim(t *testing.T) {
	for text, want := range map[string]string{
		"roles groups": "roles groups", "department": "department department", "tenant value blue": "tenant value blue",
		"value value": "value value", "https://example.com/claims/x y": "https://example.com/claims/x y",
	} {
		c, err := client.ParseClaim(strings.Fields(text)...)
		if err != nil || c.String() != want {
			t.Errorf("%s: %v, %v", text, c, err)
		}
	}
	for _, words := range [][]string{
		{},
		{""},
		{"a", ""},
		{"a b"},
		{"ä"},
		{"a", "b c"},
		{"a", "from", "b"},
		{"a", "value", ""},
		{"a", "value", "b", "c"},
		{"a", "value", "b\nc"},
		{"a", "sub"},
		{"sub"},
		{"aud", "value", "x"},
		{"cnf", "x"},
		{"act", "x"},
		{"email", "mail"},
		{"ACR", "x"},
		{"Sub", "x"},
		{"Grant_id", "x"},
		{strings.Repeat("x", 201)},
	} {
		if c, err := client.ParseClaim(words...); err == nil {
			t.Errorf("%q became %v", words, c)
		}
	}
}

// What tokens for resource servers look like: their wish comes before the
// client's.
func TestResources(t *testing.T) {
	list := client.Resources{"a": {Name: "A", AccessToken: client.JWT, AccessTokenLife: 60e9}, "b": {AccessToken: client.Opaque}}
	for _, c := range []struct {
		client, targets, want string
		ok                    bool
	}{
		{"", "", "", true},
		{"", "x", client.Opaque, true},
		{client.JWT, "x", client.JWT, true},
		{"", "a", client.JWT, true},
		{client.JWT, "b", client.Opaque, true},
		{client.JWT, "a x", client.JWT, true},
		{"", "a x", "", false},
		{"", "a b", "", false},
		{"", "b x", client.Opaque, true},
	} {
		if got, ok := list.Form(&client.Client{AccessToken: c.client}, strings.Fields(c.targets)); got != c.want || ok != c.ok {
			t.Errorf("%s for %s: %s %v", c.client, c.targets, got, ok)
		}
	}
	if got := list.Life(300e9, []string{"b", "a"}); got != 60e9 {
		t.Errorf("lives for %s", got)
	}
	if list.Shown("a") != "A (a)" || list.Shown("x") != "x" {
		t.Errorf("shown as %s", list.Shown("a"))
	}
}

// Names that differ in case alone are one name to many who read tokens, us among
// them: one of two would stand for the other, or neither be read. (JWT-05)
func TestClaimsDifferByMoreThanCase(t *testing.T) {
	c := client.Client{
		ID: "wiki", Public: true, RedirectURIs: []string{"https://wiki.example.com/"},
		Claims: []client.Claim{{Name: "roles", From: "groups"}, {Name: "dept", From: "dept"}},
	}
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	c.Claims[1].Name = "Roles"
	if err := c.Validate(); err == nil || !strings.Contains(err.Error(), `claim "Roles": is given twice`) {
		t.Error(err)
	}
	c.Claims, c.AccessToken, c.AccessTokenClaims = nil, client.JWT, []string{"ACR"}
	if err := c.Validate(); err == nil || !strings.Contains(err.Error(), `access_token_claims "ACR"`) {
		t.Error(err)
	}
}
