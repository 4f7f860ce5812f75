package storetest

import (
	"fmt"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/store"
)

// crowd is how many other items are there while a verb is measured.
const crowd = 20_000

// BenchmarkShorts measures the verbs of a back end that already holds 20,000
// sessions, one caller at a time.
func BenchmarkShorts(b *testing.B, open func(b *testing.B) store.Shorts) {
	item := func(key string) store.Item {
		return store.Item{
			Kind: "session", Key: "6w3K1d0a2fQ-session-key-" + key, Value: make([]byte, 500),
			Index: store.Index{Sub: "subject" + key, SID: key}, Expires: time.Now().Add(time.Hour),
		}
	}
	verb := func(name string, before bool, call func(s store.Shorts, i int) error) {
		b.Run(name, func(b *testing.B) {
			s := open(b)
			ctx := b.Context()
			for i := range crowd {
				if err := s.Create(ctx, item(fmt.Sprint(i))); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportAllocs()
			b.ResetTimer()
			for i := range b.N {
				if before {
					b.StopTimer()
					if err := s.Create(ctx, item(fmt.Sprint("new", i))); err != nil {
						b.Fatal(err)
					}
					b.StartTimer()
				}
				if err := call(s, i); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	verb("Get", false, func(s store.Shorts, i int) error {
		_, err := s.Get(b.Context(), "session", item(fmt.Sprint(i%crowd)).Key)
		return err
	})
	verb("Create", false, func(s store.Shorts, i int) error { return s.Create(b.Context(), item(fmt.Sprint("new", i))) })
	verb("Take", true, func(s store.Shorts, i int) error {
		_, err := s.Take(b.Context(), "session", item(fmt.Sprint("new", i)).Key, "me")
		return err
	})
	verb("Count", false, func(s store.Shorts, i int) error {
		_, err := s.Count(b.Context(), fmt.Sprint(i%1000), 1, time.Hour)
		return err
	})
}
