package page_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/page"
)

// sentences reads a catalogue as it lies in the repository.
func sentences(t *testing.T, lang string) map[string]any {
	t.Helper()
	body, err := os.ReadFile(filepath.Join("catalog", "active."+lang+".json"))
	if err != nil {
		t.Fatal(err)
	}
	m := map[string]any{}
	if err := json.Unmarshal(body, &m); err != nil {
		t.Fatal(err)
	}
	return m
}

var placeholders = regexp.MustCompile(`\{\{\.[A-Za-z]+\}\}`)

func TestCataloguesHaveTheSameKeys(t *testing.T) {
	en, de := sentences(t, "en"), sentences(t, "de")
	for key, text := range en {
		other, ok := de[key]
		if !ok {
			t.Errorf("German lacks %s", key)
			continue
		}
		if _, ok := text.(string); !ok {
			continue
		}
		used := func(s any) map[string]bool {
			m := map[string]bool{}
			for _, p := range placeholders.FindAllString(s.(string), -1) {
				m[p] = true
			}
			return m
		}
		for p := range used(text) {
			if !used(other)[p] {
				t.Errorf("%s: German does not mention %s", key, p)
			}
		}
	}
	for key := range de {
		if _, ok := en[key]; !ok {
			t.Errorf("English lacks %s", key)
		}
	}
}

// keysInUse collects keys from the templates and every string in the code that
// looks like one.
func keysInUse(t *testing.T) map[string]bool {
	t.Helper()
	used := map[string]bool{}
	files, err := filepath.Glob("templates/*.html")
	if err != nil || len(files) == 0 {
		t.Fatal("no templates", err)
	}
	inTemplate := regexp.MustCompile(`\.(?:T|Name|Count) "([^"]+)"`)
	for _, file := range files {
		body, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range inTemplate.FindAllStringSubmatch(string(body), -1) {
			used[m[1]] = true
		}
	}
	sources, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	key := regexp.MustCompile(`^(?:way|login|choose|setup|logout|loggedout|home|ago|in|consent|scope|grants|device|problem)\.[a-z_.]+[a-z]$`)
	for _, file := range sources {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok {
				if fn, ok := call.Fun.(*ast.Ident); ok && fn.Name == "problem" && len(call.Args) > 1 {
					if lit, ok := call.Args[1].(*ast.BasicLit); ok {
						name, _ := strconv.Unquote(lit.Value)
						used["problem."+name+".title"], used["problem."+name+".detail"] = true, true
					}
				}
			}
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				if s, _ := strconv.Unquote(lit.Value); key.MatchString(s) {
					used[s] = true
				}
			}
			return true
		})
	}
	// AccessDenied and Withheld choose between two names.
	for _, name := range []string{"withheld", "withheld_device"} {
		used["problem."+name+".title"], used["problem."+name+".detail"] = true, true
	}
	used["problem.denied_host.title"], used["problem.denied_host.detail"] = true, true
	return used
}

func TestEveryKeyExistsAndIsUsed(t *testing.T) {
	en, used := sentences(t, "en"), keysInUse(t)
	for key := range used {
		if _, ok := en[key]; !ok {
			t.Errorf("there is no sentence %s", key)
		}
	}
	for key := range en {
		if !used[key] {
			t.Errorf("nobody says %s", key)
		}
	}
}

func TestLanguageIsChosen(t *testing.T) {
	p := open(t, page.Options{})
	for _, c := range []struct{ locales, accept, want string }{
		{"", "", "en"},
		{"", "de", "de"},
		{"", "de-AT,de;q=0.9,en;q=0.8", "de"},
		{"", "fr-FR,fr;q=0.9,en;q=0.8,de;q=0.5", "en"},
		{"", "fr,de;q=0.5", "de"},
		{"", "ja", "en"},
		{"de", "en", "de"}, // ui_locales win
		{"fr-CA de en", "en", "de"},
		{"ja", "de", "de"}, // none of ours: ask the browser
		{"not!a!tag de", "en", "de"},
		{strings.Repeat("de ", 200), "en", "en"},
		{"", strings.Repeat("de-", 1000), "en"},
		{"\x00\xff", "\x00\xff", "en"},
		{"*", "*", "en"},
		{"und", "de", "de"},
	} {
		w := get(t, p, page.Login{Local: true, Frame: page.Frame{UILocales: c.locales}}, "Accept-Language", c.accept)
		if got := w.Header().Get("Content-Language"); got != c.want {
			t.Errorf("ui_locales %.20q, Accept-Language %.20q: %s, want %s", c.locales, c.accept, got, c.want)
		}
		if !strings.Contains(w.Body.String(), `<html lang="`+c.want+`" dir="ltr">`) {
			t.Errorf("%q: the page says another language", c)
		}
	}
	german := open(t, page.Options{DefaultLanguage: "de"})
	if got := get(t, german, page.LoggedOut{}, "Accept-Language", "ja").Header().Get("Content-Language"); got != "de" {
		t.Errorf("default: %s", got)
	}
	if _, err := page.New(page.Options{DefaultLanguage: "tlh"}); err == nil || !strings.Contains(err.Error(), `"tlh"`) {
		t.Errorf("default without a catalogue: %v", err)
	}
}

// No page shows a key instead of a sentence, or data that are not there.
func TestNoPageShowsAKey(t *testing.T) {
	p := open(t, page.Options{})
	key := regexp.MustCompile(`>[^<]*\b[a-z_]+\.[a-z_]+\.(title|detail)|no value|%!|\{\{`)
	for _, lang := range []string{"en", "de"} {
		for _, v := range views(same) {
			if m := key.FindString(get(t, p, v.view, "Accept-Language", lang).Body.String()); m != "" {
				t.Errorf("%s (%s): %q", v.name, lang, m)
			}
		}
	}
}

// Discovery names the languages that pages can be in, the default first.
func TestLanguages(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "active.fr.json"), []byte(`{"login.submit":"Se connecter"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for want, opts := range map[string]page.Options{"en de": {}, "de en": {DefaultLanguage: "de"}, "en de fr": {Dir: dir}} {
		if got := strings.Join(open(t, opts).Languages(), " "); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
