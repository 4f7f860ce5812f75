package keys

import (
	"context"
	"errors"
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/internal/jose"
	"github.com/gatehouse-auth/gatehouse/store"
)

// carryOut does what is due and returns the new state of the table. Keys are
// made before the transaction, since that takes long, and thrown away if
// another process was quicker.
func (r *Ring) carryOut(ctx context.Context, due plan) (rows []row, err error) {
	const op = "keys.rotate"
	made := map[string]*jose.Key{}
	for _, b := range due.births {
		if made[b.alg], err = jose.Generate(b.alg); err != nil {
			return nil, fault.Wrap(fault.Internal, op, err)
		}
	}
	err = r.records.Update(ctx, func(t store.Tx) error {
		if rows, err = readRows(t); err != nil {
			return err
		}
		if _, err := r.open(rows); err != nil {
			return err
		}
		now := r.opts.Now()
		due := r.periods.planned(now.UnixMilli(), rows, r.opts.Algs)
		if due.empty() {
			return nil
		}
		for _, b := range due.births {
			if made[b.alg] == nil {
				return fault.Wrap(fault.Conflict, op, errors.New("the table changed meanwhile"))
			}
			if err := r.bear(t, b, made[b.alg], now); err != nil {
				return err
			}
		}
		for _, kid := range due.remove {
			if err := remove(t, kid); err != nil {
				return err
			}
		}
		if rows, err = readRows(t); err != nil {
			return err
		}
		return t.Publish(store.Change{Topic: store.TopicKeys})
	})
	return rows, fault.At(op, err)
}

func (r *Ring) bear(t store.Tx, b birth, key *jose.Key, now time.Time) error {
	row, err := sealKey(r.box, key, now, time.UnixMilli(b.active))
	if err != nil {
		return err
	}
	if b.after != "" {
		if err := retire(t, b.after, b.active); err != nil {
			return err
		}
	}
	return row.insert(t)
}

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
		now := r.opts.Now()
		rows, err := readRows(t)
		if err != nil {
			return err
		}
		for _, old := range rows {
			if old.alg != alg || old.retired != 0 && old.retired <= now.UnixMilli() {
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
			if row.retired == 0 || row.retired > r.opts.Now().UnixMilli() {
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
