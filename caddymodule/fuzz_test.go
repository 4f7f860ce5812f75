package caddymodule_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"

	"github.com/gatehouse-auth/gatehouse/caddymodule"
)

// FuzzCaddyfile: whatever text stands where ours is expected, every parser
// gives a configuration or an error, and comes to an end. Seeds are all golden
// files, examples and the corpus in testdata/fuzz.
func FuzzCaddyfile(f *testing.F) {
	for _, golden := range goldens(f) {
		f.Add(golden[0])
	}
	for _, input := range exampleFiles(f) {
		f.Add(input)
	}
	f.Fuzz(func(_ *testing.T, input string) {
		tokens, err := caddyfile.Tokenize([]byte(input), "Fuzzfile")
		if err != nil {
			return
		}
		caddymodule.ParseAll(tokens[ours(tokens):])
	})
}

// ours is where the first directive or option of ours begins.
func ours(tokens []caddyfile.Token) int {
	return max(0, slices.IndexFunc(tokens, func(t caddyfile.Token) bool { return strings.HasPrefix(t.Text, "gatehouse") }))
}

// TestTruncations: every prefix of every example, cut at any byte and handed
// to our parsers, and cut at any token and handed to Caddy.
func TestTruncations(t *testing.T) {
	inputs := exampleFiles(t)
	for file, golden := range goldens(t) {
		inputs[file] = golden[0]
	}
	for file, input := range inputs {
		for end := range len(input) {
			if tokens, err := caddyfile.Tokenize([]byte(input[:end]), file); err == nil {
				caddymodule.ParseBlocks(tokens[ours(tokens):])
			}
			if input[end] == '\n' {
				_, _ = adapt(input[:end] + "\n}\n}\n")
			}
		}
	}
}

// TestMutations: every golden file and example with one token taken out,
// doubled, or replaced by a brace or by nothing.
func TestMutations(t *testing.T) {
	inputs := exampleFiles(t)
	for file, golden := range goldens(t) {
		inputs[file] = golden[0]
	}
	for file, input := range inputs {
		tokens, err := caddyfile.Tokenize([]byte(input), file)
		if err != nil {
			t.Fatal(err)
		}
		for i := range tokens {
			for _, text := range []string{"{", "}", ""} {
				mutated := slices.Clone(tokens)
				mutated[i].Text = text
				caddymodule.ParseBlocks(mutated[ours(mutated):])
			}
			caddymodule.ParseBlocks(slices.Delete(slices.Clone(tokens), i, i+1)[ours(tokens[:i]):])
			caddymodule.ParseBlocks(slices.Insert(slices.Clone(tokens), i, tokens[i])[ours(tokens):])
		}
	}
}
