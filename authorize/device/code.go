package device

import (
	"crypto/rand"
	"strings"
)

// letters are those of user codes: no vowels, so that no words come about, and
// nothing that is read as something else (RFC 8628, section 6.1).
const letters = "BCDFGHJKLMNPQRSTVWXZ"

// length is how many of them a code has: 34 bits, where OAU-39 asks for 20.
const length = 8

// maxTyped bounds what is looked at as a code.
const maxTyped = 64

// newUserCode makes a code, without its dash.
func newUserCode() string {
	const even = 256 - 256%len(letters) // below it every letter is as likely
	code := make([]byte, 0, length)
	for len(code) < length {
		var b [2 * length]byte
		rand.Read(b[:]) // never fails: crypto/rand ends the program instead
		for _, c := range b {
			if int(c) < even && len(code) < length {
				code = append(code, letters[int(c)%len(letters)])
			}
		}
	}
	return string(code)
}

// show writes a code for people: XXXX-XXXX.
func show(code string) string { return code[:length/2] + "-" + code[length/2:] }

// ReadCode gives the code that somebody typed, as it is shown: "the server
// should ignore any characters like punctuation that are not in the user code
// character set", and small letters are as good (section 6.1). ok is false for
// what can't be a code.
func ReadCode(typed string) (code string, ok bool) {
	if len(typed) > maxTyped {
		return "", false
	}
	var out strings.Builder
	for _, c := range strings.ToUpper(typed) {
		switch {
		case strings.ContainsRune(letters, c):
			out.WriteRune(c)
		case strings.ContainsRune(" \t\u00a0-‐‑‒–—−._", c):
		default:
			return "", false
		}
	}
	if out.Len() != length {
		return "", false
	}
	return show(out.String()), true
}
