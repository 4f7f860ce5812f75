package throttle_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/store"
	"github.com/gatehouse-auth/gatehouse/store/memory"
	"github.com/gatehouse-auth/gatehouse/throttle"
)

var (
	here  = netip.MustParseAddr("192.0.2.1")
	there = netip.MustParseAddr("192.0.2.2")
)

// gate is a Throttle on real counters with a clock that is set by hand.
type gate struct {
	*throttle.Throttle
	mu     sync.Mutex
	now    time.Time
	config throttle.Config
}

func newGate(t *testing.T, c throttle.Config) *gate {
	t.Helper()
	g := &gate{now: time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC), config: c}
	shorts := memory.NewShorts(memory.Options{Now: g.clock})
	t.Cleanup(func() { shorts.Close() })
	g.Throttle = throttle.New(shorts, func() throttle.Config { return g.config }, throttle.Options{Now: g.clock})
	return g
}

func (g *gate) clock() time.Time {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.now
}

func (g *gate) advance(d time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.now = g.now.Add(d)
}

// guess tries a wrong password n times and says how many were looked at.
func (g *gate) guess(t *testing.T, n int, name string, addr netip.Addr) int {
	t.Helper()
	checked := 0
	for range n {
		_, err := g.Attempt(t.Context(), name, addr)
		switch {
		case err == nil:
			checked++
		case !fault.Is(err, fault.Throttled):
			t.Fatal(err)
		}
	}
	return checked
}

func TestPair(t *testing.T) {
	g := newGate(t, throttle.Config{})
	if n := g.guess(t, 50, "alice", here); n != 10 { // LGN-20
		t.Errorf("%d guesses", n)
	}
	_, err := g.Attempt(t.Context(), "alice", here)
	limit, ok := errors.AsType[*throttle.LimitError](err)
	if !ok || limit.RetryAfter() != 15*time.Minute || limit.Scope() != "pair" || fault.Public(err) == "" {
		t.Errorf("%v", err)
	}
	if n := g.guess(t, 1, "alice", there); n != 1 { // LGN-21
		t.Error("another address is locked out")
	}
	if n := g.guess(t, 1, "bob", here); n != 1 { // LGN-21
		t.Error("another user is locked out")
	}
	// Knocking does not lengthen the lock, which ends by itself.
	g.advance(14*time.Minute + 59*time.Second + 500*time.Millisecond)
	_, err = g.Attempt(t.Context(), "alice", here)
	if limit, ok := errors.AsType[*throttle.LimitError](err); !ok || limit.RetryAfter() != time.Second {
		t.Errorf("%v", err)
	}
	g.advance(500 * time.Millisecond)
	if n := g.guess(t, 50, "alice", here); n != 10 { // LGN-21
		t.Errorf("%d guesses after the lock", n)
	}
}

func TestSpellings(t *testing.T) {
	g := newGate(t, throttle.Config{})
	n := 0
	for range 5 {
		for _, name := range []string{"john", "John", "JOHN", "ｊｏｈｎ", "JO\u0048N"} { // LGN-26, CVE-2026-47203
			n += g.guess(t, 1, name, here)
		}
	}
	if n != 10 {
		t.Errorf("%d guesses", n)
	}
	// What can't be a name is throttled like one that does not exist (ENU-01).
	if n := g.guess(t, 50, "john ", here); n != 10 {
		t.Errorf("%d guesses", n)
	}
}

func TestAccountFromEverywhere(t *testing.T) {
	g := newGate(t, throttle.Config{})
	n := 0
	for i := range 200 {
		n += g.guess(t, 5, "alice", netip.AddrFrom4([4]byte{10, 0, byte(i), 1}))
	}
	if n != 100 { // LGN-23
		t.Errorf("%d guesses", n)
	}
	if g.guess(t, 1, "bob", here) != 1 { // LGN-21
		t.Error("another user is locked out")
	}
	g.advance(15 * time.Minute)
	if g.guess(t, 1, "alice", here) != 1 { // LGN-21
		t.Error("the lock did not end")
	}
}

func TestManyNamesFromOneAddress(t *testing.T) {
	g := newGate(t, throttle.Config{})
	n := 0
	for i := range 500 {
		n += g.guess(t, 1, fmt.Sprint("user", i), here)
	}
	if n != 100 { // LGN-27
		t.Errorf("%d guesses", n)
	}
	if g.guess(t, 1, "user499", there) != 1 {
		t.Error("another address is locked out")
	}
}

func TestAddresses(t *testing.T) {
	tests := []struct {
		a, b string
		same bool
	}{
		{"2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", true}, // LGN-27
		{"2001:db8:1:2::1", "2001:db8:1:3::1", false},
		{"192.0.2.1", "::ffff:192.0.2.1", true},
		{"192.0.2.1", "192.0.2.2", false},
		{"fe80::1%eth0", "fe80::2%eth1", true},
		{"127.0.0.1", "::1", false},
	}
	for _, test := range tests {
		g := newGate(t, throttle.Config{Attempts: 1})
		g.guess(t, 1, "alice", netip.MustParseAddr(test.a))
		if n := g.guess(t, 1, "alice", netip.MustParseAddr(test.b)); (n == 0) != test.same {
			t.Errorf("%s and %s: %d more guesses", test.a, test.b, n)
		}
	}
	for _, addr := range []netip.Addr{{}, netip.MustParseAddr("127.0.0.1"), netip.IPv6Unspecified()} { // nothing is exempt
		g := newGate(t, throttle.Config{})
		if n := g.guess(t, 50, "alice", addr); n != 10 { // LGN-20
			t.Errorf("%v: %d guesses", addr, n)
		}
	}
}

func TestSuccess(t *testing.T) {
	g := newGate(t, throttle.Config{AddressAttempts: 30, AccountAttempts: 30})
	success := func(name string, addr netip.Addr) {
		t.Helper()
		a, err := g.Attempt(t.Context(), name, addr)
		if err != nil {
			t.Fatal(err)
		}
		a.Succeeded(t.Context())
	}
	g.guess(t, 9, "alice", here)
	success("alice", here)
	if n := g.guess(t, 50, "alice", here); n != 10 {
		t.Errorf("after success %d guesses", n)
	}
	// Own successes between guesses buy nothing: 19 of 30 are used here.
	n := 0
	for i := range 40 {
		n += g.guess(t, 1, fmt.Sprint("victim", i), here)
		if a, err := g.Attempt(t.Context(), "eve", here); err == nil {
			a.Succeeded(t.Context())
		}
	}
	if n != 11 { // LGN-27
		t.Errorf("%d guesses at others", n)
	}
	// Nor do the owner's successes elsewhere renew the account's allowance.
	n = 0
	for i := range 40 {
		n += g.guess(t, 1, "alice", netip.AddrFrom4([4]byte{10, 0, byte(i), 1}))
		if a, err := g.Attempt(t.Context(), "alice", there); err == nil {
			a.Succeeded(t.Context())
		}
	}
	if n != 11 { // LGN-23
		t.Errorf("%d guesses at alice", n)
	}
}

func TestManyLogins(t *testing.T) {
	g := newGate(t, throttle.Config{})
	for range 500 { // an office behind one address
		a, err := g.Attempt(t.Context(), "alice", here)
		if err != nil {
			t.Fatal(err)
		}
		a.Succeeded(t.Context())
	}
	for range 500 { // the hasher was busy
		a, err := g.Attempt(t.Context(), "alice", here)
		if err != nil {
			t.Fatal(err)
		}
		a.Unchecked(t.Context())
	}
}

func TestWindowAndLock(t *testing.T) {
	g := newGate(t, throttle.Config{Attempts: 3, Window: time.Hour, Lock: time.Minute})
	if n := g.guess(t, 10, "alice", here); n != 3 {
		t.Errorf("%d guesses", n)
	}
	g.advance(time.Minute) // a short lock ends though the window is long
	if n := g.guess(t, 10, "alice", here); n != 3 {
		t.Errorf("%d guesses after the lock", n)
	}
	g = newGate(t, throttle.Config{Attempts: 3, Window: time.Minute, Lock: time.Hour})
	g.guess(t, 2, "alice", here)
	g.advance(time.Minute)
	if n := g.guess(t, 10, "alice", here); n != 3 {
		t.Errorf("%d guesses in a new window", n)
	}
	g.advance(59 * time.Minute)
	if n := g.guess(t, 10, "alice", here); n != 0 {
		t.Errorf("%d guesses during the lock", n)
	}
	// A reload counts from the next attempt on.
	g.config.Attempts = 5
	g.advance(time.Minute)
	if n := g.guess(t, 10, "alice", here); n != 5 {
		t.Errorf("%d guesses after a reload", n)
	}
}

// TestParallel: counted before the check, so at most the limit is checked.
func TestParallel(t *testing.T) {
	for range 20 {
		g := newGate(t, throttle.Config{})
		var checked atomic.Int64
		var all sync.WaitGroup
		start := make(chan struct{})
		for range 200 {
			all.Go(func() {
				<-start
				if _, err := g.Attempt(t.Context(), "alice", here); err == nil {
					checked.Add(1)
				} else if !fault.Is(err, fault.Throttled) {
					t.Error(err)
				}
			})
		}
		close(start)
		all.Wait()
		if n := checked.Load(); n != 10 { // LGN-28
			t.Fatalf("%d of 200 parallel guesses were checked", n)
		}
		if g.guess(t, 1, "bob", here) != 1 || g.guess(t, 1, "alice", there) != 1 { // LGN-21
			t.Fatal("others are locked out")
		}
	}
}

// failing counts until the nth call.
type failing struct {
	throttle.Counter
	left int
}

func (f *failing) Count(ctx context.Context, key string, delta int64, window time.Duration) (store.Tally, error) {
	if f.left--; f.left < 0 {
		return store.Tally{}, fault.New(fault.Unavailable, "test", "")
	}
	return f.Counter.Count(ctx, key, delta, window)
}

func TestCounterFails(t *testing.T) {
	for n := range 9 { // PRX-02
		shorts := memory.NewShorts(memory.Options{})
		defer shorts.Close()
		g := throttle.New(&failing{shorts, n}, nil, throttle.Options{})
		if _, err := g.Attempt(t.Context(), "alice", here); !fault.Is(err, fault.Unavailable) {
			t.Errorf("failing at call %d: %v", n, err)
		}
	}
	throttle.Attempt{}.Succeeded(t.Context())
	throttle.Attempt{}.Unchecked(t.Context())
}

// TestFlood: made-up names from one address leave a bounded number of keys.
func TestFlood(t *testing.T) {
	keys := &keyed{Counter: memory.NewShorts(memory.Options{}), made: map[string]bool{}}
	g := throttle.New(keys, nil, throttle.Options{})
	for i := range 100_000 {
		_, err := g.Attempt(t.Context(), fmt.Sprintf("made-up-%d", i), here)
		if (err == nil) != (i < 100) {
			t.Fatal(i, err)
		}
	}
	if len(keys.made) > 210 { // LGN-29
		t.Errorf("%d keys", len(keys.made))
	}
	for key := range keys.made {
		if len(key) > 40 {
			t.Errorf("key %q", key)
		}
	}
}

// keyed remembers which counters were made.
type keyed struct {
	throttle.Counter
	made map[string]bool
}

func (k *keyed) Count(ctx context.Context, key string, delta int64, window time.Duration) (store.Tally, error) {
	if delta > 0 {
		k.made[key] = true
	}
	return k.Counter.Count(ctx, key, delta, window)
}
