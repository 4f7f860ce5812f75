package authorize_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/consent"
	"github.com/gatehouse-auth/gatehouse/fault"
)

var errBroken = fault.New(fault.Unavailable, "test", "")

// What somebody allowed is listed, and ends when they take it back.
func TestTakingBack(t *testing.T) {
	onBothStores(t, func(t *testing.T, w *consentWorld) {
		b := w.browser()
		session := b.signIn("alice", "local")
		if list := b.granted(); len(list.Grants) != 0 || list.User.Username != "alice" || list.Withdrawn {
			t.Errorf("%+v", list)
		}
		v := wants("third", "openid email offline_access", "resource", apiURI)
		third := b.post("/token", as("third", redeem(b.agree(v, true)))).tokens(t)
		w.clock.pass(time.Hour)
		ours := b.post("/token", as("ours", redeem(b.code(wants("ours", "openid offline_access"))))).tokens(t)
		b.post("/token", as("tied", redeem(b.code(wants("tied", "openid"))))) // ends with the session
		w.clock.pass(time.Minute)
		third = b.refresh("third", third.Refresh)
		list := b.granted().Grants
		if len(list) != 2 || list[0].ClientID != "ours" || list[1].ClientName != "Third" || list[1].ClientLogo == "" {
			t.Fatalf("%+v", list)
		}
		if g := list[1]; !g.Offline || fmt.Sprint(g.Scopes) != "[{email  [] } {openid  [] }]" || !slices.Equal(g.Resources, []string{apiURI}) || g.Expires.Sub(g.Granted) != 365*24*time.Hour || !g.Used.Equal(w.clock.Now()) {
			t.Errorf("%+v", g)
		}
		if a := b.takeBack(list[1]); a.StatusCode != http.StatusSeeOther || a.to.Path != consent.PathGrants || a.to.RawQuery != "withdrawn" {
			t.Errorf("%d %v", a.StatusCode, a.to)
		}
		if got := b.refresh("third", third.Refresh); got.Error != "invalid_grant" || b.active("third", third.Access) {
			t.Errorf("%+v", got)
		}
		b.atConsent(b.ask(v))
		if list := b.granted().Grants; len(list) != 1 || list[0].ClientID != "ours" {
			t.Errorf("%+v", list)
		}
		// A client that is gone can be turned out all the same.
		delete(w.clients, "ours")
		gone := b.granted().Grants[0]
		if b.takeBack(gone); len(b.granted().Grants) != 0 || gone.ClientName != "ours" {
			t.Errorf("%+v", gone)
		}
		if got := b.refresh("ours", ours.Refresh); got.Access != "" {
			t.Error("it is still renewed")
		}
		if got := w.heard(); !slices.Equal(got, []string{"consent_allowed third", "consent_withdrawn third", "consent_withdrawn ours"}) {
			t.Errorf("%v", got)
		}
		if !w.stands(session.SID) {
			t.Error("the session is gone")
		}
	})
}

// stands tells whether a session is still there.
func (w *consentWorld) stands(sid string) bool {
	w.sessions.mu.Lock()
	defer w.sessions.mu.Unlock()
	return w.sessions.bySID[sid] != nil
}

// Taking back also takes an answer that was not used yet.
func TestTakingBackAnAnswer(t *testing.T) {
	w := newConsentWorld(t, inMemory)
	b := w.browser()
	b.signIn("alice", "local")
	said := b.say(b.atConsent(b.ask(wants("third", "openid"))), consent.ActionAllow, true)
	b.takeBack(b.granted().Grants[0])
	b.atConsent(b.get(said.to.String()))
}

// A code that was on its way to be made when the person took back what they allowed
// is worth nothing, though it is made a moment later.
func TestTakingBackMeanwhile(t *testing.T) {
	onBothStores(t, func(t *testing.T, w *consentWorld) {
		b := w.browser()
		b.signIn("alice", "local")
		v := wants("third", "openid offline_access")
		b.agree(v, true)
		w.sessions.joining = func() {
			w.clock.pass(time.Second)
			if b.takeBack(b.granted().Grants[0]); len(b.granted().Grants) != 0 {
				t.Error("it was not taken back")
			}
			w.clock.pass(time.Second)
		}
		code := b.code(v)
		w.sessions.joining = nil
		if got := b.post("/token", as("third", redeem(code))).tokens(t); got.Error != "invalid_grant" || got.Refresh != "" {
			t.Errorf("%+v", got)
		}
	})
}

// Nobody takes back what is another's, and no page from before what is of
// whoever came after.
func TestTakingBackIsOnesOwn(t *testing.T) {
	w := newConsentWorld(t, inMemory)
	b, o := w.browser(), w.browser()
	if a := b.get(w.issuer + consent.PathGrants); a.StatusCode != 303 || a.to.Path != "/login" || a.to.Query().Get("return_url") != consent.PathGrants {
		t.Errorf("nobody: %d %v", a.StatusCode, a.to)
	}
	b.signIn("alice", "local")
	o.signIn("bob", "local")
	b.agree(wants("third", "openid"), true)
	o.agree(wants("third", "openid"), true)
	alices, bobs := b.granted().Grants[0], o.granted().Grants[0]
	if a := o.takeBack(alices); a.StatusCode != 303 || a.to.RawQuery != "" {
		t.Errorf("%d %v", a.StatusCode, a.to)
	}
	b.signIn("bob", "local") // in the browser where alice's page is open
	b.takeBack(alices)
	if len(o.granted().Grants) != 1 {
		t.Error("bob's is gone")
	}
	o.takeBack(bobs)
	o.atConsent(o.ask(wants("third", "openid")))
	b.signIn("alice", "local")
	b.code(wants("third", "openid"))

	// An account that is deleted leaves nothing behind.
	if err := w.consents.EndSubject(t.Context(), "alice"); err != nil {
		t.Fatal(err)
	}
	b.atConsent(b.ask(wants("third", "openid")))
}

// The form is protected like the one that asks (CSR-06): another site's takes
// nothing back, whatever it brings.
func TestTakingBackForm(t *testing.T) {
	w := newConsentWorld(t, inMemory)
	b := w.browser()
	b.signIn("alice", "local")
	b.agree(wants("third", "openid"), true)
	good := url.Values{consent.FieldToken: {b.granted().Grants[0].Token}, consent.FieldAction: {consent.ActionWithdraw}}
	for name, c := range map[string]struct {
		header, value string
		status        int
	}{
		"another site": {"Origin", "https://evil.example", 403}, "null": {"Origin", "null", 403}, "cross-site": {"Sec-Fetch-Site", "cross-site", 403},
		"a sibling": {"Sec-Fetch-Site", "same-site", 403}, "text": {"Content-Type", "text/plain", 415}, "compressed": {"Content-Encoding", "gzip", 415},
	} {
		if a := b.post(consent.PathGrants, good, fromUs(w.world), header(c.header, c.value)); a.StatusCode != c.status {
			t.Errorf("%s: %d", name, a.StatusCode)
		}
	}
	b.get(w.issuer + consent.PathGrants + "?" + good.Encode())
	for _, token := range []string{"", "x", good.Get(consent.FieldToken)[1:]} {
		if a := b.post(consent.PathGrants, url.Values{consent.FieldToken: {token}, consent.FieldAction: {consent.ActionWithdraw}}, fromUs(w.world)); a.StatusCode != 400 {
			t.Errorf("token %.10q: %d", token, a.StatusCode)
		}
	}
	b.code(wants("third", "openid")) // it is remembered all the same
	if a := b.post(consent.PathGrants, good, fromUs(w.world)); a.StatusCode != 303 {
		t.Errorf("our own: %d", a.StatusCode)
	}
	b.atConsent(b.ask(wants("third", "openid")))
}
