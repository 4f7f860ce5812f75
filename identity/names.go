package identity

import (
	"errors"
	"strings"
	"unicode/utf8"
)

// MaxGroup is the most bytes the name of a group may have.
const MaxGroup = 256

// What may be wrong with the name of a group or an address. The texts never
// repeat the input.
var (
	ErrGroup = errors.New("the name of a group has 1 to 256 bytes, no comma, no control or invisible characters and no spaces at its ends")
	ErrEmail = errors.New("an e-mail address has the form name@example.com, in ASCII, without quotes or spaces")
)

// ValidGroup tells whether name can be a group. Groups travel in one header
// joined by commas, so a comma inside a name would make two groups of one
// (HDR-12). Letter case is significant. The error is [ErrGroup].
func ValidGroup(name string) error {
	if name == "" || len(name) > MaxGroup || !utf8.ValidString(name) || name != strings.TrimSpace(name) {
		return ErrGroup
	}
	if strings.ContainsFunc(name, func(r rune) bool { return r == ',' || hidden(r) }) {
		return ErrGroup
	}
	return nil
}

// ValidEmail gives the address with its domain in lower case. The local part
// keeps its case: only its own server may know that case is nothing there
// (RFC 5321, section 2.4).
//
// Accepted is the Dot-string form of RFC 5321, section 4.1.2, at a domain of
// letter-digit-hyphen labels; one label is enough ("root@localhost").
// Refused is whatever two readers could split differently: a second @, quoted
// local parts, comments, address literals, a dot at the end, characters
// outside ASCII (international domains are written in their xn-- form). Rules
// on domains rely on it. The error is [ErrEmail].
func ValidEmail(addr string) (string, error) {
	local, domain, found := strings.Cut(addr, "@")
	if !found || len(addr) > 254 || len(local) > 64 || !dotString(local) || !hostname(domain) {
		return "", ErrEmail
	}
	return local + "@" + strings.ToLower(domain), nil
}

func dotString(local string) bool {
	for atom := range strings.SplitSeq(local, ".") {
		if atom == "" || strings.ContainsFunc(atom, func(r rune) bool { return !alnum(r) && !strings.ContainsRune("!#$%&'*+-/=?^_`{|}~", r) }) {
			return false
		}
	}
	return true
}

func hostname(domain string) bool {
	for label := range strings.SplitSeq(domain, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' ||
			strings.ContainsFunc(label, func(r rune) bool { return !alnum(r) && r != '-' }) {
			return false
		}
	}
	return true
}

func alnum(r rune) bool {
	return '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
}
