package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/store"
)

// maxMark is the longest mark of a taker, in bytes.
const maxMark = 256

// Take implements [store.Shorts]. fault.Invalid if by is too long.
func (s *Shorts) Take(ctx context.Context, kind store.Kind, key, by string) (store.Item, error) {
	const op = "sqlite.Take"
	if len(by) > maxMark {
		return store.Item{}, fault.Wrap(fault.Invalid, op, fmt.Errorf("the mark has more than %d bytes", maxMark))
	}
	item := store.Item{Kind: kind, Key: key}
	taken, err := s.take(ctx, &item, by)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return store.Item{}, fault.New(fault.NotFound, op, "")
	case err != nil:
		return store.Item{}, s.classify(op, err)
	case taken.Valid:
		return store.Item{}, fault.Wrap(fault.Spent, op, &store.SpentError{By: taken.String, Index: item.Index})
	}
	return item, nil
}

// take fills item in and marks it, or says who has taken it before. The mark is
// one statement, which fits only the version that was read: whoever marks it has
// what it erases. So nothing else has to be held from the one to the other.
func (s *Shorts) take(ctx context.Context, item *store.Item, by string) (taken sql.NullString, err error) {
	if err := s.lock(ctx); err != nil {
		return taken, err
	}
	defer s.unlock()
	whole := context.WithoutCancel(ctx)
	kind := string(item.Kind)
	err = s.patiently(ctx, func() error {
		for {
			err := scan(s.find.QueryRowContext(whole, kind, item.Key, s.now()), item, &taken)
			if err != nil || taken.Valid {
				return err
			}
			res, err := s.mark.ExecContext(whole, by, kind, item.Key, item.Version, s.now())
			if err != nil {
				return err
			}
			if n, err := res.RowsAffected(); err != nil || n == 1 {
				return err
			}
			// Another process was quicker, or it expired.
			if err := ctx.Err(); err != nil {
				return err
			}
		}
	})
	return taken, err
}
