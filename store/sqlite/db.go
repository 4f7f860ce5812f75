package sqlite

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
)

// DB is what one installation keeps: a file of records and beside it one of
// short-lived things.
type DB struct {
	records *Records
	shorts  *Shorts
}

// Open opens the records at path ("gatehouse.db") and the short-lived things
// beside them ("gatehouse-shorts.db"). The errors are those of [OpenRecords].
func Open(path string, o Options) (*DB, error) {
	r, err := OpenRecords(path, o)
	if err != nil {
		return nil, err
	}
	s, err := OpenShorts(ShortsPath(path), o)
	if err != nil {
		return nil, errors.Join(err, r.Close())
	}
	return &DB{records: r, shorts: s}, nil
}

// ShortsPath gives the path of the short-lived things that belong to the
// records at path.
func ShortsPath(path string) string {
	ext := filepath.Ext(path)
	return strings.TrimSuffix(path, ext) + "-shorts" + ext
}

// Records gives the store of records.
func (d *DB) Records() *Records { return d.records }

// Shorts gives the store of short-lived things.
func (d *DB) Shorts() *Shorts { return d.shorts }

// Path returns the absolute path of the records.
func (d *DB) Path() string { return d.records.Path() }

// Backup copies the records to the new file dst. Short-lived things are not in
// it: after a restore people sign in again.
func (d *DB) Backup(ctx context.Context, dst string) error { return d.records.Backup(ctx, dst) }

// Check reads both files and tells whether they are sound.
func (d *DB) Check(ctx context.Context) error {
	return errors.Join(d.records.Check(ctx), d.shorts.Check(ctx))
}

// Close closes both stores.
func (d *DB) Close() error {
	return errors.Join(d.records.Close(), d.shorts.Close())
}
