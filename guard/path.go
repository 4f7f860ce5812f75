package guard

import (
	"strings"
	"unicode/utf8"
)

// ReservedPrefix is the part of every guarded host that is ours. Nothing below
// it is ever forwarded.
const ReservedPrefix = "/.gatehouse/"

// Path is the path of a request, judged. Applications, proxies and frameworks
// disagree about some spellings; a path that holds none of them means the same
// to all (PTH-01).
type Path struct {
	// Decoded is the path with its escapes decoded once; empty if the path is
	// ambiguous.
	Decoded string
	// Ambiguity says why the path could mean another one to the application;
	// empty if it can't. Where a path decides (a public path, a matcher) an
	// ambiguous one is refused with 400; elsewhere it may pass, since
	// applications do use "%2f" and ";".
	Ambiguity string
	// Reserved tells that the path is ours, in any case. An ambiguous path is
	// reserved if it could be one of ours; it is then refused everywhere.
	Reserved bool
}

// Odd tells whether the request is refused with 400 on a site; decides says
// that a path decides something there.
func (p Path) Odd(decides bool) bool {
	return p.Ambiguity != "" && (decides || p.Reserved)
}

// ReadPath judges the path of an original request target as the client sent
// it (http.Request.RequestURI before any rewrite). The query is ignored
// (PTH-02), and so is every header that claims another path (PTH-05). A target
// that is not in origin form is ambiguous. It allocates nothing if nothing is
// escaped.
func ReadPath(target string) Path {
	raw, _, _ := strings.Cut(target, "?")
	if raw == "" || raw[0] != '/' || strings.IndexByte(raw, '#') >= 0 {
		return Path{Ambiguity: "not a path", Reserved: couldBeReserved(raw)}
	}
	decoded, why := raw, ""
	if strings.IndexByte(raw, '%') >= 0 {
		decoded, why = decode(raw)
	}
	if why == "" {
		why = ambiguity(decoded)
	}
	if why != "" {
		return Path{Ambiguity: why, Reserved: couldBeReserved(raw)}
	}
	return Path{Decoded: decoded, Reserved: reserved(decoded)}
}

// decode decodes escapes once. An escape that stands for a character with a
// meaning in paths is an ambiguity, whatever is around it.
func decode(raw string) (decoded, why string) {
	var b strings.Builder
	b.Grow(len(raw))
	for i := 0; i < len(raw); i++ {
		c := raw[i]
		if c == '%' {
			if i+2 >= len(raw) || unhex(raw[i+1]) < 0 || unhex(raw[i+2]) < 0 {
				return "", "invalid escape"
			}
			c = byte(unhex(raw[i+1])<<4 | unhex(raw[i+2]))
			if strings.IndexByte("/\\%;.", c) >= 0 {
				return "", "escaped slash, backslash, dot, semicolon or percent sign"
			}
			i += 2
		}
		b.WriteByte(c)
	}
	return b.String(), ""
}

// ambiguity names what in a decoded path is read differently by different
// software. Escapes of dots, slashes and the like were refused before.
//
// Windows drops dots and spaces at the end of a name, so "... " can be "..",
// and a name of nothing else counts as a dot segment. Who parses once more
// after decoding ends the path at a '?' or '#', so the name ends there as well.
func ambiguity(path string) string {
	ascii, hollow := true, true // hollow: nothing but dots and spaces in this segment yet
	for i := 1; i < len(path); i++ {
		switch c := path[i]; {
		case c == '/' || c == '?' || c == '#':
			if hollow {
				return "empty segment or dot segment"
			}
			hollow = c == '/'
		case c == '.' || c == ' ':
		case c < ' ' || c == 0x7f:
			return "control character"
		case c == ';':
			return "path parameter"
		case c == '\\':
			return "backslash"
		default:
			hollow = false
			ascii = ascii && c < 0x80
		}
	}
	if hollow && path[len(path)-1] != '/' {
		return "dot segment"
	}
	if !ascii && !plainText(path) {
		return "invalid UTF-8 or a character that some systems turn into a dot or slash"
	}
	return ""
}

// plainText tells whether a path is UTF-8 without characters that best-fit
// conversion or compatibility normalisation (Unicode NFKC) turns into one with
// a meaning in paths, and without C1 controls.
func plainText(path string) bool {
	if !utf8.ValidString(path) {
		return false
	}
	for _, r := range path {
		switch {
		case 0x80 <= r && r <= 0x9f, // C1 controls
			r == 0x2024, r == 0x2025, r == 0xfe30, r == 0xfe52, r == 0xff0e, // dots
			r == 0x2044, r == 0x2215, r == 0x29f8, r == 0xff0f, // slashes
			r == 0x2100, r == 0x2101, r == 0x2105, r == 0x2106, // "a/c" and its like
			r == 0x2216, r == 0x29f5, r == 0x29f9, r == 0xfe68, r == 0xff3c, // backslashes
			r == 0x037e, r == 0xfe14, r == 0xfe54, r == 0xff1b, r == 0xfe6a, r == 0xff05: // semicolons, percent signs
			return false
		}
	}
	return true
}

// reserved tells whether an unambiguous path is ours. Case makes no difference
// on the refusing side (PTH-04).
func reserved(path string) bool {
	n := len(ReservedPrefix) - 1
	if len(path) < n || path[1] != '.' || !equalASCII(path[:n], ReservedPrefix[:n]) {
		return false
	}
	return len(path) == n || path[n] == '/'
}

// couldBeReserved tells whether some reading of an ambiguous path could be
// ours: it decodes as often as anybody might, and looks for the name anywhere.
func couldBeReserved(raw string) bool {
	for range 8 {
		if containsFold(raw, ReservedPrefix[1:len(ReservedPrefix)-1]) {
			return true
		}
		decoded := decodeLoosely(raw)
		if decoded == raw {
			return false
		}
		raw = decoded
	}
	return true // nobody escapes so often and means well
}

func containsFold(s, word string) bool {
	for i := 0; i+len(word) <= len(s); i++ {
		if equalASCII(s[i:i+len(word)], word) {
			return true
		}
	}
	return false
}

// decodeLoosely decodes what can be decoded and leaves the rest.
func decodeLoosely(s string) string {
	if strings.IndexByte(s, '%') < 0 {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) && unhex(s[i+1]) >= 0 && unhex(s[i+2]) >= 0 {
			b.WriteByte(byte(unhex(s[i+1])<<4 | unhex(s[i+2])))
			i += 2
			continue
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

func unhex(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c && c <= 'f':
		return int(c-'a') + 10
	case 'A' <= c && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}
