package page_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/page"
)

var addresses = regexp.MustCompile(`(?:href|src|srcset)="(/static/[^"]+)"`)

func fetch(p *page.Pages, method, path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	p.Static().ServeHTTP(w, httptest.NewRequest(method, path, nil))
	return w
}

// A page is all of its files: nobody waits for a login page.
func TestWeight(t *testing.T) {
	p := open(t, page.Options{})
	if css, err := os.Stat("static/gatehouse.css"); err != nil || css.Size() > 12_000 {
		t.Errorf("style sheet: %v bytes, %v", css.Size(), err)
	}
	for _, v := range views(same) {
		body := get(t, p, v.view).Body.String()
		sum, files := len(body), map[string]bool{}
		for _, m := range addresses.FindAllStringSubmatch(body, -1) {
			files[m[1]] = true
		}
		for path := range files {
			w := fetch(p, http.MethodGet, path)
			if w.Code != http.StatusOK {
				t.Errorf("%s: %s: %d", v.name, path, w.Code)
			}
			sum += w.Body.Len()
		}
		if len(files) < 4 || sum > 20_000 {
			t.Errorf("%s: %d files, %d bytes", v.name, len(files), sum)
		}
	}
}

func TestStatic(t *testing.T) {
	p := open(t, page.Options{Base: "/.gatehouse"})
	body := get(t, p, page.Login{Local: true}).Body.String()
	css := regexp.MustCompile(`href="([^"]+\.css)"`).FindStringSubmatch(body)[1]
	w := fetch(p, http.MethodGet, css)
	for name, want := range map[string]string{
		"Content-Type": "text/css; charset=utf-8", "Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff",
	} {
		if got := w.Header().Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if head := fetch(p, http.MethodHead, css); head.Code != 200 || head.Body.Len() != 0 || head.Header().Get("Content-Length") != w.Header().Get("Content-Length") {
		t.Errorf("HEAD: %d, %d bytes", head.Code, head.Body.Len())
	}
	for _, path := range []string{ // WEB-08
		"/.gatehouse/static/", "/.gatehouse/static/gatehouse.css", strings.TrimPrefix(css, "/.gatehouse"), css + "/x", css + "%00",
		strings.Replace(css, "-", "-0", 1), "/.gatehouse/static/../page.go", "/.gatehouse/login/x.css", "/.gatehouse/static//" + css,
	} {
		w := fetch(p, http.MethodGet, path)
		if w.Code != http.StatusNotFound || w.Header().Get("Cache-Control") != "no-store" || w.Header().Get("Content-Type") != "text/plain; charset=utf-8" {
			t.Errorf("%s: %d %v", path, w.Code, w.Header())
		}
	}
	for _, method := range []string{"POST", "PUT", "DELETE", "OPTIONS", "TRACE", "get", "PROPFIND"} { // WEB-12
		if w := fetch(p, method, css); w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "GET, HEAD" {
			t.Errorf("%s: %d", method, w.Code)
		}
	}
}

// Nothing in the embedded files is blocked by the policy they are sent with.
func TestNothingInline(t *testing.T) { // WEB-04
	p := open(t, page.Options{})
	inline := regexp.MustCompile(`(?i)<script|<style|\sstyle=|\son[a-z]+=|javascript:|data:`)
	for _, v := range views(same) {
		if m := inline.FindString(get(t, p, v.view).Body.String()); m != "" {
			t.Errorf("%s: %q", v.name, m)
		}
	}
	files, err := os.ReadDir("static")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		body, err := os.ReadFile("static/" + f.Name())
		if err != nil {
			t.Fatal(err)
		}
		if m := regexp.MustCompile(`(?i)<script|<style|url\(|@import|https?://[^w]`).Find(body); m != nil {
			t.Errorf("%s: %q", f.Name(), m)
		}
	}
}

// TestAt: pages below another base are the same pages with other addresses, and
// cost next to nothing.
func TestAt(t *testing.T) {
	site, err := page.New(page.Options{Base: "/.gatehouse", Product: "ACME"})
	if err != nil {
		t.Fatal(err)
	}
	portal, err := site.At("")
	if err != nil {
		t.Fatal(err)
	}
	want, err := page.New(page.Options{Product: "ACME"})
	if err != nil {
		t.Fatal(err)
	}
	body := func(p *page.Pages) string {
		w := httptest.NewRecorder()
		if err := p.Write(w, httptest.NewRequest("GET", "/", nil), 404, page.ProblemFor(404)); err != nil {
			t.Fatal(err)
		}
		return w.Body.String()
	}
	if got := body(portal); got != body(want) || got == body(site) {
		t.Errorf("the pages are\n%s", got)
	}
	style := regexp.MustCompile(`/static/gatehouse-[0-9a-f]+\.css`).FindString(body(portal))
	for path, p := range map[string]*page.Pages{style: portal, "/.gatehouse" + style: site} {
		w := httptest.NewRecorder()
		p.Static().ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		if w.Code != 200 || w.Body.Len() == 0 {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	if _, err := site.At("x"); !fault.Is(err, fault.Invalid) {
		t.Errorf("a base that is none: %v", err)
	}
	if n := testing.AllocsPerRun(10, func() { _, err = site.At("") }); n > 40 || err != nil {
		t.Errorf("%v allocations, %v", n, err)
	}
}
