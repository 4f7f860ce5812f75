package session_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/session"
	"github.com/gatehouse-auth/gatehouse/store"
	"github.com/gatehouse-auth/gatehouse/store/memory"
)

// probe counts and can break what passes to a store.
type probe struct {
	store.Shorts
	gets   atomic.Int64
	broken atomic.Bool
	deaf   atomic.Bool // the feed goes silent
}

var errBroken = fault.New(fault.Unavailable, "probe", "")

func (p *probe) Get(ctx context.Context, kind store.Kind, key string) (store.Item, error) {
	p.gets.Add(1)
	if p.broken.Load() {
		return store.Item{}, errBroken
	}
	return p.Shorts.Get(ctx, kind, key)
}

func (p *probe) Watch(ctx context.Context, f func([]store.Change)) error {
	return p.Shorts.Watch(ctx, func(changes []store.Change) {
		if !p.deaf.Load() {
			f(changes)
		}
	})
}

func warmHouse(t *testing.T) (*house, *probe, browser) {
	t.Helper()
	p := &probe{Shorts: memory.NewShorts(memory.Options{})}
	h := newHouse(t, p, session.Config{}, session.Options{})
	h.run()
	synctest.Wait()
	b := browser{}
	h.begin(b, h.portal, alice, false)
	h.expect(b, h.portal, "alice")
	return h, p, b
}

// The warm path does no I/O; a silent feed makes every look-up ask, and a
// store that can't be reached is then an error. SES-09, PRX-05, PRX-02
func TestSilentFeed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, p, b := warmHouse(t)
		before := p.gets.Load()
		for range 10 {
			time.Sleep(time.Second)
			h.expect(b, h.portal, "alice")
		}
		if n := p.gets.Load() - before; n != 0 {
			t.Errorf("%d reads while the feed is heard", n)
		}
		p.deaf.Store(true)
		time.Sleep(6 * time.Second)
		before = p.gets.Load()
		h.expect(b, h.portal, "alice")
		h.expect(b, h.portal, "alice")
		if n := p.gets.Load() - before; n != 4 {
			t.Errorf("%d reads while the feed is silent", n)
		}
		p.broken.Store(true)
		h.expect(b, h.portal, "error")
		_, err := h.portal.Current(b.request(h.portal))
		if !fault.Is(err, fault.Unavailable) {
			t.Errorf("%v", err)
		}
		p.broken.Store(false)
		p.deaf.Store(false)
		time.Sleep(time.Second)
		h.expect(b, h.portal, "alice")
	})
}

// Ending a session in one process reaches the others within a second; in its
// own it is done when the call returns. SES-09
func TestEndReachesEverybody(t *testing.T) {
	for _, tt := range []struct {
		name string
		end  func(h *house, sid string) error
	}{
		{"EndSession", func(h *house, sid string) error {
			return h.manager.EndSession(context.Background(), sid, session.Revoked)
		}},
		{"EndSubject", func(h *house, _ string) error {
			n, err := h.manager.EndSubject(context.Background(), alice, session.Revoked)
			if n != 1 {
				h.t.Errorf("ended %d", n)
			}
			return err
		}},
	} {
		synctest.Test(t, func(t *testing.T) {
			h, p, b := warmHouse(t)
			other := neighbour(t, p.Shorts, h.accounts, session.Config{}, session.Options{})
			other.run()
			synctest.Wait()
			live, _ := h.portal.Current(b.request(h.portal))
			other.expect(b, other.portal, "alice")
			if err := tt.end(h, live.SID); err != nil {
				t.Fatal(err)
			}
			h.expect(b, h.portal, "")
			time.Sleep(time.Second)
			other.expect(b, other.portal, "")
			if err := h.manager.EndSession(t.Context(), live.SID, session.Revoked); !fault.Is(err, fault.NotFound) {
				t.Errorf("again: %v", err)
			}
			items, _, _ := p.ListByIndex(t.Context(), "handle", "", "", "", 10)
			if len(items) != 0 {
				t.Errorf("left: %v", items)
			}
		})
	}
}

// The state of the account counts at the next request, by the feed of the
// records within a second and by Apply at once. PRX-05, SES-16
func TestAccountChanges(t *testing.T) {
	for _, atOnce := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			records := memory.NewShorts(memory.Options{})
			h := newHouse(t, memory.NewShorts(memory.Options{}), session.Config{}, session.Options{Records: records})
			h.run()
			synctest.Wait()
			tell := func(c store.Change) {
				if atOnce || c == (store.Change{}) {
					h.manager.Apply(c)
					return
				}
				_ = records.Publish(t.Context(), c)
				time.Sleep(time.Second)
			}
			b, c := browser{}, browser{}
			sess := h.begin(b, h.portal, alice, false)
			h.begin(c, h.portal, bob, false)
			h.expect(b, h.portal, "alice")
			h.accounts.put(&identity.User{Subject: alice, Username: "alice2"})
			h.expect(b, h.portal, "alice") // nobody said so yet
			tell(store.Change{Topic: store.TopicKeys})
			h.expect(b, h.portal, "alice")
			tell(store.Change{Topic: store.TopicSubject, Key: string(alice)})
			h.expect(b, h.portal, "alice2")
			h.accounts.disable(alice)
			tell(store.Change{})
			h.expect(b, h.portal, "")
			h.expect(c, h.portal, "bob")
			// Enabled again, the old session does not come back.
			h.accounts.put(&identity.User{Subject: alice, Username: "alice"})
			tell(store.Change{})
			h.expect(b, h.portal, "")
			if _, err := h.manager.Find(t.Context(), sess.SID); !fault.Is(err, fault.NotFound) {
				t.Errorf("Find: %v", err)
			}
		})
	}
}

// A session that a request brought into memory is found there by its public id,
// as long as every change is heard, and no longer than it lasts. SES-09, PRX-05
func TestFindFromMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, p, b := warmHouse(t)
		live, _ := h.portal.Current(b.request(h.portal))
		find := func(m *session.Manager, want bool, reads int64) {
			t.Helper()
			before := p.gets.Load()
			sess, err := m.Find(t.Context(), live.SID)
			if n := p.gets.Load() - before; n != reads || want != (err == nil) || !want && !fault.Is(err, fault.NotFound) {
				t.Errorf("%d reads, %v, %v", n, sess, err)
			}
		}
		find(h.manager, true, 0)
		other := neighbour(t, p, h.accounts, session.Config{}, session.Options{})
		find(other.manager, true, 1) // it does not run, and hears nothing
		p.deaf.Store(true)
		time.Sleep(6 * time.Second)
		find(h.manager, true, 1)
		p.deaf.Store(false)
		time.Sleep(time.Second)
		h.expect(b, h.portal, "alice")
		find(h.manager, true, 0)
		h.accounts.put(&identity.User{Subject: alice, Username: "alice2"})
		h.manager.Apply(store.Change{Topic: store.TopicSubject, Key: string(alice)})
		if sess, err := h.manager.Find(t.Context(), live.SID); err != nil || sess.User.Username != "alice2" {
			t.Errorf("%v, %v", sess, err)
		}
		h.expect(b, h.portal, "alice2")
		if err := other.manager.EndSession(t.Context(), live.SID, session.Revoked); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		find(h.manager, false, 1)
		h.begin(b, h.portal, alice, false)
		h.expect(b, h.portal, "alice2")
		live, _ = h.portal.Current(b.request(h.portal))
		find(h.manager, true, 0)
		time.Sleep(time.Until(live.Expires))
		find(h.manager, false, 1)
	})
}

// An account that can't be read is an error; one that is somebody else's too.
// PRX-02, SES-01
func TestAccountsFail(t *testing.T) {
	h := newHouse(t, memory.NewShorts(memory.Options{}), session.Config{}, session.Options{})
	b := browser{}
	h.begin(b, h.portal, alice, false)
	h.accounts.fail = errors.New("disk")
	h.expect(b, h.portal, "error")
	h.accounts.fail = nil
	h.expect(b, h.portal, "alice")
	h.accounts.users[alice] = &identity.User{Subject: bob, Username: "bob"}
	h.expect(b, h.portal, "error")
	h.accounts.users[alice] = nil
	h.expect(b, h.portal, "")
}

// A panic while the store is asked refuses everybody who waits. PRX-02, ERR-02
func TestPanicInLoad(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, memory.NewShorts(memory.Options{}), session.Config{}, session.Options{})
		b := browser{}
		h.begin(b, h.portal, alice, false)
		bad := session.New(h.shorts, panicky{}, testBox(t), session.Options{})
		s := bad.At(site(t, portalOrigin), session.Config{})
		leader := make(chan any, 1)
		go func() {
			defer func() { leader <- recover() }()
			_, _ = s.Current(b.request(s))
		}()
		synctest.Wait() // the leader sleeps in the middle
		if live, err := s.Current(b.request(s)); live != nil || err == nil {
			t.Errorf("the one who waits: %v, %v", live, err)
		}
		if <-leader == nil {
			t.Error("the leader's panic was swallowed")
		}
	})
}

type panicky struct{}

func (panicky) User(context.Context, identity.Subject) (*identity.User, error) {
	time.Sleep(time.Second)
	panic("boom")
}

// Nobody's cookies leave nothing behind and push nobody out. DOS-05
func TestUnknownCookiesAreNotKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &probe{Shorts: memory.NewShorts(memory.Options{})}
		h := newHouse(t, p, session.Config{}, session.Options{CacheSize: 4})
		h.run()
		synctest.Wait()
		b := browser{}
		h.begin(b, h.portal, alice, false)
		h.expect(b, h.portal, "alice")
		n := h.portal.Site().CookieName("")
		for i := range 1000 {
			h.expect(browser{portalOrigin: {n: madeUp(i)}}, h.portal, "")
		}
		before := p.gets.Load()
		h.expect(b, h.portal, "alice")
		if p.gets.Load() != before {
			t.Error("pushed out")
		}
	})
}
