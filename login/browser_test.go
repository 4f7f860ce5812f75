package login_test

import (
	"html"
	"io"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/identity"
)

// browser keeps cookies and sends the headers that browsers send. It follows
// no redirect by itself.
type browser struct {
	t      testing.TB
	client *http.Client
	world  *world
}

// handled serves the portal's host in this process, over the mux, and leaves
// every other host to the network.
type handled struct {
	world   *world
	outside http.RoundTripper
}

func (h handled) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Host != strings.TrimPrefix(h.world.site.Origin(), "https://") {
		return h.outside.RoundTrip(r)
	}
	in := r.Clone(r.Context())
	in.RequestURI, in.RemoteAddr, in.Host = r.URL.RequestURI(), "203.0.113.9:4000", r.URL.Host
	if in.Body == nil {
		in.Body = http.NoBody
	}
	rec := httptest.NewRecorder()
	h.world.mux.ServeHTTP(rec, in)
	res := rec.Result()
	res.Request = r
	return res, nil
}

func (w *world) browser() *browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		w.t.Fatal(err)
	}
	stop := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &browser{t: w.t, world: w, client: &http.Client{Jar: jar, Transport: handled{world: w}, CheckRedirect: stop}}
}

// answer is what a person sees.
type answer struct {
	*http.Response
	body string
}

func (b *browser) do(r *http.Request) answer {
	b.t.Helper()
	res, err := b.client.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return answer{res, string(body)}
}

// get opens an address; a path is one of the portal.
func (b *browser) get(address string) answer {
	b.t.Helper()
	if strings.HasPrefix(address, "/") {
		address = b.world.site.Origin() + address
	}
	r, err := http.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	return b.do(r)
}

// post sends a form as the portal's own pages do; change may spoil it.
func (b *browser) post(path string, form url.Values, change ...func(*http.Request)) answer {
	b.t.Helper()
	r, err := http.NewRequest(http.MethodPost, b.world.site.Origin()+path, strings.NewReader(form.Encode()))
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", b.world.site.Origin())
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	for _, f := range change {
		f(r)
	}
	return b.do(r)
}

var inputTag = regexp.MustCompile(`<input[^>]*\sname="([^"]*)"[^>]*>`)

var valueAttr = regexp.MustCompile(`\svalue="([^"]*)"`)

// form gives the fields of the first form on the page with what is in them.
func (a answer) form() url.Values {
	out := url.Values{}
	_, text, _ := strings.Cut(a.body, "<form")
	text, _, _ = strings.Cut(text, "</form>")
	for _, m := range inputTag.FindAllStringSubmatch(text, -1) {
		value := ""
		if v := valueAttr.FindStringSubmatch(m[0]); v != nil {
			value = html.UnescapeString(v[1])
		}
		if strings.Contains(m[0], `type="checkbox"`) && !strings.Contains(m[0], " checked") {
			continue
		}
		out.Set(m[1], value)
	}
	return out
}

// fill completes the page's form.
func (a answer) fill(pairs ...string) url.Values {
	out := maps.Clone(a.form())
	for i := 0; i < len(pairs); i += 2 {
		out.Set(pairs[i], pairs[i+1])
	}
	return out
}

// to is where the answer leads; "" if it is a page.
func (a answer) to() string {
	if a.StatusCode != http.StatusSeeOther {
		return ""
	}
	return a.Header.Get("Location")
}

// link gives the address of the first link or button on the page that holds
// part.
func (a answer) link(part string) string {
	for _, m := range regexp.MustCompile(`(?:href|formaction)="([^"]*)"`).FindAllStringSubmatch(a.body, -1) {
		if strings.Contains(m[1], part) {
			return html.UnescapeString(m[1])
		}
	}
	return ""
}

// login opens the page and signs in.
func (b *browser) login(path, username, password string) answer {
	b.t.Helper()
	return b.post("/login", b.get(path).fill("username", username, "password", password))
}

// who is signed in; "" for nobody.
func (b *browser) who() string {
	b.t.Helper()
	if s := b.session(); s != nil {
		return s.User.Username
	}
	return ""
}

func (b *browser) session() *identity.Session {
	b.t.Helper()
	r := httptest.NewRequest(http.MethodGet, b.world.site.Origin()+"/", nil)
	for _, c := range b.client.Jar.Cookies(r.URL) {
		r.AddCookie(c)
	}
	live, err := b.world.sessions.Current(r)
	if err != nil {
		b.t.Fatal(err)
	}
	if live == nil {
		return nil
	}
	return &live.Session
}
