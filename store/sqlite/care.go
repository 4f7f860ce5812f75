package sqlite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/gatehouse-auth/gatehouse/fault"
)

// Check reads the whole file and tells whether it is sound. It is for a person
// who asks: it takes seconds per gigabyte. A damaged file is fault.Unavailable,
// and the text names the first damage.
func (f *file) Check(ctx context.Context) error {
	const op = "sqlite.Check"
	err := f.reading(ctx, func() error {
		var found string
		if err := f.read.QueryRowContext(ctx, "PRAGMA integrity_check(1)").Scan(&found); err != nil {
			return err
		}
		if found != "ok" {
			return fault.Wrap(fault.Unavailable, op, fmt.Errorf("%s: %s", sentences[codeCorrupt], found))
		}
		return nil
	})
	return f.classify(op, err)
}

// Backup writes a consistent copy to the new file dst, readable by its owner
// alone, while everything else goes on. fault.Exists if dst is there.
func (f *file) Backup(ctx context.Context, dst string) error {
	const op = "sqlite.Backup"
	dst, err := filepath.Abs(dst)
	if err != nil {
		return fault.Wrap(fault.Unavailable, op, err)
	}
	if err := f.alive(ctx); err != nil {
		return f.classify(op, err)
	}
	if err := fresh(dst); err != nil {
		return err
	}
	// SQLite accepts an empty file here, and so its mode is right from the
	// first byte on.
	err = f.reading(ctx, func() error {
		_, err := f.feed.ExecContext(ctx, "VACUUM INTO $1", dst)
		return err
	})
	if err == nil {
		err = flush(dst)
	}
	if err != nil {
		err = errors.Join(err, os.Remove(dst))
		if fault.KindOf(f.classify(op, err)) == fault.Internal {
			return fault.Wrap(fault.Unavailable, op, err)
		}
		return f.classify(op, err)
	}
	return nil
}

// flush makes sure that the disk has the file.
func flush(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}
