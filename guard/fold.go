package guard

import "strings"

// fold writes a header name as CGI, WSGI, Rack and PHP see it once case and
// every character but letters and digits are gone: "Remote-User",
// "REMOTE_USER" and "remote.user" are one name to some application (HDR-07).
func fold(name string) string {
	var b strings.Builder
	for i := range len(name) {
		if c := foldByte(name[i]); c != 0 {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// foldByte gives the lower-case letter or the digit, 0 for any other byte.
func foldByte(c byte) byte {
	switch {
	case 'a' <= c && c <= 'z', '0' <= c && c <= '9':
		return c
	case 'A' <= c && c <= 'Z':
		return c + ('a' - 'A')
	}
	return 0
}

// Prefixes that gateways put before a header's name: HTTP_ (RFC 3875, section
// 4.1.18) and, once for every internal redirect of Apache httpd, REDIRECT_. A
// client can write them itself.
var gatewayPrefixes = [...]string{"http", "redirect"}

// foldsTo tells whether name folds to the folded name want, also behind any
// number of gateway prefixes. It allocates nothing, has no limit of length, and
// takes time in proportion to it: what counts for nothing at the beginning goes
// first, so that it is not gone over again for every prefix.
func foldsTo(name, want string) bool {
	for name != "" && foldByte(name[0]) == 0 {
		name = name[1:]
	}
	rest, ok := cutFolded(name, want)
	for ok && !empty(rest) {
		ok = false
		for _, prefix := range gatewayPrefixes {
			if shorter, cut := cutFolded(rest, prefix); cut {
				rest, ok = shorter, true
				break
			}
		}
	}
	return ok
}

// cutFolded cuts the folded suffix off name.
func cutFolded(name, suffix string) (rest string, ok bool) {
	i := len(name)
	for j := len(suffix) - 1; j >= 0; j-- {
		var c byte
		for c == 0 {
			i--
			if i < 0 {
				return "", false
			}
			c = foldByte(name[i])
		}
		if c != suffix[j] {
			return "", false
		}
	}
	return name[:i], true
}

// empty tells whether nothing of name is left after folding.
func empty(name string) bool {
	for i := range len(name) {
		if foldByte(name[i]) != 0 {
			return false
		}
	}
	return true
}

// equalASCII compares two strings without regard to the case of ASCII letters.
func equalASCII(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range len(a) {
		if lower(a[i]) != lower(b[i]) {
			return false
		}
	}
	return true
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		c += 'a' - 'A'
	}
	return c
}
