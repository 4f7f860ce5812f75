package ration_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/internal/ration"
	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/store/storetest"
)

// taken tells how many of n fetches were allowed, each over before the next.
func taken(t *testing.T, r *ration.Ration, n int, who, where func(i int) string) int {
	t.Helper()
	got := 0
	for i := range n {
		done, err := r.Take(who(i), where(i))
		switch {
		case err == nil:
			done()
			got++
		case !fault.Is(err, fault.Throttled) || done != nil:
			t.Fatalf("%v", err)
		}
	}
	return got
}

func one(name string) func(int) string  { return func(int) string { return name } }
func many(name string) func(int) string { return func(i int) string { return fmt.Sprint(name, i) } }

// DOS-05: one who asks, one host, and all together have their measure in a
// minute, and nobody alone uses up what others need.
func TestMinute(t *testing.T) {
	clock := storetest.NewClock()
	r := ration.New(clock.Now)
	if n := taken(t, r, 1000, one("flooder"), many("host")); n != ration.PerAsker {
		t.Errorf("one network: %d", n)
	}
	if n := taken(t, r, ration.PerHost-1, many("network"), one("popular")); n != ration.PerHost-1 {
		t.Errorf("one host: %d", n)
	}
	if n := taken(t, r, 100, many("another"), one("popular")); n != 1 {
		t.Errorf("one host, %d more than it may", n-1)
	}
	if n := taken(t, r, 5, one("honest"), many("honest")); n != 5 {
		t.Errorf("who floods keeps others out: %d", n)
	}
	want := ration.InAll - ration.PerAsker - ration.PerHost - 5
	if n := taken(t, r, 2000, many("botnet"), many("victim")); n != want {
		t.Errorf("in all: %d, want %d", n, want)
	}
	clock.Add(time.Minute)
	if n := taken(t, r, 1000, one("flooder"), many("host")); n != ration.PerAsker {
		t.Errorf("a minute later: %d", n)
	}
}

// What hangs is held by few at a time, whoever asks for it.
func TestAtOnce(t *testing.T) {
	clock := storetest.NewClock()
	r := ration.New(clock.Now)
	var over []func()
	hang := func(n int, who func(int) string) (got int) {
		for i := range n {
			if done, err := r.Take(who(i), fmt.Sprint("host", len(over))); err == nil {
				over = append(over, done)
				got++
			}
		}
		return got
	}
	if n := hang(100, one("flooder")); n != ration.AtOnceForOne {
		t.Errorf("one: %d", n)
	}
	clock.Add(time.Minute)
	if n := hang(100, one("flooder")); n != 0 {
		t.Errorf("one, a minute later: %d", n)
	}
	if n := hang(100, many("network")); n != ration.AtOnce-ration.AtOnceForOne {
		t.Errorf("all: %d", n)
	}
	for _, done := range over {
		done()
	}
	if n := hang(100, one("honest")); n != ration.AtOnceForOne {
		t.Errorf("after that: %d", n)
	}
}

// What is in use has a way of its own, which waits and is not counted.
func TestUse(t *testing.T) {
	r := ration.New(storetest.NewClock().Now)
	taken(t, r, 2000, many("botnet"), many("victim"))
	var now, most atomic.Int64
	var all sync.WaitGroup
	for range 1000 {
		all.Go(func() {
			done, err := r.Use(t.Context())
			if err != nil {
				t.Error(err)
				return
			}
			defer done()
			n := now.Add(1)
			for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
			}
			now.Add(-1)
		})
	}
	if all.Wait(); most.Load() > ration.AtOnce {
		t.Errorf("%d at once", most.Load())
	}
	for range ration.AtOnce {
		if _, err := r.Use(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := r.Use(ctx); !fault.Is(err, fault.Unavailable) {
		t.Errorf("%v", err)
	}
}
