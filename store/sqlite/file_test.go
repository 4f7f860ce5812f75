package sqlite_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/store"
	"github.com/gatehouse-auth/gatehouse/store/sqlite"
)

func openDB(t testing.TB, dir string) pair {
	t.Helper()
	db, err := openPair(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func item(key string) store.Item {
	return store.Item{Kind: "session", Key: key, Value: []byte(strings.Repeat("v", 400)), Index: store.Index{Sub: "alice", SID: key}, Expires: time.Now().Add(time.Hour)}
}

func TestNoDatabase(t *testing.T) {
	dir := t.TempDir()
	text := filepath.Join(dir, "text.db")
	if err := os.WriteFile(text, []byte(strings.Repeat("this is no database\n", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	newer := filepath.Join(dir, "newer.db")
	r := recordsAt(t, newer, nil)
	if _, err := r.Pragma(t.Context(), "user_version = 99"); err != nil && !strings.Contains(err.Error(), "no rows") {
		t.Fatal(err)
	}
	for path, want := range map[string]fault.Kind{dir: fault.Unavailable, text: fault.Unavailable, filepath.Join(text, "x"): fault.Unavailable, newer: fault.Conflict} {
		r, err := sqlite.OpenRecords(path, sqlite.Options{})
		if !fault.Is(err, want) {
			t.Errorf("%s: %v", path, err)
		}
		if err == nil {
			r.Close()
		}
		if s, err := sqlite.OpenShorts(path, sqlite.Options{}); !fault.Is(err, want) {
			t.Errorf("%s: %v", path, err)
			s.Close()
		}
	}
	if after, err := os.ReadFile(text); err != nil || !strings.HasPrefix(string(after), "this is no") {
		t.Error("a foreign file was changed")
	}
}

func TestOpenAtOnce(t *testing.T) {
	dir := t.TempDir()
	var wg sync.WaitGroup
	for i := range 6 {
		wg.Go(func() {
			db, err := openPair(dir)
			if err != nil {
				t.Error(err)
				return
			}
			defer db.Close()
			if err := db.shorts.Create(t.Context(), item(fmt.Sprint(i))); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if items, _, err := openDB(t, dir).shorts.ListByIndex(t.Context(), "session", "", "", "", 10); err != nil || len(items) != 6 {
		t.Errorf("%d items, error %v", len(items), err)
	}
}

func TestSettings(t *testing.T) {
	db := openDB(t, t.TempDir())
	for name, want := range map[string][2]string{ // of records, of shorts
		"journal_mode": {"wal", "wal"}, "synchronous": {"2", "1"}, "foreign_keys": {"1", "1"}, "trusted_schema": {"0", "0"},
		"wal_autocheckpoint": {"1000", "4000"},
	} {
		got, err1 := db.records.Pragma(t.Context(), name)
		got2, err2 := db.shorts.Pragma(t.Context(), name)
		if got != want[0] || got2 != want[1] || err1 != nil || err2 != nil {
			t.Errorf("%s is %s and %s, errors %v, %v", name, got, got2, err1, err2)
		}
	}
}

func TestClosed(t *testing.T) {
	before := runtime.NumGoroutine()
	dir := t.TempDir()
	for range 5 {
		db, err := openPair(dir)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
		}
		ctx := t.Context()
		_, errGet := db.shorts.Get(ctx, "session", "k")
		_, errTake := db.shorts.Take(ctx, "session", "k", "")
		_, errCount := db.shorts.Count(ctx, "k", 0, time.Second)
		for _, err := range []error{
			errGet, errTake, errCount, db.shorts.Create(ctx, item("k")), db.records.Migrate(ctx, nil), db.Check(ctx),
			db.records.Backup(ctx, filepath.Join(t.TempDir(), "copy")), db.shorts.Publish(ctx, store.Change{Topic: store.TopicKeys}),
		} {
			if !fault.Is(err, fault.Unavailable) || !strings.Contains(err.Error(), "closed") {
				t.Errorf("got %v", err)
			}
		}
	}
	for end := time.Now().Add(5 * time.Second); runtime.NumGoroutine() > before && time.Now().Before(end); {
		time.Sleep(10 * time.Millisecond)
	}
	if after := runtime.NumGoroutine(); after > before {
		t.Errorf("%d goroutines before, %d after", before, after)
	}
	for _, companion := range []string{"-wal", "-shm"} {
		if _, err := os.Stat(filepath.Join(dir, "gatehouse.db"+companion)); err == nil {
			t.Errorf("%s is left", companion)
		}
	}
}

// TestLockedElsewhere: a writer waits for another process, but not for longer
// than its context.
func TestLockedElsewhere(t *testing.T) {
	path := filepath.Join(t.TempDir(), "shorts.db")
	s, other := shortsAt(t, path, nil), shortsAt(t, path, nil)
	if err := s.Create(t.Context(), item("old")); err != nil {
		t.Fatal(err)
	}
	release, err := other.Hold(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	begin := time.Now()
	if err := s.Create(ctx, item("late")); !fault.Is(err, fault.Unavailable) {
		t.Errorf("got %v", err)
	}
	if took := time.Since(begin); took > 3*time.Second {
		t.Errorf("waited %v", took)
	}
	if _, err := s.Take(ctx, "session", "old", "late"); !fault.Is(err, fault.Unavailable) {
		t.Errorf("a take got %v", err)
	}
	if _, err := s.Count(ctx, "late", 1, time.Hour); !fault.Is(err, fault.Unavailable) {
		t.Errorf("a count got %v", err)
	}
	if _, err := s.Get(t.Context(), "session", "old"); err != nil {
		t.Errorf("reading under a foreign lock: %v", err)
	}
	done := make(chan error, 1)
	go func() { done <- s.Create(t.Context(), item("patient")) }()
	go func() {
		_, err := s.Take(t.Context(), "session", "old", "patient")
		done <- err
	}()
	go func() {
		n, err := s.Count(t.Context(), "late", 2, time.Hour)
		if err == nil && n.N != 2 {
			err = fmt.Errorf("the counter is at %d", n.N)
		}
		done <- err
	}()
	time.Sleep(300 * time.Millisecond)
	release()
	for range 3 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if _, err := s.Get(t.Context(), "session", "late"); !fault.Is(err, fault.NotFound) {
		t.Errorf("a call that failed left something: %v", err)
	}
}

func TestBackupAndCheck(t *testing.T) {
	dir := t.TempDir()
	path, dst := filepath.Join(dir, "gatehouse.db"), filepath.Join(dir, "file:copy?mode=ro.db")
	db := openDB(t, dir)
	if db.records.Path() != path {
		t.Errorf("Path is %s", db.records.Path())
	}
	accounts := []store.Migration{{ID: "account/0001", SQL: "CREATE TABLE accounts (name TEXT PRIMARY KEY)"}}
	if err := db.records.Migrate(t.Context(), accounts); err != nil {
		t.Fatal(err)
	}
	insert := func(name string) error {
		return db.records.Update(t.Context(), func(tx store.Tx) error {
			_, err := tx.Exec("INSERT INTO accounts (name) VALUES ($1)", name)
			return err
		})
	}
	if err := insert("alice"); err != nil {
		t.Fatal(err)
	}
	if err := db.records.Backup(t.Context(), dst); err != nil {
		t.Fatal(err)
	}
	if err := insert("bob"); err != nil {
		t.Fatal(err)
	}
	if err := db.records.Backup(t.Context(), dst); !fault.Is(err, fault.Exists) {
		t.Errorf("a second backup: %v", err)
	}
	if err := db.records.Backup(t.Context(), filepath.Join(dir, "absent", "copy")); !fault.Is(err, fault.Unavailable) {
		t.Errorf("no directory: %v", err)
	}
	if err := db.Check(t.Context()); err != nil {
		t.Error(err)
	}
	restored := recordsAt(t, dst, nil)
	if n, err := restored.Rows(t.Context(), "accounts"); n != 1 || err != nil {
		t.Errorf("%d accounts in the copy, error %v", n, err)
	}
	if err := restored.Migrate(t.Context(), accounts); err != nil {
		t.Error(err)
	}
}

func TestCheckFindsDamage(t *testing.T) {
	path := filepath.Join(t.TempDir(), "shorts.db")
	s := shortsAt(t, path, nil)
	for i := range 200 {
		if err := s.Create(t.Context(), item(fmt.Sprint(i))); err != nil {
			t.Fatal(err)
		}
	}
	s.Close()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := 5 * 4096; i < len(raw); i += 97 {
		raw[i] ^= 0x55
	}
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := shortsAt(t, path, nil).Check(t.Context()); !fault.Is(err, fault.Unavailable) || !strings.Contains(err.Error(), "damaged") {
		t.Errorf("got %v", err)
	}
}
