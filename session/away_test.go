package session_test

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/session"
	"github.com/gatehouse-auth/gatehouse/store"
	"github.com/gatehouse-auth/gatehouse/store/memory"
)

// swaps counts what is written.
type swaps struct {
	store.Shorts
	n atomic.Int32
}

func (s *swaps) Swap(ctx context.Context, item store.Item) (int64, error) {
	s.n.Add(1)
	return s.Shorts.Swap(ctx, item)
}

// A session that an application uses all the time is written once a minute, is
// in force for every process until its greatest age, and not a moment longer
// (SES-15).
func TestUsedAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		config := session.Config{IdleTimeout: 10 * time.Minute, MaxAge: 2 * time.Hour}
		shorts := &swaps{Shorts: memory.NewShorts(memory.Options{})}
		h := newHouse(t, shorts, config, session.Options{})
		h.run()
		other := neighbour(t, shorts, h.accounts, config, session.Options{})
		b := browser{}
		sid := h.begin(b, h.portal, alice, false).SID
		before := shorts.n.Load()
		for range 2*60*60/10 - 1 {
			time.Sleep(10 * time.Second)
			if err := h.manager.Used(t.Context(), sid); err != nil {
				t.Fatal(err)
			}
		}
		if n := shorts.n.Load() - before; n < 100 || n > 240 {
			t.Errorf("written %d times in two hours", n)
		}
		h.expect(b, h.portal, "alice")
		other.expect(b, other.portal, "alice")
		time.Sleep(time.Minute)
		if err := h.manager.Used(t.Context(), sid); !fault.Is(err, fault.NotFound) {
			t.Errorf("used beyond its age: %v", err)
		}
		h.expect(b, h.portal, "")
	})
}

// A use that was not written yet counts in this process all the same, also for a
// session that it has from memory; what is over is not used.
func TestUsedAwayAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, memory.NewShorts(memory.Options{}), session.Config{IdleTimeout: time.Hour}, session.Options{})
		h.run()
		b, gone := browser{}, browser{}
		sid := h.begin(b, h.portal, alice, false).SID
		over := h.begin(gone, h.portal, bob, false).SID
		h.expect(b, h.portal, "alice")
		time.Sleep(time.Hour - time.Second)
		if err := h.manager.Used(t.Context(), sid); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		h.expect(b, h.portal, "alice")
		if err := h.manager.Used(t.Context(), over); !fault.Is(err, fault.NotFound) {
			t.Errorf("a session that was idle for too long: %v", err)
		}
		h.expect(gone, h.portal, "")
		if err := h.manager.EndSession(t.Context(), sid, session.Revoked); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Minute)
		if err := h.manager.Used(t.Context(), sid); !fault.Is(err, fault.NotFound) {
			t.Errorf("a session that was ended: %v", err)
		}
		h.expect(b, h.portal, "")
	})
}
