package account_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/gatehouse-auth/gatehouse/account"
	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/store"
)

func TestQueueIsBounded(t *testing.T) {
	h := newHouse(t)
	must[*identity.User](t)(h.Add(t.Context(), account.NewAccount{Username: "alice", Password: good}))
	hasher, err := account.NewHasher(account.HasherOptions{Params: account.Params{Memory: 256 << 10, Time: 1, Threads: 1}, Parallel: 1, Queue: 2})
	if err != nil {
		t.Fatal(err)
	}
	a := account.New(h.records, account.Options{Hasher: hasher})

	var denied, away, other atomic.Int64
	var all sync.WaitGroup
	start := make(chan struct{})
	for range 60 {
		all.Go(func() {
			<-start
			_, err := a.Authenticate(t.Context(), "nobody", good)
			switch {
			case fault.Is(err, fault.Denied):
				denied.Add(1)
			case fault.Is(err, fault.Unavailable) && fault.Public(err) != "":
				away.Add(1)
			default:
				other.Add(1)
			}
		})
	}
	close(start)
	all.Wait()
	if other.Load() != 0 || denied.Load()+away.Load() != 60 || denied.Load() != hasher.Calls() || away.Load() == 0 { // DOS-04
		t.Errorf("%d checked, %d sent away, %d something else, %d hashes", denied.Load(), away.Load(), other.Load(), hasher.Calls())
	}
	// The queue is empty again.
	_, err = a.Authenticate(t.Context(), "nobody", good)
	wantKind(t, "after the flood", err, fault.Denied)
}

func TestWaitingEndsWithTheRequest(t *testing.T) {
	h := newHouse(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := h.Authenticate(ctx, "alice", good)
	wantKind(t, "the browser left", err, fault.Unavailable)
	if h.hasher.Calls() != 0 { // DOS-04
		t.Error("hashed for somebody who left")
	}
}

func TestUnacceptablePasswordsCostNothing(t *testing.T) {
	h := newHouse(t)
	for range 100 {
		_, err := h.Authenticate(t.Context(), "alice", string(make([]byte, 1<<20)))
		wantKind(t, "a megabyte", err, fault.Denied)
	}
	if n := h.hasher.Calls(); n != 0 { // DOS-03
		t.Errorf("%d hashes", n)
	}
}

// BenchmarkAuthenticate is for reading side by side: known, unknown, disabled
// and without a password should cost the same (ENU-02).
func BenchmarkAuthenticate(b *testing.B) {
	h := newBenchHouse(b)
	for _, name := range []string{"known", "unknown", "off", "bare"} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := h.Authenticate(b.Context(), name, "wrong-horse-1"); !fault.Is(err, fault.Denied) {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkStandIn is a failed login where 100,000 accounts have no password:
// the store's part of it must stay small.
func BenchmarkStandIn(b *testing.B) {
	h := newBenchHouse(b)
	err := h.records.Update(b.Context(), func(tx store.Tx) error {
		_, err := tx.Exec(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
			INSERT INTO accounts SELECT lower(hex(randomblob(16))), 'p' || i, '', '', 0, '', 0, 0, 0, 'provider', 1, 1, 0 FROM n`)
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := h.Authenticate(b.Context(), "nobody", "wrong-horse-1"); !fault.Is(err, fault.Denied) {
			b.Fatal(err)
		}
	}
}
