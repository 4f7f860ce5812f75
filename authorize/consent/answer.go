package consent

import (
	"context"
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/store"
)

// kindAnswer is the kind of an answer among the short-lived things. Only yes is
// kept: no is answered at once.
const kindAnswer store.Kind = "consent"

// answerLife is how long an answer waits for its request to come back. That is
// a moment, unless the person has to sign in again on the way.
const answerLife = 10 * time.Minute

// Allow notes that the person said yes to a.
func (c *Consents) Allow(ctx context.Context, a Ask) error {
	const op = "consent.Allow"
	key, err := a.key()
	if err != nil {
		return fault.Wrap(fault.Internal, op, err)
	}
	// Who goes back and says yes once more gives a new answer.
	if err := c.Shorts.Delete(ctx, kindAnswer, key); err != nil {
		return fault.At(op, err)
	}
	err = c.Shorts.Create(ctx, store.Item{
		Kind: kindAnswer, Key: key, Value: []byte{},
		Index:   store.Index{Sub: string(a.Subject), SID: a.SID, Family: pair(a.Subject, a.Client)},
		Expires: c.now().Add(answerLife),
	})
	if fault.Is(err, fault.Exists) { // a second click at the same instant
		return nil
	}
	return fault.At(op, err)
}

// Allowed tells whether the person said yes to a, and uses nothing up.
func (c *Consents) Allowed(ctx context.Context, a Ask) (bool, error) {
	const op = "consent.Allowed"
	key, err := a.key()
	if err != nil {
		return false, fault.Wrap(fault.Internal, op, err)
	}
	switch _, err := c.Shorts.Get(ctx, kindAnswer, key); {
	case fault.Is(err, fault.NotFound):
		return false, nil
	case err != nil:
		return false, fault.At(op, err)
	}
	return true, nil
}

// Take uses the answer up: it is true for exactly one caller.
func (c *Consents) Take(ctx context.Context, a Ask) (bool, error) {
	const op = "consent.Take"
	key, err := a.key()
	if err != nil {
		return false, fault.Wrap(fault.Internal, op, err)
	}
	switch _, err := c.Shorts.Take(ctx, kindAnswer, key, a.Client); {
	case fault.Is(err, fault.NotFound) || fault.Is(err, fault.Spent):
		return false, nil
	case err != nil:
		return false, fault.At(op, err)
	}
	return true, nil
}
