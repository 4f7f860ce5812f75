package authorize_test

import (
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/authorize"
	"github.com/gatehouse-auth/gatehouse/authorize/client"
)

// New reports everything that is wrong at once, and starts nothing.
func TestNewRefuses(t *testing.T) {
	for _, issuer := range []string{"", "auth.example.com", "https://auth.example.com/", "https://u@auth.example.com", "https://auth.example.com?x", "https://auth.example.com#", "ftp://auth.example.com"} {
		_, err := authorize.New(authorize.Config{Issuer: issuer, Clients: client.Static{
			"a": {ID: "b", Public: true, RedirectURIs: []string{"javascript:alert(1)"}}, // CFG-01
		}})
		if err == nil {
			t.Fatalf("issuer %q was accepted", issuer)
		}
		for _, part := range []string{"issuer:", "required", "redirect_uri", "another id"} {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%q: the error does not speak of %s: %v", issuer, part, err)
			}
		}
	}
}
