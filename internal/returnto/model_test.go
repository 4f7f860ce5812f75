package returnto_test

import (
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// browserOrigin is a small model of how a browser resolves a Location header
// (WHATWG URL, section 4.4) against an https page of its own: the origin it
// would go to, or false if it would go nowhere or leave http and https. It is
// written after the standard's state machine and shares no code with the
// package, so that it can contradict it.
func browserOrigin(location, own string) (string, bool) {
	s := strings.TrimFunc(location, func(r rune) bool { return r <= ' ' })
	s = strings.NewReplacer("\t", "", "\n", "", "\r", "").Replace(s)
	if i := strings.IndexByte(s, '#'); i >= 0 {
		s = s[:i]
	}
	scheme, rest, found := modelScheme(s)
	if found && scheme != "https" && scheme != "http" {
		return "", false
	}
	ownScheme, _, _ := strings.Cut(own, "://")
	slashes := len(rest) - len(strings.TrimLeft(rest, `/\`))
	switch {
	case !found && slashes < 2:
		return own, true // path state: no way back to an authority
	case !found:
		scheme = ownScheme
	case scheme == ownScheme && slashes < 2:
		return own, true // "special relative or authority state"
	}
	rest = strings.TrimLeft(rest, `/\`)
	if i := strings.IndexAny(rest, `/\?`); i >= 0 {
		rest = rest[:i]
	}
	if i := strings.LastIndexByte(rest, '@'); i >= 0 {
		rest = rest[i+1:]
	}
	host, port := rest, ""
	if i := strings.LastIndexByte(rest, ':'); i >= 0 && !strings.Contains(rest[i:], "]") {
		host, port = rest[:i], rest[i+1:]
	}
	host, ok := modelHost(host)
	if !ok {
		return "", false
	}
	return modelPort(scheme, host, port)
}

func modelScheme(s string) (scheme, rest string, ok bool) {
	i := strings.IndexByte(s, ':')
	if i < 1 {
		return "", s, false
	}
	for j, c := range strings.ToLower(s[:i]) {
		letter := 'a' <= c && c <= 'z'
		if !letter && (j == 0 || !strings.ContainsRune("0123456789+-.", c)) {
			return "", s, false
		}
	}
	return strings.ToLower(s[:i]), s[i+1:], true
}

func modelPort(scheme, host, port string) (string, bool) {
	if port == "" {
		return scheme + "://" + host, true
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return "", false
	}
	if scheme == "https" && n == 443 || scheme == "http" && n == 80 {
		return scheme + "://" + host, true
	}
	return scheme + "://" + host + ":" + strconv.FormatUint(n, 10), true
}

// modelHost is the host parser: percent-decoding, a stand-in for UTS 46 that
// marks every non-ASCII host as foreign, and numbers.
func modelHost(host string) (string, bool) {
	if strings.HasPrefix(host, "[") {
		addr, err := netip.ParseAddr(strings.Trim(host, "[]"))
		return "[" + addr.String() + "]", err == nil
	}
	host, err := url.PathUnescape(host)
	if err != nil || host == "" {
		return "", false
	}
	for _, c := range host {
		if c >= 0x80 {
			return "foreign.invalid", true
		}
		if c <= ' ' || c == 0x7f || strings.ContainsRune("#/:<>?@[\\]^|%", c) {
			return "", false
		}
	}
	host = strings.ToLower(host)
	parts := strings.Split(strings.TrimSuffix(host, "."), ".")
	if _, isNumber := modelNumber(parts[len(parts)-1]); !isNumber {
		return host, true
	}
	return modelIPv4(parts)
}

func modelNumber(s string) (uint64, bool) {
	base := 10
	if h, ok := strings.CutPrefix(s, "0x"); ok {
		s, base = h, 16
		if s == "" {
			return 0, true
		}
	} else if len(s) > 1 && s[0] == '0' && strings.Trim(s, "01234567") == "" {
		base = 8
	}
	n, err := strconv.ParseUint(s, base, 64)
	return n, err == nil
}

func modelIPv4(parts []string) (string, bool) {
	if len(parts) > 4 {
		return "", false
	}
	var sum uint64
	for i, p := range parts {
		n, ok := modelNumber(p)
		last := i == len(parts)-1
		if !ok || !last && n > 255 || last && n >= 1<<(8*(5-len(parts))) {
			return "", false
		}
		if last {
			sum += n
		} else {
			sum += n << (8 * (3 - i))
		}
	}
	return netip.AddrFrom4([4]byte{byte(sum >> 24), byte(sum >> 16), byte(sum >> 8), byte(sum)}).String(), true
}
