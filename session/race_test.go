package session_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/session"
	"github.com/gatehouse-auth/gatehouse/store"
	"github.com/gatehouse-auth/gatehouse/store/memory"
)

// slow answers reads of one kind only after a while, with what it read before
// it waited.
type slow struct {
	store.Shorts
	kind  store.Kind
	delay time.Duration
	reads chan struct{}
}

func (s *slow) Get(ctx context.Context, kind store.Kind, key string) (store.Item, error) {
	item, err := s.Shorts.Get(ctx, kind, key)
	if kind == s.kind {
		s.reads <- struct{}{}
		time.Sleep(s.delay)
	}
	return item, err
}

// A look-up that read the store before a revocation must not put what it read
// into the cache after it, and nobody who comes later may join it. SES-09
func TestStaleReadIsNotKept(t *testing.T) {
	for _, kind := range []store.Kind{"handle", "session"} {
		for _, how := range []string{"end", "end subject", "feed of a subject", "gap"} {
			synctest.Test(t, func(t *testing.T) {
				s := &slow{Shorts: memory.NewShorts(memory.Options{}), kind: kind, delay: time.Second, reads: make(chan struct{}, 100)}
				h := newHouse(t, s, session.Config{}, session.Options{})
				h.run()
				synctest.Wait()
				fast := neighbour(t, s.Shorts, h.accounts, session.Config{}, session.Options{})
				b := browser{}
				sess := fast.begin(b, fast.portal, alice, false)
				early := make(chan string, 1)
				go func() { early <- h.who(b, h.portal) }()
				<-s.reads // it has read, and does not know yet
				revoke(t, h, fast, how, sess.SID)
				// A new request after the revocation, while the old look-up runs.
				h.expect(b, h.portal, "")
				if got := <-early; got != "" {
					t.Errorf("%s, %s: the early request is %q", kind, how, got)
				}
				for range 3 {
					h.expect(b, h.portal, "")
				}
			})
		}
	}
}

func revoke(t *testing.T, h, fast *house, how, sid string) {
	t.Helper()
	ctx := context.Background()
	var err error
	switch how {
	case "end":
		_ = fast.shorts.Delete(ctx, "session", sid) // as EndSession would, without its own slow read
		h.manager.Apply(store.Change{Topic: store.TopicSession, Key: sid})
	case "end subject":
		_, err = h.manager.EndSubject(ctx, alice, session.Revoked)
	case "feed of a subject":
		h.accounts.disable(alice)
		h.manager.Apply(store.Change{Topic: store.TopicSubject, Key: string(alice)})
	case "gap":
		_ = fast.shorts.Delete(ctx, "session", sid)
		h.manager.Apply(store.Change{})
	}
	if err != nil {
		t.Fatal(err)
	}
}

// Requests for one handle that come at once ask the store once; a change of
// somebody else does not make them ask again. DOS-05
func TestMissesAreShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &slow{Shorts: memory.NewShorts(memory.Options{}), kind: "handle", delay: time.Second, reads: make(chan struct{}, 1000)}
		h := newHouse(t, s, session.Config{}, session.Options{})
		h.run()
		synctest.Wait()
		b := browser{}
		h.begin(b, h.portal, alice, false)
		var all sync.WaitGroup
		for range 100 {
			all.Go(func() { h.expect(b, h.portal, "alice") })
		}
		synctest.Wait()
		h.manager.Apply(store.Change{Topic: store.TopicSubject, Key: string(bob)})
		all.Wait()
		if n := len(s.reads); n != 1 {
			t.Errorf("%d reads", n)
		}
		h.expect(b, h.portal, "alice")
		if n := len(s.reads); n != 1 {
			t.Errorf("%d reads: it was not kept", n)
		}
	})
}

// Changes that never stop end in a refusal, not in a stale answer. PRX-02
func TestEndlessChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &slow{Shorts: memory.NewShorts(memory.Options{}), kind: "session", delay: time.Second, reads: make(chan struct{}, 1000)}
		h := newHouse(t, s, session.Config{}, session.Options{})
		b := browser{}
		sess := h.begin(b, h.portal, alice, false)
		go func() {
			for range 200 {
				h.manager.Apply(store.Change{Topic: store.TopicSession, Key: sess.SID})
				time.Sleep(100 * time.Millisecond)
			}
		}()
		if _, err := h.portal.Current(b.request(h.portal)); !fault.Is(err, fault.Unavailable) {
			t.Errorf("%v", err)
		}
		time.Sleep(time.Minute)
		h.expect(b, h.portal, "alice")
	})
}

// A request that is given up does not spoil it for the others who wait.
func TestGivenUpRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &slow{Shorts: memory.NewShorts(memory.Options{}), kind: "handle", delay: time.Second, reads: make(chan struct{}, 1000)}
		h := newHouse(t, s, session.Config{}, session.Options{})
		b := browser{}
		h.begin(b, h.portal, alice, false)
		ctx, cancel := context.WithCancel(t.Context())
		go func() { _, _ = h.portal.Current(b.request(h.portal).WithContext(ctx)) }()
		synctest.Wait()
		go func() {
			if _, err := h.portal.Current(b.request(h.portal).WithContext(ctx)); !fault.Is(err, fault.Unavailable) {
				t.Errorf("given up: %v", err)
			}
		}()
		time.Sleep(100 * time.Millisecond)
		cancel()
		h.expect(b, h.portal, "alice")
	})
}

// What is heard while the store is being asked about a doubt is a new doubt:
// the answer on its way is older. SES-09
func TestDoubtDuringAnAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &slow{Shorts: memory.NewShorts(memory.Options{}), kind: "session", delay: time.Second, reads: make(chan struct{}, 100)}
		h := newHouse(t, s, session.Config{}, session.Options{})
		h.run()
		synctest.Wait()
		b := browser{}
		sess := h.begin(b, h.portal, alice, false)
		live, err := h.portal.Current(b.request(h.portal))
		if err != nil {
			t.Fatal(err)
		}
		ctx, done := track(live, t.Context())
		defer done()
		for len(s.reads) > 0 {
			<-s.reads
		}
		h.manager.Apply(store.Change{Topic: store.TopicSubject, Key: string(alice)})
		<-s.reads // Run has its answer, and does not know it yet
		revoke(t, h, &house{shorts: s.Shorts}, "end", sess.SID)
		time.Sleep(5 * time.Second)
		if context.Cause(ctx) != session.ErrEnded {
			t.Errorf("in flight: %v", context.Cause(ctx))
		}
	})
}
