package storetest

import (
	"strings"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/store"
)

var someIndex = store.Index{Sub: "alice", SID: "s1", Family: "f1"}

// odd are texts that a back end must keep as they are.
var odd = []string{
	"plain", "with space", "nul\x00inside", "\x00", "nul at the end\x00", "ünïcödé 世界 🔑", "e\u0301 not é",
	"line\r\nbreak", "%_'\"`;--", "\xff\xfe not UTF-8", "{curly}:colon", "A", "a", strings.Repeat("long", 300),
}

var basics = []shortsTest{
	{"create and get", func(h *harness) {
		want := h.create("k", "value", someIndex)
		got := h.get("k")
		h.same(got, want)
		if got.Version == 0 {
			h.Fatal("the store set no version")
		}
		_, err := h.s.Get(h.Context(), "session", "k")
		h.kind(err, fault.NotFound) // another kind is another key space
		h.gone("absent")
	}},
	{"get all", getAll},
	{"create ignores the version", func(h *harness) {
		item := h.item("k", "v", store.Index{})
		item.Version = 12345
		h.ok(h.s.Create(h.Context(), item))
		h.same(h.get("k"), item)
	}},
	{"create twice", func(h *harness) {
		want := h.create("k", "first", someIndex)
		h.kind(h.other.Create(h.Context(), h.item("k", "second", store.Index{})), fault.Exists)
		h.same(h.get("k"), want)
	}},
	{"create without kind or key", func(h *harness) {
		h.kind(h.s.Create(h.Context(), h.item("", "v", store.Index{})), fault.Invalid)
		item := h.item("k", "v", store.Index{})
		item.Kind = ""
		h.kind(h.s.Create(h.Context(), item), fault.Invalid)
	}},
	{"odd keys, values and indexes", func(h *harness) {
		for _, text := range odd {
			want := h.create(text, text, store.Index{Sub: text, SID: text, Family: text})
			h.same(h.get(text), want)
		}
		for _, text := range odd {
			if keys := h.list(store.BySub, text, 10); len(keys) != 1 || keys[0] != text {
				h.Fatalf("index value %q finds %q", text, keys)
			}
		}
		if keys := h.list("", "", 3); len(keys) != len(odd) {
			h.Fatalf("%d of %d keys listed", len(keys), len(odd))
		}
		for _, text := range odd {
			item, err := h.s.Take(h.Context(), "code", text, text[:min(len(text), 256)])
			h.ok(err)
			if string(item.Value) != text {
				h.Fatalf("took %q, want %q", item.Value, text)
			}
		}
	}},
	{"an empty value", func(h *harness) {
		want := h.create("empty", "", store.Index{})
		h.same(h.get("empty"), want)
	}},
	{"a value of 1 MiB", func(h *harness) {
		large := strings.Repeat("0123456789abcde\x00", 1<<16)
		want := h.create("large", large, store.Index{})
		h.same(h.get("large"), want)
	}},
	{"swap", func(h *harness) {
		h.create("k", "one", someIndex)
		item := h.get("k")
		item.Value, item.Index, item.Expires = []byte("two"), store.Index{Sub: "bob"}, item.Expires.Add(1000)
		version, err := h.s.Swap(h.Context(), item)
		h.ok(err)
		if version == item.Version {
			h.Fatal("the version did not change")
		}
		got := h.get("k")
		h.same(got, item)
		if got.Version != version {
			h.Fatalf("version %d, Swap said %d", got.Version, version)
		}
	}},
	{"swap refused", func(h *harness) {
		h.create("k", "one", store.Index{})
		item := h.get("k")
		_, err := h.s.Swap(h.Context(), item)
		h.ok(err)
		item.Value = []byte("lost")
		_, err = h.other.Swap(h.Context(), item)
		h.kind(err, fault.Conflict)
		if got := h.get("k"); string(got.Value) != "one" {
			h.Fatalf("a refused swap wrote %q", got.Value)
		}
		item.Key = "absent"
		_, err = h.s.Swap(h.Context(), item)
		h.kind(err, fault.NotFound)
	}},
	{"swap does not fit an item made again", func(h *harness) {
		h.create("k", "one", store.Index{})
		stale := h.get("k")
		h.ok(h.s.Delete(h.Context(), "code", "k"))
		h.create("k", "two", store.Index{})
		_, err := h.s.Swap(h.Context(), stale)
		h.kind(err, fault.Conflict)
	}},
	{"take", takeOnce},
	{"take with a mark that is too long", func(h *harness) {
		h.create("k", "v", store.Index{})
		_, err := h.s.Take(h.Context(), "code", "k", strings.Repeat("m", 257))
		h.kind(err, fault.Invalid)
		_, err = h.s.Take(h.Context(), "code", "k", strings.Repeat("m", 256))
		h.ok(err)
	}},
	{"delete", func(h *harness) {
		h.ok(h.s.Delete(h.Context(), "code", "k"))
		h.create("k", "v", someIndex)
		h.ok(h.other.Delete(h.Context(), "code", "k"))
		h.gone("k")
		h.ok(h.s.Delete(h.Context(), "code", "k"))
		if keys := h.list(store.BySub, "alice", 10); len(keys) != 0 {
			h.Fatalf("the index still finds %q", keys)
		}
	}},
	{"delete forgets that it was taken", func(h *harness) {
		h.create("k", "v", someIndex)
		_, err := h.s.Take(h.Context(), "code", "k", "me")
		h.ok(err)
		h.ok(h.s.Delete(h.Context(), "code", "k"))
		_, err = h.s.Take(h.Context(), "code", "k", "you")
		h.kind(err, fault.NotFound)
		h.create("k", "again", someIndex)
	}},
}

// getAll asks for more keys than one statement of a back end may take.
func getAll(h *harness) {
	want := map[string]store.Item{}
	keys := []string{"absent", "", "taken", "over", "odd\x00", "absent"}
	for _, key := range append([]string{"one", "other"}, odd...) {
		want[key] = h.create(key, "value of "+key, someIndex)
		keys = append(keys, key, key)
	}
	h.create("taken", "v", store.Index{})
	_, err := h.s.Take(h.Context(), "code", "taken", "me")
	h.ok(err)
	over := h.item("over", "v", store.Index{})
	over.Expires = h.clock.Now()
	h.ok(h.s.Create(h.Context(), over))
	items, err := h.other.GetAll(h.Context(), "code", keys...)
	h.ok(err)
	if len(items) != len(want) {
		h.Fatalf("%d items, want %d", len(items), len(want))
	}
	for _, item := range items {
		h.same(item, want[item.Key])
		if item.Version != h.get(item.Key).Version {
			h.Errorf("%q: another version than Get gives", item.Key)
		}
		delete(want, item.Key) // each comes once
	}
	for _, kind := range []store.Kind{"session", "code"} {
		if items, err = h.s.GetAll(h.Context(), kind, "", "no", "none"); err != nil || len(items) != 0 {
			h.Fatalf("%s: %v, %v", kind, items, err)
		}
	}
	if items, err = h.s.GetAll(h.Context(), "code"); err != nil || len(items) != 0 {
		h.Fatalf("nothing was asked for: %v, %v", items, err)
	}
}

func takeOnce(h *harness) {
	want := h.create("k", "v", someIndex)
	version := h.get("k").Version
	got, err := h.s.Take(h.Context(), "code", "k", "the first")
	h.ok(err)
	h.same(got, want)
	if got.Version != version {
		h.Fatalf("took version %d, want %d", got.Version, version)
	}

	_, err = h.other.Take(h.Context(), "code", "k", "the second")
	h.spent(err, "the first", someIndex)
	_, err = h.s.Take(h.Context(), "code", "k", "the third")
	h.spent(err, "the first", someIndex)

	h.gone("k")
	_, err = h.s.Swap(h.Context(), got)
	h.kind(err, fault.NotFound)
	h.kind(h.s.Create(h.Context(), want), fault.Exists)
	if keys := h.list(store.BySub, "alice", 10); len(keys) != 0 {
		h.Fatalf("a taken item is listed: %q", keys)
	}
	_, err = h.s.Take(h.Context(), "code", "absent", "me")
	h.kind(err, fault.NotFound)

	h.create("unmarked", "v", store.Index{})
	_, err = h.s.Take(h.Context(), "code", "unmarked", "")
	h.ok(err)
	_, err = h.s.Take(h.Context(), "code", "unmarked", "me")
	h.spent(err, "", store.Index{})
}
