package client

import (
	"slices"
	"strings"
)

// The response modes: how an answer of the authorize endpoint travels (OAuth 2.0
// Multiple Response Type Encoding Practices, section 2.1; OAuth 2.0 Form Post
// Response Mode).
const (
	ModeQuery    = "query"
	ModeFragment = "fragment"
	ModeForm     = "form_post"
)

// Modes lists the response modes, the default first.
func Modes() []string { return []string{ModeQuery, ModeFragment, ModeForm} }

// Modes are the response modes in which answers can go to one of the client's
// redirect addresses (OAU-16): a form can't be posted to an app's own scheme.
// There is always one.
func (c *Client) Modes(uri string) []string {
	modes := Modes()
	if c.ResponseModes != nil {
		modes = slices.Clone(c.ResponseModes)
	}
	return slices.DeleteFunc(modes, func(mode string) bool { return mode == ModeForm && !postable(uri) })
}

// postable tells whether a form can be posted to a redirect address.
func postable(uri string) bool { return strings.HasPrefix(uri, "http") }

// checkModes holds the response modes.
func (c *Client) checkModes(wrong func(string, ...any)) {
	for _, mode := range c.ResponseModes {
		if !slices.Contains(Modes(), mode) {
			wrong("{response_modes} %q: must be one of %s", shown(mode), strings.Join(Modes(), ", "))
		}
	}
	if c.ResponseModes != nil && len(c.ResponseModes) == 0 {
		wrong("{response_modes}: at least one is needed")
	}
	if len(c.ResponseModes) > 0 && !c.MayUse(GrantCode) {
		wrong("{response_modes}: need the grant type %s", GrantCode)
	}
	for _, uri := range c.RedirectURIs {
		if len(c.ResponseModes) > 0 && len(c.Modes(uri)) == 0 {
			wrong("{response_modes}: a form can't be posted to the {redirect_uri} %q", shown(uri))
		}
	}
}
