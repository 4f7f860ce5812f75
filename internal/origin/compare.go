package origin

import (
	"net/netip"
	"strings"
)

// Loopback tells whether an origin made by [Parse] is on this machine: the
// only place where plain http is accepted.
func Loopback(org string) bool {
	return loopbackHost(Hostname(org))
}

// Host gives what a browser puts into the Host header for an origin made by
// [Parse]: the host, and the port unless it is the scheme's own.
func Host(org string) string {
	_, host, _ := strings.Cut(org, "://")
	return host
}

// Hostname gives the host of an origin made by [Parse], without its port; an
// IPv6 address stands in brackets.
func Hostname(org string) string {
	host, _ := cutPort(Host(org))
	return host
}

// Port gives the port of an origin made by [Parse], also the scheme's own.
func Port(org string) string {
	if _, port := cutPort(Host(org)); port != "" {
		return port[1:]
	}
	scheme, _, _ := strings.Cut(org, "://")
	return defaultPort(scheme)
}

// MatchHost tells whether the Host of a request means the host and port of an
// origin made by [Parse]. Case, one dot at the end of the host and the
// scheme's own port make no difference (PRX-14); any other difference, also an
// empty or odd port, does. It allocates nothing.
func MatchHost(org, host string) bool {
	scheme, want, ok := strings.Cut(org, "://")
	if !ok {
		return false
	}
	wantHost, wantPort := cutPort(want)
	gotHost, gotPort := cutPort(host)
	if n := len(gotHost); n > 1 && gotHost[n-1] == '.' && gotHost[0] != '[' {
		gotHost = gotHost[:n-1]
	}
	if !equalFold(gotHost, wantHost) {
		return false
	}
	own := defaultPort(scheme)
	if wantPort == "" {
		return gotPort == "" || gotPort[1:] == own
	}
	return gotPort == wantPort
}

// cutPort cuts ":port" off a host. The port keeps its colon, so that an empty
// port differs from none.
func cutPort(host string) (name, port string) {
	i := strings.LastIndexByte(host, ':')
	if i < 0 || strings.IndexByte(host[i:], ']') >= 0 {
		return host, ""
	}
	return host[:i], host[i:]
}

// equalFold compares a host with one in lower case, folding ASCII letters
// alone: strings.EqualFold would take U+212A for k.
func equalFold(host, lower string) bool {
	if len(host) != len(lower) {
		return false
	}
	for i := range len(host) {
		c := host[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != lower[i] {
			return false
		}
	}
	return true
}

func loopbackHost(host string) bool {
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true // RFC 6761, section 6.3: never leaves the machine
	}
	addr, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && addr.IsLoopback()
}
