package sqlite

import (
	"context"
	"database/sql"
	"sync"
	"time"

	"github.com/gatehouse-auth/gatehouse/store"
)

// changesSchema is the feed: every change is a row written in the transaction
// it tells about. Sequence numbers are given under the write lock and never
// again, so their order is the order of the commits and a hole is a loss.
const changesSchema = `
CREATE TABLE changes (
	seq INTEGER PRIMARY KEY AUTOINCREMENT,
	topic TEXT NOT NULL,
	key TEXT NOT NULL,
	at BIGINT NOT NULL
);`

const insertChange = `INSERT INTO changes (topic, key, at) VALUES ($1, $2, $3)`

// feedPage bounds how many changes are read at once.
const feedPage = 1000

// wakes are the watchers of this handle, woken when it publishes.
type wakes struct {
	mu  sync.Mutex
	set map[chan struct{}]struct{}
}

func (w *wakes) add() chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.set == nil {
		w.set = map[chan struct{}]struct{}{}
	}
	c := make(chan struct{}, 1)
	w.set[c] = struct{}{}
	return c
}

func (w *wakes) remove(c chan struct{}) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.set, c)
}

func (w *wakes) wake() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for c := range w.set {
		select {
		case c <- struct{}{}:
		default:
		}
	}
}

// Watch implements [store.Watcher]. Its first call of fn says that the feed has
// begun.
func (f *file) Watch(ctx context.Context, fn func([]store.Change)) error {
	wake := f.wakes.add()
	defer f.wakes.remove(wake)
	t := tail{file: f}
	defer t.drop()
	tick := time.NewTicker(f.opts.Poll)
	defer tick.Stop()
	for {
		changes, err := t.next(ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err == nil {
			fn(changes)
		}
		if len(changes) == feedPage {
			continue
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-wake:
		case <-tick.C:
		}
	}
}

// tail reads the end of the change table on a connection of its own.
type tail struct {
	file    *file
	conn    *sql.Conn // nil until it works, and again after a failure
	version int64     // PRAGMA data_version when the table was last read
	begun   bool
	missed  bool  // watching was asked for before reading worked
	cursor  int64 // the last change seen
}

func (t *tail) drop() {
	if t.conn != nil {
		t.conn.Close()
		t.conn = nil
	}
}

// next returns what is new; nothing new is nil. After an error the same
// changes are found the next time.
func (t *tail) next(ctx context.Context) (changes []store.Change, err error) {
	if err := t.file.inPlace(); err != nil {
		t.begun, t.missed = false, true // the file may come back with another past
		t.drop()
		return nil, err
	}
	if err := t.file.alive(ctx); err != nil {
		return nil, err
	}
	if t.file.path == "" {
		err = t.file.reading(ctx, func() (err error) {
			changes, err = t.read(ctx, t.file.write)
			return err
		})
	} else {
		changes, err = t.poll(ctx)
	}
	if err != nil {
		t.missed = t.missed || !t.begun
		t.drop()
	}
	return changes, err
}

// poll asks first whether anybody committed since: that costs microseconds.
func (t *tail) poll(ctx context.Context) ([]store.Change, error) {
	if t.conn == nil {
		conn, err := t.file.feed.Conn(ctx)
		if err != nil {
			return nil, err
		}
		t.conn, t.version = conn, -1
	}
	var version int64
	if err := t.conn.QueryRowContext(ctx, "PRAGMA data_version").Scan(&version); err != nil {
		return nil, err
	}
	if version == t.version {
		return nil, nil
	}
	changes, err := t.read(ctx, t.conn)
	if err == nil && len(changes) < feedPage {
		t.version = version
	}
	return changes, err
}

type querier interface {
	QueryContext(context.Context, string, ...any) (*sql.Rows, error)
	QueryRowContext(context.Context, string, ...any) *sql.Row
}

func (t *tail) read(ctx context.Context, q querier) ([]store.Change, error) {
	var last int64
	err := q.QueryRowContext(ctx, `SELECT COALESCE((SELECT seq FROM sqlite_sequence WHERE name = 'changes'), 0)`).Scan(&last)
	if err != nil {
		return nil, err
	}
	if !t.begun {
		t.begun, t.cursor = true, last
		if t.missed {
			return []store.Change{{}}, nil
		}
		return nil, nil
	}
	if last == t.cursor {
		return nil, nil
	}
	first, end, changes, err := rowsAfter(ctx, q, t.cursor)
	if err != nil {
		return nil, err
	}
	if first != t.cursor+1 { // pruned while we could not look, or another file
		t.cursor = max(last, end)
		return []store.Change{{}}, nil
	}
	t.cursor = end
	return changes, nil
}

// rowsAfter reads a page of changes and the sequence numbers of its first and
// last row, 0 if there are none.
func rowsAfter(ctx context.Context, q querier, cursor int64) (first, end int64, changes []store.Change, err error) {
	rows, err := q.QueryContext(ctx, `SELECT seq, topic, key FROM changes WHERE seq > $1 ORDER BY seq LIMIT $2`, cursor, feedPage)
	if err != nil {
		return 0, 0, nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var c store.Change
		if err := rows.Scan(&end, &c.Topic, &c.Key); err != nil {
			return 0, 0, nil, err
		}
		if first == 0 {
			first = end
		}
		changes = append(changes, c)
	}
	return first, end, changes, rows.Err()
}
