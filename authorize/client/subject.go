package client

import (
	"net/url"
	"slices"
	"strings"
)

// The ways in which a client sees who somebody is, see [Client.SubjectType].
const (
	SubjectPublic   = "public"
	SubjectPairwise = "pairwise"
)

// SubjectTypes lists them, the default first.
func SubjectTypes() []string { return []string{SubjectPublic, SubjectPairwise} }

// Pairwise tells whether the client has names of its own for people.
func (c *Client) Pairwise() bool { return c.SubjectType == SubjectPairwise }

// Sector is the host that stands for all clients with the same names for people
// (OpenID Connect Core, section 8.1): the one that was given, else that of all
// redirect addresses. It is empty if there is none.
func (c *Client) Sector() string {
	if c.SectorIdentifier != "" {
		return c.SectorIdentifier
	}
	sector := ""
	for _, uri := range c.RedirectURIs {
		u, err := url.Parse(uri)
		if err != nil || u.Scheme != "https" || sector != "" && u.Hostname() != sector {
			return ""
		}
		sector = u.Hostname()
	}
	return sector
}

// checkSubject: "If there are multiple hostnames in the registered
// redirect_uris, the Client MUST register a sector_identifier" (section 8.1).
// So must one on people's own computers: all of these share a host.
func (c *Client) checkSubject(wrong func(string, ...any)) {
	if c.SubjectType != "" && !slices.Contains(SubjectTypes(), c.SubjectType) {
		wrong("{subject_type} %q: must be one of %s", shown(c.SubjectType), strings.Join(SubjectTypes(), ", "))
	}
	switch {
	case c.SectorIdentifier != "" && !c.Pairwise():
		wrong("{sector_identifier}: means nothing without {subject_type} %s", SubjectPairwise)
	case c.SectorIdentifier != "" && (!isOrigin("https://"+c.SectorIdentifier) || strings.Contains(c.SectorIdentifier, ":")):
		wrong("{sector_identifier} %q: must be a host name in lower case, without scheme and port", shown(c.SectorIdentifier))
	case c.Pairwise() && c.Sector() == "":
		wrong("{subject_type} %s: the redirect addresses are not https or do not share one host; give a {sector_identifier}", SubjectPairwise)
	}
}
