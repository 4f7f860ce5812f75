package archtest_test

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/gatehouse-auth/gatehouse"

// source is one parsed file of the module.
type source struct {
	name string // from the module's root
	pkg  string // its directory, "" for the root
	test bool
	file *ast.File
	fset *token.FileSet
	size int // lines
}

// sources parses every Go file of the module once.
func sources(t *testing.T) []source {
	t.Helper()
	root := filepath.Join("..", "..")
	if _, err := os.Stat(filepath.Join(root, "go.mod")); err != nil {
		t.Fatal(err)
	}
	var all []source
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && name != root && (strings.HasPrefix(d.Name(), ".") || slices.Contains([]string{"testdata", "node_modules", "bin"}, d.Name())) {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(name, ".go") {
			return nil
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, rel, text, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		pkg := filepath.ToSlash(filepath.Dir(rel))
		if pkg == "." {
			pkg = ""
		}
		all = append(all, source{filepath.ToSlash(rel), pkg, strings.HasSuffix(rel, "_test.go"), file, fset, bytes.Count(text, []byte("\n"))})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 20 {
		t.Fatalf("only %d files found", len(all))
	}
	return all
}

// imports gives what a file imports, our own packages by their directory.
func (s source) imports() []string {
	var list []string
	for _, spec := range s.file.Imports {
		path, _ := strconv.Unquote(spec.Path.Value)
		list = append(list, path)
	}
	return list
}

func standard(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return !strings.Contains(first, ".")
}

// matches tells whether an import is covered by an entry of the table.
func matches(entry, path string) bool {
	if entry == anything {
		return true
	}
	if below, ok := strings.CutSuffix(entry, "/..."); ok {
		return path == below || strings.HasPrefix(path, below+"/")
	}
	return entry == path
}

func TestImports(t *testing.T) {
	for _, s := range sources(t) {
		arrows, listed := allowed[s.pkg]
		if !listed {
			t.Errorf("%s: package %q is not in the table of internal/archtest", s.name, s.pkg)
			continue
		}
		if s.test {
			continue
		}
		for _, path := range s.imports() {
			own, ours := strings.CutPrefix(path, module)
			switch {
			case ours:
				path = strings.TrimPrefix(own, "/")
			case standard(path):
				continue
			}
			if !slices.ContainsFunc(arrows, func(entry string) bool { return matches(entry, path) }) {
				t.Errorf("%s: package %q may not import %q", s.name, s.pkg, path)
			}
			if ours && slices.Contains(kits, path) && !slices.Contains(kits, s.pkg) {
				t.Errorf("%s: %q is for tests and tools only", s.name, path)
			}
		}
	}
}

// CRY-01, WEB-01
func TestForbiddenImports(t *testing.T) {
	for _, s := range sources(t) {
		for _, path := range s.imports() {
			ban, ok := forbidden[path]
			if ok && (ban.tests || !s.test && !slices.Contains(kits, s.pkg)) {
				t.Errorf("%s: %s must not be imported: %s", s.name, path, ban.why)
			}
		}
	}
}

// TestTableIsSound keeps the table itself from rotting: features stay apart,
// and Caddy stays at the top.
func TestTableIsSound(t *testing.T) {
	features := []string{"session", "login", "authorize", "guard", "account"}
	for _, from := range features {
		for _, entry := range allowed[from] {
			if slices.ContainsFunc(features, func(to string) bool { return to != from && matches(entry, to) }) || matches(entry, strings.TrimSuffix(caddy, "/...")) {
				t.Errorf("%q must not be allowed to import %q", from, entry)
			}
		}
	}
	for from, entries := range allowed {
		knows := slices.ContainsFunc(entries, func(e string) bool { return matches(e, strings.TrimSuffix(caddy, "/...")) })
		if knows && !slices.Contains(tops, from) {
			t.Errorf("%q must not know Caddy", from)
		}
	}
}

// TestTableIsCurrent: whatever stands in the table is there and is used, so
// that the table can be read as a map.
func TestTableIsCurrent(t *testing.T) {
	used := map[string][]string{}
	for _, s := range sources(t) {
		used[s.pkg] = append(used[s.pkg], s.imports()...)
	}
	for pkg, entries := range allowed {
		if _, ok := used[pkg]; !ok {
			t.Errorf("package %q stands in the table and is not there", pkg)
			continue
		}
		for _, entry := range entries {
			if !slices.ContainsFunc(used[pkg], func(path string) bool {
				own, ours := strings.CutPrefix(path, module)
				if ours {
					path = strings.TrimPrefix(own, "/")
				}
				return matches(entry, path)
			}) {
				t.Errorf("package %q may import %q and does not", pkg, entry)
			}
		}
	}
}
