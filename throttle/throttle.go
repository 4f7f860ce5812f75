// Package throttle limits guessing: how often passwords may be tried for one
// account, from one address, and for one account from one address.
//
// It owns the arithmetic and the names of its counters. It does not own the
// counters themselves (any [store.Shorts] has them), the client's address (the
// caller takes it from a source that can't be forged, never from a header; see
// FWD-03), nor the check of the password.
//
// # What is counted
//
//   - the pair of canonical account and address (10 by default, LGN-20),
//   - the account from everywhere (100, LGN-23),
//   - the address over all names (100, LGN-27).
//
// An IPv6 address counts as its /64, of which one customer has all. Names count
// in their canonical form, whether the account exists or not (LGN-26, ENU-01).
//
// An attempt is counted before it is checked, so parallel guesses can't slip
// by (LGN-28), and given back if it was right: success forgets the pair, whose
// owner has shown who they are; from the account's and the address's counters
// it takes only its own one, so that signing in to one's own account between
// guesses at others buys nothing. A refused attempt is not counted, so nobody
// lengthens a lock by knocking, and one address can't use up an account's
// allowance from everywhere.
//
// A counter that is exceeded starts a lock, which ends by itself (LGN-21), and
// is back at zero then. Window and lock are separate lengths.
//
// # Memory
//
// Keys are hashes of fixed length, and vanish with their window. An address
// that tries made-up names is locked after AddressAttempts of them, so it has
// at most that many keys at a time; beyond that, whoever keeps the counters
// bounds them, and a store that is full or can't be reached is a refusal
// (LGN-29).
package throttle

import (
	"context"
	"fmt"
	"math"
	"net/netip"
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/store"
)

// Counter is the one method of [store.Shorts] that is needed.
type Counter interface {
	Count(ctx context.Context, key string, delta int64, window time.Duration) (store.Tally, error)
}

// Config are the limits. A field that is zero or less has its default: no
// setting means "no limit".
type Config struct {
	Attempts        int           // for one account from one address; 10
	Window          time.Duration // over which is counted; 15 min
	Lock            time.Duration // how long too many attempts are answered by waiting; 15 min
	AccountAttempts int           // for one account from everywhere; 100
	AddressAttempts int           // from one address for all names; 100
}

// DefaultConfig is what a Config without any field means.
func DefaultConfig() Config { return Config{}.withDefaults() }

func (c Config) withDefaults() Config {
	for _, n := range []struct {
		field *int
		value int
	}{{&c.Attempts, 10}, {&c.AccountAttempts, 100}, {&c.AddressAttempts, 100}} {
		if *n.field <= 0 {
			*n.field = n.value
		}
	}
	for _, d := range []*time.Duration{&c.Window, &c.Lock} {
		if *d <= 0 {
			*d = 15 * time.Minute
		}
	}
	return c
}

// Options sets up [New].
type Options struct {
	// Now is the clock, the same as the counter's; nil means time.Now.
	Now func() time.Time
}

// Throttle limits attempts. It is safe for concurrent use and keeps nothing in
// memory.
type Throttle struct {
	counter Counter
	config  func() Config
	now     func() time.Time
}

// New makes a Throttle over counter. config is asked at each attempt, so that
// a reload takes effect; nil means the defaults.
func New(counter Counter, config func() Config, opts Options) *Throttle {
	t := &Throttle{counter: counter, config: config, now: opts.Now}
	if t.config == nil {
		t.config = func() Config { return Config{} }
	}
	if t.now == nil {
		t.now = time.Now
	}
	return t
}

// LimitError is the cause inside fault.Throttled.
type LimitError struct {
	wait  time.Duration
	scope string
}

// Error says what is locked, for the log.
func (e *LimitError) Error() string {
	return fmt.Sprintf("too many attempts for this %s, wait %s", e.scope, e.wait)
}

// RetryAfter is how long the lock lasts yet, in whole seconds, at least one.
func (e *LimitError) RetryAfter() time.Duration { return e.wait }

// Scope is what is locked: "pair", "account" or "address". It is for the log;
// a person is told the same for all.
func (e *LimitError) Scope() string { return e.scope }

// Attempt asks whether a password may be checked now, and counts that it is.
// account is what was typed; addr is where the request came from.
//
// fault.Throttled with a *[LimitError] in its chain if not; fault.Unavailable
// if the counters can't tell, which is a refusal too. If nil, the caller
// checks the password and then calls one of the methods of [Attempt], or none
// if the password was wrong.
func (t *Throttle) Attempt(ctx context.Context, account string, addr netip.Addr) (Attempt, error) {
	const op = "throttle.Attempt"
	c := t.config().withDefaults()
	scopes := t.scopes(c, account, addr)
	for _, s := range scopes {
		if err := t.locked(ctx, s); err != nil {
			return Attempt{}, fault.At(op, err)
		}
	}
	for i, s := range scopes {
		if err := t.count(ctx, c, s); err != nil {
			// Whoever is refused is not counted, in no counter. What can't be
			// given back now is gone with the window.
			t.giveBack(ctx, c, scopes[:i])
			return Attempt{}, fault.At(op, err)
		}
	}
	return Attempt{throttle: t, scopes: scopes, config: c}, nil
}

// locked is an error if there is a lock on s.
func (t *Throttle) locked(ctx context.Context, s scope) error {
	tally, err := t.counter.Count(ctx, s.lock, 0, 0)
	if err != nil {
		return err
	}
	if tally.N == 0 {
		return nil
	}
	wait := tally.Resets.Sub(t.now())
	wait = max(time.Second, (wait + time.Second - 1).Truncate(time.Second))
	return &fault.Error{
		Kind: fault.Throttled, Op: "throttle", Public: "Too many attempts. Please wait before you try again.",
		Err: &LimitError{wait: wait, scope: s.name},
	}
}

// count adds the attempt to one counter. If that is one too many, it starts
// the lock and sets the counter back.
//
// The order is what makes the limit exact for parallel attempts: the lock is
// set before the counter is set back, and looked at after counting. Whoever
// counts after the counter was set back therefore sees the lock; whoever
// counts before sees too high a number.
func (t *Throttle) count(ctx context.Context, c Config, s scope) error {
	tally, err := t.counter.Count(ctx, s.key, 1, c.Window)
	if err != nil {
		return err
	}
	over, back := tally.N > int64(s.limit), int64(-1)
	if over {
		lock, err := t.counter.Count(ctx, s.lock, 1, c.Lock)
		if err != nil {
			return err // the counter stays exceeded: still refused
		}
		if lock.N == 1 { // it is this attempt that locks
			back = -math.MaxInt32 // no counter goes below zero
		}
	}
	err = t.locked(ctx, s)
	if over && err == nil { // the lock was shorter than this function
		err = fault.Wrap(fault.Throttled, "throttle", &LimitError{wait: time.Second, scope: s.name})
	}
	if err != nil {
		t.add(ctx, s.key, back, c.Window)
	}
	return err
}

func (t *Throttle) giveBack(ctx context.Context, c Config, scopes []scope) {
	for _, s := range scopes {
		t.add(ctx, s.key, -1, c.Window)
	}
}

// add changes a counter downwards. The browser may be gone by now and the
// count must be right all the same; if the store fails, the count stays too
// high, which errs on the safe side.
func (t *Throttle) add(ctx context.Context, key string, delta int64, window time.Duration) {
	_, _ = t.counter.Count(context.WithoutCancel(ctx), key, delta, window)
}
