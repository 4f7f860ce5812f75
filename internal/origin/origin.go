// Package origin knows what a web origin is: scheme, host and port in the one
// spelling that a browser sends in an Origin header (RFC 6454, section 6.2),
// as in "https://app.example.com" or "http://localhost:8080".
//
// It owns reading origins from configuration and comparing them with what a
// request says. It does not own any list of origins, and it never derives an
// origin from a request (FWD-01, FWD-02).
package origin

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// Parse reads an origin as a person writes it and gives its one spelling:
// lower case, without the default port, without a slash at the end. Everything
// that is not exactly an origin is an error whose text says what to write
// instead; http is accepted for loopback hosts only.
func Parse(raw string) (string, error) {
	org, rest, err := split(raw)
	if err != nil {
		return "", fmt.Errorf("%q is not an origin: %w", raw, err)
	}
	if rest != "" && rest != "/" {
		return "", fmt.Errorf("%q is not an origin: write only scheme and host, here %s", raw, org)
	}
	return org, nil
}

// Base reads an absolute address that others are built from, such as an
// issuer: an origin with an optional plain path. It gives the address in one
// spelling (no slash at the end) and its origin. A query, a fragment, empty or
// dot segments and escapes are errors, since clients compare an issuer byte by
// byte (RFC 8414, section 2; RFC 9207, section 2.4).
func Base(raw string) (base, org string, err error) {
	org, rest, err := split(raw)
	if err != nil {
		return "", "", fmt.Errorf("%q is not an address: %w", raw, err)
	}
	path := strings.TrimSuffix(rest, "/")
	if path == "" {
		return org, org, nil
	}
	for segment := range strings.SplitSeq(path[1:], "/") {
		if segment == "" || segment == "." || segment == ".." || !plain(segment) {
			return "", "", fmt.Errorf("%q is not an address: its path may hold letters, digits, '-', '.', '_' and '~' between single slashes", raw)
		}
	}
	return org + path, org, nil
}

// split reads scheme, host and port from the front of raw. The rest is empty
// or begins with a slash.
func split(raw string) (org, rest string, err error) {
	scheme, rest, ok := strings.Cut(raw, "://")
	if !ok {
		return "", "", errors.New("it does not begin with https://")
	}
	scheme = strings.ToLower(scheme)
	if scheme != "https" && scheme != "http" {
		return "", "", errors.New("the scheme must be https (or http on a loopback host)")
	}
	authority := rest
	if i := strings.IndexAny(rest, "/?#\\"); i >= 0 {
		authority, rest = rest[:i], rest[i:]
	} else {
		rest = ""
	}
	if strings.ContainsAny(rest, "?#\\") {
		return "", "", errors.New("it must not hold a query, a fragment or a backslash")
	}
	if strings.Contains(authority, "@") {
		return "", "", errors.New("it must not hold a user name")
	}
	host, port, err := hostPort(authority)
	if err != nil {
		return "", "", err
	}
	if scheme == "http" && !loopbackHost(host) {
		return "", "", errors.New("http is only for loopback hosts, use https")
	}
	if port != "" && port != defaultPort(scheme) {
		host += ":" + port
	}
	return scheme + "://" + host, rest, nil
}

// hostPort checks an authority without user name and gives the host in its one
// spelling. The port is as written, empty if absent.
func hostPort(authority string) (host, port string, err error) {
	if strings.HasPrefix(authority, "[") {
		end := strings.IndexByte(authority, ']')
		if end < 0 {
			return "", "", errors.New("the ']' of the IPv6 address is missing")
		}
		host, err = ipv6(authority[1:end])
		port = authority[end+1:]
	} else {
		i := strings.IndexByte(authority, ':')
		if i < 0 {
			i = len(authority)
		}
		host, err = name(strings.ToLower(authority[:i]))
		port = authority[i:]
	}
	if err != nil || port == "" {
		return host, "", err
	}
	if port[0] != ':' || !validPort(port[1:]) {
		return "", "", errors.New("the port must be a number from 1 to 65535")
	}
	return host, port[1:], nil
}

func ipv6(text string) (string, error) {
	addr, err := netip.ParseAddr(text)
	// An IPv4 address in IPv6 clothes has several spellings, and browsers
	// choose another one than Go.
	if err != nil || !addr.Is6() || addr.Zone() != "" || addr.Is4In6() {
		return "", errors.New("the host in brackets is not a plain IPv6 address")
	}
	return "[" + addr.String() + "]", nil
}

// name checks a lower-case host name or IPv4 address.
func name(host string) (string, error) {
	if host == "" {
		return "", errors.New("the host is missing")
	}
	if host[len(host)-1] == '.' {
		return "", errors.New("the host must not end in a dot")
	}
	if len(host) > 253 {
		return "", errors.New("the host is longer than 253 characters")
	}
	last := ""
	for label := range strings.SplitSeq(host, ".") {
		if label == "*" {
			return "", errors.New("a wildcard stands for many origins, list each one")
		}
		if err := checkLabel(label); err != nil {
			return "", err
		}
		last = label
	}
	// A host whose last label looks like a number is an IPv4 address to a
	// browser, in decimal, octal or hex (WHATWG URL, "ends in a number").
	if numeric(last) {
		if addr, err := netip.ParseAddr(host); err != nil || !addr.Is4() {
			return "", errors.New("the host ends in a number but is not an IPv4 address in dotted form")
		}
	}
	return host, nil
}

func checkLabel(label string) error {
	if label == "" || len(label) > 63 {
		return errors.New("between two dots of the host there must be 1 to 63 characters")
	}
	for i := range len(label) {
		switch c := label[i]; {
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9', c == '-', c == '_':
		case c >= 0x80:
			return errors.New("the host must be in its ASCII form (xn--...)")
		default:
			return fmt.Errorf("the host must not hold %q", c)
		}
	}
	return nil
}

// numeric tells whether a browser takes a label for a number.
func numeric(label string) bool {
	if hex, ok := strings.CutPrefix(label, "0x"); ok {
		return strings.Trim(hex, "0123456789abcdef") == ""
	}
	return strings.Trim(label, "0123456789") == ""
}

func plain(segment string) bool {
	for i := range len(segment) {
		c := segment[i]
		if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-._~", c) >= 0) {
			return false
		}
	}
	return true
}

func validPort(port string) bool {
	if port == "" || port[0] == '0' || len(port) > 5 || strings.Trim(port, "0123456789") != "" {
		return false
	}
	n, err := strconv.Atoi(port)
	return err == nil && n <= 65535
}

func defaultPort(scheme string) string {
	if scheme == "https" {
		return "443"
	}
	return "80"
}
