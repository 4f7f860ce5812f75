package login_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/login"
)

func set(name, value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set(name, value) }
}

func unset(names ...string) func(*http.Request) {
	return func(r *http.Request) {
		for _, name := range names {
			r.Header.Del(name)
		}
	}
}

// CSR-01, CSR-02, CSR-03: with the right password and the right token, another
// site's form is refused all the same.
func TestForeignForms(t *testing.T) {
	w := newWorld(t, nil)
	w.add("alice")
	for name, tt := range map[string]struct {
		change func(*http.Request)
		want   int
	}{
		"foreign origin":            {set("Origin", "https://evil.test"), 403},
		"sibling":                   {set("Origin", "https://app.example.com"), 403},
		"null":                      {set("Origin", "null"), 403},
		"empty":                     {set("Origin", ""), 403},
		"other scheme":              {set("Origin", "http://auth.example.com"), 403},
		"other port":                {set("Origin", "https://auth.example.com:8443"), 403},
		"two origins":               {func(r *http.Request) { r.Header.Add("Origin", "https://evil.test") }, 403},
		"cross-site":                {set("Sec-Fetch-Site", "cross-site"), 403},
		"same-site":                 {set("Sec-Fetch-Site", "same-site"), 403},
		"odd site":                  {set("Sec-Fetch-Site", "Same-Origin"), 403},
		"cross-site, right origin":  {set("Sec-Fetch-Site", "cross-site"), 403},
		"foreign, no site":          {func(r *http.Request) { unset("Sec-Fetch-Site")(r); set("Origin", "https://evil.test")(r) }, 403},
		"text/plain":                {set("Content-Type", "text/plain"), 415},
		"multipart":                 {set("Content-Type", "multipart/form-data; boundary=x"), 415},
		"JSON":                      {set("Content-Type", "application/json"), 415},
		"no type":                   {unset("Content-Type"), 415},
		"two types":                 {func(r *http.Request) { r.Header.Add("Content-Type", "text/plain") }, 415},
		"a malformed type":          {set("Content-Type", "application/x-www-form-urlencoded; charset"), 415},
		"another charset":           {set("Content-Type", "application/x-www-form-urlencoded; charset=utf-16"), 415}, // LGN-08
		"compressed":                {set("Content-Encoding", "gzip"), 415},                                          // DOS-02
		"an old browser":            {unset("Origin", "Sec-Fetch-Site"), 303},
		"a newer one without fetch": {unset("Sec-Fetch-Site"), 303},
		"sent again by hand":        {set("Sec-Fetch-Site", "none"), 303},
		"charset written out":       {set("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8"), 303},
	} {
		b := w.browser()
		a := b.post("/login", b.get("/login").fill("username", "alice", "password", right), tt.change)
		if a.StatusCode != tt.want || (b.who() != "") != (tt.want == 303) {
			t.Errorf("%s: %d, %q", name, a.StatusCode, b.who())
		}
	}
}

// CSR-01: a token is good in the browser it was made for, and nowhere else;
// nobody ends at an error page (IS4#2484, oauth2-proxy 1736 elsewhere).
func TestTokens(t *testing.T) {
	w := newWorld(t, nil)
	w.add("alice")
	other := w.browser().get("/login").form().Get("csrf_token")
	b := w.browser()
	page := b.get("/login?return_url=" + url.QueryEscape(app+"/x"))
	good := page.form().Get("csrf_token")
	for name, token := range map[string]string{
		"none": "", "another browser's": other, "cut": good[1:], "padded": good + "=", "longer": good + "AA", "not base64": "%%%",
		"zeros": strings.Repeat("A", len(good)), "swapped": good[43:] + good[:43],
	} {
		b := w.browser()
		page := b.get("/login?return_url=" + url.QueryEscape(app+"/x"))
		a := b.post("/login", page.fill("csrf_token", token, "username", "alice", "password", right, "remember", "1"))
		f := a.form()
		if a.StatusCode != http.StatusBadRequest || b.who() != "" || f.Get("username") != "alice" || f.Get("return_url") != app+"/x" || f.Get("remember") != "1" || strings.Contains(a.body, right) {
			t.Errorf("%s: %d, %v", name, a.StatusCode, f)
		}
		if a := b.post("/login", a.fill("password", right)); a.to() != app+"/x" { // the page that comes back works
			t.Errorf("%s, again: %d", name, a.StatusCode)
		}
	}
	// The cookie alone, and the token alone, are not enough.
	stranger := w.browser()
	a := stranger.post("/login", page.fill("username", "alice", "password", right))
	if a.StatusCode != 400 || !strings.Contains(a.body, "cookie") || stranger.who() != "" {
		t.Errorf("no cookie: %d", a.StatusCode)
	}
	if a := stranger.post("/login", a.fill("password", right)); a.to() != app+"/x" {
		t.Errorf("no cookie, again: %d", a.StatusCode)
	}
}

// CSR-04: masked anew in each answer, good in many tabs, for hours.
func TestManyTabs(t *testing.T) {
	w := newWorld(t, nil)
	w.add("alice")
	b := w.browser()
	seen := map[string]bool{}
	var tabs []url.Values
	for range 10 {
		f := b.get("/login?return_url=" + url.QueryEscape(app+"/"+strings.Repeat("x", len(tabs)))).form()
		if token := f.Get("csrf_token"); seen[token] || seen[token[:40]] {
			t.Fatal("a token repeats")
		} else {
			seen[token], seen[token[:40]] = true, true
		}
		tabs = append(tabs, f)
	}
	w.advance(12 * time.Hour) // a page left open over night
	for i, f := range tabs {
		f.Set("username", "alice")
		f.Set("password", right)
		if a := b.post("/login", f); a.to() != app+"/"+strings.Repeat("x", i) {
			t.Errorf("tab %d: %d to %q", i, a.StatusCode, a.to())
		}
	}
	// A tab whose token is stale goes on too, since somebody is signed in.
	if a := b.post("/login", url.Values{"return_url": {app + "/y"}, "csrf_token": {"x"}}); a.to() != app+"/y" {
		t.Errorf("stale tab: %d to %q", a.StatusCode, a.to())
	}
}

// A double click, and a form sent again with the back button.
func TestDoubleSubmit(t *testing.T) {
	w := newWorld(t, nil)
	w.add("alice")
	b := w.browser()
	form := b.get("/login").fill("username", "alice", "password", right)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			if a := b.post("/login", form); a.to() != "/" {
				t.Errorf("%d", a.StatusCode)
			}
		})
	}
	all.Wait()
	if a := b.post("/login", form); a.to() != "/" || b.who() != "alice" {
		t.Errorf("back button: %d", a.StatusCode)
	}
}

// LGN-07, LGN-08, DOS-02: forms that nobody's browser sends.
func TestOddForms(t *testing.T) {
	w := newWorld(t, nil)
	w.add("alice")
	b := w.browser()
	good := b.get("/login").fill("username", "alice", "password", right).Encode()
	send := func(body string) int {
		r := httptest.NewRequest(http.MethodPost, portal+"/login", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		for _, c := range b.client.Jar.Cookies(r.URL) {
			r.AddCookie(c)
		}
		return w.serve(r).Code
	}
	for name, tt := range map[string]struct {
		body string
		want int
	}{
		"two names":             {good + "&username=bob", 400},
		"two passwords":         {good + "&password=x", 400},
		"two tokens":            {good + "&csrf_token=x", 400},
		"two addresses":         {good + "&return_url=/&return_url=/", 400},
		"two actions":           {good + "&action=login&action=cancel", 400},
		"a bad escape":          {good + "&x=%zz", 400},
		"a semicolon":           {good + ";x=1", 400},
		"too large":             {good + "&x=" + strings.Repeat("a", 64<<10), 413},
		"an array":              {strings.Replace(good, "username=", "username[]=", 1), 401},
		"an object":             {strings.Replace(good, "password=", "password[x]=", 1), 401},
		"nothing":               {"", 400},
		"an unknown field":      {good + "&x=1&x=2", 303},
		"a NUL in the name":     {strings.Replace(good, "username=", "username=%00", 1), 401},
		"a name not in UTF-8":   {strings.Replace(good, "username=", "username=%ff", 1), 401},
		"a name of 60 kB":       {strings.Replace(good, "username=", "username="+strings.Repeat("a", 60000), 1), 401},
		"a template for a name": {strings.Replace(good, "username=", "username=%7B%7B.%7D%7D", 1), 401},
	} {
		if got := send(tt.body); got != tt.want {
			t.Errorf("%s: %d, want %d", name, got, tt.want)
		}
	}
}

// WEB-01, WEB-03: what was typed comes back as text.
func TestNothingIsReflectedAsMarkup(t *testing.T) {
	w := newWorld(t, nil)
	w.add("alice")
	b := w.browser()
	for _, text := range []string{`"><script>alert(1)</script>`, "{env.HOME}", "{{.}}", "${7*7}"} {
		a := b.login("/login?return_url="+url.QueryEscape(app+"/"+text), text, text)
		if strings.Contains(a.body, "<script>") || a.form().Get("username") != text {
			t.Errorf("%q: %q", text, a.form().Get("username"))
		}
	}
}

// LOG-03, LOG-04: what is reported of another site's form and a wrong name.
func TestReports(t *testing.T) {
	w := newWorld(t, nil)
	w.add("alice")
	b := w.browser()
	b.post("/login", b.get("/login").form(), set("Origin", "https://evil.test"))
	if e := w.last(); e.Name != login.FormForeign || e.Address.String() != "203.0.113.9" {
		t.Errorf("%+v", e)
	}
	b.login("/login", strings.Repeat("secret ", 100), wrong)
	if e := w.last(); e.Name != login.LoginFailed || len(e.Username) > 64 || strings.Contains(e.Err.Error(), wrong) {
		t.Errorf("%+v", e)
	}
}

func FuzzLoginPost(f *testing.F) {
	w := newWorld(f, func(c *login.Config) { c.Local = true })
	b := w.browser()
	form := b.get("/login").form()
	for _, body := range []string{"", form.Encode(), form.Encode() + "&action=cancel&return_url=//evil.test", "a=%zz", "username=a;password=b", "username=%00&password=%ff", "csrf_token=" + strings.Repeat("A", 115)} {
		f.Add(body, "application/x-www-form-urlencoded")
	}
	f.Add("{}", "application/json")
	at, _ := url.Parse(portal)
	cookies := b.client.Jar.Cookies(at)
	f.Fuzz(func(t *testing.T, body, kind string) {
		// The true token would have every input hashed.
		if strings.Contains(body, form.Get("csrf_token")) {
			body = strings.ReplaceAll(body, form.Get("csrf_token"), "x")
		}
		r := httptest.NewRequest(http.MethodPost, portal+"/login", strings.NewReader(body))
		r.Header.Set("Content-Type", kind)
		for _, c := range cookies {
			r.AddCookie(c)
		}
		a := w.serve(r)
		if a.Code >= 500 || a.Code == 200 || a.Code == 303 && a.Header().Get("Location") != "/" && !strings.HasPrefix(a.Header().Get("Location"), app) && !strings.HasPrefix(a.Header().Get("Location"), "/account") {
			t.Fatalf("%q: %d to %q", body, a.Code, a.Header().Get("Location"))
		}
		for _, c := range a.Result().Cookies() {
			if c.Name == w.site.CookieName("") {
				t.Fatal("a session without a password")
			}
		}
	})
}
