package storetest

import (
	"fmt"
	"slices"
	"sync"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/store"
)

var indexes = []shortsTest{
	{"list by each index", func(h *harness) {
		h.create("a", "", store.Index{Sub: "x", SID: "1"})
		h.create("b", "", store.Index{Sub: "x", Family: "x"})
		h.create("c", "", store.Index{SID: "x"})
		for _, c := range []struct {
			by    store.IndexName
			value string
			want  []string
		}{
			{store.BySub, "x", []string{"a", "b"}},
			{store.BySID, "x", []string{"c"}},
			{store.BySID, "1", []string{"a"}},
			{store.ByFamily, "x", []string{"b"}},
			{store.BySub, "y", nil},
			{store.BySub, "", nil}, // empty values are not indexed
			{"", "", []string{"a", "b", "c"}},
		} {
			if got := h.list(c.by, c.value, 2); !slices.Equal(got, c.want) {
				h.Errorf("by %q = %q: got %q, want %q", c.by, c.value, got, c.want)
			}
		}
	}},
	{"whole items are listed, and of one kind", func(h *harness) {
		want := h.create("k", "value", someIndex)
		foreign := want
		foreign.Kind = "session"
		h.ok(h.s.Create(h.Context(), foreign))
		items, next, err := h.s.ListByIndex(h.Context(), "code", store.BySub, "alice", "", 10)
		h.ok(err)
		if len(items) != 1 || next != "" {
			h.Fatalf("got %d items, cursor %q", len(items), next)
		}
		h.same(items[0], want)
		if items[0].Version != h.get("k").Version {
			h.Fatal("listed with another version")
		}
	}},
	{"pages are full and in order", func(h *harness) {
		var want []string
		for i := range 25 {
			key := fmt.Sprintf("%02d", (i*7)%25)
			want = append(want, key)
			h.create(key, "", store.Index{Sub: "alice"})
		}
		slices.Sort(want)
		for _, limit := range []int{1, 4, 5, 24, 25, 26} {
			if got := h.list(store.BySub, "alice", limit); !slices.Equal(got, want) {
				h.Errorf("limit %d: got %q", limit, got)
			}
		}
	}},
	{"bad questions", func(h *harness) {
		h.create("k", "", someIndex)
		_, _, err := h.s.ListByIndex(h.Context(), "code", "key = 1 OR 1", "x", "", 10)
		h.kind(err, fault.Invalid)
		_, _, err = h.s.ListByIndex(h.Context(), "code", store.BySub, "alice", "", 0)
		h.kind(err, fault.Invalid)
		_, _, err = h.s.ListByIndex(h.Context(), "code", store.BySub, "alice", "!", 10)
		h.kind(err, fault.Invalid)
		_, err = h.s.DeleteByIndex(h.Context(), "code", "", "alice")
		h.kind(err, fault.Invalid)
		_, err = h.s.DeleteByIndex(h.Context(), "code", "nonsense", "alice")
		h.kind(err, fault.Invalid)
		h.get("k")
	}},
	{"swap moves the index", func(h *harness) {
		h.create("k", "", store.Index{Sub: "alice", Family: "f"})
		item := h.get("k")
		item.Index = store.Index{Sub: "bob", SID: "s"}
		_, err := h.s.Swap(h.Context(), item)
		h.ok(err)
		for value, want := range map[string]int{"alice": 0, "bob": 1} {
			if got := h.list(store.BySub, value, 10); len(got) != want {
				h.Errorf("%s: got %q", value, got)
			}
		}
		if got := h.list(store.ByFamily, "f", 10); len(got) != 0 {
			h.Errorf("the old family still finds %q", got)
		}
		n, err := h.s.DeleteByIndex(h.Context(), "code", store.BySub, "alice")
		h.ok(err)
		if n != 0 {
			h.Errorf("deleted %d by the old index", n)
		}
		if n, err = h.s.DeleteByIndex(h.Context(), "code", store.BySID, "s"); n != 1 || err != nil {
			h.Errorf("deleted %d by the new index, error %v", n, err)
		}
	}},
	{"delete by index", func(h *harness) {
		for i := range 5 {
			h.create(fmt.Sprint("a", i), "", store.Index{Sub: "alice"})
		}
		h.create("bob", "", store.Index{Sub: "bob"})
		h.create("nobody", "", store.Index{})
		session := h.item("a0", "", store.Index{Sub: "alice"})
		session.Kind = "session"
		h.ok(h.s.Create(h.Context(), session))
		_, err := h.s.Take(h.Context(), "code", "a4", "taker")
		h.ok(err)

		n, err := h.s.DeleteByIndex(h.Context(), "code", store.BySub, "alice")
		h.ok(err)
		if n != 4 {
			h.Fatalf("deleted %d, want 4", n)
		}
		h.gone("a0")
		h.get("bob")
		_, err = h.s.Get(h.Context(), "session", "a0")
		h.ok(err)
		_, err = h.s.Take(h.Context(), "code", "a4", "me") // marks stay
		h.spent(err, "taker", store.Index{Sub: "alice"})
		if n, err = h.s.DeleteByIndex(h.Context(), "code", store.BySub, ""); n != 0 || err != nil {
			h.Fatalf("deleted %d by an empty value, error %v", n, err)
		}
		h.get("nobody")
	}},
	{"paging while others write", pagingWhileWriting},
}

// pagingWhileWriting: what is there throughout is listed exactly once.
func pagingWhileWriting(h *harness) {
	const steady = 60
	for i := range steady {
		h.create(fmt.Sprintf("steady%03d", i), "", store.Index{Sub: "alice"})
	}
	stop := make(chan struct{})
	var writers sync.WaitGroup
	for w := range 3 {
		writers.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				key := fmt.Sprintf("steady%03d-%d-%d", i%steady, w, i)
				if err := h.other.Create(h.Context(), h.item(key, "", store.Index{Sub: "alice"})); err != nil {
					h.Errorf("create: %v", err)
					return
				}
				if i%2 == 0 {
					if err := h.other.Delete(h.Context(), "code", key); err != nil {
						h.Errorf("delete: %v", err)
						return
					}
				}
			}
		})
	}
	for range 3 {
		seen := map[string]int{}
		for _, key := range h.list(store.BySub, "alice", 7) {
			seen[key]++
		}
		for i := range steady {
			if key := fmt.Sprintf("steady%03d", i); seen[key] != 1 {
				h.Errorf("%s listed %d times", key, seen[key])
			}
		}
	}
	close(stop)
	writers.Wait()
}
