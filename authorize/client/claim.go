package client

import (
	"errors"
	"slices"
	"strings"
)

// Claim is a claim about a person with where its value comes from.
type Claim struct {
	// Name is how clients see it.
	Name string `json:"name"`
	// From is an attribute of the person: username, name, email (if it is
	// verified), groups, idp, or what else the account or the login carries.
	From string `json:"from,omitempty"`
	// Value is a fixed text instead.
	Value string `json:"value,omitempty"`
}

const (
	maxClaims     = 50
	maxClaimName  = 200
	maxClaimValue = 500
)

// ParseClaim reads the words that say a claim:
//
//	<name> [<attribute>]
//	<name> value <text>
//
// Without an attribute it is the one of the claim's name.
func ParseClaim(words ...string) (Claim, error) {
	var c Claim
	switch {
	case len(words) == 1:
		c = Claim{Name: words[0], From: words[0]}
	case len(words) == 2:
		c = Claim{Name: words[0], From: words[1]}
	case len(words) == 3 && words[1] == "value":
		c = Claim{Name: words[0], Value: words[2]}
	default:
		return c, errors.New("a claim is written: <name> [<attribute>], or <name> value <text>")
	}
	return c, c.Validate()
}

// String writes the claim as [ParseClaim] reads it.
func (c Claim) String() string {
	if c.Value != "" {
		return c.Name + " value " + c.Value
	}
	return c.Name + " " + c.From
}

// reserved are the claims that say something about a token, and those about an
// address, which must stay together: nothing else may stand for them (RFC 7519,
// section 4.1; OpenID Connect Core, section 2; RFC 9068, section 2.2).
func reserved() []string {
	return []string{
		"iss", "sub", "aud", "exp", "nbf", "iat", "jti", "nonce", "auth_time", "acr", "amr", "azp", "idp", "sid", "at_hash", "c_hash", "s_hash",
		"cnf", "act", "may_act", "client_id", "scope", "events", "typ", "active", "token_type", "sub_id", "sub_jwk", "token_introspection",
		"_claim_names", "_claim_sources", "grant_id", "grant_epoch", "offline", "userinfo_claims", "exchanged_from", "granted_to", "sub_sealed", "email", "email_verified",
	}
}

// taken tells whether a name is reserved, in whatever case: to many who read JSON,
// us among them, names that differ in case alone are one.
func taken(name string) bool {
	return slices.ContainsFunc(reserved(), func(ours string) bool { return strings.EqualFold(ours, name) })
}

// Validate tells what is wrong with c.
func (c Claim) Validate() error {
	switch {
	case c.Name == "" || len(c.Name) > maxClaimName || !visible(c.Name):
		return errors.New("the name must have 1 to 200 printable ASCII characters without spaces")
	case taken(c.Name):
		return errors.New("this claim belongs to the protocol and can't be given another meaning")
	case (c.From == "") == (c.Value == ""):
		return errors.New("it needs either an attribute or a value")
	case c.From == "sub" || len(c.From) > maxClaimName || !visible(c.From):
		return errors.New("the attribute is not one that can be given")
	case len(c.Value) > maxClaimValue || strings.ContainsFunc(c.Value, func(r rune) bool { return r < ' ' || r == 0x7f || r == '\uFFFD' }):
		return errors.New("the value must be one line of at most 500 bytes")
	}
	return nil
}

// visible tells whether text is printable ASCII without spaces.
func visible(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r >= 0x7f })
}

// checkClaims holds what the client is told of people.
func (c *Client) checkClaims(wrong func(string, ...any)) {
	if len(c.Claims) > maxClaims || len(c.AccessTokenClaims) > maxClaims {
		wrong("{claim}, {access_token_claims}: at most %d can be named", maxClaims)
	}
	var seen []string
	for _, one := range c.Claims {
		if err := one.Validate(); err != nil {
			wrong("{claim} %q: %v", shown(one.Name), err)
		}
		name := strings.ToLower(one.Name)
		if slices.Contains(seen, name) {
			wrong("{claim} %q: is given twice", shown(one.Name))
		}
		seen = append(seen, name)
	}
	for _, name := range c.AccessTokenClaims {
		if name == "" || !visible(name) || taken(name) && name != "email" && name != "email_verified" {
			wrong("{access_token_claims} %q: is not the name of a claim about people", shown(name))
		}
	}
	if len(c.AccessTokenClaims) > 0 && c.AccessToken == Opaque {
		wrong("{access_token_claims}: an opaque access token has no claims; say {access_token} %s", JWT)
	}
}
