package session_test

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/session"
	"github.com/gatehouse-auth/gatehouse/store"
	"github.com/gatehouse-auth/gatehouse/store/memory"
)

// told collects what Ended is told.
type told struct {
	mu   sync.Mutex
	list []string
	ends []session.End
	fail error
}

func (n *told) note(_ context.Context, e session.End) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.ends = append(n.ends, e)
}

// reasons are those for which alice's session ended.
func (n *told) reasons(sid string) []session.Reason {
	n.mu.Lock()
	defer n.mu.Unlock()
	var why []session.Reason
	for _, e := range n.ends {
		if e.SID == sid && e.Subject == alice {
			why = append(why, e.Reason)
		}
	}
	return why
}

func (n *told) ended(_ context.Context, sid string, sub identity.Subject, clients []string) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.fail != nil {
		return n.fail
	}
	n.list = append(n.list, fmt.Sprint(sid, " ", sub[:1], " ", clients))
	return nil
}

// take gives what was told since it was asked last.
func (n *told) take() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	list := n.list
	n.list = nil
	return list
}

func (n *told) breaks(err error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.fail = err
}

// joined begins a session that two clients join.
func (h *house) joined(b browser, sub identity.Subject) string {
	h.t.Helper()
	sid := h.begin(b, h.portal, sub, false).SID
	for _, client := range []string{"wiki", "mail", "wiki"} {
		if err := h.manager.Join(h.t.Context(), sid, client); err != nil {
			h.t.Fatal(err)
		}
	}
	return sid
}

// However a session ends, the clients that joined it are named exactly once,
// and only then. SES-09, SES-11, SES-16
func TestEndedIsTold(t *testing.T) {
	for why, end := range map[session.Reason]func(t *testing.T, h *house, b browser, sid string){
		session.Logout: func(t *testing.T, h *house, b browser, _ string) {
			if err := h.portal.End(httptest.NewRecorder(), b.request(h.portal)); err != nil {
				t.Fatal(err)
			}
		},
		session.Revoked: func(t *testing.T, h *house, _ browser, sid string) {
			if err := h.manager.EndSession(t.Context(), sid, session.Revoked); err != nil {
				t.Fatal(err)
			}
		},
		session.Everywhere: func(t *testing.T, h *house, b browser, _ string) {
			if err := h.portal.EndEverywhere(httptest.NewRecorder(), b.request(h.portal)); err != nil {
				t.Fatal(err)
			}
		},
		session.OtherLogin: func(_ *testing.T, h *house, b browser, _ string) { h.begin(b, h.portal, bob, false) },
		session.AccountChanged: func(t *testing.T, h *house, b browser, _ string) {
			h.accounts.disable(alice)
			h.expect(b, h.portal, "")
		},
		session.OtherLogin + " by ticket": func(_ *testing.T, h *house, b browser, _ string) {
			h.enter(b, h.portal, h.begin(browser{}, h.app, bob, false).SID)
		},
	} {
		t.Run(string(why), func(t *testing.T) {
			onEachStore(t, func(t *testing.T, shorts store.Shorts) {
				var n told
				h := newHouse(t, shorts, session.Config{}, session.Options{Ended: n.ended, Audit: n.note})
				b := browser{}
				sid := h.joined(b, alice)
				h.begin(browser{}, h.portal, alice, false) // no client knows of this one
				h.begin(b, h.portal, alice, false)         // the same person again ends nothing
				if list := n.take(); len(list) != 0 {
					t.Fatal(list)
				}
				end(t, h, b, sid)
				if got, want := n.take(), []string{sid + " 1 [wiki mail]"}; !slices.Equal(got, want) {
					t.Errorf("%v, want %v", got, want)
				}
				if err := h.manager.EndSession(t.Context(), sid, session.Revoked); !fault.Is(err, fault.NotFound) {
					t.Errorf("twice: %v", err)
				}
				reason, _, _ := strings.Cut(string(why), " ")
				if got, want := n.reasons(sid), []session.Reason{session.Reason(reason)}; !slices.Equal(got, want) { // LOG-03
					t.Errorf("it ended because of %q, want %q", got, want)
				}
				left(t, shorts, sid)
				if list := n.take(); len(list) != 0 {
					t.Errorf("told again: %v", list)
				}
			})
		})
	}
}

// left fails if anything of a session is still in the store.
func left(t *testing.T, shorts store.Shorts, sid string) {
	t.Helper()
	if _, err := shorts.Get(t.Context(), "session", sid); !fault.Is(err, fault.NotFound) {
		t.Errorf("the record is left: %v", err)
	}
	for _, kind := range []store.Kind{"handle", "ticket", "due"} {
		if items, _, err := shorts.ListByIndex(t.Context(), kind, store.BySID, sid, "", 10); err != nil || len(items) != 0 {
			t.Errorf("%s: %v, %v", kind, items, err)
		}
	}
}

// A session that runs out is told too, by one of two processes, with nobody
// looking at it; one that is used is not. SES-15
func TestExpiryIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n told
		shorts := memory.NewShorts(memory.Options{})
		limits := session.Config{IdleTimeout: 10 * time.Minute, MaxAge: time.Hour}
		h := newHouse(t, shorts, limits, session.Options{Ended: n.ended, Audit: n.note})
		other := neighbour(t, shorts, h.accounts, limits, session.Options{Ended: n.ended, Audit: n.note})
		defer h.run()()
		defer other.run()()
		b := browser{}
		idle, busy := h.joined(browser{}, alice), h.joined(b, bob)
		for range 5 {
			time.Sleep(9 * time.Minute)
			live, err := h.portal.Current(b.request(h.portal))
			if live == nil || err != nil {
				t.Fatal(live, err)
			}
			live.Used()
		}
		if got, want := n.take(), []string{idle + " 1 [wiki mail]"}; !slices.Equal(got, want) {
			t.Errorf("idle: %v, want %v", got, want)
		}
		if got := n.reasons(idle); !slices.Equal(got, []session.Reason{session.Expired}) {
			t.Errorf("idle: %v", got)
		}
		time.Sleep(16 * time.Minute)
		if got, want := n.take(), []string{busy + " 2 [wiki mail]"}; !slices.Equal(got, want) {
			t.Errorf("max age: %v, want %v", got, want)
		}
		time.Sleep(2 * time.Minute)
		left(t, shorts, idle)
		left(t, shorts, busy)
	})
}

// Shorter limits by a new login are heeded, though the old note is later.
func TestShorterLimitsAreHeeded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n told
		h := newHouse(t, memory.NewShorts(memory.Options{}), session.Config{IdleTimeout: time.Hour, Remember: 30 * 24 * time.Hour}, session.Options{Ended: n.ended})
		defer h.run()()
		b := browser{}
		sid := h.begin(b, h.portal, alice, true).SID
		if err := h.manager.Join(t.Context(), sid, "wiki"); err != nil {
			t.Fatal(err)
		}
		h.begin(b, h.portal, alice, false)
		time.Sleep(90 * time.Minute)
		if got, want := n.take(), []string{sid + " 1 [wiki]"}; !slices.Equal(got, want) {
			t.Errorf("%v, want %v", got, want)
		}
	})
}

// Where nobody could be told, the session is over all the same, and its clients
// are told later, by whoever runs then. SES-09
func TestEndedFails(t *testing.T) {
	onEachStore(t, func(t *testing.T, shorts store.Shorts) {
		now := time.Now()
		clock := func() time.Time { return now }
		var n told
		n.breaks(errors.New("full disk"))
		var reports []error
		h := newHouse(t, shorts, session.Config{}, session.Options{Ended: n.ended, Now: clock, Report: func(err error) { reports = append(reports, err) }})
		b, c := browser{}, browser{}
		first, second := h.joined(b, alice), h.joined(c, bob)
		if err := h.portal.End(httptest.NewRecorder(), b.request(h.portal)); err != nil {
			t.Fatal(err)
		}
		if _, err := h.manager.EndSubject(t.Context(), bob, session.Revoked); err != nil {
			t.Fatal(err)
		}
		if len(reports) != 2 || len(n.take()) != 0 {
			t.Fatal(reports)
		}
		h.expect(b, h.portal, "")
		h.expect(c, h.portal, "")
		if infos, _, err := h.manager.List(t.Context(), "", "", 10); len(infos) != 0 || err != nil {
			t.Error(infos, err)
		}
		if err := h.manager.Join(t.Context(), first, "late"); !fault.Is(err, fault.NotFound) {
			t.Error(err)
		}
		n.breaks(nil)
		next := neighbour(t, shorts, h.accounts, session.Config{}, session.Options{Ended: n.ended, Now: clock})
		if err := session.WorkDue(next.manager, t.Context()); err != nil || len(n.take()) != 0 {
			t.Error("told too early", err)
		}
		now = now.Add(2 * time.Minute)
		if err := session.WorkDue(next.manager, t.Context()); err != nil {
			t.Fatal(err)
		}
		got, want := n.take(), []string{first + " 1 [wiki mail]", second + " 2 [wiki mail]"}
		if slices.Sort(got); !slices.Equal(got, slices.Sorted(slices.Values(want))) {
			t.Errorf("%v, want %v", got, want)
		}
		left(t, shorts, first)
		left(t, shorts, second)
	})
}

// A client that joins while the session ends is either told or was refused.
func TestJoinWhileEnding(t *testing.T) {
	onEachStore(t, func(t *testing.T, shorts store.Shorts) {
		for range 20 {
			var n told
			h := newHouse(t, shorts, session.Config{}, session.Options{Ended: n.ended})
			sid := h.begin(browser{}, h.portal, alice, false).SID
			var all sync.WaitGroup
			joined := make([]error, 4)
			for i := range joined {
				all.Go(func() { joined[i] = h.manager.Join(t.Context(), sid, fmt.Sprint("client", i)) })
			}
			all.Go(func() {
				if err := h.manager.EndSession(t.Context(), sid, session.Revoked); err != nil {
					t.Error(err)
				}
			})
			all.Wait()
			list := n.take()
			for i, err := range joined {
				named := len(list) == 1 && strings.Contains(list[0], fmt.Sprint("client", i))
				if named != (err == nil) || err != nil && !fault.Is(err, fault.NotFound) {
					t.Errorf("client%d: %v, told %v", i, err, list)
				}
			}
		}
	})
}

// A store that fails while a session ends: either the session stands and there
// is an error, or its clients are told, now or later. Never neither.
func TestStoreFailsWhileEnding(t *testing.T) {
	for at, wantErr := range map[string]bool{"get session": true, "swap": true, "publish": true, "delete session": false} {
		now := time.Now()
		clock := func() time.Time { return now }
		var n told
		f := &failing{Shorts: memory.NewShorts(memory.Options{Now: clock})}
		h := newHouse(t, f, session.Config{}, session.Options{Ended: n.ended, Now: clock})
		b := browser{}
		sid := h.joined(b, alice)
		f.at.Store(at)
		err := h.manager.EndSession(t.Context(), sid, session.Revoked)
		f.at.Store("")
		if (err != nil) != wantErr {
			t.Errorf("%s: %v", at, err)
		}
		stands := h.who(b, h.portal) == "alice"
		if stands != (at == "get session" || at == "swap") {
			t.Errorf("%s: stands %v", at, stands)
		}
		if err := h.manager.EndSession(t.Context(), sid, session.Revoked); stands != (err == nil) {
			t.Errorf("%s: again: %v", at, err)
		}
		for range 3 {
			now = now.Add(2 * time.Hour)
			if err := session.WorkDue(h.manager, t.Context()); err != nil {
				t.Error(err)
			}
		}
		if list := n.take(); len(list) == 0 || list[0] != sid+" 1 [wiki mail]" {
			t.Errorf("%s: told %v", at, list)
		}
		left(t, f, sid)
	}
	f := &failing{Shorts: memory.NewShorts(memory.Options{})}
	h := newHouse(t, f, session.Config{}, session.Options{Ended: new(told).ended})
	sid := h.begin(browser{}, h.portal, alice, false).SID
	f.at.Store("create due")
	if err := h.manager.Join(t.Context(), sid, "wiki"); !fault.Is(err, fault.Unavailable) {
		t.Errorf("joined though nobody would notice the end: %v", err)
	}
}
