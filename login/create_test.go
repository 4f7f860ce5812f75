package login_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/login"
)

// signUp is a page where people make an account.
func signUp(back, hint, locales string) string {
	return "https://accounts.example.com/new?" + url.Values{"return_url": {back}, "login_hint": {hint}, "ui_locales": {locales}}.Encode()
}

// toCreate gives where the page's link to make an account leads, and where from
// there; "" without one.
func (a answer) toCreate() (whole, back string) {
	const begin = `href="https://accounts.example.com/new?`
	_, rest, ok := strings.Cut(a.body, begin)
	if !ok {
		return "", ""
	}
	query, _, _ := strings.Cut(strings.ReplaceAll(rest, "&amp;", "&"), `"`)
	v, _ := url.ParseQuery(query)
	return query, v.Get("return_url")
}

// The login page leads to where accounts are made, and from there back to where
// the person wanted to go: by the protocol's own address for an application, by
// the login page for all others (RED-01).
func TestCreateLink(t *testing.T) {
	w := newWorld(t, func(c *login.Config) { c.CreateAccount = signUp })
	w.add("alice")
	w.contexts[clientURL] = wiki(func(c *login.Context) {
		c.LoginHint, c.UILocales, c.CreatedURL = "bob", "en", portal+"/authorize?gatehouse_created=x"
	})
	b := w.browser()
	for address, want := range map[string]string{
		"/login": portal + "/login",
		"/login?return_url=" + url.QueryEscape(clientURL):               portal + "/authorize?gatehouse_created=x",
		"/login?return_url=" + url.QueryEscape(app+"/deep?q=1"):         portal + "/login?return_url=" + url.QueryEscape(app+"/deep?q=1"),
		"/login?return_url=" + url.QueryEscape("/device"):               portal + "/login?return_url=%2Fdevice",
		"/login?return_url=" + url.QueryEscape("https://evil.example/"): portal + "/login",
	} {
		if whole, back := b.get(address).toCreate(); back != want || strings.Contains(whole, "login_hint=bob") != strings.Contains(want, "created") {
			t.Errorf("%s: %s, want %s", address, whole, want)
		}
	}
	failed := b.post("/login", b.get("/login").fill("username", "alice", "password", wrong))
	if _, back := failed.toCreate(); back != portal+"/login" {
		t.Errorf("after a wrong password: %q", back)
	}
	b.post("/login", b.get("/login").fill("username", "alice", "password", right))
	w.contexts[clientURL].Force = true
	if a := b.get("/login?return_url=" + url.QueryEscape(clientURL)); a.StatusCode != 200 || strings.Contains(a.body, "accounts.example.com") {
		t.Errorf("who has an account is asked to make one: %d", a.StatusCode)
	}
	w.contexts[clientURL].Create = true // the account was made for this login
	if a := b.get("/login?return_url=" + url.QueryEscape(clientURL)); a.StatusCode != 200 || !strings.Contains(a.body, "<h1>Sign in</h1>") || !strings.Contains(a.body, "accounts.example.com") {
		t.Errorf("another account: %d %s", a.StatusCode, a.body)
	}
}

// Where nobody can make an account nothing is said of it, and where nobody has one
// the first is made by setup.
func TestNoCreateLink(t *testing.T) {
	w := newWorld(t, nil)
	w.add("alice")
	if a := w.browser().get("/login"); a.StatusCode != 200 || strings.Contains(a.body, "account") {
		t.Errorf("%d %s", a.StatusCode, a.body)
	}
	empty := newWorld(t, func(c *login.Config) { c.CreateAccount = signUp })
	if whole, _ := empty.browser().get("/login").toCreate(); whole != "" {
		t.Errorf("before setup: %s", whole)
	}
}

// The page that offers providers alone has it too.
func TestCreateLinkBesideProviders(t *testing.T) {
	_, work := federate(t, "work")
	_, home := federate(t, "home")
	w := newWorld(t, func(c *login.Config) {
		c.Local, c.Providers, c.CreateAccount = false, []login.Provider{work, home}, signUp
	})
	if _, back := w.browser().get("/login").toCreate(); back != portal+"/login" {
		t.Errorf("%q", back)
	}
}
