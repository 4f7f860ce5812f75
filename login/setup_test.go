package login_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/login"
)

func setupForm(page answer) url.Values {
	return page.fill("username", "Root", "name", "Rita Root", "email", "rita@example.com", "password", right, "password_confirm", right)
}

// LGN-12, REC-03: looking consumes nothing, the form makes the one account,
// which is an administrator and signed in, and that was it.
func TestSetup(t *testing.T) {
	w := newWorld(t, nil)
	token, err := w.accounts.NewSetupLink(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	b := w.browser()
	for range 3 {
		if a := b.get("/setup?token=" + token); a.StatusCode != 200 {
			t.Fatalf("%d", a.StatusCode)
		}
	}
	page := b.get("/setup?token=" + token)
	if a := b.post("/setup", setupForm(page)); a.to() != "/" || b.who() != "root" || !b.session().User.Admin {
		t.Fatalf("%d %s", a.StatusCode, a.body)
	}
	if e := w.last(); e.Name != login.LoginSucceeded {
		t.Errorf("%+v", e)
	}
	if a := b.post("/setup", setupForm(page)); a.StatusCode != http.StatusNotFound {
		t.Errorf("again: %d", a.StatusCode)
	}
	if a := w.browser().get("/setup?token=" + token); a.StatusCode != http.StatusNotFound || a.link("/login") == "" {
		t.Errorf("link again: %d", a.StatusCode)
	}
	if a := w.browser(); a.login("/login", "root", right).to() != "/" {
		t.Error("the account does not work")
	}
}

// CSR-06, LGN-10, LGN-13: what can be wrong with the form; nothing of it makes
// an account or spends the link, and passwords don't come back.
func TestSetupMistakes(t *testing.T) {
	w := newWorld(t, nil)
	token, err := w.accounts.NewSetupLink(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	b := w.browser()
	page := b.get("/setup?token=" + token)
	with := func(pairs ...string) url.Values {
		form := setupForm(page)
		for i := 0; i < len(pairs); i += 2 {
			form.Set(pairs[i], pairs[i+1])
		}
		return form
	}
	for name, tt := range map[string]struct {
		form   url.Values
		change func(*http.Request)
		want   int
	}{
		"no name":        {with("username", ""), nil, 422},
		"odd name":       {with("username", "a b"), nil, 422},
		"odd address":    {with("email", "a@b@c"), nil, 422},
		"no password":    {with("password", ""), nil, 422},
		"short":          {with("password", "short", "password_confirm", "short"), nil, 422},
		"easy":           {with("password", "password", "password_confirm", "password"), nil, 422},
		"too long":       {with("password", strings.Repeat("ab1-", 300), "password_confirm", strings.Repeat("ab1-", 300)), nil, 422},
		"mismatch":       {with("password_confirm", right+"x"), nil, 422},
		"stale token":    {with("csrf_token", "x"), nil, 400},
		"login's token":  {with("csrf_token", b.get("/login").form().Get("csrf_token")), nil, 400},
		"another site":   {with(), set("Origin", "https://evil.test"), 403},
		"a sibling":      {with(), set("Sec-Fetch-Site", "same-site"), 403},
		"another type":   {with(), set("Content-Type", "text/plain"), 415},
		"unknown secret": {with("setup_token", strings.Repeat("A", 43)), nil, 404},
		"no secret":      {with("setup_token", ""), nil, 404},
	} {
		change := tt.change
		if change == nil {
			change = func(*http.Request) {}
		}
		a := b.post("/setup", tt.form, change)
		if a.StatusCode != tt.want || strings.Contains(a.body, right) {
			t.Errorf("%s: %d, want %d", name, a.StatusCode, tt.want)
		}
		if a.StatusCode == 422 && a.form().Get("name") != "Rita Root" {
			t.Errorf("%s: the form lost what was typed: %v", name, a.form())
		}
	}
	if open, err := w.accounts.NeedsSetup(t.Context()); err != nil || !open || b.who() != "" {
		t.Fatalf("an account was made: %v, %q", err, b.who())
	}
	w.advance(61 * time.Minute)
	if a := b.get("/setup?token=" + token); a.StatusCode != http.StatusNotFound {
		t.Errorf("an hour later: %d", a.StatusCode)
	}
}

// peers 3e, pocket-id 2026-07: of many first posts exactly one wins.
func TestSetupRace(t *testing.T) {
	w := newWorld(t, nil)
	token, err := w.accounts.NewSetupLink(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	var mu sync.Mutex
	won := 0
	for i := range 8 {
		b := w.browser()
		form := setupForm(b.get("/setup?token=" + token))
		form.Set("username", "root"+string(rune('a'+i)))
		all.Go(func() {
			a := b.post("/setup", form)
			mu.Lock()
			defer mu.Unlock()
			if a.to() == "/" {
				won++
			} else if a.StatusCode != http.StatusNotFound {
				t.Errorf("%d", a.StatusCode)
			}
		})
	}
	all.Wait()
	if won != 1 {
		t.Errorf("%d administrators", won)
	}
}

// Before the first account the login page tells its owner how to begin, and
// asks for no password that nobody has.
func TestLoginOfANewHouse(t *testing.T) {
	const begin = "caddy gatehouse setup"
	w := newWorld(t, nil)
	w.contexts[clientURL] = wiki(nil)
	b := w.browser()
	for _, path := range []string{"/login", "/login?return_url=" + url.QueryEscape(clientURL)} {
		if a := b.get(path); a.StatusCode != http.StatusOK || !strings.Contains(a.body, begin) || strings.Contains(a.body, `type="password"`) || strings.Contains(a.body, "alert") {
			t.Errorf("%s: %d %s", path, a.StatusCode, a.body)
		}
	}
	w.add("alice")
	if a := b.get("/login"); strings.Contains(a.body, begin) || !strings.Contains(a.body, `type="password"`) {
		t.Error("the first account changed nothing")
	}
	// Nobody sees that a provider's people have not come yet.
	_, p := federate(t, "work")
	w = newWorld(t, func(c *login.Config) { c.Providers = []login.Provider{p} })
	if a := w.browser().get("/login"); strings.Contains(a.body, begin) || !strings.Contains(a.body, `type="password"`) {
		t.Errorf("with a provider: %s", a.body)
	}
	// A store that can't tell says nothing.
	w = newWorld(t, func(c *login.Config) { c.Accounts = mute{c.Accounts} })
	if a := w.browser().get("/login"); strings.Contains(a.body, begin) || !strings.Contains(a.body, `type="password"`) {
		t.Errorf("mute store: %s", a.body)
	}
}

// mute are accounts whose store is away.
type mute struct{ login.Accounts }

func (mute) NeedsSetup(context.Context) (bool, error) {
	return true, fault.Wrap(fault.Unavailable, "mute", errors.New("store"))
}
