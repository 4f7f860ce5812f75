package caddymodule_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestFieldsAreDocumented: the structs are the manual. Every exported field
// with a JSON name says what it is and what it is by default.
func TestFieldsAreDocumented(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		syntax, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(syntax, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				return false
			case *ast.TypeSpec:
				return n.Name.IsExported() // nobody writes the others
			}
			field, ok := n.(*ast.Field)
			if !ok || field.Tag == nil || len(field.Names) == 0 || !field.Names[0].IsExported() {
				return true
			}
			found++
			if doc := field.Doc.Text(); !strings.Contains(doc, "Default") || !strings.HasPrefix(doc, field.Names[0].Name+" ") {
				t.Errorf("%s: field %s has no comment that begins with its name and says its default", file, field.Names[0].Name)
			}
			return true
		})
	}
	if found < 50 {
		t.Errorf("only %d fields were found", found)
	}
}

// TestSyntaxCommentsNameEverySubdirective: what a parser takes stands in the
// comment above it, and the other way round.
func TestSyntaxCommentsNameEverySubdirective(t *testing.T) {
	keyword := regexp.MustCompile(`(?m)^\s*"([a-z_]+)":\s+(?:text|texts|textsOnce|flag|duration|durationOrOff|number|kibibytes|guest|\{)`)
	files, err := filepath.Glob("caddyfile_*.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("no parsers: %v", err)
	}
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range keyword.FindAllStringSubmatch(string(source), -1) {
			if !regexp.MustCompile(`(?m)^//\t+-?` + match[1] + `( |$)`).Match(source) {
				t.Errorf("%s: no comment shows how %s is written", file, match[1])
			}
		}
	}
}
