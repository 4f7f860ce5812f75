package identity

import (
	"unicode"
	"unicode/utf8"
)

// mostMarks is how many combining marks may stand on one character. Real
// languages need three or four.
const mostMarks = 4

// Shows tells whether text is one line of which a person sees something. What
// can't be seen is what Unicode draws as nothing (Default_Ignorable_Code_Point:
// fillers, joiners, selectors, tags), controls, spaces of every kind, the empty
// braille pattern, and marks without a character to stand on.
func Shows(text string) bool {
	shows := false
	for _, r := range text {
		switch {
		case unicode.IsControl(r) || unicode.In(r, unicode.Zl, unicode.Zp):
			return false
		case !hidden(r) && !unicode.IsSpace(r) && !unicode.IsMark(r):
			shows = true
		}
	}
	return shows && utf8.ValidString(text)
}

// Legible tells whether text shows something (see [Shows]) and hides nothing: no
// character that can't be seen, by which one name could look like another or run
// backwards, no mark before the first character, and no heap of them on one.
func Legible(text string) bool {
	marks := mostMarks // none can come first
	for _, r := range text {
		switch {
		case hidden(r):
			return false
		case !unicode.IsMark(r):
			marks = 0
		case marks == mostMarks:
			return false
		default:
			marks++
		}
		if r == ' ' {
			marks = mostMarks
		}
	}
	return Shows(text)
}
