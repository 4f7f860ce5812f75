package sqlite_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/store"
	"github.com/gatehouse-auth/gatehouse/store/sqlite"
)

// witness keeps what a store reports and what its feed says.
type witness struct {
	mu       sync.Mutex
	reported []error
	heard    []store.Change
	calls    int
}

func (w *witness) report(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.reported = append(w.reported, err)
}

func (w *witness) hear(changes []store.Change) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls++
	w.heard = append(w.heard, changes...)
}

// await waits until a state is reached.
func (w *witness) await(t *testing.T, what string, reached func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		w.mu.Lock()
		ok := reached()
		w.mu.Unlock()
		if ok {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("waited in vain for %s: reported %v, heard %v", what, w.reported, w.heard)
		}
	}
}

// PRX-02: a file that is deleted, renamed or replaced while it is open ends all
// work with it and silences its feed, and it says so once. Back in its place it
// is as before, but for what may have been missed.
func TestMisplaced(t *testing.T) {
	rename := func(t *testing.T, from, to string) {
		t.Helper()
		if err := os.Rename(from, to); err != nil {
			t.Fatal(err)
		}
	}
	for name, c := range map[string]struct {
		away func(t *testing.T, path string)
		back func(t *testing.T, path string)
		says string
	}{
		"deleted": {func(t *testing.T, path string) {
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
		}, nil, "deleted"},
		"renamed": {func(t *testing.T, path string) { rename(t, path, path+".old") }, func(t *testing.T, path string) { rename(t, path+".old", path) }, "renamed"},
		"replaced": {func(t *testing.T, path string) {
			rename(t, path, path+".old")
			if err := os.WriteFile(path, nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}, func(t *testing.T, path string) { rename(t, path+".old", path) }, "replaced"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var w witness
			path := filepath.Join(t.TempDir(), "sessions.db")
			s, err := sqlite.OpenShorts(path, sqlite.Options{Poll: 2 * time.Millisecond, Report: w.report})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			ctx := t.Context()
			for range 2 { // two watchers are one report
				go s.Watch(ctx, w.hear)
			}
			w.await(t, "the feed", func() bool { return w.calls > 2 })
			if err := s.Create(ctx, item("k")); err != nil {
				t.Fatal(err)
			}
			c.away(t, path)
			w.await(t, "the report", func() bool { return len(w.reported) > 0 })
			for _, err := range refusals(ctx, s) {
				if !fault.Is(err, fault.Unavailable) || !strings.Contains(err.Error(), c.says) {
					t.Errorf("got %v", err)
				}
			}
			w.mu.Lock()
			if len(w.reported) != 1 || !strings.Contains(w.reported[0].Error(), c.says) || !strings.Contains(w.reported[0].Error(), path) {
				t.Errorf("reported %v", w.reported)
			}
			w.heard = nil
			w.mu.Unlock()
			if c.back == nil {
				return
			}
			c.back(t, path)
			w.await(t, "the order to forget", func() bool { return slices.Contains(w.heard, store.Change{}) })
			if _, err := s.Get(ctx, "session", "k"); err != nil {
				t.Errorf("back in its place: %v", err)
			}
		})
	}
}

// refusals are what the methods of a store say that can't work.
func refusals(ctx context.Context, s *sqlite.Shorts) []error {
	_, errGet := s.Get(ctx, "session", "k")
	_, errTake := s.Take(ctx, "session", "k", "")
	_, errCount := s.Count(ctx, "k", 1, time.Second)
	_, errRead := s.Count(ctx, "k", 0, time.Second)
	_, _, errList := s.ListByIndex(ctx, "session", "", "", "", 1)
	_, errIndex := s.DeleteByIndex(ctx, "session", store.BySub, "alice")
	return []error{
		errGet, errTake, errCount, errRead, errList, errIndex, s.Create(ctx, item("l")), s.Delete(ctx, "session", "k"),
		s.Publish(ctx, store.Change{Topic: store.TopicKeys}), s.Check(ctx),
	}
}
