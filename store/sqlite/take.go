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
	var taken sql.NullString
	err := s.update(ctx, func(tx *sql.Tx) error {
		whole := context.WithoutCancel(ctx)
		err := scan(tx.StmtContext(whole, s.find).QueryRowContext(whole, string(kind), key, s.now()), &item, &taken)
		if err != nil || taken.Valid {
			return err
		}
		_, err = tx.StmtContext(whole, s.mark).ExecContext(whole, by, string(kind), key)
		return err
	})
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
