package backchannel

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/store"
)

const (
	firstDelay   = 2 * time.Second
	longestDelay = 10 * time.Minute
	// look is how long a running sender waits at most before it looks itself,
	// should the change feed be silent.
	look = 30 * time.Second
	// breath is how long it waits after a failure of the store.
	breath = 2 * time.Second
)

// delay is how long to wait after the nth attempt: twice as long each time, and
// somewhere in the upper half of that, so that notices that failed together
// don't come back together.
func delay(attempts int) time.Duration {
	full := longestDelay
	if n := attempts - 1; n >= 0 && n < 16 {
		full = min(firstDelay<<n, longestDelay)
	}
	var b [8]byte
	rand.Read(b[:]) // never fails: crypto/rand ends the program instead
	return full/2 + time.Duration(binary.LittleEndian.Uint64(b[:])%uint64(full/2))
}

// safely makes an error of a panic in a part that we were given. Nobody else
// would catch it in the background, where it would end the process.
func safely(f func() error) (err error) {
	defer func() {
		if broken := recover(); broken != nil {
			err = fault.Wrap(fault.Internal, "backchannel", fmt.Errorf("panic: %v\n%s", broken, debug.Stack()))
		}
	}()
	return f()
}

// Run sends what the outbox holds and whatever comes, as it comes, until ctx is
// done. Requests under way are broken off then and sent again by the next
// sender.
func (s *Sender) Run(ctx context.Context) {
	wake := make(chan struct{}, 1)
	listening := make(chan struct{})
	go func() {
		defer close(listening)
		s.listen(ctx, wake)
	}()
	defer func() { <-listening }()
	for ctx.Err() == nil {
		var next time.Time
		err := safely(func() (err error) {
			next, err = s.Deliver(ctx)
			return err
		})
		wait := look
		switch {
		case err != nil && ctx.Err() == nil:
			s.Failed(err)
			wait = breath
		case !next.IsZero():
			wait = min(max(next.Sub(s.Now()), time.Millisecond), look)
		}
		timer := time.NewTimer(wait)
		select {
		case <-wake:
		case <-timer.C:
		case <-ctx.Done():
		}
		timer.Stop()
	}
}

// listen follows the change feed.
func (s *Sender) listen(ctx context.Context, wake chan<- struct{}) {
	hear := func(changes []store.Change) {
		for _, c := range changes {
			if c.Topic != Topic && c != (store.Change{}) {
				continue
			}
			select {
			case wake <- struct{}{}:
			default:
			}
			return
		}
	}
	for ctx.Err() == nil {
		err := safely(func() error { return s.Outbox.records.Watch(ctx, hear) })
		if ctx.Err() != nil {
			return
		}
		s.Failed(err)
		select {
		case <-time.After(breath):
		case <-ctx.Done():
		}
	}
}
