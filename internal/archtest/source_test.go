package archtest_test

import (
	"go/ast"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// trusted are html/template's types for text that is not escaped.
var trusted = []string{"HTML", "HTMLAttr", "JS", "JSStr", "CSS", "URL", "Srcset"}

// selector gives "pkg.Name" for a selector of an imported package, else "".
func selector(n ast.Node) string {
	s, ok := n.(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	x, ok := s.X.(*ast.Ident)
	if !ok {
		return ""
	}
	return x.Name + "." + s.Sel.Name
}

// WEB-01, and the clock comes in from outside: logic that reads the time
// itself can't be tested with another.
func TestCalls(t *testing.T) {
	for _, s := range sources(t) {
		clock := s.test || slices.Contains(clocks, s.pkg)
		helper := "" // the function around the node
		for _, decl := range s.file.Decls {
			if f, ok := decl.(*ast.FuncDecl); ok {
				helper = f.Name.Name
				if f.Recv == nil && f.Name.Name == "init" && !slices.Contains(registers, s.pkg) && !s.test {
					t.Errorf("%s: only what registers itself with Caddy has an init", s.name)
				}
			} else {
				helper = ""
			}
			ast.Inspect(decl, func(n ast.Node) bool {
				at := func() string { return s.fset.Position(n.Pos()).String() }
				if call, ok := n.(*ast.CallExpr); ok {
					switch name := selector(call.Fun); name {
					case "time.Now", "time.Since", "time.Until":
						if !clock && helper != "now" && helper != "clock" {
							t.Errorf("%s: %s is called; take the time from the Now field", at(), name)
						}
					}
				}
				if name, ok := strings.CutPrefix(selector(n), "template."); ok && slices.Contains(trusted, name) && !s.test {
					t.Errorf("%s: template.%s switches escaping off", at(), name)
				}
				return true
			})
		}
	}
}

func TestSizes(t *testing.T) {
	for _, s := range sources(t) {
		limit := 350
		if s.test {
			limit = 500
		}
		if s.size > limit {
			t.Errorf("%s has %d lines, the limit is %d", s.name, s.size, limit)
		}
	}
}

func TestPackagesHaveADocComment(t *testing.T) {
	documented := map[string]bool{}
	for _, s := range sources(t) {
		if !s.test {
			documented[s.pkg] = documented[s.pkg] || s.file.Doc != nil
		}
	}
	for pkg, ok := range documented {
		if !ok {
			t.Errorf("package %q has no doc comment that says what it owns", pkg)
		}
	}
}

var leftover = regexp.MustCompile(`\b(TO` + `DO|FIX` + `ME|XXX)\b`)

func TestNothingIsLeftForLater(t *testing.T) {
	for _, s := range sources(t) {
		for _, group := range s.file.Comments {
			if m := leftover.FindString(group.Text()); m != "" {
				t.Errorf("%s: a comment says %s", s.fset.Position(group.Pos()), m)
			}
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || !s.test {
				return true
			}
			switch selector(call.Fun) {
			case "t.Skip", "t.Skipf", "t.SkipNow":
				t.Errorf("%s: a skipped test tests nothing", s.fset.Position(n.Pos()))
			}
			return true
		})
	}
}
