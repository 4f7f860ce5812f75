package oidc

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
)

// The words of a claim map that mean more than a further claim.
const (
	wordUsername = "username"
	wordName     = "name"
	wordEmail    = "email"
	wordGroups   = "groups"
)

var wordForm = regexp.MustCompile(`^[a-z][a-z0-9_]{0,63}$`)

// taken are words that say what was proved, by whom and when, or that stand
// for somebody. No provider's claim may say that in our name.
var taken = []string{"id", "sub", "sid", "iss", "aud", "azp", "exp", "iat", "nbf", "jti", "nonce", "idp", "amr", "acr", "auth_time", "admin", "email_verified", "local"}

// ValidSource tells what is wrong with one line of a claim map.
func ValidSource(word, claim string) error {
	switch {
	case !wordForm.MatchString(word):
		return fmt.Errorf("%q can't be the name of a claim here: use a-z, 0-9 and _", word)
	case slices.Contains(taken, word):
		return fmt.Errorf("%q can't be taken from a provider", word)
	case !plainText(claim, maxName):
		return fmt.Errorf("%q: %q is not the name of a claim", word, claim)
	}
	return nil
}

// ValidParameter tells why a name can't be that of a further parameter of the
// authorization request.
func ValidParameter(name string) error {
	if !paramForm.MatchString(name) || slices.Contains(ours, name) {
		return fmt.Errorf("%q can't be the name of a further parameter", name)
	}
	return nil
}

// sources fills in the default claims.
func sources(given map[string]string) map[string]string {
	all := map[string]string{wordUsername: "preferred_username", wordName: "name", wordEmail: "email", wordGroups: "groups"}
	maps.Copy(all, given)
	return all
}
