package client_test

import (
	"testing"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
)

// The sector of a client, or that it has none (OpenID Connect Core, section 8.1).
func TestSector(t *testing.T) {
	uris := func(list ...string) []string { return list }
	for _, c := range []struct {
		kind, given string
		uris        []string
		want        string
		ok          bool
	}{
		{"pairwise", "", uris("https://a.example.com/cb", "https://a.example.com:8443/x"), "a.example.com", true},
		{"pairwise", "", uris("https://a.example.com/cb", "https://b.example.com/cb"), "", false},
		{"pairwise", "example.com", uris("https://a.example.com/cb", "https://b.example.com/cb"), "example.com", true},
		{"pairwise", "", uris("http://127.0.0.1/cb"), "", false}, // everybody has one
		{"pairwise", "", uris("com.example.app:/cb"), "", false},
		{"pairwise", "Example.com", uris("https://a.example.com/cb"), "Example.com", false},
		{"pairwise", "example.com:443", uris("https://a.example.com/cb"), "example.com:443", false},
		{"pairwise", "https://example.com", uris("https://a.example.com/cb"), "https://example.com", false},
		{"pairwise", "example.com/x", uris("https://a.example.com/cb"), "example.com/x", false},
		{"", "example.com", uris("https://a.example.com/cb"), "example.com", false},
		{"public", "", uris("https://a.example.com/cb", "https://b.example.com/cb"), "", true},
		{"secret", "", uris("https://a.example.com/cb"), "a.example.com", false},
	} {
		one := &client.Client{ID: "x", Public: true, RedirectURIs: c.uris, SubjectType: c.kind, SectorIdentifier: c.given}
		if err := one.Validate(); (err == nil) != c.ok || one.Sector() != c.want {
			t.Errorf("%+v: %q, %v", c, one.Sector(), err)
		}
	}
}
