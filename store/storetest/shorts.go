package storetest

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/store"
)

// OpenShorts opens an empty store that takes the time from now. again opens a
// second handle on the same data, as another process would have it; it is nil
// if the data can't leave the process. Both are closed by t's cleanup.
type OpenShorts func(t testing.TB, now func() time.Time) (s store.Shorts, again func() store.Shorts)

// Shorts holds a back end against the contract of [store.Shorts].
func Shorts(t *testing.T, open OpenShorts) {
	for _, group := range []struct {
		name  string
		tests []shortsTest
	}{
		{"basics", basics},
		{"index", indexes},
		{"expiry", expiry},
		{"counter", counters},
		{"contention", contention},
		{"memory", sharing},
		{"context", contexts},
	} {
		t.Run(group.name, func(t *testing.T) {
			for _, c := range group.tests {
				t.Run(c.name, func(t *testing.T) {
					h := &harness{T: t, clock: NewClock()}
					var again func() store.Shorts
					h.s, again = open(t, h.clock.Now)
					h.other = h.s
					if again != nil {
						h.other = again()
					}
					c.run(h)
				})
			}
		})
	}
	t.Run("feed", func(t *testing.T) {
		Feed(t, func(t testing.TB) (Publisher, Publisher) {
			s, again := open(t, time.Now)
			if again == nil {
				return s, s
			}
			return s, again()
		})
	})
}

type shortsTest struct {
	name string
	run  func(*harness)
}

// harness is one test's store, its clock, and the same data seen by another
// process (or by the same one).
type harness struct {
	*testing.T
	s, other store.Shorts
	clock    *Clock
}

// item makes an item of kind "code" that lives for a minute.
func (h *harness) item(key, value string, index store.Index) store.Item {
	return store.Item{Kind: "code", Key: key, Value: []byte(value), Index: index, Expires: h.clock.Now().Add(time.Minute)}
}

// create stores such an item and returns it.
func (h *harness) create(key, value string, index store.Index) store.Item {
	h.Helper()
	item := h.item(key, value, index)
	h.ok(h.s.Create(h.Context(), item))
	return item
}

func (h *harness) ok(err error) {
	h.Helper()
	if err != nil {
		h.Fatalf("unexpected error: %v", err)
	}
}

func (h *harness) kind(err error, want fault.Kind) {
	h.Helper()
	if !fault.Is(err, want) {
		h.Fatalf("got error %v of kind %v, want kind %v", err, fault.KindOf(err), want)
	}
}

// get demands that the item is there.
func (h *harness) get(key string) store.Item {
	h.Helper()
	item, err := h.other.Get(h.Context(), "code", key)
	h.ok(err)
	return item
}

// gone demands that it is not.
func (h *harness) gone(key string) {
	h.Helper()
	_, err := h.other.Get(h.Context(), "code", key)
	h.kind(err, fault.NotFound)
}

// spent demands that err says who took the item, and what it belonged to.
func (h *harness) spent(err error, by string, index store.Index) {
	h.Helper()
	h.kind(err, fault.Spent)
	e, ok := errors.AsType[*store.SpentError](err)
	if !ok || e.By != by || e.Index != index {
		h.Fatalf("got %+v, want mark %q and index %+v", e, by, index)
	}
}

// same compares all but the version; times count to the millisecond.
func (h *harness) same(got, want store.Item) {
	h.Helper()
	if got.Kind != want.Kind || got.Key != want.Key || string(got.Value) != string(want.Value) || got.Index != want.Index ||
		got.Expires.UnixMilli() != want.Expires.UnixMilli() {
		h.Fatalf("got  %+v\nwant %+v", got, want)
	}
}

// list reads all pages of the given size and returns the keys.
func (h *harness) list(by store.IndexName, value string, limit int) []string {
	h.Helper()
	var keys []string
	cursor := ""
	for {
		items, next, err := h.other.ListByIndex(h.Context(), "code", by, value, cursor, limit)
		h.ok(err)
		if len(items) > limit {
			h.Fatalf("a page of %d items, limit %d", len(items), limit)
		}
		for _, i := range items {
			keys = append(keys, i.Key)
		}
		if next == "" {
			return keys
		}
		if len(items) == 0 {
			h.Fatal("an empty page that is not the last")
		}
		cursor = next
	}
}

// together runs n calls of f at the same time and waits for them.
func together(n int, f func(i int)) {
	var ready, done sync.WaitGroup
	start := make(chan struct{})
	ready.Add(n)
	for i := range n {
		done.Go(func() {
			ready.Done()
			<-start
			f(i)
		})
	}
	ready.Wait()
	close(start)
	done.Wait()
}
