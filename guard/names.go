package guard

import (
	"fmt"
	"strings"
)

// longestName bounds the names of identity headers.
const longestName = 64

// notIdentity are headers that mean something to HTTP itself, to browsers or
// to Caddy, so that they can't carry an identity (HDR-14). Authorization is
// not among them: it can be allowed.
var notIdentity = [...]string{
	// hop by hop: RFC 9110, section 7.6.1, and what proxies add to it
	"Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization", "Proxy-Authentication-Info", "Proxy-Connection",
	"TE", "Trailer", "Transfer-Encoding", "Upgrade", "HTTP2-Settings",
	// framing, routing and representation
	"Host", "Content-Length", "Content-Type", "Content-Encoding", "Content-Range", "Content-Disposition", "Expect", "Max-Forwards",
	"Range", "If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since", "If-Range",
	"Accept", "Accept-Encoding", "Accept-Language", "Accept-Charset", "Cache-Control", "Pragma", "Date", "Via",
	// browsers and cross-origin decisions
	"Cookie", "Set-Cookie", "Origin", "Referer", "User-Agent", "Access-Control-Request-Method", "Access-Control-Request-Headers",
	// addresses, which Caddy sets
	"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Port", "X-Real-IP",
}

// checkName says what is wrong with the name of an identity header.
func checkName(name string, allowAuthorization bool) error {
	if name == "" || len(name) > longestName {
		return fmt.Errorf("header name %q: it must have 1 to %d characters", name, longestName)
	}
	if strings.Contains(name, "_") {
		return fmt.Errorf("header name %q: an underscore and a hyphen are one to many applications, write %q", name, strings.ReplaceAll(name, "_", "-"))
	}
	for i := range len(name) {
		if c := name[i]; c != '-' && foldByte(c) == 0 {
			return fmt.Errorf("header name %q: only letters, digits and hyphens are possible", name)
		}
	}
	if name[0] == '-' || name[len(name)-1] == '-' {
		return fmt.Errorf("header name %q: it must begin and end with a letter or digit", name)
	}
	for _, taken := range notIdentity {
		if foldsTo(name, fold(taken)) {
			return fmt.Errorf("header name %q: %s has a meaning of its own and can't carry an identity", name, taken)
		}
	}
	if len(name) > 4 && equalASCII(name[:4], "Sec-") {
		return fmt.Errorf("header name %q: names beginning with Sec- belong to browsers", name)
	}
	if foldsTo(name, "authorization") && !allowAuthorization {
		return fmt.Errorf("header name %q: Authorization would replace what the client sends; allow it explicitly", name)
	}
	return nil
}

// collide tells whether two names are one to some application (HDR-14).
func collide(a, b string) bool { return foldsTo(a, fold(b)) || foldsTo(b, fold(a)) }
