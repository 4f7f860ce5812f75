package memory

import (
	"context"
	"errors"
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/store"
)

// countLimit keeps sums far from an overflow.
const countLimit = 1 << 60

// Count implements [store.Shorts]. fault.Invalid for an addition without a
// window. A window counts in whole milliseconds.
func (s *Shorts) Count(ctx context.Context, key string, delta int64, window time.Duration) (store.Tally, error) {
	const op = "memory.Count"
	if delta > 0 && window <= 0 {
		return store.Tally{}, fault.Wrap(fault.Invalid, op, errors.New("a counter needs a window"))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.ready(ctx, op); err != nil {
		return store.Tally{}, err
	}
	now := s.now().UnixMilli()
	c := s.counters[key]
	if c != nil && c.expires <= now {
		s.remove(c)
		c = nil
	}
	s.sweep(now)
	if c == nil {
		if delta <= 0 {
			return store.Tally{}, nil
		}
		if len(s.queue) >= s.limit {
			return store.Tally{}, fault.Wrap(fault.Unavailable, op, errFull)
		}
		c = &entry{place: place{key: key}, expires: now + max(window.Milliseconds(), 1)}
		s.insert(c)
	}
	c.n = max(min(c.n+max(min(delta, countLimit), -countLimit), countLimit), 0)
	if c.n == 0 { // as good as absent
		s.remove(c)
		return store.Tally{}, nil
	}
	return store.Tally{N: c.n, Resets: time.UnixMilli(c.expires).UTC()}, nil
}
