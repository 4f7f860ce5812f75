package memory_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/store"
	"github.com/gatehouse-auth/gatehouse/store/memory"
	"github.com/gatehouse-auth/gatehouse/store/storetest"
)

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// TestNothingPilesUp: a store through which many things pass holds no more
// than what lives (DOS-05).
func TestNothingPilesUp(t *testing.T) {
	clock := storetest.NewClock()
	s := memory.NewShorts(memory.Options{Now: clock.Now})
	before := heap()
	for i := range 100_000 {
		key := fmt.Sprint("made up name ", i)
		if _, err := s.Count(t.Context(), key, 1, time.Second); err != nil {
			t.Fatal(err)
		}
		it := store.Item{Kind: "session", Key: key, Value: []byte(key), Index: store.Index{Sub: key}, Expires: clock.Now().Add(time.Hour)}
		if err := s.Create(t.Context(), it); err != nil {
			t.Fatal(err)
		}
		if err := s.Delete(t.Context(), "session", key); err != nil { // deleted long before it expires
			t.Fatal(err)
		}
		clock.Add(time.Millisecond)
	}
	if grown := int64(heap() - before); grown > 4<<20 {
		t.Errorf("%d bytes are held for a thousand counters", grown)
	}
	runtime.KeepAlive(s)
}

func TestLimit(t *testing.T) {
	clock := storetest.NewClock()
	s := memory.NewShorts(memory.Options{Now: clock.Now, Limit: 10})
	create := func(key string) error {
		return s.Create(t.Context(), store.Item{Kind: "code", Key: key, Expires: clock.Now().Add(time.Minute)})
	}
	for i := range 9 {
		if err := create(fmt.Sprint(i)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Count(t.Context(), "k", 1, time.Minute); err != nil {
		t.Fatal(err)
	}
	if err := create("one more"); !fault.Is(err, fault.Unavailable) {
		t.Errorf("got %v", err)
	}
	if _, err := s.Count(t.Context(), "another", 1, time.Minute); !fault.Is(err, fault.Unavailable) {
		t.Errorf("got %v", err)
	}
	if tally, err := s.Count(t.Context(), "k", 1, time.Minute); tally.N != 2 || err != nil {
		t.Errorf("a counter that is there: %+v, %v", tally, err)
	}
	if _, err := s.Get(t.Context(), "code", "0"); err != nil {
		t.Errorf("reading: %v", err)
	}
	clock.Add(time.Minute)
	if err := create("one more"); err != nil {
		t.Errorf("after the others expired: %v", err)
	}
}

func TestClosed(t *testing.T) {
	s := memory.NewShorts(memory.Options{})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Get(t.Context(), "code", "k"); !fault.Is(err, fault.Unavailable) {
		t.Error(err)
	}
	if err := s.Publish(t.Context(), store.Change{Topic: store.TopicKeys}); !fault.Is(err, fault.Unavailable) {
		t.Error(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if err := s.Watch(ctx, func([]store.Change) { t.Error("a closed feed is heard") }); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
}

// TestSlowWatcher: one that is far behind forgets everything, then goes on.
func TestSlowWatcher(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := memory.NewShorts(memory.Options{})
		ctx, cancel := context.WithCancel(t.Context())
		var heard []store.Change
		done := make(chan error)
		go func() {
			done <- s.Watch(ctx, func(c []store.Change) {
				if len(c) > 0 {
					heard = append(heard, c...)
					time.Sleep(time.Minute)
				}
			})
		}()
		synctest.Wait()
		publish := func(key string, n int) {
			for range n {
				if err := s.Publish(ctx, store.Change{Topic: store.TopicSession, Key: key}); err != nil {
					t.Fatal(err)
				}
			}
			synctest.Wait()
		}
		publish("first", 1)
		publish("many", 20_000)
		time.Sleep(3 * time.Minute)
		publish("last", 1)
		want := []store.Change{{Topic: store.TopicSession, Key: "first"}, {}, {Topic: store.TopicSession, Key: "last"}}
		if fmt.Sprint(heard) != fmt.Sprint(want) {
			t.Errorf("heard %d changes: %q", len(heard), heard[:min(5, len(heard))])
		}
		cancel()
		<-done
	})
}
