package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// place is a test that quotes a requirement. The name is empty if the whole
// file does.
type place struct{ file, name string }

// evidence is where each requirement is quoted.
type evidence map[string][]place

func (e evidence) add(text string, p place) {
	for _, n := range number.FindAllString(text, -1) {
		if !slices.Contains(e[n], p) {
			e[n] = append(e[n], p)
		}
	}
}

// scan goes over the tree in a fixed order. Kits of tests count as tests: they
// run on every implementation.
func scan(root string) (evidence, error) {
	found := evidence{}
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && name != root && (strings.HasPrefix(d.Name(), ".") || slices.Contains([]string{"testdata", "node_modules", "bin"}, d.Name())) {
			return filepath.SkipDir
		}
		rel, err := filepath.Rel(root, name)
		if err != nil || d.IsDir() {
			return err
		}
		return found.file(filepath.ToSlash(rel), name)
	})
	return found, err
}

func (e evidence) file(rel, name string) error {
	read := e.text
	switch ext := path.Ext(rel); {
	case strings.HasSuffix(rel, "_test.go"), strings.HasPrefix(rel, "store/storetest/") && ext == ".go":
		read = e.goFile
	case ext == ".mjs":
		read = e.script
	case ext == ".sh", ext == ".md" && rel != output:
	default:
		return nil
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	return read(rel, string(text))
}

// text takes a file as a whole. Pages are evidence for requirements on
// documents only.
func (e evidence) text(rel, text string) error {
	for _, n := range number.FindAllString(text, -1) {
		if path.Ext(rel) != ".md" || documents[n] {
			e.add(n, place{file: rel})
		}
	}
	return nil
}

// goFile takes comments: one in or before a declaration counts for it.
func (e evidence) goFile(rel, text string) error {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, rel, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	for _, group := range file.Comments {
		name := ""
		for _, decl := range file.Decls {
			if decl.End() > group.Pos() { // the first that ends behind the comment
				name = declared(decl)
				break
			}
		}
		for _, comment := range group.List {
			e.add(comment.Text, place{rel, name})
		}
	}
	return nil
}

func declared(decl ast.Decl) string {
	switch d := decl.(type) {
	case *ast.FuncDecl:
		return d.Name.Name
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch s := spec.(type) {
			case *ast.ValueSpec:
				return s.Names[0].Name
			case *ast.TypeSpec:
				return s.Name.Name
			}
		}
	}
	return ""
}

// title is the beginning of a test in a script: test('name', it("name".
var title = regexp.MustCompile("\\b(?:test|it|describe)(?:\\.\\w+)?\\(\\s*(?:'([^']*)'|\"([^\"]*)\"|`([^`]*)`)")

// script takes lines: one before a test's first line, or after it, counts for
// that test.
func (e evidence) script(rel, text string) error {
	name := ""
	var waiting []string // comment lines whose test may follow
	for line := range strings.SplitSeq(text, "\n") {
		if m := title.FindStringSubmatch(line); m != nil {
			name = m[1] + m[2] + m[3]
			for _, w := range waiting {
				e.add(w, place{rel, name})
			}
			waiting = nil
			e.add(line, place{rel, name})
			continue
		}
		if strings.HasPrefix(strings.TrimSpace(line), "//") {
			waiting = append(waiting, line)
			continue
		}
		for _, w := range append(waiting, line) {
			e.add(w, place{rel, name})
		}
		waiting = nil
	}
	for _, w := range waiting {
		e.add(w, place{rel, name})
	}
	return nil
}
