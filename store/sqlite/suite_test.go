package sqlite_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/store"
	"github.com/gatehouse-auth/gatehouse/store/sqlite"
	"github.com/gatehouse-auth/gatehouse/store/storetest"
)

func shortsAt(t testing.TB, path string, now func() time.Time) *sqlite.Shorts {
	t.Helper()
	s, err := sqlite.OpenShorts(path, sqlite.Options{Now: now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func recordsAt(t testing.TB, path string, now func() time.Time) *sqlite.Records {
	t.Helper()
	r, err := sqlite.OpenRecords(path, sqlite.Options{Now: now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

func TestShorts(t *testing.T) {
	storetest.Shorts(t, func(t testing.TB, now func() time.Time) (store.Shorts, func() store.Shorts) {
		path := filepath.Join(t.TempDir(), "data ?#%41", "shorts.db")
		return shortsAt(t, path, now), func() store.Shorts { return shortsAt(t, path, now) }
	})
}

func TestRecords(t *testing.T) {
	storetest.Records(t, func(t testing.TB, now func() time.Time) (store.Records, func() store.Records) {
		path := filepath.Join(t.TempDir(), "data ?#%41", "records.db")
		return recordsAt(t, path, now), func() store.Records { return recordsAt(t, path, now) }
	})
}

// pair is what an installation keeps: a file of records and one of short-lived
// things.
type pair struct {
	records *sqlite.Records
	shorts  *sqlite.Shorts
}

// openPair opens both below dir.
func openPair(dir string) (pair, error) {
	r, err := sqlite.OpenRecords(filepath.Join(dir, "gatehouse.db"), sqlite.Options{})
	if err != nil {
		return pair{}, err
	}
	s, err := sqlite.OpenShorts(filepath.Join(dir, "sessions.db"), sqlite.Options{})
	if err != nil {
		return pair{}, errors.Join(err, r.Close())
	}
	return pair{r, s}, nil
}

func (p pair) Check(ctx context.Context) error {
	return errors.Join(p.records.Check(ctx), p.shorts.Check(ctx))
}

func (p pair) Close() error { return errors.Join(p.records.Close(), p.shorts.Close()) }
