package session_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/internal/secret"
	"github.com/gatehouse-auth/gatehouse/session"
	"github.com/gatehouse-auth/gatehouse/store/memory"
)

// SES-01, SES-02, SES-03, SES-12: one login, one session, a handle per host.
func TestJourney(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, memory.NewShorts(memory.Options{}), session.Config{}, session.Options{})
		h.run()
		synctest.Wait()
		b := browser{}
		h.expect(b, h.portal, "")
		sess := h.begin(b, h.portal, alice, false)
		h.enter(b, h.app, sess.SID)
		h.enter(b, h.wiki, sess.SID)
		for _, s := range []*session.Sessions{h.portal, h.app, h.wiki} {
			h.expect(b, s, "alice")
			live, _ := s.Current(b.request(s))
			if live.SID != sess.SID || live.IDP != identity.Local || !live.Expires.Equal(sess.Expires) {
				t.Errorf("at %s: %+v", s.Site().Origin(), live.Session)
			}
		}
		values := map[string]bool{}
		for _, jar := range b {
			for name, value := range jar {
				if values[value] || !secret.Valid(value) || value == sess.SID {
					t.Errorf("cookie %s=%s", name, value)
				}
				values[value] = true
			}
		}
		other := browser{}
		h.begin(other, h.portal, bob, false)
		h.expect(other, h.portal, "bob")

		w := httptest.NewRecorder()
		thief := b.clone()
		if err := h.app.End(w, b.request(h.app)); err != nil { // at any host
			t.Fatal(err)
		}
		b.keep(h.app, w)
		if len(b[appOrigin]) != 0 {
			t.Error("the cookie stayed")
		}
		// SES-09: a copied cookie is dead at once; SES-12: at every host.
		for _, s := range []*session.Sessions{h.portal, h.app, h.wiki} {
			h.expect(thief, s, "")
		}
		h.expect(other, h.portal, "bob") // SES-11
	})
}

// COO-02, COO-03, COO-04, COO-05, COO-06, COO-07
func TestCookieOfASession(t *testing.T) {
	h := newHouse(t, memory.NewShorts(memory.Options{}), session.Config{Remember: 30 * 24 * time.Hour}, session.Options{})
	for _, tt := range []struct {
		remember bool
		maxAge   int
	}{{false, 0}, {true, 30 * 24 * 3600}} {
		w := httptest.NewRecorder()
		if _, err := h.portal.Begin(w, browser{}.request(h.portal), alice, login("pwd"), tt.remember); err != nil {
			t.Fatal(err)
		}
		set := w.Result().Cookies()
		if len(set) != 1 {
			t.Fatalf("%d cookies", len(set))
		}
		c := set[0]
		if c.Name != "__Host-Http-gatehouse" || !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" {
			t.Errorf("attributes: %s", c.Raw)
		}
		if d := tt.maxAge - c.MaxAge; d < 0 || d > 1 || len(c.Name)+len(c.Value) > 100 {
			t.Errorf("remember %v: %s", tt.remember, c.Raw)
		}
	}
	// A box that is not offered can't be ticked.
	h = newHouse(t, memory.NewShorts(memory.Options{}), session.Config{}, session.Options{})
	if sess := h.begin(browser{}, h.portal, alice, true); sess.Remember || sess.Expires.After(time.Now().Add(24*time.Hour)) {
		t.Errorf("remembered: %+v", sess)
	}
}

// SES-07: the same person again keeps sid, beginning and clients; every value
// known before is worthless, at all hosts and as a ticket.
func TestBeginAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, memory.NewShorts(memory.Options{}), session.Config{}, session.Options{})
		h.run()
		synctest.Wait()
		b := browser{}
		first := h.begin(b, h.portal, alice, false)
		h.enter(b, h.app, first.SID)
		if err := h.manager.Join(t.Context(), first.SID, "wiki"); err != nil {
			t.Fatal(err)
		}
		ticket, err := h.manager.Ticket(t.Context(), first.SID, visit(h.wiki, "/"))
		if err != nil {
			t.Fatal(err)
		}
		old := b.clone()
		h.expect(old, h.app, "alice")
		time.Sleep(time.Minute)

		again := h.begin(b, h.portal, alice, false)
		if again.SID != first.SID || !again.Began.Equal(first.Began) || !again.At.Equal(first.At.Add(time.Minute)) {
			t.Errorf("first %+v, again %+v", first, again)
		}
		if !again.Expires.Equal(first.Expires.Add(time.Minute)) {
			t.Errorf("expires %v, then %v", first.Expires, again.Expires)
		}
		if clients, err := h.manager.Clients(t.Context(), again.SID); err != nil || !slices.Equal(clients, []string{"wiki"}) {
			t.Errorf("clients %v, %v", clients, err)
		}
		h.expect(b, h.portal, "alice")
		h.expect(old, h.portal, "")
		h.expect(old, h.app, "")
		_, _, err = h.wiki.Redeem(httptest.NewRecorder(), b.request(h.wiki), ticket, binder)
		if !fault.Is(err, fault.NotFound) {
			t.Errorf("old ticket: %v", err)
		}
	})
}

// SES-07: a value that somebody put into the browser before the login is not
// taken over, and is worth nothing after it.
func TestPlantedValue(t *testing.T) {
	h := newHouse(t, memory.NewShorts(memory.Options{}), session.Config{}, session.Options{})
	name := h.portal.Site().CookieName("")
	b := browser{portalOrigin: {name: secret.New()}}
	planted := b.clone()
	h.begin(b, h.portal, alice, false)
	if b[portalOrigin][name] == planted[portalOrigin][name] {
		t.Error("the planted value is in force")
	}
	h.expect(b, h.portal, "alice")
	h.expect(planted, h.portal, "")
}

// SES-08
func TestBeginAsSomebodyElse(t *testing.T) {
	h := newHouse(t, memory.NewShorts(memory.Options{}), session.Config{}, session.Options{})
	b := browser{}
	first := h.begin(b, h.portal, alice, false)
	h.enter(b, h.app, first.SID)
	old := b.clone()
	second := h.begin(b, h.portal, bob, false)
	if second.SID == first.SID {
		t.Error("bob has alice's sid")
	}
	h.expect(b, h.portal, "bob")
	h.expect(old, h.portal, "")
	h.expect(old, h.app, "")
	if _, err := h.manager.Find(t.Context(), first.SID); !fault.Is(err, fault.NotFound) {
		t.Errorf("alice's session: %v", err)
	}
}

// Ending everywhere takes every browser of the person, here with the cookie, and
// nobody else's. SES-11
func TestEndEverywhere(t *testing.T) {
	h := newHouse(t, memory.NewShorts(memory.Options{}), session.Config{}, session.Options{})
	one, two, other := browser{}, browser{}, browser{}
	h.enter(two, h.app, h.begin(two, h.portal, alice, true).SID)
	h.begin(one, h.portal, alice, false)
	h.begin(other, h.portal, bob, false)
	w := httptest.NewRecorder()
	if err := h.portal.EndEverywhere(w, one.request(h.portal)); err != nil {
		t.Fatal(err)
	}
	if c := w.Result().Cookies(); len(c) != 1 || c[0].MaxAge >= 0 {
		t.Errorf("%v", c)
	}
	h.expect(one, h.portal, "")
	h.expect(two, h.portal, "")
	h.expect(two, h.app, "")
	h.expect(other, h.portal, "bob")
	if err := h.portal.EndEverywhere(httptest.NewRecorder(), browser{}.request(h.portal)); err != nil { // nobody
		t.Error(err)
	}
	h.expect(other, h.portal, "bob")
}

// Entering a host with another session's ticket ends the one that was there.
func TestEnterWithAnotherSession(t *testing.T) {
	h := newHouse(t, memory.NewShorts(memory.Options{}), session.Config{}, session.Options{})
	b := browser{}
	h.enter(b, h.app, h.begin(b, h.portal, alice, false).SID)
	old := b.clone()
	delete(b, portalOrigin) // the portal's cookie is lost
	second := h.begin(b, h.portal, bob, false)
	h.expect(b, h.app, "alice")
	h.enter(b, h.app, second.SID)
	h.expect(b, h.app, "bob")
	h.expect(old, h.portal, "") // SES-08
	h.expect(old, h.app, "")
}

func TestBeginRefusals(t *testing.T) {
	h := newHouse(t, memory.NewShorts(memory.Options{}), session.Config{}, session.Options{})
	for _, tt := range []struct {
		name string
		sub  identity.Subject
		want fault.Kind
	}{
		{"nobody", "", fault.Invalid},
		{"unknown or disabled", "33333333-3333-4333-8333-333333333333", fault.Denied},
	} {
		w := httptest.NewRecorder()
		_, err := h.portal.Begin(w, browser{}.request(h.portal), tt.sub, login("pwd"), false)
		if !fault.Is(err, tt.want) || len(w.Result().Cookies()) != 0 {
			t.Errorf("%s: %v, cookies %v", tt.name, err, w.Result().Cookies())
		}
	}
}

// Begin and End in one request: the last word counts.
func TestBeginAndEndInOneRequest(t *testing.T) {
	h := newHouse(t, memory.NewShorts(memory.Options{}), session.Config{}, session.Options{})
	w, r := httptest.NewRecorder(), browser{}.request(h.portal)
	sess, err := h.portal.Begin(w, r, alice, login("pwd"), false)
	if err != nil {
		t.Fatal(err)
	}
	again, err := h.portal.Begin(w, r, alice, login("otp"), false)
	if err != nil || again.SID != sess.SID {
		t.Fatalf("%+v, %v", again, err)
	}
	if err := h.portal.End(w, r); err != nil {
		t.Fatal(err)
	}
	if _, err := h.manager.Find(t.Context(), sess.SID); !fault.Is(err, fault.NotFound) {
		t.Errorf("after End: %v", err)
	}
	set := w.Header()["Set-Cookie"]
	if last := set[len(set)-1]; !strings.Contains(last, "Max-Age=0") {
		t.Errorf("last cookie: %s", last)
	}
}

// A time of authentication is true but never ahead of our clock.
func TestAuthTime(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	clock := func() time.Time { return now }
	h := newHouse(t, memory.NewShorts(memory.Options{Now: clock}), session.Config{}, session.Options{Now: clock})
	for _, tt := range []struct{ at, want time.Time }{
		{time.Time{}, now},
		{now.Add(-time.Hour), now.Add(-time.Hour)},
		{now.Add(time.Hour), now},
	} {
		l := login("pwd")
		l.At = tt.at
		sess, err := h.portal.Begin(httptest.NewRecorder(), browser{}.request(h.portal), alice, l, false)
		if err != nil || !sess.At.Equal(tt.want) {
			t.Errorf("at %v: %v, %v", tt.at, sess, err)
		}
	}
}
