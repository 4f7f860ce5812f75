package authorize_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/consent"
)

// Somebody else's client is asked for, once for each set of scopes (OAU-41).
func TestConsentOnce(t *testing.T) {
	onBothStores(t, func(t *testing.T, w *consentWorld) {
		b := w.browser()
		b.signIn("alice", "local")
		v := b.atConsent(b.ask(wants("third", "openid email")))
		if v.ClientName != "Third" || v.ClientLogo == "" || v.User.Username != "alice" || fmt.Sprint(v.Scopes) != "[{openid  [] } {email  [alice@example.com] }]" || v.ClientHost != "wiki.example.com" || v.Offline || !v.RememberOffered || v.Days != 365 {
			t.Errorf("%+v", v)
		}
		b.agree(wants("third", "openid email"), true)
		b.code(wants("third", "openid email")) // the same
		b.code(wants("third", "email openid")) // in another order
		b.code(wants("third", "openid"))       // less
		b.atConsent(b.ask(wants("third", "openid profile")))
		b.atConsent(b.ask(wants("third", "openid", "resource", apiURI)))
		b.atConsent(b.ask(wants("strict", "openid")))
		if got := w.heard(); !slices.Equal(got, []string{"consent_allowed third"}) {
			t.Errorf("%v", got)
		}

		// Another person, another browser: nothing is remembered of them.
		o := w.browser()
		o.signIn("bob", "local")
		o.atConsent(o.ask(wants("third", "openid")))
		// The same person elsewhere.
		c := w.browser()
		c.signIn("alice", "local")
		c.code(wants("third", "openid"))
	})
}

// Two answers are not added up.
func TestConsentsDoNotAddUp(t *testing.T) {
	w := newConsentWorld(t, inMemory)
	b := w.browser()
	b.signIn("alice", "local")
	b.agree(wants("third", "openid email", "resource", apiURI), true)
	b.agree(wants("third", "openid groups", "resource", filesURI), true)
	b.code(wants("third", "openid email", "resource", apiURI))
	b.code(wants("third", "openid groups", "resource", filesURI))
	for _, v := range []url.Values{
		wants("third", "openid email", "resource", filesURI), wants("third", "openid email groups", "resource", apiURI),
		wants("third", "openid email groups"),
	} {
		b.atConsent(b.ask(v))
	}
}

// What is remembered ends at a fixed time, used or not (OAU-38).
func TestConsentExpires(t *testing.T) {
	onBothStores(t, func(t *testing.T, w *consentWorld) {
		b := w.browser()
		b.signIn("alice", "local")
		b.agree(wants("short-memory", "openid"), true)
		w.clock.pass(23 * time.Hour)
		b.code(wants("short-memory", "openid"))
		w.clock.pass(time.Hour)
		b.atConsent(b.ask(wants("short-memory", "openid")))
		if list := b.granted().Grants; len(list) != 0 {
			t.Errorf("%+v", list)
		}
	})
}

// An answer that is not to be remembered counts once, and takes back what was.
func TestConsentIsNotRemembered(t *testing.T) {
	w := newConsentWorld(t, inMemory)
	b := w.browser()
	b.signIn("alice", "local")
	b.agree(wants("third", "openid"), false)
	b.agree(wants("third", "openid"), true)
	b.code(wants("third", "openid"))
	b.agree(wants("third", "openid email"), false)
	b.atConsent(b.ask(wants("third", "openid")))
	// A client that always asks remembers nothing, whatever is posted.
	b.agree(wants("strict", "openid"), true)
	if v := b.atConsent(b.ask(wants("strict", "openid"))); v.RememberOffered {
		t.Error("remembering is offered")
	}
}

// The page shows every value that the client could read.
func TestConsentShowsWhatIsShared(t *testing.T) {
	w := newConsentWorld(t, inMemory)
	b := w.browser()
	b.signIn("alice", "local")
	v := b.atConsent(b.ask(wants("third", "groups email profile openid")))
	const want = "[{groups  [admins staff] } {email  [alice@example.com] } {profile  [Name of alice alice Given] } {openid  [] }]"
	if got := fmt.Sprint(v.Scopes); got != want {
		t.Errorf("%s", got)
	}
	code := b.agree(wants("third", "groups email profile openid"), false)
	access := b.post("/token", as("third", redeem(code))).tokens(t).Access
	var claims map[string]any
	if err := json.Unmarshal([]byte(b.userinfo(access).body), &claims); err != nil {
		t.Fatal(err)
	}
	for name, value := range claims {
		if name == "sub" || name == "email_verified" {
			continue
		}
		for _, word := range strings.Fields(strings.Trim(fmt.Sprint(value), "[]")) {
			if !strings.Contains(want, word) {
				t.Errorf("%s is given and was not shown: %v", name, value)
			}
		}
	}
}

// Denying answers the client, and takes back what was allowed before.
func TestConsentDenied(t *testing.T) {
	onBothStores(t, func(t *testing.T, w *consentWorld) {
		b := w.browser()
		b.signIn("alice", "local")
		b.agree(wants("third", "openid"), true)
		a := b.say(b.atConsent(b.ask(wants("third", "openid", "prompt", "consent"))), consent.ActionDeny, true)
		if a = b.get(a.to.String()); a.to == nil || !strings.HasPrefix(a.to.String(), wikiURI+"?") {
			t.Fatalf("%d %v", a.StatusCode, a.to)
		}
		if q := a.to.Query(); q.Get("error") != "access_denied" || q.Get("state") != "the state" || q.Get("iss") != w.issuer || q.Get("code") != "" {
			t.Errorf("%v", q)
		}
		b.atConsent(b.ask(wants("third", "openid")))
	})
}

// prompt=consent asks whoever said yes before; prompt=none never asks (OAU-17).
func TestConsentAndPrompt(t *testing.T) {
	w := newConsentWorld(t, inMemory)
	b := w.browser()
	b.signIn("alice", "local")
	none := func(client, want string) {
		t.Helper()
		if got := b.ask(wants(client, "openid", "prompt", "none")).to.Query(); got.Get("error") != want || want == "" && got.Get("code") == "" {
			t.Errorf("%s: %v", client, got)
		}
	}
	none("third", "consent_required")
	none("ours", "")
	b.agree(wants("third", "openid", "prompt", "consent"), true)
	none("third", "")
	none("strict", "consent_required")
	b.agree(wants("third", "openid", "prompt", "consent", "state", "2"), true)
	b.agree(wants("ours", "openid", "prompt", "consent"), true)
	if w.sessions.cookies = map[string]string{}; b.ask(wants("third", "openid", "prompt", "none")).to.Query().Get("error") != "login_required" {
		t.Error("nobody was asked for consent")
	}
}

// A login made for the request stays fresh while the person is asked (OAU-18).
func TestConsentAfterForcedLogin(t *testing.T) {
	w := newConsentWorld(t, inMemory)
	b := w.browser()
	b.signIn("alice", "local")
	v := wants("third", "openid", "prompt", "login consent")
	back, ok := b.ask(v).atLogin(w.world)
	if !ok {
		t.Fatal("not at the login")
	}
	w.clock.pass(time.Minute)
	b.signIn("alice", "local")
	w.clock.pass(time.Minute)
	said := b.say(b.atConsent(b.get(back)), consent.ActionAllow, false)
	w.clock.pass(time.Second)
	if a := b.get(said.to.String()); a.to.Query().Get("code") == "" {
		t.Errorf("%v", a.to)
	}
	// And the next request has neither the login nor the answer.
	if _, ok := b.ask(v).atLogin(w.world); !ok {
		t.Error("the login was not asked for again")
	}
}

// offline_access is granted with consent, or to a first-party client, alone.
func TestConsentOffline(t *testing.T) {
	w := newConsentWorld(t, inMemory)
	b := w.browser()
	b.signIn("alice", "local")
	b.agree(wants("third", "openid"), true)
	v := wants("third", "openid offline_access")
	if page := b.atConsent(b.ask(v)); !page.Offline || fmt.Sprint(page.Scopes) != "[{openid  [] }]" {
		t.Errorf("%+v", page)
	}
	for client, code := range map[string]string{"third": b.agree(v, true), "ours": b.code(wants("ours", "openid offline_access"))} {
		out := b.post("/token", as(client, redeem(code))).tokens(t)
		if out.Refresh == "" || !strings.Contains(out.Scope, "offline_access") {
			t.Errorf("%s: %+v", client, out)
		}
	}
	if out := b.post("/token", as("third", redeem(b.code(wants("third", "openid"))))).tokens(t); strings.Contains(out.Scope, "offline_access") {
		t.Errorf("%+v", out)
	}
}

// A request by POST is asked about like any other.
func TestConsentForPostedRequest(t *testing.T) {
	w := newConsentWorld(t, inMemory)
	b := w.browser()
	b.signIn("alice", "local")
	address := b.post("/authorize", wants("third", "openid")).to.String()
	said := b.say(b.atConsent(b.get(address)), consent.ActionAllow, false)
	if a := b.get(said.to.String()); a.to.Query().Get("code") == "" {
		t.Errorf("%v", a.to)
	}
}
