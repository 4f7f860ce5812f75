package session

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
)

const (
	// beat is how often Run looks round.
	beat = time.Second
	// sweepParts is how many beats it takes to see every entry once, and so,
	// in seconds, how late an expiry may be noticed for a request in flight.
	sweepParts = 30
	// sweepBatch is how many entries are seen under one lock.
	sweepBatch = 512
	// lastFlush bounds the final write of last uses.
	lastFlush = 10 * time.Second
)

// Run follows the feeds, writes last uses in batches and ends what is in
// flight for sessions that are over. It returns when ctx is done, after a last
// write; the error is that write's.
func (m *Manager) Run(ctx context.Context) error {
	var workers sync.WaitGroup
	for _, f := range m.feeds {
		workers.Go(func() { m.listen(ctx, f) })
	}
	workers.Go(func() { m.write(ctx) })
	if m.ended != nil {
		workers.Go(func() { m.watchDue(ctx) })
	}
	m.watch(ctx)
	workers.Wait()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastFlush)
	defer cancel()
	return m.flush(ctx)
}

// safely makes an error of a panic in a store. Nobody else would catch it in
// the background, where it would end the process.
func safely(op string, ask func() error) (err error) {
	defer func() {
		if broken := recover(); broken != nil {
			err = fault.Wrap(fault.Internal, op, fmt.Errorf("panic: %v\n%s", broken, debug.Stack()))
		}
	}()
	return ask()
}

// watch settles doubts and sweeps until ctx is done.
func (m *Manager) watch(ctx context.Context) {
	ticker := time.NewTicker(beat)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-m.wake:
		case <-ticker.C:
			m.sweep()
		}
		m.settle(ctx)
	}
}

// write writes last uses at the cadence until ctx is done.
func (m *Manager) write(ctx context.Context) {
	ticker := time.NewTicker(beat)
	defer ticker.Stop()
	flushed := m.millis()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		now := m.millis()
		if now-flushed < m.cadence.Load() {
			continue
		}
		flushed = now
		if err := m.flush(ctx); err != nil && ctx.Err() == nil {
			m.report(err)
		}
	}
}

// sweep looks at a part of the book for sessions past a limit as far as this
// process knows. Those without requests in flight are forgotten, the others
// asked about: another process may have seen a later use.
func (m *Manager) sweep() {
	now := m.millis()
	for left := m.book.part(); left > 0; left -= sweepBatch {
		m.book.sweep(now, min(left, sweepBatch))
	}
}

// part is how many entries one beat has to see.
func (b *book) part() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return (len(b.ring) + sweepParts - 1) / sweepParts
}

// sweep looks at the next n entries.
func (b *book) sweep(now int64, n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for range n {
		if len(b.ring) == 0 {
			return
		}
		b.broom = (b.broom + 1) % len(b.ring)
		e := b.ring[b.broom]
		if live := e.live.Load(); live != nil && live.over(now) {
			b.doubt(e)
		}
	}
}
