package storetest

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/store"
)

const (
	// crowd is how many other items are there while a verb is measured.
	crowd = 20_000
	// callers is how many call at once in the second measurement of each verb.
	callers = 8
)

// BenchmarkShorts measures the verbs of a back end that already holds 20,000
// sessions, with one caller and with eight at once. All use one store.
func BenchmarkShorts(b *testing.B, open func(b *testing.B) store.Shorts) {
	ctx := b.Context()
	item := func(key string) store.Item {
		return store.Item{
			Kind: "session", Key: "6w3K1d0a2fQ-session-key-" + key, Value: make([]byte, 500),
			Index: store.Index{Sub: "subject" + key, SID: key}, Expires: time.Now().Add(time.Hour),
		}
	}
	s := open(b)
	create := func(key string) error { return s.Create(ctx, item(key)) }
	for i := range crowd {
		if err := create(fmt.Sprint(i)); err != nil {
			b.Fatal(err)
		}
	}
	nothing := func(string) error { return nil }
	for _, verb := range []struct {
		name         string
		before, call func(key string) error // key was never used
	}{
		{"Create", nothing, create},
		{"Get", create, func(key string) error {
			_, err := s.Get(ctx, "session", item(key).Key)
			return err
		}},
		{"GetAll", nothing, func(key string) error {
			_, err := s.GetAll(ctx, "session", key+"a", key+"b", key+"c", key+"d")
			return err
		}},
		{"Swap", create, func(key string) error {
			it, err := s.Get(ctx, "session", item(key).Key)
			if err == nil {
				_, err = s.Swap(ctx, it)
			}
			return err
		}},
		{"Take", create, func(key string) error {
			_, err := s.Take(ctx, "session", item(key).Key, "me")
			return err
		}},
		{"Count", nothing, func(key string) error {
			_, err := s.Count(ctx, key[len(key)-2:], 1, time.Hour)
			return err
		}},
	} {
		runs := 0
		for _, n := range []int{1, callers} {
			b.Run(fmt.Sprint(verb.name, "/", n), func(b *testing.B) {
				runs++
				measure(b, n, fmt.Sprint(verb.name, runs, "-"), verb.before, verb.call)
			})
		}
	}
}

// measure lets n callers share b.N calls, each with a key of its own.
func measure(b *testing.B, n int, prefix string, before, call func(key string) error) {
	key := func(i int) string { return fmt.Sprintf("%s%06d", prefix, i) }
	for i := range b.N {
		if err := before(key(i)); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
	b.ResetTimer()
	var next atomic.Int64
	var all sync.WaitGroup
	for range n {
		all.Go(func() {
			for i := int(next.Add(1)) - 1; i < b.N; i = int(next.Add(1)) - 1 {
				if err := call(key(i)); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
}
