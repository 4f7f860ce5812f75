package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/store"
)

const recordsSchema = changesSchema + `
CREATE TABLE migrations (
	id TEXT PRIMARY KEY,
	at BIGINT NOT NULL
);`

// Records implements [store.Records]. Close must be called when it is no longer
// used.
type Records struct{ *file }

var _ store.Records = (*Records)(nil)

// OpenRecords opens the file at path, which is made (0600, in a directory of
// 0700) if it is not there. fault.Unavailable: it can't be used, and the text
// says why; fault.Conflict: a newer program made it.
func OpenRecords(path string, o Options) (*Records, error) {
	return openRecords(path, o)
}

// MemoryRecords opens records that live in memory and end with Close. There is
// one connection: Views wait for each other and for Updates.
func MemoryRecords(o Options) (*Records, error) {
	return openRecords("", o)
}

func openRecords(path string, o Options) (*Records, error) {
	f, err := openFile(path, "FULL", recordsSchema, o)
	if err != nil {
		return nil, err
	}
	r := &Records{f}
	r.startSweeping(sweepChanges)
	return r, nil
}

// View implements [store.Records].
func (r *Records) View(ctx context.Context, f func(store.Tx) error) error {
	err := r.reading(ctx, func() error { return r.view(ctx, f) })
	return r.classify("sqlite.View", err)
}

func (r *Records) view(ctx context.Context, f func(store.Tx) error) error {
	whole := context.WithoutCancel(ctx)
	// SQLite takes the snapshot at the first read of the transaction, not at
	// its beginning; for f there is no difference.
	sqlTx, err := r.read.BeginTx(whole, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return err
	}
	defer sqlTx.Rollback()
	if r.path == "" { // the connection is the writing one
		if _, err := sqlTx.ExecContext(whole, "PRAGMA query_only = 1"); err != nil {
			return err
		}
		defer sqlTx.ExecContext(whole, "PRAGMA query_only = 0")
	}
	return f(&tx{file: r.file, ctx: ctx, tx: sqlTx})
}

// Update implements [store.Records]. f runs once.
func (r *Records) Update(ctx context.Context, f func(store.Tx) error) error {
	return r.classify("sqlite.Update", r.change(ctx, f))
}

// change is Update with the errors as they come.
func (r *Records) change(ctx context.Context, f func(store.Tx) error) error {
	published := false
	err := r.update(ctx, func(sqlTx *sql.Tx) error {
		t := &tx{file: r.file, ctx: ctx, tx: sqlTx, writes: true}
		defer func() { published = t.published }()
		return f(t)
	})
	if err == nil && published {
		r.wakes.wake()
	}
	return err
}

// tx implements [store.Tx]. Its statements end with the context, the
// transaction itself only by [file.update] or [Records.View].
type tx struct {
	file      *file
	ctx       context.Context // of the one call that this transaction serves
	tx        *sql.Tx
	writes    bool
	published bool
}

// Exec implements [store.Tx].
func (t *tx) Exec(query string, args ...any) (sql.Result, error) {
	res, err := t.tx.ExecContext(t.ctx, query, args...)
	return res, t.file.classify("sqlite.Exec", err)
}

// Query implements [store.Tx].
func (t *tx) Query(query string, args ...any) (*sql.Rows, error) {
	rows, err := t.tx.QueryContext(t.ctx, query, args...)
	return rows, t.file.classify("sqlite.Query", err)
}

// QueryRow implements [store.Tx].
func (t *tx) QueryRow(query string, args ...any) *sql.Row {
	return t.tx.QueryRowContext(t.ctx, query, args...)
}

// Publish implements [store.Tx].
func (t *tx) Publish(changes ...store.Change) error {
	if !t.writes {
		return fault.Wrap(fault.Internal, "sqlite.Publish", errors.New("nothing can be published in a View"))
	}
	for _, c := range changes {
		if c == (store.Change{}) {
			return fault.Wrap(fault.Invalid, "sqlite.Publish", fmt.Errorf("a change needs a topic"))
		}
		if _, err := t.Exec(insertChange, string(c.Topic), c.Key, t.file.now()); err != nil {
			return err
		}
	}
	t.published = t.published || len(changes) > 0
	return nil
}
