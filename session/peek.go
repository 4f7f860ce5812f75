package session

import "strings"

// peek returns the value of the cookie called name, or name-suffix, from the
// lines of a Cookie header. It returns "" unless that name occurs exactly once
// over all lines. The value is as it was sent: callers check its form.
//
// It follows what browsers send (RFC 6265, section 4.2.1): pairs separated by
// semicolons, the name up to the first equals sign, compared byte by byte.
// There are no quotes, no `$Version`, no percent-encoding of names and no
// comma as a separator, since each of those lets a cookie set by somebody else
// pass for ours (COO-08). Two cookies of our name can't be told apart, so
// neither counts (COO-09).
//
// It allocates nothing, whatever else the header holds (COO-10).
func peek(lines []string, name, suffix string) string {
	found, value := false, ""
	for _, line := range lines {
		for line != "" {
			pair := line
			if i := strings.IndexByte(line, ';'); i >= 0 {
				pair, line = line[:i], line[i+1:]
			} else {
				line = ""
			}
			v, ok := match(strings.TrimLeft(pair, " "), name, suffix)
			if !ok {
				continue
			}
			if found {
				return ""
			}
			found, value = true, v
		}
	}
	return value
}

// match returns the value of the pair if its name is name or name-suffix.
func match(pair, name, suffix string) (string, bool) {
	rest, ok := strings.CutPrefix(pair, name)
	if ok && suffix != "" {
		if rest, ok = strings.CutPrefix(rest, "-"); ok {
			rest, ok = strings.CutPrefix(rest, suffix)
		}
	}
	if !ok {
		return "", false
	}
	return strings.CutPrefix(rest, "=")
}

// octets tells whether a value consists of cookie octets (RFC 6265, section
// 4.1.1): printable ASCII without space, quote, comma and backslash.
func octets(value string) bool {
	for _, c := range []byte(value) {
		if c <= ' ' || c >= 0x7f || c == '"' || c == ',' || c == '\\' {
			return false
		}
	}
	return true
}
