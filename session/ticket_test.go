package session_test

import (
	"errors"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/internal/secret"
	"github.com/gatehouse-auth/gatehouse/session"
	"github.com/gatehouse-auth/gatehouse/store/memory"
)

// A ticket that is refused for its origin or browser is not consumed, so that
// nobody burns somebody else's; a used one is spent.
func TestRedeem(t *testing.T) {
	h := newHouse(t, memory.NewShorts(memory.Options{}), session.Config{}, session.Options{})
	b := browser{}
	sess := h.begin(b, h.portal, alice, false)
	ticket, err := h.manager.Ticket(t.Context(), sess.SID, visit(h.app, "/deep?q=1&r=%20x"))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name           string
		at             *session.Sessions
		ticket, binder string
		want           fault.Kind
		foreign        bool
	}{
		{"another host", h.wiki, ticket, binder, fault.Invalid, false},
		{"another host and browser", h.wiki, ticket, secret.New(), fault.Invalid, false},
		{"the portal", h.portal, ticket, binder, fault.Invalid, false},
		{"another browser", h.app, ticket, secret.New(), fault.Invalid, true},
		{"no binder", h.app, ticket, "", fault.Invalid, true},
		{"the binder's hash as binder", h.app, ticket, session.HashBinder(binder), fault.Invalid, true},
		{"an unknown ticket", h.app, secret.New(), binder, fault.NotFound, false},
		{"no ticket", h.app, "", binder, fault.NotFound, false},
		{"a malformed ticket", h.app, ticket + "=", binder, fault.NotFound, false},
		{"the ticket's key", h.app, secret.Hash(ticket), binder, fault.NotFound, false},
		{"right", h.app, ticket, binder, fault.Internal, false}, // no error
		{"spent", h.app, ticket, binder, fault.Spent, false},
	} {
		w := httptest.NewRecorder()
		live, target, err := tt.at.Redeem(w, browser{}.request(tt.at), tt.ticket, tt.binder)
		if tt.name == "right" {
			if err != nil || live.SID != sess.SID || target != "/deep?q=1&r=%20x" || len(w.Result().Cookies()) != 1 {
				t.Errorf("right: %v, %q, %v", live, target, err)
			}
			continue
		}
		if !fault.Is(err, tt.want) || live != nil || target != "" || len(w.Result().Cookies()) != 0 {
			t.Errorf("%s: %v, %v", tt.name, live, err)
		}
		foreign, ok := errors.AsType[*session.ForeignError](err)
		if ok != tt.foreign || ok && (foreign.Tries != 2 || foreign.Target != "/deep?q=1&r=%20x") {
			t.Errorf("%s: foreign %+v", tt.name, foreign)
		}
	}
}

func TestTicketEnds(t *testing.T) {
	for _, tt := range []struct {
		name string
		do   func(h *house, sid string)
		want bool
	}{
		{"in time", func(*house, string) { time.Sleep(session.TicketLife - time.Second) }, true},
		{"expired", func(*house, string) { time.Sleep(session.TicketLife) }, false},
		{"session ended", func(h *house, sid string) { _ = h.manager.EndSession(h.t.Context(), sid, session.Revoked) }, false},
		{"account disabled", func(h *house, _ string) { h.accounts.disable(alice) }, false},
	} {
		synctest.Test(t, func(t *testing.T) {
			h := newHouse(t, memory.NewShorts(memory.Options{}), session.Config{}, session.Options{})
			sess := h.begin(browser{}, h.portal, alice, false)
			ticket, err := h.manager.Ticket(t.Context(), sess.SID, visit(h.app, "/"))
			if err != nil {
				t.Fatal(err)
			}
			tt.do(h, sess.SID)
			_, _, err = h.app.Redeem(httptest.NewRecorder(), browser{}.request(h.app), ticket, binder)
			if (err == nil) != tt.want || err != nil && !fault.Is(err, fault.NotFound) {
				t.Errorf("%s: %v", tt.name, err)
			}
		})
	}
}

func TestTicketRefusals(t *testing.T) {
	h := newHouse(t, memory.NewShorts(memory.Options{}), session.Config{}, session.Options{})
	sess := h.begin(browser{}, h.portal, alice, false)
	for _, tt := range []struct {
		sid  string
		v    session.Visit
		want fault.Kind
	}{
		{"unknown", visit(h.app, "/"), fault.NotFound},
		{sess.SID, session.Visit{Origin: appOrigin}, fault.Invalid},
		{sess.SID, session.Visit{Binder: session.HashBinder(binder)}, fault.Invalid},
	} {
		if ticket, err := h.manager.Ticket(t.Context(), tt.sid, tt.v); !fault.Is(err, tt.want) || ticket != "" {
			t.Errorf("%+v: %v", tt, err)
		}
	}
}

// Entering a host again replaces its handle: the old value is dead at once.
// SES-07
func TestEnterAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, memory.NewShorts(memory.Options{}), session.Config{Remember: 3 * time.Hour}, session.Options{})
		h.run()
		synctest.Wait()
		b := browser{}
		sess := h.begin(b, h.portal, alice, true)
		h.enter(b, h.app, sess.SID)
		h.expect(b, h.app, "alice")
		old := b.clone()
		time.Sleep(time.Hour)
		ticket, err := h.manager.Ticket(t.Context(), sess.SID, visit(h.app, "/"))
		if err != nil {
			t.Fatal(err)
		}
		w := httptest.NewRecorder()
		if _, _, err := h.app.Redeem(w, b.request(h.app), ticket, binder); err != nil {
			t.Fatal(err)
		}
		// The host's cookie ends with the session, not later (SES-15).
		if set := b.keep(h.app, w); len(set) != 1 || set[0].MaxAge != 2*3600 {
			t.Errorf("%v", set)
		}
		h.expect(b, h.app, "alice")
		h.expect(old, h.app, "")
		h.expect(old, h.portal, "alice")
	})
}

// RED-02, RED-04, DOS-06, RED-05
func TestVisitTarget(t *testing.T) {
	h := newHouse(t, memory.NewShorts(memory.Options{}), session.Config{}, session.Options{})
	sess := h.begin(browser{}, h.portal, alice, false)
	long := "/" + strings.Repeat("a", 4095)
	for _, tt := range []struct{ target, want string }{
		{"/", "/"},
		{"/a/b?c=d&e=%20f&g=a+b&h[]=1|2", "/a/b?c=d&e=%20f&g=a+b&h[]=1|2"},
		{"/%2e%2e/%5c?u=https://other.example/", "/%2e%2e/%5c?u=https://other.example/"},
		{"/ü b?\"<>", "/%C3%BC%20b?%22%3C%3E"},
		{`/a\b`, "/a%5Cb"},
		{long, long},
		{long + "a", "/"},
		{"/" + strings.Repeat("ü", 1000), "/"},
		{"", "/"},
		{"//evil.example", "/"},
		{`/\evil.example`, "/"},
		{"///evil.example", "/"},
		{"https://evil.example", "/"},
		{"evil", "/"},
		{"@evil.example/", "/"},
		{".evil.example", "/"},
		{"/\t/evil.example", "/"},
		{"/\n/evil.example", "/"},
		{"/x\r\nSet-Cookie: a=b", "/"},
		{"/x\x00", "/"},
		{"/x\x7f", "/"},
		{"/x#y", "/"},
		{"*", "/"},
	} {
		sealed := h.manager.SealVisit(visit(h.app, tt.target))
		v, err := h.manager.OpenVisit(sealed)
		if err != nil || v.Target != tt.want || v.Origin != appOrigin || v.Tries != 2 || len(sealed) > 6200 {
			t.Errorf("%q: %q, %v, %d bytes", tt.target, v.Target, err, len(sealed))
		}
		// Also if the ticket was made from an unchecked visit.
		ticket, err := h.manager.Ticket(t.Context(), sess.SID, visit(h.app, tt.target))
		if err != nil {
			t.Fatal(err)
		}
		_, target, err := h.app.Redeem(httptest.NewRecorder(), browser{}.request(h.app), ticket, binder)
		if err != nil || target != tt.want {
			t.Errorf("redeemed %q: %q, %v", tt.target, target, err)
		}
	}
}

// A visit is sealed, for its purpose, and a bookmark of the login page leads
// where the person wanted to go for 400 days. SES-20
func TestVisitSeal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, memory.NewShorts(memory.Options{}), session.Config{}, session.Options{})
		v := visit(h.app, "/secret-path")
		v.Force = true
		sealed := h.manager.SealVisit(v)
		if strings.Contains(sealed, "secret-path") {
			t.Error("readable")
		}
		got, err := h.manager.OpenVisit(sealed)
		if err != nil || got != (session.Visit{Origin: appOrigin, Target: "/secret-path", Binder: session.HashBinder(binder), FirstSeen: v.FirstSeen.Round(0).UTC(), Tries: 2, Force: true}) {
			t.Errorf("%+v, %v", got, err)
		}
		for _, text := range []string{"", "x", sealed[1:], sealed[:len(sealed)-1], sealed + "A", "B" + sealed[1:], testBox(t).Seal([]byte("{}")), testBox(t).Seal([]byte("[]"), "visit")} {
			if _, err := h.manager.OpenVisit(text); !fault.Is(err, fault.Invalid) {
				t.Errorf("%q: %v", text, err)
			}
		}
		// A sealed visit is no session.
		n := h.app.Site().CookieName("")
		h.expect(browser{appOrigin: {n: sealed}}, h.app, "")
		time.Sleep(400 * 24 * time.Hour)
		if _, err := h.manager.OpenVisit(sealed); err != nil {
			t.Errorf("after 400 days: %v", err)
		}
		time.Sleep(time.Second)
		if _, err := h.manager.OpenVisit(sealed); !fault.Is(err, fault.Invalid) {
			t.Errorf("after more: %v", err)
		}
		v.FirstSeen = time.Now().Add(time.Hour)
		if _, err := h.manager.OpenVisit(h.manager.SealVisit(v)); !fault.Is(err, fault.Invalid) {
			t.Errorf("from the future: %v", err)
		}
	})
}
