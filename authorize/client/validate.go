package client

import (
	"net/url"
	"slices"
	"strings"

	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/internal/origin"
)

// Validate reports everything that is wrong with c at once: the error is
// [Problems].
func (c *Client) Validate() error {
	var problems Problems
	wrong := func(format string, args ...any) { problems = append(problems, NewProblem(format, args...)) }

	if !ValidID(c.ID) && !(c.Dynamic && IsDocument(c.ID)) {
		wrong("id: must have 1 to 100 printable ASCII characters, without spaces and without ://")
	}
	if c.Name != "" && !identity.Shows(c.Name) {
		wrong("{name}: must be one line of which something can be seen")
	}
	if c.LogoURI != "" && !IsHTTPS(c.LogoURI) {
		wrong("{logo}: must be an https address") // WEB-02
	}
	c.checkKind(wrong)
	if len(c.RedirectURIs) == 0 && c.MayUse(GrantCode) {
		wrong("{redirect_uri}: at least one is needed")
	}
	for _, uri := range c.RedirectURIs {
		if err := CheckRedirect(uri, c.Public); err != nil {
			wrong("{redirect_uri} %q: %v", shown(uri), err)
		}
	}
	c.checkModes(wrong)
	c.checkLogout(wrong)
	c.checkChoices(wrong)
	c.checkTokens(wrong)
	c.checkClaims(wrong)
	c.checkSubject(wrong)
	c.checkConsent(wrong)
	c.checkRequests(wrong)
	c.checkProfile(wrong)
	c.checkDynamic(wrong)
	c.checkRules(wrong)
	for _, org := range c.AllowedOrigins {
		if !isOrigin(org) {
			wrong("{allowed_origin} %q: must be scheme://host[:port] in lower case, with https unless the host is this computer", shown(org))
		}
	}
	if c.UserSSOLifetime < 0 {
		wrong("{sso_lifetime}: must not be negative")
	}
	return problems.err()
}

// checkKind holds what public and confidential clients may have.
func (c *Client) checkKind(wrong func(string, ...any)) {
	switch needed := c.AuthMethod().secret(); {
	case c.Public && len(c.Secrets) > 0:
		wrong("{secret}: a public client has none")
	case !needed && len(c.Secrets) > 0:
		wrong("{secret}: the client proves itself by %s and has none", c.AuthMethod())
	case needed && len(c.Secrets) == 0:
		wrong("{secret}: a confidential client needs one; say {public} if it can't keep a secret")
	}
	c.checkAuth(wrong)
	c.checkCertificateName(wrong)
	if slices.Contains(c.Secrets, Secret{}) {
		wrong("{secret}: is empty")
	}
	if c.Public && c.InsecurePKCEOptional {
		wrong("{insecure_pkce_optional}: a public client has no other proof than PKCE") // OAU-05
	}
	if c.InsecureNonceOptional && !c.InsecurePKCEOptional {
		wrong("{insecure_nonce_optional}: has no effect without {insecure_pkce_optional}")
	}
}

// checkChoices holds the fields whose values come from a fixed set.
func (c *Client) checkChoices(wrong func(string, ...any)) {
	if c.Scopes != nil && len(c.Scopes) == 0 {
		wrong("{scopes}: at least one is needed")
	}
	for _, scope := range c.Scopes {
		if !IsScope(scope) {
			wrong("{scopes} %q: must consist of printable ASCII characters", shown(scope))
		}
	}
	for _, grantType := range c.GrantTypes {
		if !slices.Contains(GrantTypes(), grantType) {
			wrong("{grant_types} %q: must be one of %s", shown(grantType), strings.Join(GrantTypes(), ", "))
		}
	}
	if c.GrantTypes != nil && len(c.GrantTypes) == 0 {
		wrong("{grant_types}: at least one is needed")
	}
	if c.IDTokenAlg != "" && !slices.Contains(Algs(), c.IDTokenAlg) {
		wrong("{id_token_alg} %q: must be one of %s", shown(c.IDTokenAlg), strings.Join(Algs(), ", "))
	}
	if slices.Contains(c.Providers, "") {
		wrong("{providers}: a name is empty")
	}
}

// ValidID tells whether id can be a client's, see [Client.ID]: what RFC 6749,
// appendix A.1, accepts, less space and "://".
func ValidID(id string) bool {
	if id == "" || len(id) > 100 || strings.Contains(id, "://") {
		return false
	}
	for i := range len(id) {
		if id[i] <= ' ' || id[i] >= 0x7f {
			return false
		}
	}
	return true
}

// IsHTTPS tells whether address is an absolute https address without tricks.
func IsHTTPS(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Scheme == "https" && u.Hostname() != "" && u.User == nil && plain(address)
}

// isOrigin tells whether text is an origin as browsers spell it in Origin.
func isOrigin(text string) bool {
	org, err := origin.Parse(text)
	return err == nil && org == text
}

// shown bounds what an error repeats of the configuration.
func shown(s string) string {
	if len(s) > 100 {
		return s[:100] + "…"
	}
	return s
}
