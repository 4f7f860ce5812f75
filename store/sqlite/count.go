package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/store"
)

// countLimit keeps sums far from an overflow.
const countLimit = 1 << 60

// Count implements [store.Shorts]. fault.Invalid for an addition without a
// window. A window counts in whole milliseconds.
func (s *Shorts) Count(ctx context.Context, key string, delta int64, window time.Duration) (store.Tally, error) {
	const op = "sqlite.Count"
	if delta > 0 && window <= 0 {
		return store.Tally{}, fault.Wrap(fault.Invalid, op, errors.New("a counter needs a window"))
	}
	delta = max(min(delta, countLimit), -countLimit)
	now := s.now()
	resets := now + max(window.Milliseconds(), 1)
	var n, until int64
	var err error
	switch {
	case delta > 0:
		err = s.counting(ctx, s.add, &n, &until, key, delta, resets, now, countLimit)
	case delta < 0:
		err = s.counting(ctx, s.lower, &n, &until, delta, key, now)
	default:
		if err = s.alive(ctx); err == nil {
			err = s.tally.QueryRowContext(context.WithoutCancel(ctx), key, now).Scan(&n, &until)
		}
	}
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return store.Tally{}, s.classify(op, err)
	}
	if n == 0 {
		return store.Tally{}, nil
	}
	return store.Tally{N: n, Resets: time.UnixMilli(until).UTC()}, nil
}

// counting runs a changing statement that returns the counter, a transaction by
// itself. A row that it returned is not yet committed; having run to its end it
// is, so that it is always read to the end.
func (s *Shorts) counting(ctx context.Context, st *sql.Stmt, n, until *int64, args ...any) error {
	if err := s.lock(ctx); err != nil {
		return err
	}
	defer s.unlock()
	return s.patiently(ctx, func() error {
		rows, err := st.QueryContext(context.WithoutCancel(ctx), args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			if err := rows.Scan(n, until); err != nil {
				return err
			}
		}
		if err := rows.Err(); err != nil {
			return err
		}
		return rows.Close()
	})
}
