package sqlite

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/binary"
	"errors"
	"slices"
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/store"
)

// An index column is NULL where an item has no such value, so that the index
// holds only what can be asked for. taken is NULL until Take leaves its mark.
//
// Together the indexes are half of what a Create costs; each is needed. sub ends
// all sessions of an account (SES-16) and sid what hangs on one session (SES-09),
// each about a seventh; family is what was given out together, and costs nothing
// where there is none; without expires and counters_resets, about a tenth, every
// sweep would read the whole table.
const shortsSchema = changesSchema + `
CREATE TABLE shorts (
	kind TEXT NOT NULL,
	key TEXT NOT NULL,
	value BLOB,
	sub TEXT,
	sid TEXT,
	family TEXT,
	expires BIGINT NOT NULL,
	version BIGINT NOT NULL,
	taken TEXT,
	UNIQUE (kind, key)
);
CREATE INDEX shorts_sub ON shorts (kind, sub, key) WHERE sub IS NOT NULL;
CREATE INDEX shorts_sid ON shorts (kind, sid, key) WHERE sid IS NOT NULL;
CREATE INDEX shorts_family ON shorts (kind, family, key) WHERE family IS NOT NULL;
CREATE INDEX shorts_expires ON shorts (expires);
CREATE TABLE counters (
	key TEXT PRIMARY KEY,
	n BIGINT NOT NULL,
	resets BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX counters_resets ON counters (resets);`

var (
	sweepShorts = sweep{
		due:    `SELECT EXISTS (SELECT 1 FROM shorts WHERE expires <= $1)`,
		remove: `DELETE FROM shorts WHERE rowid IN (SELECT rowid FROM shorts WHERE expires <= $1 LIMIT $2)`,
	}
	sweepCounters = sweep{
		due:    `SELECT EXISTS (SELECT 1 FROM counters WHERE resets <= $1)`,
		remove: `DELETE FROM counters WHERE key IN (SELECT key FROM counters WHERE resets <= $1 LIMIT $2)`,
	}
)

// Shorts implements [store.Shorts]. Close must be called when it is no longer
// used.
type Shorts struct {
	*file
	statements
}

var _ store.Shorts = (*Shorts)(nil)

// OpenShorts opens the file at path, which is made (0600, in a directory of
// 0700) if it is not there. The errors are those of [OpenRecords].
func OpenShorts(path string, o Options) (*Shorts, error) {
	f, err := openFile(path, "NORMAL", shortsSchema, o)
	if err != nil {
		return nil, err
	}
	s := &Shorts{file: f}
	if err := s.prepare(f); err != nil {
		return nil, errors.Join(f.classify("sqlite.Open", err), f.Close())
	}
	s.startSweeping(sweepShorts, sweepCounters, sweepChanges)
	return s, nil
}

// Create implements [store.Shorts]. fault.Invalid for an empty kind or key.
func (s *Shorts) Create(ctx context.Context, item store.Item) error {
	const op = "sqlite.Create"
	if item.Kind == "" || item.Key == "" {
		return fault.Wrap(fault.Invalid, op, errors.New("an item needs a kind and a key"))
	}
	n, err := s.exec(ctx, s.create, string(item.Kind), item.Key, item.Value,
		item.Index.Sub, item.Index.SID, item.Index.Family, item.Expires.UnixMilli(), firstVersion(), s.now())
	if err != nil {
		return s.classify(op, err)
	}
	if n == 0 {
		return fault.New(fault.Exists, op, "")
	}
	return nil
}

// firstVersion is random, so that a version read before an item was deleted
// and made again does not fit the new one.
func firstVersion() int64 {
	var b [8]byte
	rand.Read(b[:]) // never fails: crypto/rand ends the program instead
	return int64(binary.LittleEndian.Uint64(b[:])>>2) + 1
}

// Get implements [store.Shorts]. Once it has begun it is not interrupted: to be
// able to would cost two goroutines, more than the look itself.
func (s *Shorts) Get(ctx context.Context, kind store.Kind, key string) (store.Item, error) {
	const op = "sqlite.Get"
	item := store.Item{Kind: kind, Key: key}
	err := s.alive(ctx)
	if err == nil {
		err = scan(s.get.QueryRowContext(context.WithoutCancel(ctx), string(kind), key, s.now()), &item)
	}
	if errors.Is(err, sql.ErrNoRows) {
		return store.Item{}, fault.New(fault.NotFound, op, "")
	}
	if err != nil {
		return store.Item{}, s.classify(op, err)
	}
	return item, nil
}

// GetAll implements [store.Shorts]. Some keys cost little more than one.
func (s *Shorts) GetAll(ctx context.Context, kind store.Kind, keys ...string) ([]store.Item, error) {
	const op = "sqlite.GetAll"
	keys = slices.Compact(slices.Sorted(slices.Values(keys)))
	var items []store.Item
	for some := range slices.Chunk(keys, atOnce) {
		args := make([]any, 2, 2+atOnce) // what is missing is NULL, which equals no key
		args[0], args[1] = string(kind), s.now()
		for _, key := range some {
			args = append(args, key)
		}
		err := s.alive(ctx)
		if err == nil {
			items, err = s.collect(ctx, items, args[:cap(args)])
		}
		if err != nil {
			return nil, s.classify(op, err)
		}
	}
	return items, nil
}

// collect adds what one statement of GetAll finds, which is not interrupted as in Get.
func (s *Shorts) collect(ctx context.Context, items []store.Item, args []any) ([]store.Item, error) {
	rows, err := s.some.QueryContext(context.WithoutCancel(ctx), args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		item := store.Item{Kind: store.Kind(args[0].(string))}
		if err := scan(rows, &item, &item.Key); err != nil {
			return nil, err
		}
		items = append(items, item)
	}
	return items, rows.Err()
}

// scan reads the columns named by [itemColumns].
func scan(row interface{ Scan(...any) error }, item *store.Item, more ...any) error {
	var expires int64
	err := row.Scan(append([]any{
		&item.Value, &item.Index.Sub, &item.Index.SID, &item.Index.Family, &expires, &item.Version,
	}, more...)...)
	item.Expires = time.UnixMilli(expires).UTC()
	return err
}

// Swap implements [store.Shorts].
func (s *Shorts) Swap(ctx context.Context, item store.Item) (int64, error) {
	const op = "sqlite.Swap"
	n, err := s.exec(ctx, s.swap, item.Value, item.Index.Sub, item.Index.SID, item.Index.Family,
		item.Expires.UnixMilli(), string(item.Kind), item.Key, item.Version, s.now())
	if err != nil {
		return 0, s.classify(op, err)
	}
	if n == 1 {
		return item.Version + 1, nil
	}
	if _, err := s.Get(ctx, item.Kind, item.Key); err != nil {
		return 0, fault.At(op, err)
	}
	return 0, fault.New(fault.Conflict, op, "")
}

// Delete implements [store.Shorts].
func (s *Shorts) Delete(ctx context.Context, kind store.Kind, key string) error {
	_, err := s.exec(ctx, s.remove, string(kind), key)
	return s.classify("sqlite.Delete", err)
}

// Publish implements [store.Shorts].
func (s *Shorts) Publish(ctx context.Context, changes ...store.Change) error {
	const op = "sqlite.Publish"
	if len(changes) == 0 {
		return nil
	}
	err := s.update(ctx, func(sqlTx *sql.Tx) error {
		t := &tx{file: s.file, ctx: context.WithoutCancel(ctx), tx: sqlTx, writes: true}
		return t.Publish(changes...)
	})
	if err != nil {
		return s.classify(op, err)
	}
	s.wakes.wake()
	return nil
}
