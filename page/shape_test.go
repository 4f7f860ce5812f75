package page_test

import (
	"fmt"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/gatehouse-auth/gatehouse/page"
)

// hostile are texts as they come from a request, a client's registration or a
// provider: markup, attributes, addresses, templates, placeholders, bidi.
var hostile = []string{ // WEB-01, WEB-02, WEB-03
	`<script>alert(1)</script>`,
	`"><img src=x onerror=alert(1)>`,
	`'><svg/onload=alert(1)>`,
	`x" autofocus onfocus="alert(1)`,
	`</title></style></textarea><script>`,
	`javascript:alert(1)`,
	"java\r\nscript:alert(1)",
	"\x19Jav\tasc\tript:alert(1)",
	`data:text/html,<script>alert(1)</script>`,
	`vbscript:x`,
	`//javascript:alert(1)`,
	`{{.V.Token}}{{template "layout" .}}`,
	`{{define "layout"}}x{{end}}`,
	`{env.SECRET} {file./etc/passwd} {http.request.header.Cookie} {$HOME}`,
	`<!--`, `]]>`, `&lt;b&gt;&quot;&#0;`,
	"\u202eevil\u2066", "a\x00b", "\xff\xfe", "+ADw-script+AD4-",
	strings.Repeat("<b>", 40),
}

// shape is the tree of a page without its texts and attribute values.
func shape(t *testing.T, body string) string {
	t.Helper()
	root, err := html.Parse(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	var walk func(*html.Node, int)
	walk = func(n *html.Node, depth int) {
		if n.Type == html.ElementNode || n.Type == html.CommentNode || n.Type == html.DoctypeNode {
			fmt.Fprintf(&b, "%*s%d %s", depth, "", n.Type, n.Data)
			for _, a := range n.Attr {
				b.WriteString(" " + a.Key)
				// Where a browser goes or loads from may differ, but not in kind.
				if scheme, _, ok := strings.Cut(a.Val, ":"); ok && (a.Key == "href" || a.Key == "src" || a.Key == "action" || a.Key == "formaction" || a.Key == "srcset") {
					if s := strings.ToLower(scheme); s != "https" && s != "http" && !strings.ContainsAny(s, "/?#") {
						t.Errorf("%s=%q", a.Key, a.Val)
					}
				}
			}
			b.WriteByte('\n')
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c, depth+1)
		}
	}
	walk(root, 0)
	return b.String()
}

func TestHostileTextDoesNotChangeThePage(t *testing.T) { // WEB-01, WEB-02, WEB-03; OAU-41: the page of consent is one of them
	p := open(t, page.Options{})
	harmless := map[string]string{}
	// The letter on a badge and its colour depend on the name: one that has a
	// letter, and a host beside the application's title.
	for _, v := range views(func(string) string { return "https://harmless.example/" }) {
		harmless[v.name] = shape(t, get(t, p, v.view).Body.String())
	}
	for _, text := range hostile {
		for _, v := range views(func(string) string { return "https://h.example/" + text }) {
			w := get(t, p, v.view)
			if got := shape(t, w.Body.String()); got != harmless[v.name] {
				t.Errorf("%s with %q has another shape", v.name, text)
			}
		}
	}
}

func TestHostileAddresses(t *testing.T) { // WEB-01
	p := open(t, page.Options{})
	harmless := map[string]string{}
	for _, v := range views(func(string) string { return "/harmless" }) {
		harmless[v.name] = shape(t, get(t, p, v.view).Body.String())
	}
	for _, text := range hostile {
		for _, v := range views(func(string) string { return text }) {
			if got := shape(t, get(t, p, v.view).Body.String()); got != harmless[v.name] {
				t.Errorf("%s with %q has another shape", v.name, text)
			}
		}
	}
}

func TestTextsAreShownLiterally(t *testing.T) { // WEB-03
	p := open(t, page.Options{})
	const text = "{{.V.Token}} {env.SECRET} {http.request.uri} {{printf `x`}}"
	for name, v := range map[string]page.View{
		"provider notice": page.Login{Token: "canary", Notice: page.About(page.MsgProviderRefused, text)},
		"client":          page.Login{Token: "canary", Frame: page.Frame{ClientName: text}},
		"problem":         page.BadParameter(text),
		"plain":           page.Problem{Detail: page.Plain(text)},
	} {
		body := html.UnescapeString(get(t, p, v).Body.String())
		if !strings.Contains(body, text) {
			t.Errorf("%s: the text is not there as it was given", name)
		}
	}
}

func FuzzShape(f *testing.F) { // WEB-01
	for _, text := range hostile {
		f.Add(text)
	}
	f.Add("") // an empty address
	p := open(f, page.Options{})
	f.Fuzz(func(t *testing.T, text string) {
		for _, v := range []func(string) page.View{
			func(s string) page.View {
				return page.Login{Local: true, Username: "x" + s, Token: s, ReturnURL: s, Frame: page.Frame{ClientName: "x" + s}, Notice: page.About(page.MsgProviderRefused, s), Providers: []page.Provider{{Name: s, Title: s, URL: s}}}
			},
			func(s string) page.View {
				return page.Problem{Title: page.Plain("x" + s), Detail: page.Plain("x" + s), RequestID: "x" + s, ContinueURL: "/" + s}
			},
		} {
			want := shape(t, get(t, p, v("/harmless")).Body.String())
			if got := shape(t, get(t, p, v(text)).Body.String()); got != want {
				t.Errorf("%q:\n%s\nwant\n%s", text, got, want)
			}
		}
	})
}
