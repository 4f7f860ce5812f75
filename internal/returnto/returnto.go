// Package returnto judges return addresses: where a browser is sent after
// login or logout, taken from a parameter that anybody can write.
//
// It owns the reading of such an address as a browser would read it, and the
// rebuilding of what is sent (RED-01, RED-02, RED-05). It does not own the
// list of allowed origins, nor what an address means. The check is to be made
// when the address is taken and again when it is used.
package returnto

import (
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/gatehouse-auth/gatehouse/internal/origin"
)

// MaxLength is the longest return address in bytes. A longer one is refused;
// callers drop it and go home rather than loop (DOS-06).
const MaxLength = 8192

// Address is a return address that was judged. Its parts are printable ASCII
// in the spelling in which they are sent. The zero Address is no address.
type Address struct {
	// Origin is one of the allowed origins, or empty for an address on the
	// origin it was given to.
	Origin string
	// Path begins with exactly one slash. Escapes are as they came in.
	Path string
	// Query comes without its question mark.
	Query string
}

// String gives the address as it is sent in a Location header: absolute if it
// has an origin, else path and query.
func (a Address) String() string { return a.Origin + a.Target() }

// Target gives path and query.
func (a Address) Target() string {
	if a.Query == "" {
		return a.Path
	}
	return a.Path + "?" + a.Query
}

// Why an address is refused. The texts hold nothing of the address.
var (
	ErrLength    = errors.New("return address: empty or too long")
	ErrCharacter = errors.New("return address: control character, white space, backslash or invalid UTF-8")
	ErrForm      = errors.New("return address: neither a path nor an http(s) address")
	ErrPath      = errors.New("return address: the path has dot segments, leading slashes, control characters or bad escapes")
	ErrOrigin    = errors.New("return address: not one of the configured sites")
)

// Clean judges raw and gives what is to be sent. See [Parse].
func Clean(raw string, allowed []string) (string, error) {
	addr, err := Parse(raw, allowed)
	if err != nil {
		return "", err
	}
	return addr.String(), nil
}

// Parse judges raw: a path with an optional query on the own origin, or an
// absolute address whose origin is one of allowed (as [origin.Parse] writes
// them). A fragment is dropped, since a server never needs it. Everything a
// browser could read in another way than we do is refused rather than mended:
// it deletes tabs and newlines, takes a backslash for a slash, and skips
// surplus slashes (WHATWG URL, section 4.4).
func Parse(raw string, allowed []string) (Address, error) {
	if raw == "" || len(raw) > MaxLength {
		return Address{}, ErrLength
	}
	if !harmless(raw) {
		return Address{}, ErrCharacter
	}
	rest, _, _ := strings.Cut(raw, "#")
	org := ""
	if !strings.HasPrefix(rest, "/") {
		var err error
		if org, rest, err = cutOrigin(rest, allowed); err != nil {
			return Address{}, err
		}
	}
	path, query, _ := strings.Cut(rest, "?")
	if path == "" {
		path = "/"
	}
	if !plainPath(path) {
		return Address{}, ErrPath
	}
	addr := Address{Origin: org, Path: escape(path, pathBytes), Query: escape(query, queryBytes)}
	if len(addr.String()) > MaxLength {
		return Address{}, ErrLength
	}
	return addr, nil
}

// cutOrigin reads the origin at the front of an absolute address. The rest is
// empty or begins with a slash or a question mark.
func cutOrigin(raw string, allowed []string) (org, rest string, err error) {
	_, after, ok := strings.Cut(raw, "://")
	if !ok {
		return "", "", ErrForm
	}
	end := len(raw)
	if i := strings.IndexAny(after, "/?"); i >= 0 {
		end -= len(after) - i
	}
	// No user name, no escapes, no odd number, ASCII only: origin.Parse.
	org, err = origin.Parse(raw[:end])
	if err != nil {
		return "", "", ErrForm
	}
	if !slices.Contains(allowed, org) {
		return "", "", ErrOrigin
	}
	return org, raw[end:], nil
}

// harmless tells whether raw is free of what parsers treat differently.
func harmless(raw string) bool {
	for i := range len(raw) {
		if c := raw[i]; c <= ' ' || c == 0x7f || c == '\\' {
			return false
		}
	}
	return utf8.ValidString(raw)
}

// plainPath tells whether a path that begins with a slash stays below its
// origin for everybody who reads it, also for one who decodes it once more
// than is right.
func plainPath(path string) bool {
	for range 3 {
		if !plainOnce(path) {
			return false
		}
		decoded, ok := unescape(path)
		if !ok {
			return false
		}
		if decoded == path {
			return true
		}
		path = decoded
		if strings.Contains(path, "%") && !validEscapes(path) {
			break // a percent sign as text ends what can be decoded
		}
	}
	return plainOnce(path)
}

// plainOnce judges one stage of decoding.
func plainOnce(path string) bool {
	if len(path) > 1 && (path[1] == '/' || path[1] <= ' ') {
		return false
	}
	for i := range len(path) {
		if c := path[i]; c < ' ' || c == 0x7f || c == '\\' {
			return false
		}
	}
	for segment := range strings.SplitSeq(path, "/") {
		if segment == "." || segment == ".." {
			return false
		}
	}
	return true
}
