package page_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/page"
)

// elsewhere are parts of the repository whose sentences reach no page: commands
// and what only they use, test kits, and the pages themselves.
var elsewhere = regexp.MustCompile(`^(?:cmd|e2e|page|examples|scripts|caddymodule/command|internal/(?:archtest|bench|e2e|fakeidp|requirements|rig)|store/storetest|store/sqlite|keys|authorize/registry|node_modules)(?:/|$)`)

// unseen are sentences that no page shows, and why.
var unseen = map[string]string{
	"There is no account here for this login. Please ask your administrator.": "login says MsgAccountDenied",
	"This account is disabled.": "login says MsgAccountDenied or MsgWrongPassword",
	"Your account at the provider is in more groups than can be kept here.":          "login says MsgAccountDenied",
	"The login names no provider.":                                                   "login says MsgProviderInvalid",
	"The provider did not say who you are.":                                          "login says MsgProviderInvalid",
	"The provider's answer could not be used.":                                       "login says MsgProviderInvalid",
	"The login was refused or given up at the provider.":                             "login says MsgProviderRefused",
	"The provider can't be reached at the moment.":                                   "login says MsgProviderUnavailable",
	"Too many attempts. Please wait before you try again.":                           "login says login.throttled",
	"Too many people are signing in right now. Please try again in a moment.":        "login says MsgLoginBusy",
	"This setup link is unknown or has expired. Ask for a new one.":                  "login shows SetupExpired",
	"Setup is finished: there was an account already.":                               "login shows SetupClosed",
	"The application did not say who it is.":                                         "shown as BadParameter",
	"The application that sent you here is not known.":                               "shown as UnknownClient",
	"The application asked to send you to an address that is not registered for it.": "shown as BadRedirectURI",
	"The login is not running.":                                                      "503 shows no sentence",
	"An account has at most 64 kB of groups.":                                        "no page sets groups",
	"A token can be used once to %d times.":                                          "the command's",
	"A token is good for a minute to 366 days.":                                      "the command's",
	"The name of a token has at most 100 characters.":                                "the command's",
	"There are too many tokens: delete some.":                                        "the command's",
	"There is no such token: `client token list` shows the ids.":                     "the command's",
	"The application sent a request that can't be answered.":                         "page.Withheld says it",
	"There is no such account.":                                                      "the command's",
	"The user %q is declared twice.":                                                 "the configuration's",
}

// looksLike is a sentence for people.
var looksLike = regexp.MustCompile(`^[A-Z].* .*[.!?]$`)

// TestEverySentenceIsSaid walks the code: what looks like a sentence for people
// has to be in the catalogues, or stand above with a reason. A person reads
// German next to German.
func TestEverySentenceIsSaid(t *testing.T) {
	found := map[string]bool{}
	walkCode(t, func(where, text string) {
		if !looksLike.MatchString(text) {
			return
		}
		found[text] = true
		example := strings.ReplaceAll(text, "%d", "8")
		if page.Said(example).Key == "" && unseen[text] == "" {
			t.Errorf("%s: %q is in no catalogue: add it to said in page/said.go", where, text)
		}
	})
	if len(found) < 20 {
		t.Fatalf("found only %d sentences", len(found))
	}
	for text, why := range unseen {
		if !found[text] {
			t.Errorf("nobody says %q any more (%s)", text, why)
		}
	}
	for _, text := range page.SaidSentences() {
		if !found[text] {
			t.Errorf("nobody says %q any more", text)
		}
	}
}

// TestPublicSentencesAreSentences: what an error shows to people begins with a
// capital letter and ends with a full stop, or the walk above would miss it.
func TestPublicSentencesAreSentences(t *testing.T) {
	calls := 0
	walkFiles(t, func(fset *token.FileSet, file *ast.File) {
		ast.Inspect(file, func(n ast.Node) bool {
			lit := sentenceOf(n)
			if lit == nil {
				return true
			}
			calls++
			if text, _ := strconv.Unquote(lit.Value); text != "" && !looksLike.MatchString(text) {
				t.Errorf("%s: %q is no sentence", fset.Position(lit.Pos()), text)
			}
			return true
		})
	})
	if calls < 20 {
		t.Fatalf("found only %d calls", calls)
	}
}

// sentenceOf gives the sentence of a call of fault.New that has one as it
// stands, else nil.
func sentenceOf(n ast.Node) *ast.BasicLit {
	call, ok := n.(*ast.CallExpr)
	if !ok || len(call.Args) != 3 {
		return nil
	}
	fn, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || fn.Sel.Name != "New" {
		return nil
	}
	if pkg, ok := fn.X.(*ast.Ident); !ok || pkg.Name != "fault" {
		return nil
	}
	lit, _ := call.Args[2].(*ast.BasicLit)
	return lit
}

// walkCode gives every string in the code.
func walkCode(t *testing.T, see func(where, text string)) {
	walkFiles(t, func(fset *token.FileSet, file *ast.File) {
		ast.Inspect(file, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				if text, err := strconv.Unquote(lit.Value); err == nil {
					see(fmt.Sprint(fset.Position(lit.Pos())), text)
				}
			}
			return true
		})
	})
}

func walkFiles(t *testing.T, see func(*token.FileSet, *ast.File)) {
	t.Helper()
	fset := token.NewFileSet()
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := filepath.ToSlash(strings.TrimPrefix(path, "../"))
		if d.IsDir() {
			if path != ".." && (elsewhere.MatchString(name) || strings.HasPrefix(d.Name(), ".")) {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(fset, path, nil, parser.SkipObjectResolution)
		if err == nil {
			see(fset, file)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// What is said of an error is said in the visitor's language.
func TestSaid(t *testing.T) {
	p := open(t, page.Options{})
	for sentence, want := range map[string]string{
		"This password is too easy to guess.":                   "zu leicht zu erraten",
		"The password is too short: it needs 12 characters.":    "12 Zeichen",
		"This form was sent from another site.":                 "anderen Website",
		"A sentence that nobody has heard of yet, as it stands": "A sentence that nobody has heard of yet, as it stands",
	} {
		for _, v := range []page.View{page.Problem{Detail: page.Said(sentence)}, page.Setup{Error: page.Said(sentence)}} {
			if body := get(t, p, v, "Accept-Language", "de").Body.String(); !strings.Contains(body, want) {
				t.Errorf("%q: %T does not say %q", sentence, v, want)
			}
		}
	}
	// What concerns a field stands beside it.
	if v := (page.Setup{Error: page.Said("This password is too easy to guess.")}); v.Of("password").None() || !v.General().None() {
		t.Errorf("%+v", v)
	}
}
