package registry

import (
	"context"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/store"
)

// silence is how long the feed may say nothing until it counts as broken; a
// working one speaks every second.
const silence = 5 * time.Second

// fresh tells whether the feed was heard lately. If not, nothing in memory can
// be relied on, and the database is asked each time.
func (s *Stored) fresh(now int64) bool {
	return now-s.heard.Load() <= silence.Milliseconds()
}

// Run follows the changes that other processes make, until ctx is done, whose
// error it returns.
func (s *Stored) Run(ctx context.Context) error {
	for {
		s.heard.Store(0)
		err := s.watch(ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		s.report(fault.At("registry.Run", err))
		select {
		case <-time.After(time.Second):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// watch follows the feed once. A panic in a store becomes an error: nobody else
// would catch it here, where it would end the process.
func (s *Stored) watch(ctx context.Context) (err error) {
	defer func() {
		if broken := recover(); broken != nil {
			err = fault.Wrap(fault.Internal, "registry.watch", fmt.Errorf("panic: %v\n%s", broken, debug.Stack()))
		}
	}()
	return s.records.Watch(ctx, s.hear)
}

// hear applies what the feed said. After a silence changes may have been
// missed, whatever the feed believes.
func (s *Stored) hear(changes []store.Change) {
	now := s.now().UnixMilli()
	if !s.fresh(now) {
		s.apply(store.Change{})
	}
	for _, c := range changes {
		s.apply(c)
	}
	s.heard.Store(now)
}

// apply forgets what a change is about.
func (s *Stored) apply(c store.Change) {
	switch {
	case c == store.Change{}:
		s.clients.clear()
		s.origins.clear()
		s.pages.clear()
	case c.Topic == store.TopicClient:
		s.clients.forget(c.Key)
		s.origins.clear()
		s.pages.clear()
	}
}
