package sqlite_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gatehouse-auth/gatehouse/store"
	"github.com/gatehouse-auth/gatehouse/store/storetest"
)

// TestNothingPilesUp: what has expired leaves the file, also marks, counters
// and changes (DOS-05).
func TestNothingPilesUp(t *testing.T) {
	clock := storetest.NewClock()
	s := shortsAt(t, filepath.Join(t.TempDir(), "shorts.db"), clock.Now)
	for round := range 3 {
		for i := range 600 { // more than one batch
			key := fmt.Sprint(round, "-", i)
			it := item(key)
			it.Expires = clock.Now().Add(time.Minute)
			if err := s.Create(t.Context(), it); err != nil {
				t.Fatal(err)
			}
			if _, err := s.Count(t.Context(), key, 1, time.Minute); err != nil {
				t.Fatal(err)
			}
			if i%2 == 0 {
				if _, err := s.Take(t.Context(), "session", key, "me"); err != nil {
					t.Fatal(err)
				}
			}
		}
		var many []store.Change
		for range 600 {
			many = append(many, store.Change{Topic: store.TopicSession, Key: "s"})
		}
		if err := s.Publish(t.Context(), many...); err != nil {
			t.Fatal(err)
		}
		expectRows(t, s, 600, 600, 600)
		if err := s.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		expectRows(t, s, 600, 600, 600)
		clock.Add(time.Hour)
		if err := s.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		expectRows(t, s, 0, 0, 0)
	}
}

func expectRows(t *testing.T, s interface {
	Rows(context.Context, string) (int, error)
}, shorts, counters, changes int,
) {
	t.Helper()
	for table, want := range map[string]int{"shorts": shorts, "counters": counters, "changes": changes} {
		if n, err := s.Rows(t.Context(), table); n != want || err != nil {
			t.Errorf("%d rows in %s, want %d; error %v", n, table, want, err)
		}
	}
}

// TestSweepsByItself uses the time of a bubble: nobody calls anything.
func TestSweepsByItself(t *testing.T) {
	path := filepath.Join(t.TempDir(), "shorts.db")
	synctest.Test(t, func(t *testing.T) {
		s := shortsAt(t, path, nil)
		it := item("k")
		it.Expires = time.Now().Add(time.Minute)
		if err := s.Create(t.Context(), it); err != nil {
			t.Fatal(err)
		}
		time.Sleep(59 * time.Second)
		expectRows(t, s, 1, 0, 0)
		time.Sleep(7 * time.Second)
		synctest.Wait()
		expectRows(t, s, 0, 0, 0)
	})
}

// TestFeedTime holds the feed to its times exactly, in the time of a bubble.
func TestFeedTime(t *testing.T) {
	path := filepath.Join(t.TempDir(), "shorts.db")
	synctest.Test(t, func(t *testing.T) {
		s, other := shortsAt(t, path, nil), shortsAt(t, path, nil)
		var mu sync.Mutex
		var heard []store.Change
		var calls []time.Time
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() {
			done <- s.Watch(ctx, func(changes []store.Change) {
				mu.Lock()
				defer mu.Unlock()
				heard = append(heard, changes...)
				calls = append(calls, time.Now())
			})
		}()
		var want []store.Change
		for i := range 20 {
			time.Sleep(330 * time.Millisecond)
			c := store.Change{Topic: store.TopicSession, Key: fmt.Sprint(i)}
			want = append(want, c)
			if err := other.Publish(t.Context(), c); err != nil {
				t.Fatal(err)
			}
			time.Sleep(250 * time.Millisecond)
			synctest.Wait()
			mu.Lock()
			if !slices.Equal(heard, want) { // SES-09
				t.Errorf("after 250 ms: %q", heard)
			}
			mu.Unlock()
		}
		own := store.Change{Topic: store.TopicKeys}
		if err := s.Publish(t.Context(), own); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		if heard[len(heard)-1] != own {
			t.Error("the own process heard nothing at once")
		}
		for i := range calls[1:] {
			if gap := calls[i+1].Sub(calls[i]); gap > time.Second {
				t.Errorf("silent for %v", gap)
			}
		}
	})
}

// TestSlowWatcher: one that slept while changes were swept away forgets
// everything, and goes on.
func TestSlowWatcher(t *testing.T) {
	path := filepath.Join(t.TempDir(), "shorts.db")
	clock := storetest.NewClock()
	s, other := shortsAt(t, path, clock.Now), shortsAt(t, path, clock.Now)
	ctx, cancel := context.WithCancel(t.Context())
	resume, asleep := make(chan struct{}), make(chan struct{})
	heard := make(chan store.Change, 100)
	done := make(chan error)
	go func() {
		done <- s.Watch(ctx, func(changes []store.Change) {
			for _, c := range changes {
				heard <- c
				if c.Key == "sleep" {
					close(asleep)
					<-resume
				}
			}
		})
	}()
	publish := func(key string) {
		t.Helper()
		if err := other.Publish(t.Context(), store.Change{Topic: store.TopicSession, Key: key}); err != nil {
			t.Fatal(err)
		}
	}
	for publishing := true; publishing; {
		publish("early")
		select {
		case <-heard:
			publishing = false
		case <-time.After(50 * time.Millisecond):
		}
	}
	publish("sleep")
	<-asleep
	publish("lost")
	clock.Add(time.Hour)
	if err := other.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	close(resume)
	for c := range heard {
		if c.Key == "lost" {
			t.Fatal("the change was not swept")
		}
		if c == (store.Change{}) {
			break
		}
	}
	publish("after")
	if c := <-heard; c.Key != "after" {
		t.Errorf("then heard %q", c)
	}
	cancel()
	<-done
}

// TestWatchWhileAway: the feed is silent while the store is gone, and its
// context still ends it.
func TestWatchWhileAway(t *testing.T) {
	s := shortsAt(t, filepath.Join(t.TempDir(), "shorts.db"), nil)
	s.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 600*time.Millisecond)
	defer cancel()
	err := s.Watch(ctx, func(c []store.Change) { t.Errorf("a broken feed says %q", c) })
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
}
