package identity

import (
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/secure/precis"
)

// MaxUsername is the most characters a canonical user name may have.
const MaxUsername = 64

// maxTyped bounds what is looked at, in bytes. A name may be typed in a longer
// form than the canonical one (decomposed, full width), but not endlessly.
const maxTyped = 1024

// What may be wrong with a user name. The texts never repeat the name, so they
// may be shown and logged.
var (
	ErrUsernameEmpty = errors.New("a user name is needed")
	ErrUsernameLong  = errors.New("a user name has at most 64 characters")
	ErrUsernameChars = errors.New("a user name has letters, digits and . _ - + @ ' ~ $ only, and begins with a letter, a digit or _")
	ErrUsernameMixed = errors.New("a user name must not mix Latin, Greek and Cyrillic letters in one word")
)

// Canonical gives the one form in which a user name is stored, compared,
// counted and shown to applications, whatever was typed (LGN-05, LGN-26).
//
// The form is the profile UsernameCaseMapped of RFC 8265, section 3.3: full
// and half width characters become ordinary ones, letters lower case, the
// whole is normalised to NFC, and the Bidi Rule holds. The profile refuses
// every other character with a compatibility mapping, so a canonical name is
// its own NFKC form too. Beyond the profile we refuse
//
//   - ASCII characters other than letters, digits and . _ - + @ ' ~ $: the rest
//     means something in headers, group lists, paths, filters or templates;
//   - the joiners U+200C and U+200D, which RFC 5892 admits in some contexts,
//     and everything else that can't be seen;
//   - a first character that is neither letter, digit nor underscore (".." and
//     "-rf" are no names);
//   - words that mix Latin, Greek and Cyrillic letters, which exist to be
//     mistaken for another name.
//
// Spaces are refused everywhere; nothing is trimmed. The error is one of the
// ErrUsername values.
func Canonical(name string) (string, error) {
	switch {
	case name == "":
		return "", ErrUsernameEmpty
	case len(name) > maxTyped:
		return "", ErrUsernameLong
	case !utf8.ValidString(name):
		return "", ErrUsernameChars
	}
	name, ok := caseMapped(name)
	if !ok {
		return "", ErrUsernameChars
	}
	if utf8.RuneCountInString(name) > MaxUsername {
		return "", ErrUsernameLong
	}
	for i, r := range name {
		if !usernameRune(r) || (i == 0 && !firstRune(r)) {
			return "", ErrUsernameChars
		}
	}
	if mixesScripts(name) {
		return "", ErrUsernameMixed
	}
	return name, nil
}

// caseMapped applies the profile until nothing changes: RFC 8264, section 7,
// warns that one application need not be idempotent and stops after three more.
func caseMapped(name string) (string, bool) {
	for range 4 {
		next, err := precis.UsernameCaseMapped.String(name)
		if err != nil {
			return "", false
		}
		if next == name {
			return name, true
		}
		name = next
	}
	return "", false
}

func usernameRune(r rune) bool {
	if r < utf8.RuneSelf {
		return 'a' <= r && r <= 'z' || '0' <= r && r <= '9' || strings.ContainsRune("._-+@'~$", r)
	}
	return !hidden(r)
}

func firstRune(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }

// hidden tells whether r is a control, a format character (joiners, bidi marks,
// tags), a space other than U+0020, or is drawn as nothing.
func hidden(r rune) bool {
	return unicode.In(r, unicode.C, unicode.Zl, unicode.Zp, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector) ||
		(r != ' ' && unicode.Is(unicode.Zs, r)) || r == '\u2800' || r == utf8.RuneError
}

// mixesScripts looks at each run of letters by itself, so that a Greek name at
// a Latin domain passes.
func mixesScripts(name string) bool {
	words := strings.FieldsFunc(name, func(r rune) bool { return r < utf8.RuneSelf && !unicode.IsLetter(r) })
	for _, word := range words {
		scripts := 0
		for _, table := range []*unicode.RangeTable{unicode.Latin, unicode.Greek, unicode.Cyrillic} {
			if strings.ContainsFunc(word, func(r rune) bool { return unicode.Is(table, r) }) {
				scripts++
			}
		}
		if scripts > 1 {
			return true
		}
	}
	return false
}
