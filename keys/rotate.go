package keys

import (
	"context"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/internal/jose"
	"github.com/gatehouse-auth/gatehouse/store"
)

// Rotate makes a new key for alg that signs at once. All others of alg, an
// announced one included, sign no more and stay listed for the time of keeping,
// so that what they signed stays valid. fault.Invalid: no keys are kept for
// alg.
func (r *Ring) Rotate(ctx context.Context, alg string) error {
	const op = "keys.Rotate"
	if err := r.offers(op, alg); err != nil {
		return err
	}
	if _, err := r.current(ctx); err != nil { // finds a wrong master key
		return fault.At(op, err)
	}
	key, err := jose.Generate(alg)
	if err != nil {
		return fault.Wrap(fault.Internal, op, err)
	}
	err = r.records.Update(ctx, func(t store.Tx) error {
		now := r.now()
		rows, err := readRows(t)
		if err != nil {
			return err
		}
		for _, old := range rows {
			if old.alg != alg || old.hasRetired(now.UnixMilli()) {
				continue
			}
			if err := retire(t, old.kid, now.UnixMilli()); err != nil {
				return err
			}
		}
		if err := r.bear(t, birth{alg: alg, active: now.UnixMilli()}, key, now); err != nil {
			return err
		}
		return t.Publish(store.Change{Topic: store.TopicKeys})
	})
	r.Forget()
	if err == nil {
		r.made(alg, key.ID())
	}
	return fault.At(op, err)
}

// Revoke removes a retired key at once, for one that got into other hands:
// whatever it signed is worth nothing from now on. fault.NotFound: there is no
// such key. fault.Conflict: it has not been retired, rotate first.
func (r *Ring) Revoke(ctx context.Context, kid string) error {
	const op = "keys.Revoke"
	err := r.records.Update(ctx, func(t store.Tx) error {
		rows, err := readRows(t)
		if err != nil {
			return err
		}
		for _, row := range rows {
			if row.kid != kid {
				continue
			}
			if !row.hasRetired(r.now().UnixMilli()) {
				return fault.New(fault.Conflict, op, "This key still signs. Rotate first.")
			}
			if err := remove(t, kid); err != nil {
				return err
			}
			return t.Publish(store.Change{Topic: store.TopicKeys})
		}
		return fault.New(fault.NotFound, op, "There is no such key.")
	})
	r.Forget()
	return fault.At(op, err)
}
