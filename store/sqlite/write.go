package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
)

// alive fails if the store is closed, its file is gone, or nobody waits for the
// answer any more.
func (f *file) alive(ctx context.Context) error {
	select {
	case <-f.closed:
		return errClosed
	default:
	}
	if lost := f.misplaced.Load(); lost != nil {
		return fault.Wrap(fault.Unavailable, "sqlite.alive", *lost)
	}
	return ctx.Err()
}

// lock waits for the turn to write. Nothing has happened if it fails.
func (f *file) lock(ctx context.Context) error {
	if err := f.alive(ctx); err != nil {
		return err
	}
	select {
	case f.turn <- struct{}{}:
		return nil
	default:
	}
	t := time.NewTimer(turnPatience)
	defer t.Stop()
	select {
	case f.turn <- struct{}{}:
		if err := f.alive(ctx); err != nil {
			f.unlock()
			return err
		}
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-f.closed:
		return errClosed
	case <-t.C:
		return fault.Wrap(fault.Unavailable, "sqlite.lock", errors.New("another writer of this process does not end"))
	}
}

func (f *file) unlock() { <-f.turn }

// patiently repeats try while another process writes, at most for patience and
// as long as ctx lasts. try must be without effect if it fails.
func (f *file) patiently(ctx context.Context, try func() error) error {
	err := try()
	if !busy(err) {
		return err
	}
	// Not the store's clock: this measures a wait of this process.
	limit := time.NewTimer(patience)
	defer limit.Stop()
	for busy(err) {
		pause := time.NewTimer(2 * time.Millisecond)
		select {
		case <-ctx.Done():
			pause.Stop()
			return ctx.Err()
		case <-limit.C:
			pause.Stop()
			return err
		case <-pause.C:
		}
		err = try()
	}
	return err
}

// exec runs one prepared statement that is a transaction by itself and says how
// many rows it changed. Once it has begun it is not interrupted: it takes
// microseconds, and its caller must know whether it happened.
func (f *file) exec(ctx context.Context, st *sql.Stmt, args ...any) (int64, error) {
	if err := f.lock(ctx); err != nil {
		return 0, err
	}
	defer f.unlock()
	whole := context.WithoutCancel(ctx)
	var res sql.Result
	err := f.patiently(ctx, func() (err error) {
		res, err = st.ExecContext(whole, args...)
		return err
	})
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// update runs do in a transaction that no other writer overlaps. An error of
// do, the end of ctx before the commit, or a panic changes nothing.
func (f *file) update(ctx context.Context, do func(*sql.Tx) error) error {
	if err := f.lock(ctx); err != nil {
		return err
	}
	defer f.unlock()
	whole := context.WithoutCancel(ctx)
	var tx *sql.Tx
	err := f.patiently(ctx, func() (err error) {
		tx, err = f.write.BeginTx(whole, nil)
		return err
	})
	if err != nil {
		return err
	}
	// After a commit this does nothing; after a panic or a Goexit in do it
	// is what undoes the work.
	defer tx.Rollback()
	if err := do(tx); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return tx.Commit()
}

// reading runs do, which uses the reading connections. In memory there is but
// one connection, so that readers wait for their turn like writers.
func (f *file) reading(ctx context.Context, do func() error) error {
	if f.path != "" {
		if err := f.alive(ctx); err != nil {
			return err
		}
		return do()
	}
	if err := f.lock(ctx); err != nil {
		return err
	}
	defer f.unlock()
	return do()
}
