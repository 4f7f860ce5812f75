package page_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/page"
)

// dir makes a directory of overrides.
func dir(t *testing.T, files map[string]string) string {
	t.Helper()
	d := t.TempDir()
	for name, body := range files {
		file := filepath.Join(d, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(body), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return d
}

func TestOverrides(t *testing.T) { // WEB-15
	p := open(t, page.Options{Dir: dir(t, map[string]string{
		"loggedout.html":    `{{define "content"}}<h1>{{.T "loggedout.title"}}</h1><p>House rules: {{.F.ClientName}}</p><img src="{{.Asset "photo.png"}}" alt=""><a href="{{.V.ContinueURL}}">x</a>{{end}}`,
		"static/photo.png":  "not really",
		"static/mark.svg":   `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>`,
		"active.en.json":    `{"loggedout.title": "Goodbye"}`,
		"active.ar.json":    `{"loggedout.title": "إلى اللقاء"}`,
		".DS_Store":         "x",
		".git/config":       "x",
		"static/.gitignore": "x",
		"active.pt-BR.json": `{"login.title": "Entrar"}`,
	}), Product: "Acme"})
	w := get(t, p, page.LoggedOut{Frame: page.Frame{ClientName: "<b>"}})
	for _, want := range []string{"<h1>Goodbye</h1>", "House rules: &lt;b&gt;", `src="/static/photo-`, "· Acme</title>"} {
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("no %q in\n%s", want, w.Body)
		}
	}
	if csp := w.Header().Get("Content-Security-Policy"); csp != get(t, open(t, page.Options{}), page.LoggedOut{}).Header().Get("Content-Security-Policy") {
		t.Errorf("an override changed the policy: %s", csp)
	}
	w = get(t, p, page.LoggedOut{}, "Accept-Language", "ar-EG")
	if body := w.Body.String(); !strings.Contains(body, `lang="ar" dir="rtl"`) || !strings.Contains(body, "إلى اللقاء") {
		t.Errorf("Arabic: %s", body)
	}
	// What a new language lacks is said in the default one.
	w = get(t, p, page.Login{Local: true, Failed: true}, "Accept-Language", "pt-BR")
	if body := w.Body.String(); !strings.Contains(body, "<h1>Entrar</h1>") || !strings.Contains(body, "is not right") {
		t.Errorf("Portuguese: %s", body)
	}
}

func TestBrokenOverridesAreErrors(t *testing.T) { // WEB-15
	content := func(s string) string { return `{{define "content"}}` + s + `{{end}}` }
	for name, c := range map[string]struct{ file, body, want string }{
		"syntax":            {"login.html", content("{{if}}"), "login.html"},
		"unknown field":     {"home.html", content("{{.V.Nope}}"), "Nope"},
		"unknown sentence":  {"home.html", content(`{{.T "no.such"}}`), "no.such"},
		"unknown asset":     {"home.html", content(`{{.Asset "x.png"}}`), "x.png"},
		"no content":        {"login.html", "<p>hello</p>", "content"},
		"no token":          {"login.html", content(`<form><input name="username"><input name="password"><input name="return_url"></form>`), "csrf_token"},
		"no password":       {"setup.html", content(`<input name="csrf_token" value="{{.V.Token}}">`), "setup_token"},
		"misspelt name":     {"logni.html", content("x"), "logni.html"},
		"subdirectory":      {"more/login.html", content("x"), "more/login.html"},
		"script":            {"login.html", content("<SCRIPT>x</SCRIPT>"), "line 1"},
		"inline style":      {"login.html", content("\n<p style=color:red>"), "line 2"},
		"style element":     {"login.html", content("<style>p{}</style>"), "inline style"},
		"event handler":     {"login.html", content(`<a href="#" onclick="x()">`), "event"},
		"script address":    {"login.html", content(`<a href="javascript:x()">`), "script"},
		"policy in meta":    {"layout.html", `<meta http-equiv="Content-Security-Policy" content="default-src *">`, "headers"},
		"referrer in meta":  {"layout.html", `<meta name="referrer" content="unsafe-url">`, "headers"},
		"referrer of link":  {"home.html", content(`<a href="/" referrerpolicy="unsafe-url">`), "headers"},
		"base element":      {"layout.html", `<base href="https://evil.example/">`, "element"},
		"frame":             {"home.html", content(`<iframe src="https://evil.example/">`), "element"},
		"catalogue syntax":  {"active.fr.json", `{`, "active.fr.json"},
		"catalogue key":     {"active.fr.json", `{"login.titel": "x"}`, "login.titel"},
		"catalogue field":   {"active.fr.json", `{"login.title": "{{.Nope}}"}`, "login.title"},
		"catalogue command": {"active.fr.json", `{"login.title": "{{"}`, "login.title"},
		"catalogue tag":     {"active.!!.json", `{}`, "active.!!.json"},
		"no language":       {"active.zzzzzzzzzz.json", `{}`, "zzzzzzzzzz"},
		"kind of file":      {"static/app.js", "x", "app.js"},
		"too large":         {"static/a.png", strings.Repeat("x", 1<<20+1), "1 MiB"},
	} {
		_, err := page.New(page.Options{Dir: dir(t, map[string]string{c.file: c.body})})
		if !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want it to mention %q", name, err, c.want)
		}
	}
	if _, err := page.New(page.Options{Dir: "/no/such/directory"}); !fault.Is(err, fault.Invalid) {
		t.Errorf("no directory: %v", err)
	}
}

// A link that leads out of the directory is not followed.
func TestOverridesStayInTheirDirectory(t *testing.T) {
	outside := dir(t, map[string]string{"secret.png": "secret"})
	d := dir(t, map[string]string{"static/a.png": "x"})
	if err := os.Symlink(filepath.Join(outside, "secret.png"), filepath.Join(d, "static", "b.png")); err != nil {
		t.Fatal(err)
	}
	if _, err := page.New(page.Options{Dir: d}); err == nil {
		t.Error("a link out of the directory was followed")
	}
}
