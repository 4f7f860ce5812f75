package storetest

import (
	"context"
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/store"
)

func scribble(b []byte) {
	for i := range b {
		b[i] = '!'
	}
}

// sharing: a store shares no memory with its caller.
var sharing = []shortsTest{
	{"the caller's value", func(h *harness) {
		item := h.create("k", "value", store.Index{})
		scribble(item.Value)
		got := h.get("k")
		if string(got.Value) != "value" {
			h.Fatalf("got %q after the created value was changed", got.Value)
		}
		got.Value = []byte("swapped")
		_, err := h.s.Swap(h.Context(), got)
		h.ok(err)
		scribble(got.Value)
		if got = h.get("k"); string(got.Value) != "swapped" {
			h.Fatalf("got %q after the swapped value was changed", got.Value)
		}
	}},
	{"the value that was read", func(h *harness) {
		h.create("k", "value", someIndex)
		scribble(h.get("k").Value)
		items, _, err := h.s.ListByIndex(h.Context(), "code", store.BySub, "alice", "", 10)
		h.ok(err)
		scribble(items[0].Value)
		_ = append(h.get("k").Value, "more"...)
		taken, err := h.s.Take(h.Context(), "code", "k", "me")
		h.ok(err)
		if string(taken.Value) != "value" {
			h.Fatalf("took %q", taken.Value)
		}
	}},
}

// contexts: whoever is no longer waiting changes nothing.
var contexts = []shortsTest{
	{"cancelled", func(h *harness) {
		h.create("k", "v", someIndex)
		item := h.get("k")
		h.count("n", 1, 1)
		ctx, cancel := context.WithCancel(h.Context())
		cancel()
		for name, call := range map[string]func() error{
			"Create": func() error { return h.s.Create(ctx, h.item("new", "v", store.Index{})) },
			"Get":    func() error { _, err := h.s.Get(ctx, "code", "k"); return err },
			"GetAll": func() error { _, err := h.s.GetAll(ctx, "code", "k"); return err },
			"Swap":   func() error { _, err := h.s.Swap(ctx, item); return err },
			"Take":   func() error { _, err := h.s.Take(ctx, "code", "k", "me"); return err },
			"Delete": func() error { return h.s.Delete(ctx, "code", "k") },
			"DeleteByIndex": func() error {
				_, err := h.s.DeleteByIndex(ctx, "code", store.BySub, "alice")
				return err
			},
			"ListByIndex": func() error {
				_, _, err := h.s.ListByIndex(ctx, "code", store.BySub, "alice", "", 10)
				return err
			},
			"Count":   func() error { _, err := h.s.Count(ctx, "n", 1, time.Minute); return err },
			"Read":    func() error { _, err := h.s.Count(ctx, "n", 0, time.Minute); return err },
			"Publish": func() error { return h.s.Publish(ctx, store.Change{Topic: store.TopicKeys}) },
		} {
			if err := call(); !fault.Is(err, fault.Unavailable) {
				h.Errorf("%s: got %v, want an error of kind unavailable", name, err)
			}
		}
		if got := h.get("k"); got.Version != item.Version {
			h.Error("the item changed")
		}
		h.gone("new")
		h.count("n", 0, 1)
	}},
	{"cancelled in a crowd", func(h *harness) {
		// Each call either happened and said so, or did neither.
		ctx, cancel := context.WithCancel(h.Context())
		defer cancel()
		var said [racers]bool
		together(racers, func(i int) {
			if i == racers/2 {
				cancel()
			}
			said[i] = h.either(i).Create(ctx, h.item(string(rune('A'+i)), "v", store.Index{})) == nil
		})
		for i := range racers {
			_, err := h.s.Get(h.Context(), "code", string(rune('A'+i)))
			if (err == nil) != said[i] {
				h.Errorf("call %d said %v, then Get says %v", i, said[i], err)
			}
		}
	}},
}
