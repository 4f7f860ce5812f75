package client

import (
	"errors"
	"net/url"
	"slices"
	"strings"

	"github.com/gatehouse-auth/gatehouse/internal/origin"
)

// ReturnsTo tells whether a person may be sent to uri after signing out: it
// equals a registered address letter by letter (OpenID Connect RP-Initiated
// Logout, section 3; RED-03). There is no exception for ports.
func (c *Client) ReturnsTo(uri string) bool {
	return uri != "" && len(uri) <= maxURI && slices.Contains(c.PostLogoutRedirectURIs, uri)
}

// Origins lists the web origins that the client's redirect addresses have, each
// once. An app's own scheme has none.
func (c *Client) Origins() []string {
	var list []string
	for _, uri := range c.RedirectURIs {
		if org := Origin(uri); org != "" && !slices.Contains(list, org) {
			list = append(list, org)
		}
	}
	return list
}

// Origin gives the web origin of an address as a browser spells it, "" if it
// has none.
func Origin(uri string) string {
	u, err := url.Parse(uri)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return ""
	}
	org, err := origin.Parse(u.Scheme + "://" + u.Host)
	if err != nil {
		return ""
	}
	return org
}

// checkLogout holds the addresses that have to do with signing out.
func (c *Client) checkLogout(wrong func(string, ...any)) {
	for _, uri := range c.PostLogoutRedirectURIs {
		if err := CheckRedirect(uri, c.Public); err != nil {
			wrong("{post_logout_redirect_uri} %q: %v", shown(uri), err)
		}
	}
	if uri := c.BackchannelLogoutURI; uri != "" {
		if err := checkNotice(uri); err != nil {
			wrong("{backchannel_logout_uri} %q: %v", shown(uri), err)
		}
	}
	if uri := c.FrontchannelLogoutURI; uri != "" {
		if err := c.checkFrame(uri); err != nil {
			wrong("{frontchannel_logout_uri} %q: %v", shown(uri), err)
		}
	}
}

// checkNotice tells what is wrong with an address on the web that hears of a
// logout.
func checkNotice(uri string) error {
	if err := CheckRedirect(uri, false); err != nil {
		return err
	}
	if Origin(uri) == "" {
		return errors.New("must be an address on the web")
	}
	return nil
}

// checkFrame: "The domain, port, and scheme of this URL MUST be the same as
// that of a registered Redirection URI value" (OpenID Connect Front-Channel
// Logout, section 2). The address becomes part of a policy, whose words end at
// spaces and semicolons.
func (c *Client) checkFrame(uri string) error {
	if err := checkNotice(uri); err != nil {
		return err
	}
	if !slices.Contains(c.Origins(), Origin(uri)) || strings.ContainsAny(Origin(uri), ";,'") {
		return NewProblem("must have the scheme, host and port of a {redirect_uri}")
	}
	return nil
}
