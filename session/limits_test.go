package session_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/session"
	"github.com/gatehouse-auth/gatehouse/store/memory"
)

// SES-15: idle and absolute limits, both judged by the server.
func TestLimits(t *testing.T) {
	config := session.Config{IdleTimeout: 10 * time.Minute, MaxAge: 4 * time.Hour, Remember: 30 * time.Hour}
	for _, tt := range []struct {
		name     string
		remember bool
		pause    time.Duration // between uses
		uses     int
		want     string
	}{
		{"unused within the idle limit", false, 10*time.Minute - time.Second, 1, "alice"},
		{"unused for the idle limit", false, 10 * time.Minute, 1, ""},
		{"used all along", false, 9 * time.Minute, 26, "alice"},
		{"used all along up to the absolute limit", false, 9 * time.Minute, 27, ""},
		{"remembered and unused", true, 29 * time.Hour, 1, "alice"},
		{"remembered and used up to the absolute limit", true, 10 * time.Hour, 3, ""},
	} {
		synctest.Test(t, func(t *testing.T) {
			h := newHouse(t, memory.NewShorts(memory.Options{}), config, session.Options{})
			h.run()
			b := browser{}
			h.begin(b, h.portal, alice, tt.remember)
			for range tt.uses {
				time.Sleep(tt.pause)
				if live, _ := h.portal.Current(b.request(h.portal)); live != nil {
					live.Used()
				}
			}
			h.expect(b, h.portal, tt.want)
			// Without anything in memory the answer is the same.
			cold := neighbour(t, h.shorts, h.accounts, config, session.Options{})
			cold.expect(b, cold.portal, tt.want)
		})
	}
}

// Looking is no activity; only Used is (SES-15).
func TestCurrentIsNoActivity(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, memory.NewShorts(memory.Options{}), session.Config{}, session.Options{})
		h.run()
		b := browser{}
		h.begin(b, h.portal, alice, false)
		for range 59 {
			time.Sleep(time.Minute)
			h.expect(b, h.portal, "alice")
		}
		time.Sleep(time.Minute)
		h.expect(b, h.portal, "")
	})
}

// A use at one host keeps the session at all of them; a host never outlives
// the session (SES-15).
func TestLimitsAreOfTheSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, memory.NewShorts(memory.Options{}), session.Config{}, session.Options{})
		h.run()
		b := browser{}
		h.enter(b, h.app, h.begin(b, h.portal, alice, false).SID)
		for range 23 {
			time.Sleep(time.Hour - time.Minute)
			live, err := h.app.Current(b.request(h.app))
			if err != nil || live == nil {
				t.Fatalf("%v, %v", live, err)
			}
			live.Used()
		}
		h.expect(b, h.portal, "alice")
		time.Sleep(time.Hour - time.Minute)
		h.expect(b, h.app, "alice")
		time.Sleep(25 * time.Minute) // 24 h since the login
		h.expect(b, h.app, "")
		h.expect(b, h.portal, "")
	})
}

// A process whose own copy says idle asks the store before it refuses, and
// uses are written in batches and when Run ends.
func TestUseInAnotherProcess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, memory.NewShorts(memory.Options{}), session.Config{}, session.Options{})
		other := neighbour(t, h.shorts, h.accounts, session.Config{}, session.Options{})
		h.run()
		stop := other.run()
		b := browser{}
		sess := h.begin(b, h.portal, alice, false)
		h.expect(b, h.portal, "alice")
		for _, wait := range []time.Duration{50 * time.Minute, 50 * time.Minute} {
			time.Sleep(wait)
			live, _ := other.portal.Current(b.request(h.portal))
			if live == nil {
				t.Fatal("over in the other process")
			}
			live.Used()
			stop() // writes
			stop = other.run()
		}
		h.expect(b, h.portal, "alice")
		infos, _, err := h.manager.List(context.Background(), alice, "", 10)
		if err != nil || len(infos) != 1 || infos[0].SID != sess.SID || time.Since(infos[0].Used) > time.Second {
			t.Errorf("%+v, %v", infos, err)
		}
	})
}

// Uses are written at the cadence: every 30 s, and a tenth of a shorter limit.
func TestCadence(t *testing.T) {
	for _, tt := range []struct{ idle, cadence time.Duration }{
		{time.Hour, 30 * time.Second},
		{time.Minute, 6 * time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			h := newHouse(t, memory.NewShorts(memory.Options{}), session.Config{IdleTimeout: tt.idle}, session.Options{})
			h.run()
			b := browser{}
			h.begin(b, h.portal, alice, false)
			time.Sleep(tt.idle / 2)
			live, _ := h.portal.Current(b.request(h.portal))
			live.Used()
			used := time.Now()
			written := func() bool {
				infos, _, _ := h.manager.List(context.Background(), "", "", 10)
				return len(infos) == 1 && !infos[0].Used.Before(used.Truncate(time.Millisecond))
			}
			if written() {
				t.Errorf("idle %v: written at once", tt.idle)
			}
			time.Sleep(tt.cadence + time.Second)
			if !written() {
				t.Errorf("idle %v: not written after %v", tt.idle, tt.cadence)
			}
		})
	}
}

// Limits are fixed when a session begins.
func TestConfigOfTheBeginning(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, memory.NewShorts(memory.Options{}), session.Config{IdleTimeout: 2 * time.Hour}, session.Options{})
		b := browser{}
		sess := h.begin(b, h.portal, alice, false)
		short := neighbour(t, h.shorts, h.accounts, session.Config{IdleTimeout: time.Minute}, session.Options{})
		time.Sleep(time.Hour)
		short.expect(b, short.portal, "alice")
		time.Sleep(time.Hour)
		short.expect(b, short.portal, "")
		if _, err := short.manager.Find(t.Context(), sess.SID); !fault.Is(err, fault.NotFound) {
			t.Errorf("Find: %v", err)
		}
	})
}
