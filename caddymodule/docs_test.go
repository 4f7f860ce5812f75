package caddymodule_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	// keyword is a line of a grammar in a parser.
	keyword = regexp.MustCompile(`(?m)(?:^\s*|grammar\{)"([a-z_]+)":\s+(?:text|texts|textsOnce|flag|duration|durationOrOff|number|kibibytes|guest|\{)`)
	// row is a line of a table: the word, its arguments, and what it means.
	row = regexp.MustCompile("(?m)^\\| `([a-z_]+)[^|]*(?:\\\\\\|[^|]*)*\\| +\\S")
)

// TestPageNamesEverySubdirective: docs/caddyfile.md has a row for every word
// that a parser takes, as often as parsers take it, and for no other.
func TestPageNamesEverySubdirective(t *testing.T) {
	files, err := filepath.Glob("caddyfile_*.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("no parsers: %v", err)
	}
	var parsed []string
	for _, file := range files {
		parsed = append(parsed, words(t, keyword, file)...)
	}
	page := words(t, row, "../docs/caddyfile.md")
	slices.Sort(parsed)
	slices.Sort(page)
	if !slices.Equal(parsed, page) {
		t.Errorf("the parsers take\n%s\nand docs/caddyfile.md explains\n%s", strings.Join(parsed, " "), strings.Join(page, " "))
	}
}

func words(t *testing.T, form *regexp.Regexp, file string) []string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, found := range form.FindAllStringSubmatch(string(text), -1) {
		all = append(all, found[1])
	}
	return all
}

// TestPagesShowWhatWorks: every Caddyfile in README.md and docs that is whole
// adapts; those that show a part of the global block are put into one.
func TestPagesShowWhatWorks(t *testing.T) {
	pages, err := filepath.Glob("../docs/*.md")
	if err != nil || len(pages) < 5 {
		t.Fatalf("no pages: %v", err)
	}
	fence := regexp.MustCompile("(?s)```caddyfile\n(.*?)```")
	for _, page := range append(pages, "../README.md") {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range fence.FindAllStringSubmatch(string(text), -1) {
			if _, err := adapt(whole(found[1])); err != nil {
				t.Errorf("%s shows\n%s\n%v", page, found[1], err)
			}
		}
	}
}

// whole completes an example.
func whole(example string) string {
	example = strings.ReplaceAll(example, "$argon2id$v=19$m=19456,t=2,p=1$…", "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
	switch first, _, _ := strings.Cut(strings.TrimSpace(example), " "); first {
	case "users", "provider", "client", "registration", "client_id_metadata", "scope", "session", "throttle":
		return "{\n\tgatehouse {\n\tissuer https://auth.example.com\n" + example + "\t}\n}\n"
	case "@admins", "gatehouse", "reverse_proxy", "log":
		return "app.example.com {\n" + example + "}\n"
	}
	return example
}
