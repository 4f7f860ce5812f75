package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
)

const (
	// patience is how long a writer waits for another process.
	patience = 5 * time.Second
	// turnPatience is how long one waits for a writer of this process; it
	// ends calls that wait for themselves, as an Update within an Update.
	turnPatience = 10 * time.Second

	maxReaders  = 8
	idleReaders = 4

	// baseVersion numbers the layout of what this package itself keeps.
	baseVersion = 1
)

// Options are common to both stores. The zero value is right for use.
type Options struct {
	// Now gives the time; nil means time.Now.
	Now func() time.Time
	// Poll is the period at which changes made by other processes are looked
	// for: 250 ms if zero, at most 500 ms.
	Poll time.Duration
	// Report is told, once, what no caller is: that the file is not at its
	// path any more. nil means that nobody is told.
	Report func(error)
}

func (o Options) complete() Options {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Poll <= 0 {
		o.Poll = 250 * time.Millisecond
	}
	o.Poll = min(o.Poll, 500*time.Millisecond)
	if o.Report == nil {
		o.Report = func(error) {}
	}
	return o
}

// file is one open database: a connection that writes, several that read, and
// the goroutine that sweeps.
type file struct {
	path string // "" in memory
	opts Options

	opened    os.FileInfo           // of the file at path when it was opened
	misplaced atomic.Pointer[error] // why it is not there any more; nil: it is

	write *sql.DB // one connection
	read  *sql.DB // in memory the same as write
	feed  *sql.DB // one pinned connection per watcher, and maintenance

	turn  chan struct{} // whose token is out may write
	wakes wakes

	closing sync.Once
	closed  chan struct{}
	done    context.CancelFunc
	sweeper sync.WaitGroup
}

// openFile opens the database and lays schema, which must be idempotent.
func openFile(path, synchronous, schema string, o Options) (*file, error) {
	const op = "sqlite.Open"
	var opened os.FileInfo
	if path != "" {
		var err error
		if path, opened, err = private(path); err != nil {
			return nil, err
		}
	}
	f := &file{path: path, opened: opened, opts: o.complete(), turn: make(chan struct{}, 1), closed: make(chan struct{})}
	if err := f.connect(synchronous); err != nil {
		f.Close()
		return nil, fault.Wrap(fault.Unavailable, op, err)
	}
	ctx := context.Background()
	err := f.patiently(ctx, func() error { return f.write.PingContext(ctx) })
	if err == nil {
		err = f.lay(ctx, schema)
	}
	if err != nil {
		f.Close()
		return nil, fault.At(op, f.classify(op, err))
	}
	return f, nil
}

func (f *file) connect(synchronous string) (err error) {
	writing := settings{path: f.path, synchronous: synchronous}
	if f.write, err = connect(writing); err != nil {
		return err
	}
	// The connection stays for good: in memory it is the database.
	f.write.SetMaxOpenConns(1)
	f.write.SetMaxIdleConns(1)
	if f.path == "" {
		f.read, f.feed = f.write, f.write
		return nil
	}
	if f.read, err = connect(settings{path: f.path, readOnly: true}); err != nil {
		return err
	}
	f.read.SetMaxOpenConns(maxReaders)
	f.read.SetMaxIdleConns(idleReaders)
	if f.feed, err = connect(writing); err != nil {
		return err
	}
	f.feed.SetMaxIdleConns(1)
	return nil
}

// lay makes the tables of this package unless they are there, and refuses a
// file that a newer program made.
func (f *file) lay(ctx context.Context, schema string) error {
	var version int
	read := func(q interface {
		QueryRowContext(context.Context, string, ...any) *sql.Row
	},
	) error {
		return q.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version)
	}
	if err := f.patiently(ctx, func() error { return read(f.write) }); err != nil || version == baseVersion {
		return err
	}
	return f.update(ctx, func(tx *sql.Tx) error {
		if err := read(tx); err != nil || version == baseVersion { // another process was quicker
			return err
		}
		if version > baseVersion {
			return fault.Wrap(fault.Conflict, "sqlite.Open", fmt.Errorf("%s was made by a newer version of this program", f.path))
		}
		if _, err := tx.ExecContext(ctx, schema); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", baseVersion))
		return err
	})
}

// Close ends the sweeping and closes the connections. Later calls of any
// method but Watch fail with fault.Unavailable; Watch goes on silently until
// its context ends.
func (f *file) Close() error {
	var err error
	f.closing.Do(func() {
		close(f.closed)
		if f.done != nil {
			f.done()
		}
		f.sweeper.Wait()
		for _, db := range []*sql.DB{f.feed, f.read, f.write} {
			if db == nil {
				continue
			}
			if e := db.Close(); err == nil {
				err = e
			}
		}
	})
	return f.classify("sqlite.Close", err)
}

// Path returns the absolute path of the file, "" in memory.
func (f *file) Path() string { return f.path }

// now gives the time in Unix milliseconds.
func (f *file) now() int64 { return f.opts.Now().UnixMilli() }
