package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/store"
)

// Publisher is a handle that publishes and watches.
type Publisher interface {
	Publish(ctx context.Context, changes ...store.Change) error
	store.Watcher
}

// The contract speaks of real time: a change arrives within latency of its
// commit, and a quiet feed is heard from as often. A single one may be late by
// the grace, so that a busy test machine is not taken for a broken feed.
const (
	latency = time.Second
	grace   = 10 * time.Second
)

// Feed holds a change feed against the contract of [store.Watcher]. open gives
// two handles on the same new data, or one of them twice.
func Feed(t *testing.T, open func(testing.TB) (own, foreign Publisher)) {
	for _, c := range []struct {
		name string
		run  func(t *testing.T, own, foreign Publisher)
	}{
		{"own and foreign changes in order", feedOrder},
		{"in time", feedLatency},
		{"heartbeat", feedHeartbeat},
		{"nothing from before", feedFresh},
		{"ends with its context", feedEnds},
		{"every watcher hears everything", feedCrowd},
		{"odd keys and many at once", feedOdd},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			own, foreign := open(t)
			c.run(t, own, foreign)
		})
	}
}

// listener collects what a watcher is told.
type listener struct {
	t  *testing.T
	mu sync.Mutex

	changes []store.Change
	arrived []time.Time // of each change
	calls   []time.Time
}

// listen starts watching and returns when the feed is heard from, which must
// be soon.
func listen(t *testing.T, w store.Watcher) *listener {
	t.Helper()
	l := &listener{t: t}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() {
		done <- w.Watch(ctx, func(changes []store.Change) {
			l.mu.Lock()
			defer l.mu.Unlock()
			l.calls = append(l.calls, time.Now())
			for _, c := range changes {
				l.changes = append(l.changes, c)
				l.arrived = append(l.arrived, time.Now())
			}
		})
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("Watch ended with %v", err)
		}
	})
	l.until("a first call", func() bool { return len(l.calls) > 0 })
	return l
}

// until waits for a state of the listener.
func (l *listener) until(what string, reached func() bool) {
	l.t.Helper()
	for end := time.Now().Add(grace); ; time.Sleep(5 * time.Millisecond) {
		l.mu.Lock()
		ok := reached()
		l.mu.Unlock()
		if ok {
			return
		}
		if time.Now().After(end) {
			l.t.Fatalf("waited %v for %s; heard %d changes in %d calls", grace, what, len(l.changes), len(l.calls))
		}
	}
}

// expect waits for exactly these changes.
func (l *listener) expect(want []store.Change) {
	l.t.Helper()
	l.until(fmt.Sprint(len(want), " changes"), func() bool { return len(l.changes) >= len(want) })
	l.mu.Lock()
	defer l.mu.Unlock()
	if !slices.Equal(l.changes, want) {
		l.t.Fatalf("got  %q\nwant %q", l.changes, want)
	}
}

func publish(t *testing.T, p Publisher, changes ...store.Change) {
	t.Helper()
	if err := p.Publish(context.Background(), changes...); err != nil {
		t.Fatal(err)
	}
}

func feedOrder(t *testing.T, own, foreign Publisher) {
	l := listen(t, own)
	var want []store.Change
	for i := range 40 {
		c := store.Change{Topic: store.TopicSession, Key: fmt.Sprint("s", i)}
		want = append(want, c)
		publish(t, []Publisher{own, foreign}[(i/3)%2], c)
	}
	l.expect(want)
}

func feedLatency(t *testing.T, own, foreign Publisher) {
	l := listen(t, own)
	var took []time.Duration
	for i := range 5 {
		time.Sleep(70 * time.Millisecond) // meet the feed at different moments
		publish(t, foreign, store.Change{Topic: store.TopicSubject, Key: "alice"})
		committed := time.Now()
		l.until("a change", func() bool { return len(l.changes) == i+1 })
		took = append(took, l.arrived[i].Sub(committed))
	}
	slices.Sort(took)
	if took[2] > latency { // SES-09
		t.Errorf("changes took %v", took)
	}
}

func feedHeartbeat(t *testing.T, own, _ Publisher) {
	l := listen(t, own)
	time.Sleep(3 * latency)
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.changes) != 0 {
		t.Errorf("changes out of nothing: %q", l.changes)
	}
	var gaps []time.Duration
	for i, at := range append(l.calls[1:], time.Now()) {
		gaps = append(gaps, at.Sub(l.calls[i]))
	}
	slices.Sort(gaps)
	if gaps[len(gaps)/2] > latency {
		t.Errorf("a quiet feed was silent for %v", gaps)
	}
}

func feedFresh(t *testing.T, own, foreign Publisher) {
	publish(t, own, store.Change{Topic: store.TopicKeys, Key: "before"})
	publish(t, foreign, store.Change{Topic: store.TopicKeys, Key: "before"})
	l := listen(t, own)
	after := store.Change{Topic: store.TopicKeys, Key: "after"}
	publish(t, own, after)
	l.expect([]store.Change{after})
}

func feedEnds(t *testing.T, own, _ Publisher) {
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	if err := own.Watch(ctx, func([]store.Change) {}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Watch ended with %v", err)
	}
	if err := own.Watch(ctx, func([]store.Change) {}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Watch with a context that had ended: %v", err)
	}
}

func feedCrowd(t *testing.T, own, foreign Publisher) {
	listeners := []*listener{listen(t, own), listen(t, own), listen(t, foreign)}
	const publishers, each = 8, 10
	together(publishers, func(p int) {
		for i := range each {
			handle := []Publisher{own, foreign}[i%2]
			err := handle.Publish(context.Background(), store.Change{Topic: store.TopicSession, Key: fmt.Sprint(p, "-", i)})
			if err != nil {
				t.Error(err)
			}
		}
	})
	for i, l := range listeners {
		l.until("all changes", func() bool { return len(l.changes) >= publishers*each })
		if !slices.Equal(l.changes, listeners[0].changes) {
			t.Errorf("listener %d heard another order", i)
		}
		seen := map[store.Change]bool{}
		for _, c := range l.changes {
			seen[c] = true
		}
		if len(seen) != publishers*each {
			t.Errorf("listener %d heard %d different changes", i, len(seen))
		}
	}
}

func feedOdd(t *testing.T, own, foreign Publisher) {
	l := listen(t, own)
	publish(t, own) // nothing at all
	var want []store.Change
	for _, key := range append([]string{""}, odd...) {
		want = append(want, store.Change{Topic: store.TopicSession, Key: key})
	}
	for i := range 2500 {
		want = append(want, store.Change{Topic: "another topic", Key: fmt.Sprint(i)})
	}
	publish(t, foreign, want...)
	l.expect(want)
	if err := own.Publish(context.Background(), store.Change{}); err == nil {
		t.Error("the change that means \"forget everything\" was published")
	}
}
