package login_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/internal/egress"
	"github.com/gatehouse-auth/gatehouse/internal/fakeidp"
	"github.com/gatehouse-auth/gatehouse/internal/secret"
	"github.com/gatehouse-auth/gatehouse/login"
	"github.com/gatehouse-auth/gatehouse/provider/oidc"
)

var _ login.Federator = (*oidc.Provider)(nil)

// federate makes a real provider at a fake one.
func federate(t testing.TB, name string) (*fakeidp.Provider, login.Provider) {
	t.Helper()
	idp := fakeidp.Start(t)
	idp.Redirect = portal + "/callback/" + name
	way := egress.New(egress.Options{AllowPrivate: true, RootCAs: idp.Roots(), Timeout: time.Minute})
	t.Cleanup(way.CloseIdleConnections)
	p, err := oidc.New(oidc.Config{
		Name: name, Title: "Acme " + name, Issuer: idp.Issuer, ClientID: idp.ClientID, ClientSecret: oidc.Secret(idp.ClientSecret), AllowPrivate: true,
	}, oidc.Deps{Client: way})
	if err != nil {
		t.Fatal(err)
	}
	return idp, login.Provider{Federator: p, Provision: true}
}

// federated is a portal with one provider; local accounts too if local.
func federated(t testing.TB, local bool) (*world, *fakeidp.Provider) {
	t.Helper()
	idp, p := federate(t, "work")
	w := newWorld(t, func(c *login.Config) { c.Local, c.Providers = local, []login.Provider{p} })
	return w, idp
}

// through lets a browser reach a provider.
func (b *browser) through(idp *fakeidp.Provider) *browser {
	b.client.Transport = handled{world: b.world, outside: idp.Client().Transport}
	return b
}

// away follows a redirect to the provider and gives the address that leads
// back, unopened.
func (b *browser) away(a answer) string {
	b.t.Helper()
	if !strings.Contains(a.to(), "/authorize?") {
		b.t.Fatalf("not sent to the provider: %d to %q", a.StatusCode, a.to())
	}
	return b.get(a.to()).Header.Get("Location")
}

func TestProviderLogin(t *testing.T) {
	w, idp := federated(t, true)
	w.contexts[clientURL] = wiki(func(c *login.Context) { c.LoginHint, c.UILocales = "alice", "de" })
	b := w.browser().through(idp)
	path := "/login?return_url=" + url.QueryEscape(clientURL)
	if page := b.get(path); !strings.Contains(page.body, "Acme work") {
		t.Fatal("not offered")
	}
	back := b.away(b.pick(path, "work"))
	if q := idp.Query(); q.Get("login_hint") != "alice" || q.Get("ui_locales") != "de" || !secret.Valid(q.Get("state")) { // RED-07: 43 random characters
		t.Errorf("%v", q)
	}
	if a := b.get(back); a.to() != clientURL {
		t.Fatalf("%d to %q: %s", a.StatusCode, a.to(), a.body)
	}
	s := b.session()
	if s == nil || s.IDP != "work" || !slices.Equal(s.AMR, []string{"fed"}) || !slices.Equal(s.User.Groups, []string{"work/admins", "work/staff"}) || s.User.Admin { // LGN-12
		t.Errorf("%+v", s)
	}
	if e := w.last(); e.Name != login.LoginSucceeded || e.IDP != "work" || e.Client != "wiki" {
		t.Errorf("%+v", e)
	}
}

// FED-01, FED-03: once, also with the cookies from before, and in parallel.
func TestCallbackWorksOnce(t *testing.T) {
	w, idp := federated(t, true)
	b := w.browser().through(idp)
	back := b.away(b.get("/login/work?return_url=" + url.QueryEscape(app+"/x")))
	at, _ := url.Parse(portal)
	before := b.client.Jar.Cookies(at)
	var winners int
	for range 5 {
		copied := w.browser().through(idp)
		copied.client.Jar.SetCookies(at, before)
		a := copied.get(back)
		if a.to() == app+"/x" {
			winners++
			continue
		}
		if a.StatusCode != http.StatusBadRequest || copied.who() != "" || a.link("/login") == "" {
			t.Errorf("%d, %q", a.StatusCode, copied.who())
		}
	}
	if winners != 1 || idp.Hits("/token") != 1 { // FED-07
		t.Errorf("%d winners, the code was sent %d times", winners, idp.Hits("/token"))
	}
	// The friendly page leads to where the person wanted to go.
	if a := b.get(back); !strings.Contains(a.link("/login"), url.QueryEscape(app+"/x")) {
		t.Errorf("leads to %q", a.link("/login"))
	}
}

// FED-01, FED-02, FED-04: what is not this browser's own trip does nothing.
func TestForeignCallbacks(t *testing.T) {
	idp, work := federate(t, "work")
	other, second := federate(t, "second")
	w := newWorld(t, func(c *login.Config) { c.Providers = []login.Provider{work, second} })
	attacker := w.browser().through(idp)
	valid := attacker.away(attacker.get("/login/work"))
	victim := w.browser().through(idp)
	own := victim.away(victim.get("/login/work"))
	mixed := strings.Replace(own, "/callback/work?", "/callback/second?", 1)
	for name, address := range map[string]string{
		"another person's": valid, "none": "/callback/work", "made up": "/callback/work?code=x&state=" + strings.Repeat("A", 43), "empty": "/callback/work?code=x&state=",
		"at another provider": mixed, "doubled state": own + "&state=x", "with markup": "/callback/work?state=<script>alert(1)</script>&error=<script>",
		"huge": "/callback/work?state=" + strings.Repeat("A", 5000),
	} {
		a := victim.get(address)
		if a.StatusCode != http.StatusBadRequest || victim.who() != "" || strings.Contains(a.body, "<script>") || a.link("/login") == "" {
			t.Errorf("%s: %d, %q", name, a.StatusCode, victim.who())
		}
	}
	if idp.Hits("/token")+other.Hits("/token") > 0 {
		t.Error("a code was sent")
	}
	// None of that spoilt the victim's own login.
	if a := victim.get(own); a.to() != "/" || victim.who() != "alice" {
		t.Errorf("own: %d", a.StatusCode)
	}
	// A spoilt cookie is no trip, nor is one under another trip's name (COO-11).
	spoilt := w.browser().through(idp)
	one, two := spoilt.away(spoilt.get("/login/work")), spoilt.away(spoilt.get("/login/work"))
	at, _ := url.Parse(portal)
	trips := spoilt.trips()
	trips[0].Value, trips[1].Value = trips[1].Value, "AQIDBA"
	for i := range trips {
		trips[i].Path, trips[i].Secure = "/", true
	}
	spoilt.client.Jar.SetCookies(at, trips)
	for _, back := range []string{one, two} {
		if a := spoilt.get(back); a.StatusCode != http.StatusBadRequest || spoilt.who() != "" {
			t.Errorf("spoilt cookie: %d", a.StatusCode)
		}
	}
	// What can't be read goes at the next start.
	if spoilt.get("/login/work"); len(spoilt.trips()) != 1 {
		t.Errorf("%d cookies", len(spoilt.trips()))
	}
}

// SES-19, COO-11: ten minutes by our clock, and the return address outlives
// them; what the browser holds of the trip is no session, under whatever name.
func TestExpiredTrip(t *testing.T) {
	w, idp := federated(t, true)
	b := w.browser().through(idp)
	back := b.away(b.get("/login/work?return_url=" + url.QueryEscape(app+"/deep?x=1")))
	at, _ := url.Parse(back)
	for _, value := range []string{b.trips()[0].Value, at.Query().Get("state")} {
		forged := w.browser()
		forged.client.Jar.SetCookies(at, []*http.Cookie{{Name: w.site.CookieName(""), Value: value, Path: "/", Secure: true}})
		if forged.who() != "" {
			t.Errorf("%s opens a session", value)
		}
	}
	w.advance(10*time.Minute + time.Second)
	a := b.get(back)
	if a.StatusCode != http.StatusBadRequest || b.who() != "" || idp.Hits("/token") > 0 {
		t.Fatalf("%d", a.StatusCode)
	}
	if a := b.get(b.away(b.pick(a.link("/login"), "work"))); a.to() != app+"/deep?x=1" {
		t.Errorf("again: %d to %q", a.StatusCode, a.to())
	}
}

// DOS-06, COO-07: an address that no cookies can hold is dropped, and the login
// works.
func TestLongReturnThroughProvider(t *testing.T) {
	w, idp := federated(t, true)
	for size, want := range map[int]bool{2000: true, 7000: true, 9500: false} {
		b := w.browser().through(idp)
		long := app + "/" + strings.Repeat("a", size)
		b.away(b.get("/login/work?return_url=" + url.QueryEscape(app+"/first")))
		a := b.get(b.away(b.get("/login/work?return_url=" + url.QueryEscape(long))))
		if (a.to() == long) != want || b.who() != "alice" {
			t.Errorf("%d: %d to %.40q", size, a.StatusCode, a.to())
		}
	}
}

// Which page is shown for which ways in.
func TestWays(t *testing.T) {
	_, work := federate(t, "work")
	_, second := federate(t, "second")
	for name, tt := range map[string]struct {
		local     bool
		providers []login.Provider
		context   *login.Context
		to        string   // redirect to this provider
		see, not  []string // on the page
	}{
		"both":                 {true, []login.Provider{work}, nil, "", []string{`type="password"`, "/login/work"}, nil},
		"one provider":         {false, []login.Provider{work}, nil, "/login/work", nil, nil},
		"two providers":        {false, []login.Provider{work, second}, nil, "", []string{"/login/work", "/login/second"}, []string{`type="password"`}},
		"nothing":              {false, nil, nil, "", []string{"alert"}, []string{`type="password"`}},
		"idp":                  {true, []login.Provider{work, second}, &login.Context{Local: true, IDP: "second"}, "/login/second", nil, nil},
		"idp local":            {true, []login.Provider{work}, &login.Context{Local: true, IDP: "local"}, "", []string{`type="password"`}, []string{"/login/work"}},
		"unknown idp":          {true, []login.Provider{work}, &login.Context{Local: true, IDP: "x"}, "", []string{`type="password"`, "/login/work"}, nil},
		"client without local": {true, []login.Provider{work, second}, &login.Context{Providers: []string{"work"}}, "/login/work", nil, nil},
		"client's list":        {true, []login.Provider{work, second}, &login.Context{Local: true, Providers: []string{"work"}}, "", []string{"/login/work"}, []string{"/login/second"}},
		"idp not for client":   {true, []login.Provider{work, second}, &login.Context{Local: true, Providers: []string{"work"}, IDP: "second"}, "", []string{"/login/work", `type="password"`}, []string{"/login/second"}},
	} {
		w := newWorld(t, func(c *login.Config) { c.Local, c.Providers = tt.local, tt.providers })
		w.contexts[clientURL] = tt.context
		path := "/login"
		if tt.context != nil {
			path += "?return_url=" + url.QueryEscape(clientURL)
		}
		a := w.browser().get(path)
		if got, _, _ := strings.Cut(a.to(), "?"); got != tt.to || (tt.to == "") != (a.StatusCode == 200) {
			t.Errorf("%s: %d to %q", name, a.StatusCode, a.to())
		}
		for _, text := range tt.see {
			if !strings.Contains(a.body, text) {
				t.Errorf("%s: no %q", name, text)
			}
		}
		for _, text := range tt.not {
			if strings.Contains(a.body, text) {
				t.Errorf("%s: %q", name, text)
			}
		}
	}
}

// A client that takes no passwords gets none by a form made by hand, and a
// provider it does not take is not started for it.
func TestWaysAreEnforced(t *testing.T) {
	idp, work := federate(t, "work")
	_, second := federate(t, "second")
	w := newWorld(t, func(c *login.Config) { c.Providers = []login.Provider{work, second} })
	w.add("alice")
	w.contexts[clientURL] = &login.Context{Providers: []string{"second"}}
	b := w.browser().through(idp)
	form := b.get("/login").fill("username", "alice", "password", right, "return_url", clientURL)
	if a := b.post("/login", form); a.StatusCode != http.StatusForbidden || b.who() != "" {
		t.Errorf("password: %d", a.StatusCode)
	}
	if a := b.get("/login/work?return_url=" + url.QueryEscape(clientURL)); !strings.HasPrefix(a.to(), "/login?") || idp.Hits("/authorize") > 0 {
		t.Errorf("provider: %d to %q", a.StatusCode, a.to())
	}
	if a := b.get("/login/unknown"); a.StatusCode != http.StatusNotFound {
		t.Errorf("unknown provider: %d", a.StatusCode)
	}
	if a := b.get("/callback/unknown?state=x"); a.StatusCode != http.StatusNotFound {
		t.Errorf("unknown callback: %d", a.StatusCode)
	}
}

// FED-13: a provider that is down says so; the other ways stay usable, and a
// session goes on.
func TestProviderDown(t *testing.T) {
	w, idp := federated(t, true)
	w.add("alice")
	idp.Set(fakeidp.Switches{Before: func(rw http.ResponseWriter, _ *http.Request) bool {
		http.Error(rw, "", http.StatusBadGateway)
		return true
	}})
	b := w.browser()
	a := b.get("/login/work?return_url=" + url.QueryEscape(app+"/x"))
	if a.StatusCode != http.StatusServiceUnavailable || !strings.Contains(a.body, "Acme work") || a.link("/login/work") != "" {
		t.Fatalf("%d %s", a.StatusCode, a.body)
	}
	if a := b.post("/login", a.fill("username", "alice", "password", right)); a.to() != app+"/x" {
		t.Errorf("local: %d", a.StatusCode)
	}
	if a := b.get("/login?return_url=" + url.QueryEscape(app+"/y")); a.to() != app+"/y" {
		t.Errorf("signed in: %d", a.StatusCode)
	}
	// Alone and down, it is shown rather than gone to in circles.
	w, idp = federated(t, false)
	idp.Set(fakeidp.Switches{Before: func(rw http.ResponseWriter, _ *http.Request) bool {
		http.Error(rw, "", http.StatusBadGateway)
		return true
	}})
	b = w.browser()
	b.get("/login/work")
	if a := b.get("/login"); a.StatusCode != 200 || !strings.Contains(a.body, "Acme work") {
		t.Errorf("alone: %d to %q", a.StatusCode, a.to())
	}
}

// What a provider answers instead of a login, as the person sees it.
func TestProviderRefusals(t *testing.T) {
	w, idp := federated(t, true)
	for name, tt := range map[string]struct {
		switches fakeidp.Switches
		want     int
	}{
		"refused": {fakeidp.Switches{Answer: func(q url.Values) {
			q.Del("code")
			q.Set("error", "access_denied")
			q.Set("error_description", "<script>alert(1)</script>")
		}}, 403},
		"foreign issuer": {fakeidp.Switches{Answer: func(q url.Values) { q.Set("iss", "https://evil.test") }}, 400}, // FED-04
		"forged token":   {fakeidp.Switches{Foreign: true}, 400},                                                    // FED-05
		"null subject":   {fakeidp.Switches{Token: func(_, c map[string]any) { c["sub"] = nil }}, 400},              // CVE-2026-82968
		"odd groups":     {fakeidp.Switches{Token: func(_, c map[string]any) { c["groups"] = 7 }}, 400},             // FED-12
		"token endpoint": {fakeidp.Switches{Before: func(rw http.ResponseWriter, r *http.Request) bool {
			if r.URL.Path == "/token" {
				http.Error(rw, "<script>", 500)
			}
			return r.URL.Path == "/token"
		}}, 503},
	} {
		idp.Set(tt.switches)
		b := w.browser().through(idp)
		a := b.get(b.away(b.get("/login/work?return_url=" + url.QueryEscape(app+"/x"))))
		if a.StatusCode != tt.want || b.who() != "" || strings.Contains(a.body, "<script>") || a.form().Get("return_url") != app+"/x" || a.link("/login/work") == "" {
			t.Errorf("%s: %d, %q, %s", name, a.StatusCode, b.who(), a.link("/login/work"))
		}
		if e := w.last(); e.Name != login.ProviderFailed || e.IDP != "work" || e.Err == nil {
			t.Errorf("%s: %+v", name, e)
		}
	}
}
