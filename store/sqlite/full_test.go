//go:build linux

package sqlite_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/store"
	"github.com/gatehouse-auth/gatehouse/store/sqlite"
)

// fill creates items until the store refuses, and returns how many it kept and
// the refusal.
func fill(t *testing.T, s *sqlite.Shorts, prefix string) (int, error) {
	t.Helper()
	for i := range 20_000 {
		it := item(prefix + fmt.Sprint(i))
		it.Value = make([]byte, 4000)
		if err := s.Create(t.Context(), it); err != nil {
			return i, err
		}
	}
	t.Fatal("20,000 items fit")
	return 0, nil
}

// full demands that a full disk is named, that reads go on, that everything
// confirmed is there, and that room lets writes go on.
func full(t *testing.T, s *sqlite.Shorts, makeRoom func()) {
	t.Helper()
	kept, err := fill(t, s, "")
	if !fault.Is(err, fault.Unavailable) || !strings.Contains(err.Error(), "disk is full") {
		t.Fatalf("after %d items: %v", kept, err)
	}
	if kept < 5 {
		t.Fatalf("only %d items fit", kept)
	}
	for i := range kept {
		if _, err := s.Get(t.Context(), "session", fmt.Sprint(i)); err != nil {
			t.Fatalf("item %d of %d: %v", i, kept, err)
		}
	}
	if _, err := s.Get(t.Context(), "session", fmt.Sprint(kept)); !fault.Is(err, fault.NotFound) {
		t.Errorf("the refused item: %v", err)
	}
	items, _, err := s.ListByIndex(t.Context(), "session", store.BySub, "alice", "", 10)
	if err != nil || len(items) == 0 {
		t.Errorf("%d listed, error %v", len(items), err)
	}
	if _, err := s.Count(t.Context(), "k", 0, time.Minute); err != nil {
		t.Error(err)
	}
	makeRoom()
	if err := s.Create(t.Context(), item("at last")); err != nil {
		t.Errorf("with room again: %v", err)
	}
	if err := s.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestFull(t *testing.T) {
	s := shortsAt(t, filepath.Join(t.TempDir(), "shorts.db"), nil)
	if err := s.LimitPages(t.Context(), 60); err != nil {
		t.Fatal(err)
	}
	full(t, s, func() {
		if n, err := s.DeleteByIndex(t.Context(), "session", store.BySub, "alice"); err != nil || n == 0 {
			t.Errorf("deleted %d, error %v", n, err)
		}
	})
}

func TestFullRecords(t *testing.T) {
	r := recordsAt(t, filepath.Join(t.TempDir(), "records.db"), nil)
	if err := r.Migrate(t.Context(), []store.Migration{{ID: "x/0001", SQL: "CREATE TABLE x (y BLOB)"}}); err != nil {
		t.Fatal(err)
	}
	if err := r.LimitPages(t.Context(), 20); err != nil {
		t.Fatal(err)
	}
	insert := func() error {
		return r.Update(t.Context(), func(tx store.Tx) error {
			_, err := tx.Exec("INSERT INTO x (y) VALUES ($1)", make([]byte, 4000))
			return err
		})
	}
	var err error
	confirmed := 0
	for err = insert(); err == nil; err = insert() {
		confirmed++
	}
	if !fault.Is(err, fault.Unavailable) || !strings.Contains(err.Error(), "disk is full") {
		t.Errorf("got %v", err)
	}
	if n, err := r.Rows(t.Context(), "x"); n != confirmed || err != nil {
		t.Errorf("%d rows of %d, error %v", n, confirmed, err)
	}
	if err := r.Migrate(t.Context(), []store.Migration{
		{ID: "x/0001"},
		{ID: "x/0002", SQL: "CREATE TABLE z (y BLOB); INSERT INTO z SELECT y FROM x"},
	}); !fault.Is(err, fault.Unavailable) {
		t.Errorf("a migration without room: %v", err)
	}
}

// TestFullDisk is the same on a disk that really is full; where none can be
// mounted, TestFull has to do.
func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=1m"); err != nil {
		t.Logf("no small disk can be mounted (%v): covered by TestFull alone", err)
		return
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	ballast := filepath.Join(dir, "ballast")
	if err := os.WriteFile(ballast, make([]byte, 200<<10), 0o600); err != nil {
		t.Fatal(err)
	}
	s := shortsAt(t, filepath.Join(dir, "shorts.db"), nil)
	full(t, s, func() {
		if err := os.Remove(ballast); err != nil {
			t.Error(err)
		}
	})

	// A disk that is full from the beginning, and a backup that does not fit.
	if _, err := fill(t, s, "more"); !fault.Is(err, fault.Unavailable) {
		t.Errorf("got %v", err)
	}
	allOrNothing(t, s)
	if r, err := sqlite.OpenRecords(filepath.Join(dir, "more", "records.db"), sqlite.Options{}); !fault.Is(err, fault.Unavailable) {
		t.Errorf("a new database on a full disk: %v", err)
		r.Close()
	}
	copied := filepath.Join(dir, "copy.db")
	if err := s.Backup(t.Context(), copied); !fault.Is(err, fault.Unavailable) {
		t.Errorf("a backup without room: %v", err)
	}
	if _, err := os.Stat(copied); !errors.Is(err, os.ErrNotExist) {
		t.Error("half a backup is left")
	}
}

// allOrNothing demands of a full store that a Take or a Count that fails left
// everything as it was, and that what it confirmed stays.
func allOrNothing(t *testing.T, s *sqlite.Shorts) {
	t.Helper()
	var failed bool
	for i := 0; !failed; i++ {
		_, err := s.Take(t.Context(), "session", fmt.Sprint(i), "first")
		failed = err != nil
		if failed && !fault.Is(err, fault.Unavailable) {
			t.Fatalf("take %d: %v", i, err)
		}
		it, err := s.Get(t.Context(), "session", fmt.Sprint(i))
		if failed && (err != nil || len(it.Value) == 0) || !failed && !fault.Is(err, fault.NotFound) {
			t.Errorf("item %d, after a take that failed (%t): %v", i, failed, err)
		}
	}
	for n := int64(0); ; n++ {
		_, failure := s.Count(t.Context(), "full", 1, time.Hour)
		if failure != nil && !fault.Is(failure, fault.Unavailable) {
			t.Fatalf("count %d: %v", n, failure)
		}
		now, err := s.Count(t.Context(), "full", 0, time.Hour)
		if failure == nil && now.N == n+1 && err == nil {
			continue
		}
		if failure == nil || now.N != n || err != nil {
			t.Errorf("%d counted, then %v: the counter is at %d, error %v", n, failure, now.N, err)
		}
		return
	}
}
