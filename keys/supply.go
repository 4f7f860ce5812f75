package keys

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/internal/jose"
	"github.com/gatehouse-auth/gatehouse/store"
)

// Prepare reads the keys and makes the first ones that are made at once: what
// a program does before it serves anybody. The others, which take longer, are
// left to [Ring.Run] and to whoever needs them first. From now on the database
// belongs to its master key, as far as there is an algorithm that is quick.
// fault.Unavailable: the store can't be used, or the keys in it were sealed
// with another master key.
func (r *Ring) Prepare(ctx context.Context) error {
	s, err := r.current(ctx)
	if err != nil {
		return fault.At("keys.Prepare", err)
	}
	early := slices.DeleteFunc(slices.Clone(r.settings.Load().Early), Slow)
	_, err = r.supply(ctx, s, early)
	return fault.At("keys.Prepare", err)
}

// Maintain does what is due: the first keys, the default algorithm's before the
// others, successors, the retirement of those whose algorithm was taken out, and
// the removal of those whose time is over.
func (r *Ring) Maintain(ctx context.Context) error {
	const op = "keys.Maintain"
	for _, alg := range r.settings.Load().Early {
		s, err := r.current(ctx)
		if err != nil {
			return fault.At(op, err)
		}
		if _, err := r.supply(ctx, s, []string{alg}); err != nil {
			return fault.At(op, err)
		}
	}
	if err := take(ctx, r.making); err != nil {
		return fault.Wrap(fault.Unavailable, op, err)
	}
	defer func() { <-r.making }()
	_, err := r.work(ctx, nil)
	return fault.At(op, err)
}

// supply gives a state of the table in which every one of algs has a key that
// signs; s is what is known of it.
func (r *Ring) supply(ctx context.Context, s *snapshot, algs []string) (*snapshot, error) {
	if len(s.lacks(algs)) == 0 {
		return s, nil
	}
	if err := take(ctx, r.making); err != nil {
		return nil, fault.Wrap(fault.Unavailable, "keys.supply", err)
	}
	defer func() { <-r.making }()
	s, err := r.current(ctx) // somebody else may have made them meanwhile
	if err != nil || len(s.lacks(algs)) == 0 {
		return s, err
	}
	return r.work(ctx, algs)
}

// work reads the table and does what is due there. Whoever calls it has the
// token for making keys.
func (r *Ring) work(ctx context.Context, wanted []string) (*snapshot, error) {
	r.Forget()
	s, err := r.current(ctx) // finds a wrong master key
	if err != nil {
		return nil, err
	}
	// Stored after all, by a transaction that seemed to fail.
	maps.DeleteFunc(r.spare, func(_ string, key *jose.Key) bool { return s.keys[key.ID()] != nil })
	due := r.settings.Load().planned(r.now().UnixMilli(), s.table, wanted)
	if due.empty() {
		return s, nil
	}
	if err := r.carryOut(ctx, due, wanted); err != nil {
		return nil, err
	}
	r.Forget()
	return r.current(ctx)
}

// carryOut does what is due. Keys are made before the transaction, since that
// takes long, and thrown away if another process was quicker.
func (r *Ring) carryOut(ctx context.Context, due plan, wanted []string) error {
	const op = "keys.rotate"
	for _, b := range due.births {
		if r.spare[b.alg] != nil {
			continue
		}
		key, err := jose.Generate(b.alg)
		if err != nil {
			return fault.Wrap(fault.Internal, op, err)
		}
		r.spare[b.alg] = key
	}
	err := r.records.Update(ctx, func(t store.Tx) error {
		rows, err := readRows(t)
		if err != nil {
			return err
		}
		if _, err := r.open(rows); err != nil {
			return err
		}
		now := r.now()
		due = r.settings.Load().planned(now.UnixMilli(), rows, wanted)
		return r.apply(t, now, due)
	})
	if err != nil {
		return fault.At(op, err)
	}
	for _, b := range due.births {
		r.made(b.alg, r.spare[b.alg].ID())
	}
	clear(r.spare)
	return nil
}

// apply changes the table as planned.
func (r *Ring) apply(t store.Tx, now time.Time, due plan) error {
	if due.empty() {
		return nil
	}
	for _, b := range due.births {
		if r.spare[b.alg] == nil {
			return fault.Wrap(fault.Conflict, "keys.rotate", errors.New("the table changed meanwhile"))
		}
		if err := r.bear(t, b, r.spare[b.alg], now); err != nil {
			return err
		}
	}
	for _, kid := range due.retire {
		if err := retire(t, kid, now.UnixMilli()); err != nil {
			return err
		}
	}
	for _, kid := range due.remove {
		if err := remove(t, kid); err != nil {
			return err
		}
	}
	return t.Publish(store.Change{Topic: store.TopicKeys})
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
