package throttle

import (
	"context"
	"math"
)

// Attempt is one counted attempt. It must be settled at most once; one that is
// not settled was a wrong password. The zero Attempt settles nothing.
type Attempt struct {
	throttle *Throttle
	scopes   []scope
	config   Config
}

// Succeeded forgets the wrong guesses of this account from this address, and
// takes this attempt, no other, from the counters of both.
func (a Attempt) Succeeded(ctx context.Context) {
	for _, s := range a.scopes {
		delta := int64(-1)
		if s.name == "pair" {
			delta = -math.MaxInt32 // no counter goes below zero
		}
		a.throttle.add(ctx, s.key, delta, a.config.Window)
	}
}

// Unchecked gives the attempt back because no password was compared: the
// hasher was busy or the store failed.
func (a Attempt) Unchecked(ctx context.Context) {
	if a.throttle != nil {
		a.throttle.giveBack(ctx, a.config, a.scopes)
	}
}
