package session_test

import (
	"net/http/httptest"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/session"
	"github.com/gatehouse-auth/gatehouse/store"
	"github.com/gatehouse-auth/gatehouse/store/memory"
	"github.com/gatehouse-auth/gatehouse/store/sqlite"
)

// onEachStore runs a test on every kind of store there is.
func onEachStore(t *testing.T, test func(t *testing.T, shorts store.Shorts)) {
	t.Helper()
	t.Run("memory", func(t *testing.T) { test(t, memory.NewShorts(memory.Options{})) })
	t.Run("sqlite", func(t *testing.T) {
		shorts, err := sqlite.OpenShorts(filepath.Join(t.TempDir(), "shorts.db"), sqlite.Options{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := shorts.Close(); err != nil {
				t.Error(err)
			}
		})
		test(t, shorts)
	})
}

// Begin, End, Current, Track, Join and changes at once: no race, nobody under
// another's name, and what was ended stays so. SES-01
func TestEverythingAtOnce(t *testing.T) {
	onEachStore(t, everythingAtOnce)
}

func everythingAtOnce(t *testing.T, shorts store.Shorts) {
	h := newHouse(t, shorts, session.Config{}, session.Options{CacheSize: 8})
	defer h.run()()
	var all sync.WaitGroup
	for i := range 16 {
		all.Go(func() {
			b, sub, want := browser{}, alice, "alice"
			if i%2 == 1 {
				sub, want = bob, "bob"
			}
			for round := range 40 {
				sess := h.begin(b, h.portal, sub, false)
				h.expect(b, h.portal, want)
				if live, _ := h.portal.Current(b.request(h.portal)); live != nil {
					live.Used()
					_, done := track(live, t.Context())
					if round%3 == 0 {
						_ = h.manager.Join(t.Context(), sess.SID, "wiki")
					}
					defer done()
				}
				switch (i/2 + round) % 4 {
				case 0:
					h.manager.Apply(store.Change{Topic: store.TopicSubject, Key: string(sub)})
				case 1:
					if i == 0 {
						h.manager.Apply(store.Change{})
					}
				case 2:
					thief := b.clone()
					w := httptest.NewRecorder()
					if err := h.portal.End(w, b.request(h.portal)); err != nil {
						t.Errorf("End: %v", err)
					}
					b.keep(h.portal, w)
					h.expect(thief, h.portal, "")
				}
			}
		})
	}
	all.Wait()
}

// One browser logs in twice at once: no error, and of one session's cookies at
// most one is worth something afterwards, of two sessions' one each. SES-07
func TestBeginTwiceAtOnce(t *testing.T) {
	onEachStore(t, func(t *testing.T, shorts store.Shorts) {
		h := newHouse(t, shorts, session.Config{}, session.Options{})
		for range 20 {
			b := browser{}
			h.begin(b, h.portal, alice, false)
			var all sync.WaitGroup
			tabs := [2]browser{b.clone(), b.clone()}
			for _, tab := range tabs {
				all.Go(func() { h.begin(tab, h.portal, alice, false) })
			}
			all.Wait()
			h.expect(b, h.portal, "")
			good := 0
			for _, tab := range tabs {
				if h.who(tab, h.portal) == "alice" {
					good++
				}
			}
			infos, _, err := h.manager.List(t.Context(), alice, "", 1000)
			if err != nil || good == 0 || good != len(infos) {
				t.Errorf("%d sessions, %d good cookies, %v", len(infos), good, err)
			}
			if n, err := h.manager.EndSubject(t.Context(), alice, session.Revoked); err != nil || n != len(infos) {
				t.Errorf("ended %d of %d, %v", n, len(infos), err)
			}
		}
	})
}

// Of 64 redemptions of one ticket at once exactly one wins; the others learn
// that it is spent.
func TestRedeemOnce(t *testing.T) {
	onEachStore(t, func(t *testing.T, shorts store.Shorts) {
		h := newHouse(t, shorts, session.Config{}, session.Options{})
		b := browser{}
		sess := h.begin(b, h.portal, alice, false)
		for range 5 {
			ticket, err := h.manager.Ticket(t.Context(), sess.SID, visit(h.app, "/"))
			if err != nil {
				t.Fatal(err)
			}
			var all sync.WaitGroup
			var won, spent atomic.Int64
			for range 64 {
				all.Go(func() {
					live, _, err := h.app.Redeem(httptest.NewRecorder(), browser{}.request(h.app), ticket, binder)
					switch {
					case err == nil && live.SID == sess.SID:
						won.Add(1)
					case fault.Is(err, fault.Spent):
						spent.Add(1)
					default:
						t.Errorf("%v, %v", live, err)
					}
				})
			}
			all.Wait()
			if won.Load() != 1 || spent.Load() != 63 {
				t.Errorf("%d won, %d spent", won.Load(), spent.Load())
			}
		}
	})
}

// The whole way on real stores: two processes, a logout, a disabled account.
// SES-09, SES-12, PRX-05
func TestTwoProcesses(t *testing.T) {
	onEachStore(t, func(t *testing.T, shorts store.Shorts) {
		h := newHouse(t, shorts, session.Config{}, session.Options{})
		other := neighbour(t, shorts, h.accounts, session.Config{}, session.Options{})
		defer h.run()()
		defer other.run()()
		time.Sleep(50 * time.Millisecond)
		b, c := browser{}, browser{}
		sess := h.begin(b, h.portal, alice, true)
		h.enter(b, other.app, sess.SID)
		h.begin(c, h.portal, bob, false)
		other.expect(b, other.portal, "alice")
		other.expect(b, other.app, "alice")
		other.expect(c, other.portal, "bob")
		if err := h.manager.Join(t.Context(), sess.SID, "wiki"); err != nil {
			t.Fatal(err)
		}
		w := httptest.NewRecorder()
		if err := h.portal.End(w, b.request(h.portal)); err != nil {
			t.Fatal(err)
		}
		h.expect(b, h.portal, "")
		h.expect(b, h.app, "")
		h.accounts.disable(bob)
		if err := shorts.Publish(t.Context(), store.Change{Topic: store.TopicSubject, Key: string(bob)}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		other.expect(b, other.portal, "")
		other.expect(b, other.app, "")
		other.expect(c, other.portal, "")
		if infos, _, err := h.manager.List(t.Context(), "", "", 10); err != nil || len(infos) != 0 {
			t.Errorf("left: %+v, %v", infos, err)
		}
	})
}

// List pages through everybody, or one account.
func TestList(t *testing.T) {
	onEachStore(t, func(t *testing.T, shorts store.Shorts) {
		h := newHouse(t, shorts, session.Config{}, session.Options{})
		want := map[string]identity.Subject{}
		for i := range 7 {
			sub := []identity.Subject{alice, bob}[i%2]
			want[h.begin(browser{}, h.portal, sub, false).SID] = sub
		}
		for sub, count := range map[identity.Subject]int{"": 7, alice: 4, bob: 3, "nobody": 0} {
			seen := map[string]bool{}
			for cursor, more := "", true; more; more = cursor != "" {
				page, next, err := h.manager.List(t.Context(), sub, cursor, 2)
				if err != nil || len(page) > 2 {
					t.Fatalf("%v, %v", page, err)
				}
				for _, info := range page {
					seen[info.SID] = want[info.SID] == info.Subject
				}
				cursor = next
			}
			if len(seen) != count {
				t.Errorf("%q: %v", sub, seen)
			}
		}
	})
}
