package account_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/account"
	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/store"
	"github.com/gatehouse-auth/gatehouse/store/memory"
)

// good is a password that the rules accept.
const good = "horse-vapour-91"

// cheap hashes with the floor of what may be configured, so that tests are
// quick: most of the cost of Argon2 here is touching the memory.
var cheap = account.Params{Memory: 19 << 10, Time: 2, Threads: 1}

// house is a real store with accounts over it and a clock that is set by hand.
type house struct {
	*account.Accounts
	records store.Records
	hasher  *account.Hasher

	mu  sync.Mutex
	now time.Time
}

func newHouse(t testing.TB) *house {
	t.Helper()
	h := &house{now: time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)}
	records, err := memory.OpenRecords(h.clock)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { records.Close() })
	if err := records.Migrate(t.Context(), account.Migrations()); err != nil {
		t.Fatal(err)
	}
	h.hasher, err = account.NewHasher(account.HasherOptions{Params: cheap, Queue: 1000})
	if err != nil {
		t.Fatal(err)
	}
	h.records = records
	h.Accounts = account.New(records, account.Options{Now: h.clock, Hasher: h.hasher})
	return h
}

func (h *house) clock() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now
}

func (h *house) advance(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = h.now.Add(d)
}

// changes runs f and gives the subjects published meanwhile, in order.
func (h *house) changes(t *testing.T, f func()) []string {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	seen := make(chan store.Change, 1000)
	ready := make(chan struct{})
	var once sync.Once
	go h.records.Watch(ctx, func(list []store.Change) {
		once.Do(func() { close(ready) })
		for _, c := range list {
			seen <- c
		}
	})
	// A mark before and after tells that the feed is on, and is through.
	mark := func(key string) {
		t.Helper()
		err := h.records.Update(t.Context(), func(tx store.Tx) error {
			return tx.Publish(store.Change{Topic: store.TopicKeys, Key: key})
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	select {
	case <-ready:
	case <-time.After(10 * time.Second):
		t.Fatal("the feed is silent")
	}
	f()
	mark("end")
	var subjects []string
	for {
		select {
		case c := <-seen:
			if c.Topic == store.TopicKeys && c.Key == "end" {
				return subjects
			}
			if c.Topic == store.TopicSubject {
				subjects = append(subjects, c.Key)
			}
		case <-time.After(10 * time.Second):
			t.Fatal("the feed lost the mark")
		}
	}
}

func wantKind(t *testing.T, what string, err error, kind fault.Kind) {
	t.Helper()
	if !fault.Is(err, kind) {
		t.Errorf("%s: got %v, want kind %v", what, err, kind)
	}
}

func must[T any](t *testing.T) func(T, error) T {
	t.Helper()
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func newBenchHouse(b *testing.B) *house {
	h := newHouse(b)
	for _, name := range []string{"known", "off"} {
		user, err := h.Add(b.Context(), account.NewAccount{Username: name, Password: good})
		if err != nil {
			b.Fatal(err)
		}
		if name == "off" {
			if err := h.Disable(b.Context(), user.Subject); err != nil {
				b.Fatal(err)
			}
		}
	}
	if _, err := h.Add(b.Context(), account.NewAccount{Username: "bare"}); err != nil {
		b.Fatal(err)
	}
	return h
}
