package registry_test

import (
	"context"
	"errors"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/authorize/registry"
	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/store"
	"github.com/gatehouse-auth/gatehouse/store/memory"
	"github.com/gatehouse-auth/gatehouse/store/sqlite"
	"github.com/gatehouse-auth/gatehouse/store/storetest"
)

// world is one database, as one process sees it.
type world struct {
	*testing.T
	clock   *storetest.Clock
	records *spied
	stored  *registry.Stored
}

// spied counts what is asked of the database, breaks it, and lets tests speak
// as its feed.
type spied struct {
	store.Records
	views  atomic.Int64
	down   atomic.Bool
	after  atomic.Pointer[func()] // called after each View, before it returns
	feed   chan func([]store.Change)
	silent bool
}

func (s *spied) View(ctx context.Context, f func(store.Tx) error) error {
	s.views.Add(1)
	if s.down.Load() {
		return fault.Wrap(fault.Unavailable, "test", errors.New("down"))
	}
	err := s.Records.View(ctx, f)
	if after := s.after.Load(); after != nil {
		(*after)()
	}
	return err
}

func (s *spied) Watch(ctx context.Context, f func([]store.Change)) error {
	if !s.silent {
		return s.Records.Watch(ctx, f)
	}
	s.feed <- f
	<-ctx.Done()
	return ctx.Err()
}

// each runs a test on both stores.
func each(t *testing.T, test func(*world)) {
	t.Run("memory", func(t *testing.T) {
		clock := storetest.NewClock()
		r, err := memory.OpenRecords(clock.Now)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { r.Close() })
		test(newWorld(t, clock, r))
	})
	t.Run("sqlite", func(t *testing.T) {
		clock := storetest.NewClock()
		test(newWorld(t, clock, openFile(t, filepath.Join(t.TempDir(), "db"))))
	})
}

func openFile(t *testing.T, path string) store.Records {
	t.Helper()
	r, err := sqlite.OpenRecords(path, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

func newWorld(t *testing.T, clock *storetest.Clock, r store.Records) *world {
	t.Helper()
	if err := r.Migrate(t.Context(), registry.Migrations()); err != nil {
		t.Fatal(err)
	}
	w := &world{T: t, clock: clock, records: &spied{Records: r}}
	w.stored = registry.NewStored(w.records, registry.Options{Now: clock.Now, Size: 8})
	return w
}

// follow runs the registry under a feed in the test's hand, and gives it.
func (w *world) follow() func(...store.Change) {
	w.Helper()
	w.records.silent, w.records.feed = true, make(chan func([]store.Change))
	go w.stored.Run(w.Context())
	speak := <-w.records.feed
	speak(nil)
	return func(changes ...store.Change) { speak(changes) }
}

func (w *world) create(c *client.Client) string {
	w.Helper()
	plain, err := w.stored.Create(w.Context(), c)
	if err != nil {
		w.Fatal(err)
	}
	return plain
}

// has wants the answer about a client, of the kind given: 0xff for one.
func (w *world) client(id string) *client.Client {
	w.Helper()
	c, err := w.stored.Client(w.Context(), id)
	if err != nil {
		w.Fatalf("%s: %v", id, err)
	}
	return c
}

func (w *world) unknown(id string) {
	w.Helper()
	if c, err := w.stored.Client(w.Context(), id); !fault.Is(err, fault.NotFound) || c != nil {
		w.Errorf("%s: %v, %v", id, c, err)
	}
}

// asks tells how often f asks the database.
func (w *world) asks(f func()) int64 {
	before := w.records.views.Load()
	f()
	return w.records.views.Load() - before
}

func wiki() *client.Client {
	return &client.Client{
		ID: "wiki", Name: "The Wiki", RedirectURIs: []string{"https://wiki.example.com/cb"},
		AllowedOrigins: []string{"https://wiki.example.com"}, UserSSOLifetime: time.Hour,
	}
}

func app(id string) *client.Client {
	return &client.Client{ID: id, Public: true, RedirectURIs: []string{"com.example.app:/cb"}}
}
