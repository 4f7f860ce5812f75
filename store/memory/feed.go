package memory

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/store"
)

const (
	beat = 250 * time.Millisecond
	// backlog is how many changes wait for a slow watcher; one that is
	// further behind is told to forget everything.
	backlog = 10_000
)

// feed hands changes to the watchers of this process.
type feed struct {
	mu     sync.Mutex
	set    map[*watcher]struct{}
	closed bool
}

type watcher struct {
	wake    chan struct{}
	pending []store.Change
}

// lost tells whether w is to forget everything, whatever comes after.
func (w *watcher) lost() bool { return len(w.pending) == 1 && w.pending[0] == store.Change{} }

// Publish implements [store.Shorts].
func (s *Shorts) Publish(ctx context.Context, changes ...store.Change) error {
	const op = "memory.Publish"
	for _, c := range changes {
		if c == (store.Change{}) {
			return fault.Wrap(fault.Invalid, op, errors.New("a change needs a topic"))
		}
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if err := s.ready(ctx, op); err != nil {
		return err
	}
	s.feed.publish(changes)
	return nil
}

// Watch implements [store.Watcher]. Its first call of f says that the feed has
// begun.
func (s *Shorts) Watch(ctx context.Context, f func([]store.Change)) error {
	w := s.feed.join()
	defer s.feed.leave(w)
	tick := time.NewTicker(beat)
	defer tick.Stop()
	for ctx.Err() == nil {
		if changes, ok := s.feed.collect(w); ok {
			f(changes)
		}
		select {
		case <-ctx.Done():
		case <-w.wake:
		case <-tick.C:
		}
	}
	return ctx.Err()
}

func (f *feed) join() *watcher {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.set == nil {
		f.set = map[*watcher]struct{}{}
	}
	w := &watcher{wake: make(chan struct{}, 1)}
	f.set[w] = struct{}{}
	return w
}

func (f *feed) leave(w *watcher) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.set, w)
}

// collect gives what w has not heard yet; not ok if the feed is closed.
func (f *feed) collect(w *watcher) ([]store.Change, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	changes := w.pending
	w.pending = nil
	return changes, !f.closed
}

func (f *feed) publish(changes []store.Change) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for w := range f.set {
		switch {
		case w.lost():
		case len(w.pending)+len(changes) > backlog:
			w.pending = []store.Change{{}}
		default:
			w.pending = append(w.pending, changes...)
		}
		select {
		case w.wake <- struct{}{}:
		default:
		}
	}
}

func (f *feed) close() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closed = true
}
