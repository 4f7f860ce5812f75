package client

import (
	"net/url"
	"slices"
	"strings"
)

// maxDocument is the greatest length of an address that is a client_id.
const maxDocument = 300

// IsDocument tells whether id has the form of a client_id that is the address of
// the client's metadata: https, a path, and nothing by which one address could
// be written in two ways or lead somewhere else than it seems: no dot segments,
// no user, no fragment, and also no query (draft-ietf-oauth-client-id-metadata-
// document, section 3).
func IsDocument(id string) bool {
	rest, https := strings.CutPrefix(id, "https://")
	if !https || len(id) > maxDocument || !plain(id) || strings.ContainsAny(rest, "?#@") {
		return false
	}
	u, err := url.Parse(id)
	if err != nil || u.Hostname() == "" || u.EscapedPath() == "" || u.EscapedPath() == "/" || u.String() != id {
		return false
	}
	return Origin(id) == "https://"+u.Host && !slices.ContainsFunc(strings.Split(u.Path, "/"), dots)
}

// dots tells whether a segment of a path is one that browsers take away.
func dots(segment string) bool { return segment == "." || segment == ".." }

// Host is the host in the id of a client that is described by a document, ""
// for any other. It is the one thing about such a client that is known to be
// true.
func (c *Client) Host() string {
	if !IsDocument(c.ID) {
		return ""
	}
	_, host, _ := strings.Cut(Origin(c.ID), "://")
	return host
}

// OnDevice tells whether an answer to uri stays on the person's own device: what
// listens there could be any program, whatever the client's name is.
func OnDevice(uri string) bool {
	u, err := url.Parse(uri)
	return err == nil && (u.Scheme != "https" && u.Scheme != "http" || isLoopback(u.Hostname()))
}

// DynamicGrants lists the grant types that a client which came by itself may
// have: those in which a person is asked.
func DynamicGrants() []string { return []string{GrantCode, GrantRefresh} }

// checkDynamic holds what nobody vouches for to less (OAU-41, OAU-42).
func (c *Client) checkDynamic(wrong func(string, ...any)) {
	if !c.Dynamic {
		return
	}
	for _, no := range []struct {
		word string
		said bool
	}{
		{"first_party", c.FirstParty},
		{"insecure_pkce_optional", c.InsecurePKCEOptional}, // OAU-05
		{"audience", len(c.Audiences) > 0},                 // it would read tokens of others
		{"allowed_origin", len(c.AllowedOrigins) > 0},
	} {
		if no.said {
			wrong("{" + no.word + "}: not for a client that registered itself")
		}
	}
	for _, kind := range c.GrantTypes {
		if !slices.Contains(DynamicGrants(), kind) {
			wrong("{grant_types} %s: not for a client that registered itself", shown(kind))
		}
	}
	if c.BackchannelLogoutURI != "" && !IsHTTPS(c.BackchannelLogoutURI) {
		wrong("{backchannel_logout_uri}: must be an https address")
	}
	if IsDocument(c.ID) && c.AuthMethod() != AuthNone && c.AuthMethod() != AuthPrivateKey {
		wrong("{auth_method} %s: a document can't hold a secret, and names no certificate", c.AuthMethod())
	}
}
