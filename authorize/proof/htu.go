package proof

import (
	"net/url"
	"strings"
)

// target brings the address of a request to one form, without query and
// fragment (RFC 9449, section 4.3, check 9; RFC 3986, sections 6.2.2 and
// 6.2.3): scheme and host in lower case, no default port, no escape that needn't
// be one, no dot segments, a path. ok is false for anything that is no absolute
// http or https address.
func target(address string) (form string, ok bool) {
	if len(address) > maxTarget {
		return "", false
	}
	for i := range len(address) {
		if c := address[i]; c <= ' ' || c >= 0x7f || strings.IndexByte("\\\"<>^`{|}", c) >= 0 {
			return "", false
		}
	}
	u, err := url.Parse(address)
	if err != nil || escapedHost(address) || u.User != nil || u.Opaque != "" || u.Hostname() == "" {
		return "", false
	}
	scheme, port := u.Scheme, u.Port() // Parse gives the scheme in lower case
	switch {
	case scheme != "https" && scheme != "http":
		return "", false
	case scheme == "https" && port == "443" || scheme == "http" && port == "80":
		port = ""
	}
	host := strings.ToLower(strings.TrimSuffix(u.Host, ":"+u.Port()))
	if port != "" {
		host += ":" + port
	}
	return scheme + "://" + host + withoutDots(escapes(u.EscapedPath())), true
}

// escapedHost tells whether there are escapes in the authority. Parsers differ
// in whether they take them out.
func escapedHost(address string) bool {
	_, rest, _ := strings.Cut(address, "//")
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		rest = rest[:i]
	}
	return strings.Contains(rest, "%")
}

// maxTarget bounds an address.
const maxTarget = 2000

// escapes writes the escapes of a path in upper case and takes out those of
// unreserved characters. The parser has seen that they are whole.
func escapes(path string) string {
	var out strings.Builder
	for i := 0; i < len(path); i++ {
		if path[i] != '%' {
			out.WriteByte(path[i])
			continue
		}
		c := unhex(path[i+1])<<4 | unhex(path[i+2])
		if letter := c | 0x20; letter >= 'a' && letter <= 'z' || c >= '0' && c <= '9' || strings.IndexByte("-._~", c) >= 0 {
			out.WriteByte(c)
		} else {
			out.WriteString(strings.ToUpper(path[i : i+3]))
		}
		i += 2
	}
	return out.String()
}

func unhex(c byte) byte {
	if c <= '9' {
		return c - '0'
	}
	return c | 0x20 - 'a' + 10
}

// withoutDots removes dot segments (RFC 3986, section 5.2.4). Empty segments
// are segments.
func withoutDots(path string) string {
	if path == "" {
		return "/"
	}
	segments := strings.Split(path, "/")[1:]
	var out []string
	for i, s := range segments {
		last := i == len(segments)-1
		switch s {
		case "..":
			if len(out) > 0 {
				out = out[:len(out)-1]
			}
		case ".":
		default:
			out = append(out, s)
			continue
		}
		if last {
			out = append(out, "")
		}
	}
	return "/" + strings.Join(out, "/")
}
