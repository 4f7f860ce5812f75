package registration

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/store"
)

const (
	// sweepEvery is how often clients are looked for that were never used.
	sweepEvery = time.Hour
	// sweepMost is how many are deleted in one go.
	sweepMost = 500
	// seenMost bounds the memory of what was used.
	seenMost = 10_000
)

// seen remembers of which clients this process has noted that they are used.
type seen struct {
	mu  sync.Mutex
	ids map[string]bool
}

// new tells whether id comes for the first time, as far as is remembered.
func (s *seen) new(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ids[id] {
		return false
	}
	if s.ids == nil || len(s.ids) >= seenMost {
		s.ids = map[string]bool{}
	}
	s.ids[id] = true
	return true
}

func (s *seen) forget(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.ids, id)
}

// Used notes that a client got a token: it stays. A client that did not register
// itself is no matter.
func (r *Registrations) Used(ctx context.Context, id string) error {
	if !r.seen.new(id) {
		return nil
	}
	err := r.Records.Update(ctx, func(tx store.Tx) error {
		_, err := tx.Exec(`UPDATE registrations SET expires = 0 WHERE client = $1 AND expires <> 0`, id)
		return err
	})
	if err != nil {
		r.seen.forget(id) // the next time will do
	}
	return fault.At("registration.Used", err)
}

// Sweep deletes the clients that never got a token in the time they had, and
// tells how many. Initial tokens that are worth nothing go with them. What was
// granted to clients and could not be ended when it should is ended now.
func (r *Registrations) Sweep(ctx context.Context) (int, error) {
	n, err := r.expire(ctx)
	return n, fault.At("registration.Sweep", errors.Join(err, r.endAllNoted(ctx)))
}

// expire deletes what had its time.
func (r *Registrations) expire(ctx context.Context) (n int, err error) {
	now := r.now().UnixMilli()
	var ids []string
	err = r.Records.Update(ctx, func(tx store.Tx) (err error) {
		if err := dropTokens(tx, now); err != nil {
			return err
		}
		ids, err = column(tx.Query(`SELECT client FROM registrations WHERE expires <> 0 AND expires <= $1 ORDER BY expires LIMIT $2`, now, sweepMost))
		return err
	})
	for _, id := range ids {
		switch err := r.drop(ctx, id, func(tx store.Tx) error { return unused(tx, id, now) }); {
		case fault.Is(err, fault.NotFound) || fault.Is(err, fault.Conflict):
		case err != nil:
			return n, err
		default:
			n++
		}
	}
	return n, err
}

// unused is nil unless a client got a token meanwhile: fault.Conflict.
func unused(tx store.Tx, id string, now int64) error {
	var is bool
	err := tx.QueryRow(`SELECT EXISTS (SELECT 1 FROM registrations WHERE client = $1 AND expires <> 0 AND expires <= $2)`, id, now).Scan(&is)
	if err == nil && !is {
		err = fault.Wrap(fault.Conflict, "registration.unused", errors.New("used meanwhile"))
	}
	return err
}

// Run sweeps now and then, until ctx is done, whose error it returns.
func (r *Registrations) Run(ctx context.Context) error {
	for {
		if err := r.sweep(ctx); err != nil && ctx.Err() == nil && r.Report != nil {
			r.Report(fault.At("registration.Run", err))
		}
		select {
		case <-time.After(sweepEvery):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// sweep is Sweep, of which a panic does not end the process.
func (r *Registrations) sweep(ctx context.Context) (err error) {
	defer func() {
		if broken := recover(); broken != nil {
			err = fault.Wrap(fault.Internal, "registration.sweep", fmt.Errorf("panic: %v\n%s", broken, debug.Stack()))
		}
	}()
	_, err = r.Sweep(ctx)
	return err
}
