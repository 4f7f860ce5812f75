package client

import (
	"fmt"
	"slices"
	"strings"
)

// Problems is all that is wrong with a client's settings. Its texts name the
// settings by the words of a client block, and never a secret.
type Problems []Problem

// Problem is one thing that is wrong.
type Problem struct {
	format string // of package fmt; the words of settings stand in {}
	args   []any
}

// NewProblem makes a problem of a format of package fmt, in which the words of
// settings stand in braces: "{scopes} %q: …".
func NewProblem(format string, args ...any) Problem { return Problem{format, args} }

// Error implements error: all on one line, by the words of a client block.
func (list Problems) Error() string {
	return list.Named(func(word string) string { return word })
}

// Named is Error with other names for the words: for who did not write them in a
// client block.
func (list Problems) Named(name func(word string) string) string {
	var texts []string
	for _, p := range list {
		texts = append(texts, p.named(name))
	}
	return strings.Join(texts, "; ")
}

// Words are the settings that have to do with it, each once.
func (list Problems) Words() []string {
	var words []string
	list.Named(func(word string) string {
		if !slices.Contains(words, word) {
			words = append(words, word)
		}
		return word
	})
	return words
}

// Error implements error, as [Problems.Error] does.
func (p Problem) Error() string { return Problems{p}.Error() }

// named writes the problem. Values are filled in last, so that nothing in them is
// taken for a word.
func (p Problem) named(name func(string) string) string {
	var format strings.Builder
	for rest := p.format; ; {
		before, marked, found := strings.Cut(rest, "{")
		word, after, closed := strings.Cut(marked, "}")
		format.WriteString(before)
		if !found || !closed {
			break
		}
		format.WriteString(strings.ReplaceAll(name(word), "%", "%%"))
		rest = after
	}
	args := slices.Clone(p.args)
	for i, arg := range args {
		if inner, ok := arg.(Problem); ok {
			args[i] = inner.named(name)
		}
	}
	return fmt.Sprintf(format.String(), args...)
}

// err is nil if nothing is wrong.
func (list Problems) err() error {
	if len(list) == 0 {
		return nil
	}
	return list
}
