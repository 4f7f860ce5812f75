package sqlite

import (
	"context"
	"fmt"
)

// LimitPages makes the disk full, as far as this handle can tell, once the file
// has so many pages more.
func (f *file) LimitPages(ctx context.Context, more int) error {
	var pages int
	if err := f.write.QueryRowContext(ctx, "PRAGMA page_count").Scan(&pages); err != nil {
		return err
	}
	_, err := f.write.ExecContext(ctx, fmt.Sprintf("PRAGMA max_page_count = %d", pages+more))
	return err
}

// Sweep does at once what happens every few seconds.
func (s *Shorts) Sweep(ctx context.Context) error {
	return s.sweepAll(ctx, []sweep{sweepShorts, sweepCounters, sweepChanges})
}

// Rows counts the rows of a table, the invisible ones included.
func (f *file) Rows(ctx context.Context, table string) (n int, err error) {
	err = f.read.QueryRowContext(ctx, "SELECT count(*) FROM "+table).Scan(&n)
	return n, err
}

// Hold keeps the write lock until release is called, as another process may.
func (f *file) Hold(ctx context.Context) (release func(), err error) {
	tx, err := f.write.BeginTx(ctx, nil)
	if err != nil {
		return nil, err
	}
	return func() { _ = tx.Rollback() }, nil
}

// Pragma reads a setting of the writing connection.
func (f *file) Pragma(ctx context.Context, name string) (value string, err error) {
	err = f.write.QueryRowContext(ctx, "PRAGMA "+name).Scan(&value)
	return value, err
}
