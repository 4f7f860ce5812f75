package storetest

import (
	"context"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/store"
)

// OpenRecords opens an empty database. again opens a second handle on the same
// data, as another process would have it; it may be called by several
// goroutines at once, and is nil if the data can't leave the process. Both are
// closed by t's cleanup.
type OpenRecords func(t testing.TB, now func() time.Time) (r store.Records, again func() store.Records)

// Records holds a back end against the contract of [store.Records].
func Records(t *testing.T, open OpenRecords) {
	for _, group := range []struct {
		name  string
		tests []recordsTest
	}{
		{"migrate", migrating},
		{"update", updating},
		{"view", viewing},
		{"publish", publishing},
	} {
		t.Run(group.name, func(t *testing.T) {
			for _, c := range group.tests {
				t.Run(c.name, func(t *testing.T) {
					r := &recordsHarness{T: t}
					r.r, r.again = open(t, NewClock().Now)
					if r.again == nil {
						r.again = func() store.Records { return r.r }
					}
					c.run(r)
				})
			}
		})
	}
	t.Run("feed", func(t *testing.T) {
		Feed(t, func(t testing.TB) (Publisher, Publisher) {
			r, again := open(t, time.Now)
			if again == nil {
				return publisher{r}, publisher{r}
			}
			return publisher{r}, publisher{again()}
		})
	})
}

type recordsTest struct {
	name string
	run  func(*recordsHarness)
}

type recordsHarness struct {
	*testing.T
	r     store.Records
	again func() store.Records
}

// publisher publishes in a transaction of its own.
type publisher struct{ store.Records }

func (p publisher) Publish(ctx context.Context, changes ...store.Change) error {
	return p.Update(ctx, func(t store.Tx) error { return t.Publish(changes...) })
}

// people is a table as an owner would write it.
var people = []store.Migration{
	{ID: "people/0001", SQL: `
CREATE TABLE people (
	name TEXT PRIMARY KEY,
	email TEXT UNIQUE,
	age BIGINT NOT NULL,
	photo BLOB
);
CREATE INDEX people_age ON people (age);`},
}

func (h *recordsHarness) ok(err error) {
	h.Helper()
	if err != nil {
		h.Fatalf("unexpected error: %v", err)
	}
}

func (h *recordsHarness) kind(err error, want fault.Kind) {
	h.Helper()
	if !fault.Is(err, want) {
		h.Fatalf("got error %v of kind %v, want kind %v", err, fault.KindOf(err), want)
	}
}

// settle creates the table.
func (h *recordsHarness) settle() {
	h.Helper()
	h.ok(h.r.Migrate(h.Context(), people))
}

func add(t store.Tx, name string, age int64) error {
	_, err := t.Exec(`INSERT INTO people (name, email, age) VALUES ($1, $2, $3)`, name, name+"@example.com", age)
	return err
}

// add inserts one person in a transaction of its own.
func (h *recordsHarness) add(name string, age int64) {
	h.Helper()
	h.ok(h.r.Update(h.Context(), func(t store.Tx) error { return add(t, name, age) }))
}

func countIn(t store.Tx) (n int64, err error) {
	err = t.QueryRow(`SELECT count(*) FROM people`).Scan(&n)
	return n, err
}

// count demands that so many people are there, for another process as well.
func (h *recordsHarness) count(want int64) {
	h.Helper()
	h.ok(h.again().View(h.Context(), func(t store.Tx) error {
		n, err := countIn(t)
		if err == nil && n != want {
			h.Errorf("%d people, want %d", n, want)
		}
		return err
	}))
}
