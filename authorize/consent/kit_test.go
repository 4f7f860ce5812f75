package consent_test

import (
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/consent"
	"github.com/gatehouse-auth/gatehouse/store"
	"github.com/gatehouse-auth/gatehouse/store/memory"
	"github.com/gatehouse-auth/gatehouse/store/sqlite"
)

// clock is set by tests and read by stores.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// onBoth runs f with stores in memory and on disk.
func onBoth(t *testing.T, f func(t *testing.T, c *consent.Consents, clock *clock)) {
	open := map[string]func(*testing.T, *clock) (store.Records, store.Shorts, error){
		"memory": func(t *testing.T, c *clock) (store.Records, store.Shorts, error) {
			records, err := memory.OpenRecords(c.Now)
			return records, memory.NewShorts(memory.Options{Now: c.Now}), err
		},
		"sqlite": func(t *testing.T, c *clock) (store.Records, store.Shorts, error) {
			records, err := sqlite.OpenRecords(filepath.Join(t.TempDir(), "records.db"), sqlite.Options{Now: c.Now})
			if err != nil {
				return nil, nil, err
			}
			t.Cleanup(func() { records.Close() })
			shorts, err := sqlite.OpenShorts(filepath.Join(t.TempDir(), "shorts.db"), sqlite.Options{Now: c.Now})
			if err == nil {
				t.Cleanup(func() { shorts.Close() })
			}
			return records, shorts, err
		},
	}
	for name, open := range open {
		t.Run(name, func(t *testing.T) {
			clock := &clock{now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
			records, shorts, err := open(t, clock)
			if err != nil {
				t.Fatal(err)
			}
			if err := records.Migrate(t.Context(), consent.Migrations()); err != nil {
				t.Fatal(err)
			}
			f(t, &consent.Consents{Records: records, Shorts: shorts, Now: clock.Now}, clock)
		})
	}
}

// terms are those of the wiki.
func terms(scopes []string, resources ...string) consent.Terms {
	return consent.Terms{Client: "wiki", Scopes: scopes, Resources: resources}
}

func scopes(names ...string) []string { return names }
