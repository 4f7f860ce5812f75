package client

import (
	"errors"
	"net/url"
	"slices"
	"strings"
)

// maxURI is the greatest length of a redirect address.
const maxURI = 400

// Redirects tells whether uri is registered: equal to a registered address
// letter by letter (RFC 9700, section 2.1; OAU-01). "The authorization server
// MUST allow any port to be specified at the time of the request for loopback
// IP redirect URIs" (RFC 8252, section 7.3) is heeded for public clients.
func (c *Client) Redirects(uri string) bool {
	if uri == "" || len(uri) > maxURI {
		return false
	}
	if slices.Contains(c.RedirectURIs, uri) {
		return true
	}
	host, rest, ok := loopback(uri)
	return ok && c.Public && slices.ContainsFunc(c.RedirectURIs, func(registered string) bool {
		h, r, ok := loopback(registered)
		return ok && h == host && r == rest
	})
}

// loopback splits http://127.0.0.1:8080/cb into the literal host and what
// follows the port. It looks at the letters alone, so that no parser's idea of
// an address comes into it: after the host there is a port of digits, or the
// path, and nothing else.
func loopback(uri string) (host, rest string, ok bool) {
	for _, host := range []string{"http://127.0.0.1", "http://[::1]"} {
		rest, ok := strings.CutPrefix(uri, host)
		if !ok {
			continue
		}
		if port, found := strings.CutPrefix(rest, ":"); found {
			rest = strings.TrimLeft(port, "0123456789")
			if n := len(port) - len(rest); n < 1 || n > 5 {
				return "", "", false
			}
		}
		return host, rest, strings.HasPrefix(rest, "/") && plain(rest)
	}
	return "", "", false
}

// CheckRedirect tells what is wrong with a redirect address that is to be
// registered for a client, public or not; nil if nothing is.
func CheckRedirect(uri string, public bool) error {
	switch {
	case uri == "" || len(uri) > maxURI:
		return errors.New("must have 1 to 400 characters")
	case !plain(uri):
		return errors.New("must consist of the characters of an address")
	case strings.Contains(uri, "#"):
		return errors.New("must not have a fragment") // RFC 6749, section 3.1.2
	case strings.Contains(uri, "*"):
		return errors.New("must not have a wildcard: addresses are compared letter by letter")
	}
	u, err := url.Parse(uri)
	switch {
	case err != nil || !u.IsAbs() || u.Opaque != "":
		return errors.New("must be an absolute address")
	case u.User != nil:
		return errors.New("must not have a user name or password")
	case u.Scheme == "https" && u.Hostname() != "":
		return nil
	case u.Scheme == "http" && isLoopback(u.Hostname()):
		return nil
	case u.Scheme == "http" || u.Scheme == "https":
		return errors.New("must use https unless the host is this computer")
	case !strings.Contains(u.Scheme, "."):
		// "apps MUST use a URI scheme based on a domain name under their
		// control, expressed in reverse order" (RFC 8252, section 7.1), which
		// also keeps out javascript:, data:, file: and their kin.
		return errors.New("must use https, or an app's own scheme such as com.example.app")
	case !public:
		return errors.New("must use https: only a public client can have an app's own scheme")
	}
	return nil
}

// isLoopback tells whether host is this computer.
func isLoopback(host string) bool {
	return host == "127.0.0.1" || host == "::1" || host == "localhost" || strings.HasSuffix(host, ".localhost")
}

// plain tells whether s has only characters that RFC 3986 knows.
func plain(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] >= 0x7f || strings.IndexByte("\\\"<>^`{|}", s[i]) >= 0 {
			return false
		}
	}
	return true
}
