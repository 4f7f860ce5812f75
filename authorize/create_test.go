package authorize_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize"
	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/identity"
)

const signUp = "https://accounts.example.com/sign-up?return_url="

// withAccounts is a house whose people make accounts at an address.
func withAccounts(cfg *parts) {
	cfg.CreateAccount = func(back, hint, locales string) string {
		return signUp + url.QueryEscape(back) + "&hint=" + url.QueryEscape(hint) + "&locales=" + url.QueryEscape(locales)
	}
}

// atSignUp tells whether an answer leads to where accounts are made, and gives
// the address it would return to.
func (a answer) atSignUp() (string, bool) {
	if a.StatusCode != http.StatusSeeOther || a.to == nil || !strings.HasPrefix(a.to.String(), signUp) {
		return "", false
	}
	return a.to.Query().Get("return_url"), true
}

// prompt=create leads to where accounts are made, and from there on with the
// login, however the request came (Initiating User Registration via OpenID
// Connect, section 4).
func TestCreate(t *testing.T) {
	w := newPushWorld(t, withAccounts)
	v := request("client_id", "signer", "prompt", "create", "login_hint", "new@example.com", "ui_locales", "de")
	for name, bring := range map[string]func(*browser) answer{
		"plain":  func(b *browser) answer { return b.ask(v) },
		"pushed": func(b *browser) answer { return b.ask(b.pushed(v)) },
		"signed": func(b *browser) answer { return b.ask(wrapped("signer", w.object(v))) },
		"posted": func(b *browser) answer {
			r, _ := http.NewRequest("POST", w.issuer+"/authorize", strings.NewReader(v.Encode()))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			return b.get(b.do(r).to.String())
		},
	} {
		for _, before := range []string{"", "alice"} {
			b := w.browser()
			if before != "" {
				b.signIn(before, "local")
			}
			w.clock.pass(time.Second)
			first := bring(b)
			back, ok := first.atSignUp()
			if !ok || first.to.Query().Get("hint") != "new@example.com" || first.to.Query().Get("locales") != "de" {
				t.Fatalf("%s: %d %v %s", name, first.StatusCode, first.to, first.body)
			}
			if !strings.HasPrefix(back, w.issuer+"/authorize?gatehouse_created=") || strings.Contains(back, "wiki") || strings.Contains(back, "state") {
				t.Errorf("%s: they come back to %s", name, back)
			}
			w.clock.pass(5 * time.Minute)
			again, ok := b.get(back).atLogin(w) // also who is signed in: it is another account
			if !ok {
				t.Fatalf("%s, %q signed in: %v", name, before, b.get(back).to)
			}
			c, err := w.Context(t.Context(), strings.TrimPrefix(again, w.issuer))
			if err != nil || !c.Create || !c.Fresh || !c.Force || c.LoginHint != "new@example.com" {
				t.Errorf("%s: the login page is told %+v, %v", name, c, err)
			}
			w.clock.pass(time.Second)
			b.signIn("bob", "local")
			if a := b.get(again); a.to == nil || a.to.Query().Get("code") == "" || a.to.Query().Get("state") != "the state" {
				t.Errorf("%s: %d %v %s", name, a.StatusCode, a.to, a.body)
			}
			if a := b.get(again); !a.shown() { // it was answered
				t.Errorf("%s, once more: %d %v", name, a.StatusCode, a.to)
			}
		}
	}
}

// Who did not want an account after all turns the request down as ever.
func TestCreateAndCancel(t *testing.T) {
	w := newWorld(t, "", withAccounts)
	b := w.browser()
	back, _ := b.ask(request("prompt", "create")).atSignUp()
	again, _ := b.get(back).atLogin(w)
	c, err := w.Context(t.Context(), strings.TrimPrefix(again, w.issuer))
	if err != nil {
		t.Fatal(err)
	}
	if a := b.get(w.issuer + c.DenyURL); a.told() != "access_denied" {
		t.Errorf("%d %v", a.StatusCode, a.to)
	}
}

// What they come back with is ours, for this browser, for a while.
func TestCreateStrays(t *testing.T) {
	w := newPushWorld(t, withAccounts)
	b := w.browser()
	v := request("prompt", "create")
	back, _ := b.ask(v).atSignUp()
	if a := w.browser().get(back); !a.shown() {
		t.Errorf("another browser: %d %v", a.StatusCode, a.to)
	}
	sealed := strings.TrimPrefix(back, w.issuer+"/authorize?")
	for name, query := range map[string]string{
		"another seal": strings.Replace(sealed, "created", "post", 1), "by hand": "gatehouse_created=1", "beside a request": v.Encode() + "&" + sealed,
		"said by hand": v.Encode() + "&gatehouse_created=1", "twice": sealed + "&" + sealed, "damaged": sealed[:len(sealed)-2] + "AA",
	} {
		if a := b.get(w.issuer + "/authorize?" + query); !a.shown() {
			t.Errorf("%s: %d %v", name, a.StatusCode, a.to)
		}
	}
	if _, ok := b.ask(v).atSignUp(); !ok {
		t.Error("the same request from its beginning: not where accounts are made")
	}
	w.clock.pass(61 * time.Minute)
	if a := b.get(back); !a.shown() {
		t.Errorf("after an hour: %d %v", a.StatusCode, a.to)
	}
	pushed, _ := b.ask(b.pushed(v)).atSignUp()
	w.clock.pass(11 * time.Minute) // OAU-26: as long as any login under way
	if a := b.get(pushed); !a.shown() {
		t.Errorf("pushed, after eleven minutes: %d %v", a.StatusCode, a.to)
	}
}

// create stands alone, and is in discovery where it is offered (OAU-40).
func TestCreateAlone(t *testing.T) {
	w := newPushWorld(t, withAccounts)
	b := w.browser()
	for _, prompt := range []string{"create login", "none create", "create consent", "select_account create", "create create"} {
		if a := b.ask(request("prompt", prompt)); a.told() != "invalid_request" {
			t.Errorf("%s: %d %v", prompt, a.StatusCode, a.to)
		}
		if a := b.push(request("prompt", prompt)); a.StatusCode != 400 || a.fields(t)["error"] != "invalid_request" {
			t.Errorf("%s, pushed: %d %s", prompt, a.StatusCode, a.body)
		}
	}
	for _, c := range []struct {
		w    *world
		said bool
	}{{w, true}, {newWorld(t, ""), false}} {
		if a := c.w.browser().get(c.w.issuer + "/.well-known/openid-configuration"); strings.Contains(a.body, `"create"`) != c.said {
			t.Errorf("discovery: %s", a.body)
		}
	}
}

// The page is told of no request that would not be answered, and leads back to a
// guarded site as to a client.
func TestCreatedURL(t *testing.T) {
	w := newWorld(t, "/.gatehouse", withAccounts)
	b := w.browser()
	for name, v := range map[string]url.Values{"a client": request(), "a site": w.visit(site, false)} {
		back, ok := b.ask(v).atLogin(w)
		if !ok {
			t.Fatalf("%s: not at the login", name)
		}
		c, err := w.Context(t.Context(), back[strings.Index(back, "/.gatehouse"):])
		if err != nil || c.Create || !strings.HasPrefix(c.CreatedURL, w.issuer+"/authorize?") || strings.Contains(c.CreatedURL, "the+state") {
			t.Fatalf("%s: %+v, %v", name, c, err)
		}
		if _, ok := b.get(c.CreatedURL).atLogin(w); !ok {
			t.Errorf("%s: nobody is signed in, and not at the login", name)
		}
		w.clock.pass(time.Second)
		b.signIn("alice", "local")
		if a := b.get(c.CreatedURL); a.to == nil || a.to.Host == "" || !strings.HasPrefix(a.to.String(), wikiURI) && !strings.HasPrefix(a.to.String(), site) {
			t.Errorf("%s: %d %v %s", name, a.StatusCode, a.to, a.body)
		}
		b = w.browser()
	}
}

// Rule 2 comes after a denial and before everything else.
func TestDecideCreate(t *testing.T) {
	q := &authorize.Request{Client: &client.Client{FirstParty: true}, Create: true, Login: true}
	now := time.Now()
	who := &identity.Session{User: &identity.User{Subject: "alice"}, Login: identity.Login{IDP: "local", At: now.Add(-time.Minute)}}
	for name, c := range map[string]struct {
		f    authorize.Facts
		want any
	}{
		"nobody":               {authorize.Facts{}, authorize.CreateAccount{}},
		"somebody":             {authorize.Facts{Session: who}, authorize.CreateAccount{}},
		"denied":               {authorize.Facts{Denied: true}, "access_denied"},
		"sent, nobody":         {authorize.Facts{Created: true}, authorize.SendToLogin{}},
		"sent, an older login": {authorize.Facts{Created: true, Session: who, FirstSeen: now}, authorize.SendToLogin{}},
		"sent, a new login":    {authorize.Facts{Created: true, Session: who, FirstSeen: now.Add(-time.Hour)}, authorize.Issue{}},
	} {
		c.f.Now = now
		check(t, name, authorize.Decide(q, c.f), c.want)
	}
}
