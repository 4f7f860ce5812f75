package client

import (
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The errors of [ParseRule].
var (
	errRuleLine   = errors.New("a rule is one line of text, with ; between its conditions")
	errRuleBraces = errors.New("braces and placeholders can't stand here")
	errRuleQuote  = errors.New("a quotation mark is missing, or stands in the middle of a word")
	errRuleBare   = errors.New("a word with # or << at its beginning, or with a \\ that is not plainly a letter of it, must stand in quotation marks")
)

// ParseRule reads a rule as it is written in a client block of the Caddyfile,
// with ; for the ends of lines:
//
//	group staff "domain admins"; mfa
//
// A word is as it stands, or between quotation marks, where \" is one of them,
// or between backquotes. What a Caddyfile would take for something else than a
// word, such as a comment, is an error. What the words mean is the [Gate]'s.
func ParseRule(text string) (Rule, error) {
	switch {
	case !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl):
		return nil, errRuleLine
	case strings.ContainsAny(text, "{}"):
		return nil, errRuleBraces
	}
	var rule Rule
	var line []string
	for {
		text = strings.TrimLeft(text, " ")
		if text == "" || text[0] == ';' {
			if len(line) > 0 {
				rule = append(rule, line)
			}
			if line = nil; text == "" {
				return rule, nil
			}
			text = text[1:]
			continue
		}
		word, rest, err := cutWord(text)
		if err != nil {
			return nil, err
		}
		line, text = append(line, word), rest
	}
}

// cutWord reads the word that text begins with.
func cutWord(text string) (word, rest string, err error) {
	switch text[0] {
	case '"':
		word, rest, err = cutQuoted(text[1:])
	case '`':
		var closed bool
		if word, rest, closed = strings.Cut(text[1:], "`"); !closed {
			err = errRuleQuote
		}
	default:
		n := strings.IndexFunc(text, func(r rune) bool { return r == ';' || unicode.IsSpace(r) })
		if n < 0 {
			n = len(text)
		}
		if word, rest = text[:n], text[n:]; !bare(word) {
			err = errRuleBare
		}
	}
	if err == nil && rest != "" && rest[0] != ' ' && rest[0] != ';' {
		err = errRuleQuote
	}
	return word, rest, err
}

// cutQuoted reads up to the closing quotation mark. A backslash is one, but
// before a quotation mark, as in a Caddyfile.
func cutQuoted(text string) (word, rest string, err error) {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '"':
			return b.String(), text[i+1:], nil
		case c == '\\' && i+1 < len(text):
			if i++; text[i] != '"' {
				b.WriteByte('\\')
			}
			b.WriteByte(text[i])
		default:
			b.WriteByte(c)
		}
	}
	return "", "", errRuleQuote
}

// bare tells whether a word means itself in a Caddyfile without marks.
func bare(word string) bool {
	for _, begin := range []string{"#", "<<", `\#`, `\"`, "\\`"} {
		if strings.HasPrefix(word, begin) {
			return false
		}
	}
	return !strings.HasSuffix(word, `\`) && !strings.Contains(word, `\<`)
}

// String writes the rule as [ParseRule] reads it.
func (r Rule) String() string {
	var lines []string
	for _, line := range r {
		var words []string
		for _, word := range line {
			words = append(words, written(word))
		}
		lines = append(lines, strings.Join(words, " "))
	}
	return strings.Join(lines, "; ")
}

// written is a word in the plainest form that is read as this word again. Of
// what [ParseRule] gives there is one for every word.
func written(word string) string {
	quoted := `"` + strings.ReplaceAll(word, `"`, `\"`) + `"`
	for _, form := range []string{word, quoted, "`" + word + "`"} {
		if form == "" {
			continue
		}
		if again, rest, err := cutWord(form); err == nil && again == word && rest == "" {
			return form
		}
	}
	return quoted
}
