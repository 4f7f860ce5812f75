package pushed_test

import (
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/pushed"
	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/store"
	"github.com/gatehouse-auth/gatehouse/store/memory"
	"github.com/gatehouse-auth/gatehouse/store/sqlite"
)

// clock is set by tests and read by stores.
type clock struct{ nanos atomic.Int64 }

func (c *clock) Now() time.Time       { return time.Unix(0, c.nanos.Load()) }
func (c *clock) pass(d time.Duration) { c.nanos.Add(int64(d)) }

// onBoth runs a test over the memory store and over a SQLite file.
func onBoth(t *testing.T, f func(*testing.T, *pushed.Requests, *clock)) {
	for name, open := range map[string]func(*testing.T, *clock) store.Shorts{
		"memory": func(_ *testing.T, c *clock) store.Shorts { return memory.NewShorts(memory.Options{Now: c.Now}) },
		"sqlite": func(t *testing.T, c *clock) store.Shorts {
			shorts, err := sqlite.OpenShorts(filepath.Join(t.TempDir(), "shorts.db"), sqlite.Options{Now: c.Now})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { shorts.Close() })
			return shorts
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := new(clock)
			c.nanos.Store(time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC).UnixNano())
			f(t, &pushed.Requests{Shorts: open(t, c), Now: c.Now}, c)
		})
	}
}

func push(t *testing.T, r *pushed.Requests) string {
	t.Helper()
	uri, err := r.Push(t.Context(), pushed.Request{Client: "bank", Params: url.Values{"state": {"a b"}, "resource": {"x", "y"}}, JKT: "k", Signed: true, Held: true}, false)
	if err != nil || !pushed.IsReference(uri) {
		t.Fatalf("%q, %v", uri, err)
	}
	return uri
}

func find(t *testing.T, r *pushed.Requests, uri string) *pushed.Request {
	t.Helper()
	q, err := r.Find(t.Context(), uri, "bank")
	if err != nil {
		t.Fatal(err)
	}
	return q
}

func gone(t *testing.T, r *pushed.Requests, what, uri, client string) {
	t.Helper()
	if q, err := r.Find(t.Context(), uri, client); !fault.Is(err, fault.NotFound) {
		t.Errorf("%s: %v, %v", what, q, err)
	}
}

// What was pushed is there, for its client, for 90 seconds (OAU-26).
func TestPushed(t *testing.T) {
	onBoth(t, func(t *testing.T, r *pushed.Requests, c *clock) {
		uri, other := push(t, r), push(t, r)
		q := find(t, r, uri)
		if q.Client != "bank" || q.Params.Get("state") != "a b" || len(q.Params["resource"]) != 2 || q.JKT != "k" || !q.Signed || q.Held || uri == other {
			t.Errorf("%+v", q)
		}
		gone(t, r, "another client's", uri, "wiki")
		for _, odd := range []string{"", uri[:len(uri)-1], uri + "A", strings.ToUpper(uri), "urn:ietf:params:oauth:request_uri:", "https://evil.example/x", uri + "\n"} {
			gone(t, r, odd, odd, "bank")
		}
		c.pass(90*time.Second - time.Millisecond)
		find(t, r, uri)
		c.pass(time.Millisecond)
		gone(t, r, "after 90 s", uri, "bank")
	})
}

// The first browser has it to itself for ten minutes, however often it comes.
func TestHold(t *testing.T) {
	onBoth(t, func(t *testing.T, r *pushed.Requests, c *clock) {
		uri := push(t, r)
		first, second := find(t, r, uri), find(t, r, uri)
		c.pass(80 * time.Second)
		if err := r.Hold(t.Context(), first); err != nil {
			t.Fatal(err)
		}
		if err := r.Hold(t.Context(), second); !fault.Is(err, fault.NotFound) {
			t.Errorf("a second browser: %v", err)
		}
		c.pass(5 * time.Minute)
		again := find(t, r, uri)
		if err := r.Hold(t.Context(), again); err != nil || !again.Held || again.Params.Get("state") != "a b" {
			t.Errorf("%+v, %v", again, err)
		}
		c.pass(5*time.Minute - time.Millisecond)
		find(t, r, uri)
		c.pass(time.Millisecond)
		gone(t, r, "after ten minutes", uri, "bank")
		if err := r.Spend(t.Context(), again); !fault.Is(err, fault.NotFound) {
			t.Errorf("spent when it was gone: %v", err)
		}
	})
}

// Of 64 that answer one does, and of 64 browsers one holds it (OAU-26).
func TestOneWinner(t *testing.T) {
	onBoth(t, func(t *testing.T, r *pushed.Requests, _ *clock) {
		for name, act := range map[string]func(*pushed.Request) error{
			"spend": func(q *pushed.Request) error { return r.Spend(t.Context(), q) },
			"hold":  func(q *pushed.Request) error { return r.Hold(t.Context(), q) },
		} {
			q := find(t, r, push(t, r))
			var won atomic.Int32
			var wait sync.WaitGroup
			start := make(chan struct{})
			for range 64 {
				wait.Go(func() {
					<-start
					switch err := act(q); {
					case err == nil:
						won.Add(1)
					case !fault.Is(err, fault.NotFound):
						t.Errorf("%s: %v", name, err)
					}
				})
			}
			close(start)
			wait.Wait()
			if won.Load() != 1 {
				t.Errorf("%s: %d winners", name, won.Load())
			}
		}
	})
}

// Who need not prove anything can't fill the store (DOS-05), nor keep others
// out, and is let in again when the time is over.
func TestPublicClientsAreBounded(t *testing.T) {
	onBoth(t, func(t *testing.T, r *pushed.Requests, c *clock) {
		try := func(client string, public bool) error {
			_, err := r.Push(t.Context(), pushed.Request{Client: client}, public)
			return err
		}
		if _, err := r.Shorts.Count(t.Context(), "pushed spa", 1999, pushed.Life); err != nil {
			t.Fatal(err)
		}
		if err := try("spa", true); err != nil {
			t.Error(err)
		}
		if err := try("spa", true); !fault.Is(err, fault.Throttled) {
			t.Errorf("one too many: %v", err)
		}
		for client, public := range map[string]bool{"app": true, "spa": false} {
			if err := try(client, public); err != nil {
				t.Errorf("%s: %v", client, err)
			}
		}
		c.pass(pushed.Life)
		if err := try("spa", true); err != nil {
			t.Error(err)
		}
	})
}

// Without a clock it is time.Now, as the stores have it.
func TestWithoutAClock(t *testing.T) {
	r := &pushed.Requests{Shorts: memory.NewShorts(memory.Options{})}
	q := find(t, r, push(t, r))
	if err := r.Hold(t.Context(), q); err != nil {
		t.Fatal(err)
	}
	if err := r.Spend(t.Context(), q); err != nil {
		t.Fatal(err)
	}
}
