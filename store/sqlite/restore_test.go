package sqlite_test

import (
	"context"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/store"
	"github.com/gatehouse-auth/gatehouse/store/sqlite"
)

var townMigrations = []store.Migration{
	{ID: "town/0001", SQL: "CREATE TABLE houses (name TEXT PRIMARY KEY)"},
	{ID: "town/0002", SQL: "CREATE TABLE people (name TEXT PRIMARY KEY, house TEXT NOT NULL REFERENCES houses (name))"},
}

// town is a database in which each of the named people lives in a house of
// their own.
func town(t *testing.T, path string, migrations []store.Migration, names ...string) *sqlite.Records {
	t.Helper()
	r := recordsAt(t, path, nil)
	if err := r.Migrate(t.Context(), migrations); err != nil {
		t.Fatal(err)
	}
	if err := r.Update(t.Context(), func(tx store.Tx) error {
		for _, name := range names {
			if _, err := tx.Exec("INSERT INTO houses (name) VALUES ($1)", name); err != nil {
				return err
			}
			if _, err := tx.Exec("INSERT INTO people (name, house) VALUES ($1, $1)", name); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return r
}

// census lists the people and the houses, as one reader sees them.
func census(ctx context.Context, r *sqlite.Records) (list string, err error) {
	err = r.View(ctx, func(tx store.Tx) error {
		var people, houses string
		if err := tx.QueryRow("SELECT coalesce(group_concat(name, ' '), '') FROM (SELECT name FROM people ORDER BY name)").Scan(&people); err != nil {
			return err
		}
		if err := tx.QueryRow("SELECT coalesce(group_concat(name, ' '), '') FROM (SELECT name FROM houses ORDER BY name)").Scan(&houses); err != nil {
			return err
		}
		list = people + " / " + houses
		return nil
	})
	return list, err
}

func TestRestore(t *testing.T) {
	dir := t.TempDir()
	backup := filepath.Join(dir, "back up ?#%41.db")
	town(t, filepath.Join(dir, "old.db"), townMigrations, "alice", "bob").Backup(t.Context(), backup)
	now := town(t, filepath.Join(dir, "now.db"), townMigrations, "carol")
	other := recordsAt(t, now.Path(), nil) // another process

	told := make(chan store.Change, 100)
	watching, stop := context.WithCancel(t.Context())
	ready := make(chan struct{})
	var started sync.Once
	go other.Watch(watching, func(changes []store.Change) {
		started.Do(func() { close(ready) })
		for _, c := range changes {
			told <- c
		}
	})
	<-ready
	for len(told) > 0 {
		<-told
	}

	// Whoever reads meanwhile sees all of the old or all of the new.
	const before, after = "carol / carol", "alice bob / alice bob"
	var readers sync.WaitGroup
	for range 3 {
		readers.Go(func() {
			for watching.Err() == nil {
				if seen, err := census(watching, other); err == nil && seen != before && seen != after {
					t.Errorf("a reader saw %q", seen)
				}
			}
		})
	}
	if err := now.Restore(t.Context(), backup); err != nil {
		t.Fatal(err)
	}
	if seen, err := census(t.Context(), now); err != nil || seen != after {
		t.Errorf("restored %q, %v", seen, err)
	}
	select {
	case c := <-told:
		if c != (store.Change{}) {
			t.Errorf("watchers were told %v, want everything", c)
		}
	case <-time.After(10 * time.Second):
		t.Error("watchers were not told")
	}
	stop()
	readers.Wait()
	if err := now.Migrate(t.Context(), townMigrations); err != nil {
		t.Errorf("after the restore: %v", err)
	}
	if err := now.Restore(t.Context(), backup); err != nil {
		t.Errorf("once more: %v", err)
	}
}

// TestRestoreRefuses: what is not a backup of this very schema changes nothing,
// and the next restore is not in its way.
func TestRestoreRefuses(t *testing.T) {
	dir := t.TempDir()
	now := town(t, filepath.Join(dir, "now.db"), townMigrations, "carol")
	foreign := recordsAt(t, filepath.Join(dir, "foreign.db"), nil)
	if err := foreign.Migrate(t.Context(), []store.Migration{{ID: "zoo/0001", SQL: "CREATE TABLE animals (name TEXT)"}}); err != nil {
		t.Fatal(err)
	}
	newer := append(townMigrations[:2:2], store.Migration{ID: "town/0003", SQL: "CREATE INDEX by_house ON people (house)"})
	town(t, filepath.Join(dir, "newer.db"), newer, "dora")
	for name, want := range map[string]fault.Kind{"foreign.db": fault.Conflict, "newer.db": fault.Conflict, "absent.db": fault.Unavailable} {
		path := filepath.Join(dir, name)
		if err := now.Restore(t.Context(), path); !fault.Is(err, want) {
			t.Errorf("%s: %v, want %v", name, err, want)
		}
		if seen, err := census(t.Context(), now); err != nil || !strings.HasPrefix(seen, "carol") {
			t.Errorf("%s left %q, %v", name, seen, err)
		}
	}
	good := filepath.Join(dir, "good.db")
	if err := now.Backup(t.Context(), good); err != nil {
		t.Fatal(err)
	}
	if err := now.Restore(t.Context(), good); err != nil {
		t.Errorf("a good one afterwards: %v", err)
	}
}
