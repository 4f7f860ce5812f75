package token_test

import (
	"slices"
	"testing"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/authorize/token"
)

// What an access token says of itself can't be said by a claim about a person,
// also where the token leaves it out: it would be believed when the token comes
// back. JWT-06
func TestClaimsOfTheTokenAreReserved(t *testing.T) {
	names := token.AccessClaims()
	if len(names) < 15 || !slices.Contains(names, "grant_id") {
		t.Fatalf("only %v were found", names)
	}
	for _, name := range append(names, token.Claims()...) {
		if (client.Claim{Name: name, From: "x"}).Validate() == nil {
			t.Errorf("a claim may be called %s", name)
		}
	}
}
