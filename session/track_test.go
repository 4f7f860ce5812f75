package session_test

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/session"
	"github.com/gatehouse-auth/gatehouse/store"
	"github.com/gatehouse-auth/gatehouse/store/memory"
)

// madeUp gives the i-th well-formed cookie value.
func madeUp(i int) string {
	var b [32]byte
	binary.BigEndian.PutUint64(b[:], uint64(i))
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// What is in flight ends with the session, whatever ends it. SES-09, PRX-05
func TestTrack(t *testing.T) {
	sub := store.Change{Topic: store.TopicSubject, Key: string(alice)}
	for _, tt := range []struct {
		name string
		do   func(h, other *house, sid string, b browser)
		ends bool
	}{
		{"ended here", func(h, _ *house, sid string, _ browser) {
			_ = h.manager.EndSession(context.Background(), sid, session.Revoked)
		}, true},
		{"ended elsewhere", func(_, other *house, sid string, _ browser) {
			_ = other.manager.EndSession(context.Background(), sid, session.Revoked)
		}, true},
		{"all ended here", func(h, _ *house, _ string, _ browser) {
			_, _ = h.manager.EndSubject(context.Background(), alice, session.Revoked)
		}, true},
		{"all ended elsewhere", func(_, other *house, _ string, _ browser) {
			_, _ = other.manager.EndSubject(context.Background(), alice, session.Revoked)
		}, true},
		{"disabled", func(h, _ *house, _ string, _ browser) {
			h.accounts.disable(alice)
			_ = h.shorts.Publish(context.Background(), sub)
		}, true},
		{"somebody else logs in", func(h, _ *house, _ string, b browser) { h.begin(b, h.portal, bob, false) }, true},
		{"idle", func(*house, *house, string, browser) { time.Sleep(time.Hour) }, true},
		{"other groups", func(h, _ *house, _ string, _ browser) {
			h.accounts.put(&identity.User{Subject: alice, Username: "alice", Groups: []string{"admins"}})
			_ = h.shorts.Publish(context.Background(), sub)
		}, false},
		{"a gap in the feed", func(h, _ *house, _ string, _ browser) { h.manager.Apply(store.Change{}) }, false},
		{"another login of the same person", func(h, _ *house, _ string, b browser) { h.begin(b, h.portal, alice, false) }, false},
		{"nothing", func(*house, *house, string, browser) {}, false},
	} {
		synctest.Test(t, func(t *testing.T) {
			h := newHouse(t, memory.NewShorts(memory.Options{}), session.Config{}, session.Options{})
			other := neighbour(t, h.shorts, h.accounts, session.Config{}, session.Options{})
			h.run()
			other.run()
			synctest.Wait()
			b := browser{}
			h.enter(b, h.app, h.begin(b, h.portal, alice, false).SID)
			live, err := h.app.Current(b.request(h.app))
			if err != nil || live == nil {
				t.Fatalf("%v, %v", live, err)
			}
			one, doneOne := track(live, t.Context())
			two, doneTwo := track(live, t.Context())
			three, doneThree := track(live, t.Context())
			doneTwo()
			doneTwo()
			if two.Err() == nil || context.Cause(two) == session.ErrEnded {
				t.Errorf("%s: a request that is over: %v", tt.name, context.Cause(two))
			}
			tt.do(h, other, live.SID, b)
			time.Sleep(9 * time.Second)
			for _, ctx := range []context.Context{one, three} {
				if ended := context.Cause(ctx) == session.ErrEnded; ended != tt.ends {
					t.Errorf("%s: %v", tt.name, context.Cause(ctx))
				}
			}
			late, doneLate := track(live, t.Context()) // the snapshot is old now
			time.Sleep(2 * time.Second)
			if ended := context.Cause(late) == session.ErrEnded; ended != tt.ends {
				t.Errorf("%s: tracked afterwards: %v", tt.name, context.Cause(late))
			}
			doneOne()
			doneThree()
			doneLate()
		})
	}
}

// Ending here cancels before it returns, with no Run at all.
func TestTrackEndsAtOnce(t *testing.T) {
	h := newHouse(t, memory.NewShorts(memory.Options{}), session.Config{}, session.Options{})
	b := browser{}
	h.begin(b, h.portal, alice, false)
	live, _ := h.portal.Current(b.request(h.portal))
	ctx, done := track(live, t.Context())
	defer done()
	if err := h.manager.EndSession(t.Context(), live.SID, session.Revoked); err != nil {
		t.Fatal(err)
	}
	if context.Cause(ctx) != session.ErrEnded {
		t.Errorf("%v", context.Cause(ctx))
	}
}

// Eviction never loses what is in flight, nor what begins with an evicted
// snapshot.
func TestTrackOutlivesEviction(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, memory.NewShorts(memory.Options{}), session.Config{}, session.Options{CacheSize: 2})
		h.run()
		synctest.Wait()
		b := browser{}
		h.begin(b, h.portal, alice, false)
		live, _ := h.portal.Current(b.request(h.portal))
		before, done := track(live, t.Context())
		defer done()
		crowd := func() {
			for range 50 {
				c := browser{}
				h.begin(c, h.portal, bob, false)
				h.expect(c, h.portal, "bob")
			}
		}
		crowd()
		idle := browser{}
		h.begin(idle, h.portal, alice, false)
		second, _ := h.portal.Current(idle.request(h.portal))
		crowd()
		after, done2 := track(second, t.Context())
		defer done2()
		time.Sleep(3 * time.Second)
		if before.Err() != nil || after.Err() != nil {
			t.Fatalf("cancelled: %v, %v", before.Err(), after.Err())
		}
		if _, err := h.manager.EndSubject(t.Context(), alice, session.Revoked); err != nil {
			t.Fatal(err)
		}
		if context.Cause(before) != session.ErrEnded || context.Cause(after) != session.ErrEnded {
			t.Errorf("lost: %v, %v", context.Cause(before), context.Cause(after))
		}
	})
}

// When the store can't tell for longer than a feed may be silent, what is
// doubted is cut off. PRX-02
func TestTrackWithABrokenStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, p, b := warmHouse(t)
		live, _ := h.portal.Current(b.request(h.portal))
		ctx, done := track(live, t.Context())
		defer done()
		p.broken.Store(true)
		time.Sleep(time.Minute)
		if ctx.Err() != nil {
			t.Fatal("cut off without a doubt")
		}
		h.manager.Apply(store.Change{Topic: store.TopicSubject, Key: string(alice)})
		time.Sleep(3 * time.Second)
		if ctx.Err() != nil {
			t.Error("cut off at once")
		}
		time.Sleep(5 * time.Second)
		if context.Cause(ctx) != session.ErrEnded {
			t.Errorf("%v", context.Cause(ctx))
		}
	})
}

// Tracking leaves no goroutine behind.
func TestTrackLeaksNothing(t *testing.T) {
	h := newHouse(t, memory.NewShorts(memory.Options{}), session.Config{}, session.Options{})
	b := browser{}
	h.begin(b, h.portal, alice, false)
	live, _ := h.portal.Current(b.request(h.portal))
	parent, cancel := context.WithCancel(t.Context())
	defer cancel()
	before := runtime.NumGoroutine()
	for range 1000 {
		_, done := track(live, parent)
		done()
	}
	if n := runtime.NumGoroutine(); n > before {
		t.Errorf("%d goroutines before, %d after", before, n)
	}
}

// track ties ctx to the session; the function ends that.
func track(live *session.Live, ctx context.Context) (context.Context, func()) {
	f := new(session.Flight)
	return live.Track(ctx, f), f.Land
}
