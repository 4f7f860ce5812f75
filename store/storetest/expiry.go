package storetest

import (
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/store"
)

var expiry = []shortsTest{
	{"to the millisecond", func(h *harness) {
		at := time.Date(2026, 11, 22, 10, 31, 0, int(250*time.Millisecond), time.UTC)
		item := h.item("k", "v", someIndex)
		item.Expires = at
		h.ok(h.s.Create(h.Context(), item))
		h.clock.Set(at.Add(-time.Millisecond))
		h.same(h.get("k"), item)
		h.clock.Set(at)
		h.gone("k")
	}},
	{"expired equals absent", func(h *harness) {
		ctx := h.Context()
		h.create("k", "old", someIndex)
		old := h.get("k")
		h.clock.Set(old.Expires)

		h.gone("k")
		_, err := h.s.Swap(ctx, old)
		h.kind(err, fault.NotFound)
		_, err = h.s.Take(ctx, "code", "k", "me")
		h.kind(err, fault.NotFound)
		if keys := h.list(store.BySub, "alice", 10); len(keys) != 0 {
			h.Fatalf("expired items listed: %q", keys)
		}
		if keys := h.list("", "", 10); len(keys) != 0 {
			h.Fatalf("expired items listed: %q", keys)
		}
		n, err := h.s.DeleteByIndex(ctx, "code", store.BySub, "alice")
		if n != 0 || err != nil {
			h.Fatalf("deleted %d expired items, error %v", n, err)
		}
		h.ok(h.s.Delete(ctx, "code", "k"))
	}},
	{"an expired key is free", func(h *harness) {
		h.create("k", "old", someIndex)
		stale := h.get("k")
		h.clock.Add(time.Minute)
		want := h.create("k", "new", store.Index{Sub: "bob"})
		h.same(h.get("k"), want)
		if keys := h.list(store.BySub, "alice", 10); len(keys) != 0 {
			h.Fatalf("the old index finds %q", keys)
		}
		_, err := h.s.Swap(h.Context(), stale)
		h.kind(err, fault.Conflict)
	}},
	{"a mark lasts as long as the item would have", func(h *harness) {
		item := h.create("k", "v", someIndex)
		_, err := h.s.Take(h.Context(), "code", "k", "me")
		h.ok(err)
		h.clock.Set(item.Expires.Add(-2 * time.Millisecond))
		_, err = h.s.Take(h.Context(), "code", "k", "you")
		h.spent(err, "me", someIndex)
		h.clock.Set(item.Expires)
		_, err = h.s.Take(h.Context(), "code", "k", "you")
		h.kind(err, fault.NotFound)
		h.create("k", "new", store.Index{})
		_, err = h.s.Take(h.Context(), "code", "k", "you")
		h.ok(err)
	}},
	{"swap prolongs and shortens", func(h *harness) {
		h.create("k", "v", store.Index{})
		item := h.get("k")
		item.Expires = h.clock.Now().Add(time.Hour)
		version, err := h.s.Swap(h.Context(), item)
		h.ok(err)
		h.clock.Add(30 * time.Minute)
		h.create("other", "v", store.Index{}) // a chance to sweep too much
		item = h.get("k")
		item.Version, item.Expires = version, h.clock.Now().Add(time.Second)
		_, err = h.s.Swap(h.Context(), item)
		h.ok(err)
		h.clock.Add(time.Second)
		h.gone("k")
	}},
	{"created or swapped into the past", func(h *harness) {
		past := h.item("past", "v", store.Index{})
		past.Expires = h.clock.Now().Add(-time.Second)
		h.ok(h.s.Create(h.Context(), past))
		h.gone("past")
		past.Expires = time.Time{}
		h.ok(h.s.Create(h.Context(), past))
		h.gone("past")
		h.create("k", "v", store.Index{})
		item := h.get("k")
		item.Expires = h.clock.Now()
		_, err := h.s.Swap(h.Context(), item)
		h.ok(err)
		h.gone("k")
	}},
}
