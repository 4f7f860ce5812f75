package session_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/session"
	"github.com/gatehouse-auth/gatehouse/store"
)

// The client list of a session: each client once, nobody lost when many join
// at once.
func TestJoin(t *testing.T) {
	onEachStore(t, func(t *testing.T, shorts store.Shorts) {
		h := newHouse(t, shorts, session.Config{}, session.Options{})
		b := browser{}
		sess := h.begin(b, h.portal, alice, false)
		var all sync.WaitGroup
		for i := range 8 {
			all.Go(func() {
				for range 2 {
					if err := h.manager.Join(t.Context(), sess.SID, fmt.Sprint("client", i)); err != nil {
						t.Error(err)
					}
				}
			})
		}
		all.Wait()
		clients, err := h.manager.Clients(t.Context(), sess.SID)
		slices.Sort(clients)
		if err != nil || len(clients) != 8 || len(slices.Compact(clients)) != 8 {
			t.Errorf("%v, %v", clients, err)
		}
		if err := h.manager.Join(t.Context(), sess.SID, ""); !fault.Is(err, fault.Invalid) {
			t.Errorf("no client: %v", err)
		}
		if err := h.manager.EndSession(t.Context(), sess.SID, session.Revoked); err != nil {
			t.Fatal(err)
		}
		if err := h.manager.Join(t.Context(), sess.SID, "late"); !fault.Is(err, fault.NotFound) {
			t.Errorf("over: %v", err)
		}
		if _, err := h.manager.Clients(t.Context(), sess.SID); !fault.Is(err, fault.NotFound) {
			t.Errorf("over: %v", err)
		}
		if _, err := h.manager.EndSubject(t.Context(), "", session.Revoked); !fault.Is(err, fault.Invalid) {
			t.Errorf("nobody: %v", err)
		}
	})
}

// One session with very many handles does not fill the cache.
func TestManyHandles(t *testing.T) {
	onEachStore(t, func(t *testing.T, shorts store.Shorts) {
		h := newHouse(t, shorts, session.Config{}, session.Options{CacheSize: 10})
		defer h.run()()
		b, c := browser{}, browser{}
		sess := h.begin(b, h.portal, alice, false)
		h.begin(c, h.portal, bob, false)
		var entered []browser
		for range 30 {
			e := browser{}
			h.enter(e, h.app, sess.SID)
			entered = append(entered, e)
		}
		for _, e := range entered {
			h.expect(e, h.app, "alice")
		}
		h.expect(c, h.portal, "bob")
		if err := h.manager.EndSession(t.Context(), sess.SID, session.Revoked); err != nil {
			t.Fatal(err)
		}
		for _, e := range entered {
			h.expect(e, h.app, "")
		}
		h.expect(c, h.portal, "bob")
	})
}
