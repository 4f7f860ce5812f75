package guard

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// carriable tells whether a header can carry a text as it is: UTF-8 without
// control characters and line separators, of ASCII or beyond. RFC 9110,
// section 5.5, leaves bytes above 0x7F to the two sides; legacy applications
// and the peers of this product agree on UTF-8.
func carriable(text string) bool {
	plain := true
	for i := range len(text) {
		if c := text[i]; c-' ' > '~'-' ' { // below a space or above a tilde
			if c < 0x80 {
				return false
			}
			plain = false
		}
	}
	if plain {
		return true
	}
	if !utf8.ValidString(text) {
		return false
	}
	for _, r := range text {
		if 0x80 <= r && r <= 0x9f || r == 0x2028 || r == 0x2029 {
			return false
		}
	}
	return true
}

// single encodes a value that stands alone. A recipient trims white space
// around it (RFC 9110, section 5.5), which could make another value of it, so
// such a value is not sent; neither is one with control characters.
func (h *Headers) single(text string) string {
	if text == "" || strings.TrimSpace(text) != text || !carriable(text) {
		return ""
	}
	if h.percent {
		return escapeBytes(text, func(c byte) bool { return c == '%' || c >= 0x80 })
	}
	return text
}

// joined encodes a list. Whatever could make two members of one, or another
// member, is written as %XX within a member: the separator, white space at its
// ends, and the percent sign itself (HDR-12). A member that is empty or holds
// control characters is left out.
func (h *Headers) joined(list []string) string {
	if len(list) == 1 {
		return h.member(list[0])
	}
	var b strings.Builder
	for _, text := range list {
		text = h.member(text)
		if text == "" {
			continue
		}
		if b.Len() == 0 {
			b.Grow(joinedLen(list, len(h.separator)))
		} else {
			b.WriteString(h.separator)
		}
		b.WriteString(text)
	}
	return b.String()
}

func joinedLen(list []string, separator int) int {
	n := 0
	for _, text := range list {
		n += len(text) + separator
	}
	return n
}

func (h *Headers) member(text string) string {
	if text == "" || !carriable(text) {
		return ""
	}
	inner := strings.TrimSpace(text)
	if inner == text && !h.percent && strings.IndexByte(text, '%') < 0 && strings.IndexByte(text, h.separator[0]) < 0 {
		return text
	}
	lead := strings.Index(text, inner)
	tail := text[lead+len(inner):]
	all := func(byte) bool { return true }
	some := func(c byte) bool { return c == '%' || c == h.separator[0] || h.percent && c >= 0x80 }
	return escapeBytes(text[:lead], all) + escapeBytes(inner, some) + escapeBytes(tail, all)
}

// escapeBytes writes the bytes that f wants escaped as %XX.
func escapeBytes(text string, f func(byte) bool) string {
	if !slices.ContainsFunc([]byte(text), f) {
		return text
	}
	const upperHex = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(text) {
		if c := text[i]; f(c) {
			b.WriteByte('%')
			b.WriteByte(upperHex[c>>4])
			b.WriteByte(upperHex[c&15])
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}
