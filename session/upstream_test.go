package session_test

import (
	"net/http/httptest"
	"testing"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/session"
	"github.com/gatehouse-auth/gatehouse/store"
)

// beginBy signs in by a provider, which calls the login there sid.
func (h *house) beginBy(b browser, sub identity.Subject, idp, sid string) {
	h.t.Helper()
	w := httptest.NewRecorder()
	by := identity.Login{IDP: idp, AMR: []string{identity.MethodFederated}, IDPSession: sid}
	if _, err := h.portal.Begin(w, b.request(h.portal), sub, by, false); err != nil {
		h.t.Fatal(err)
	}
	b.keep(h.portal, w)
}

// A provider's logout ends what came of the login that is over there, and
// nothing else (SES-13), on both stores.
func TestEndUpstream(t *testing.T) {
	type end struct {
		idp string
		sub identity.Subject
		sid string
	}
	for name, test := range map[string]struct {
		end
		gone []string
	}{
		"one login":                       {end{"work", alice, "a1"}, []string{"work a1"}},
		"one login, whoever's":            {end{"work", "", "b1"}, []string{"work b1"}},
		"all of a person":                 {end{"work", alice, ""}, []string{"work a1", "work a2", "work nameless"}},
		"the name of a login elsewhere":   {end{"other", alice, "a2"}, nil},
		"the same name at that provider":  {end{"other", "", "a1"}, []string{"other a1"}},
		"somebody else's login":           {end{"work", bob, "a1"}, nil},
		"an unknown login":                {end{"work", alice, "zz"}, nil},
		"local logins are no provider's":  {end{"home", alice, ""}, nil},
		"a login that was since replaced": {end{"work", "", "old"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			onEachStore(t, func(t *testing.T, shorts store.Shorts) {
				var n told
				h := newHouse(t, shorts, session.Config{}, session.Options{Ended: n.ended, Audit: n.note})
				browsers := map[string]browser{}
				for who, by := range map[string]struct {
					sub      identity.Subject
					idp, sid string
				}{
					"work a1": {alice, "work", "a1"}, "work a2": {alice, "work", "a2"}, "work nameless": {alice, "work", ""},
					"other a1": {alice, "other", "a1"}, "work b1": {bob, "work", "b1"}, "local": {alice, identity.Local, ""},
				} {
					browsers[who] = browser{}
					if who == "work a2" {
						h.beginBy(browsers[who], by.sub, by.idp, "old") // a second login takes its place
					}
					h.beginBy(browsers[who], by.sub, by.idp, by.sid)
				}
				ended, err := h.manager.EndUpstream(t.Context(), test.idp, test.sub, test.sid)
				if ended != len(test.gone) || len(n.ends) != ended || err != nil {
					t.Errorf("%d ended, %v, told %v", ended, err, n.ends)
				}
				for _, o := range n.ends {
					if o.Reason != session.ProviderLogout {
						t.Errorf("because of %s", o.Reason)
					}
				}
				for _, who := range test.gone {
					h.expect(browsers[who], h.portal, "")
					delete(browsers, who)
				}
				for who, b := range browsers {
					want := "alice"
					if who == "work b1" {
						want = "bob"
					}
					h.expect(b, h.portal, want)
				}
			})
		})
	}
}

// Without saying whose, nothing ends.
func TestEndUpstreamOfNobody(t *testing.T) {
	onEachStore(t, func(t *testing.T, shorts store.Shorts) {
		h := newHouse(t, shorts, session.Config{}, session.Options{})
		b := browser{}
		h.beginBy(b, alice, "work", "")
		for _, by := range [][2]string{{"work", ""}, {"", "a1"}} {
			if _, err := h.manager.EndUpstream(t.Context(), by[0], "", by[1]); !fault.Is(err, fault.Invalid) {
				t.Errorf("%v: %v", by, err)
			}
		}
		h.expect(b, h.portal, "alice")
	})
}
