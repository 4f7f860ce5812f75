package storetest

import (
	"math"
	"sync"
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/store"
)

func (h *harness) count(key string, delta int64, want int64) store.Tally {
	h.Helper()
	tally, err := h.s.Count(h.Context(), key, delta, time.Minute)
	h.ok(err)
	if tally.N != want {
		h.Fatalf("count %+d gives %d, want %d", delta, tally.N, want)
	}
	if (tally.N == 0) != tally.Resets.IsZero() {
		h.Fatalf("count %d resets at %v", tally.N, tally.Resets)
	}
	return tally
}

var counters = []shortsTest{
	{"add and read", func(h *harness) {
		h.count("k", 0, 0)
		end := h.clock.Now().Add(time.Minute).UnixMilli()
		if got := h.count("k", 1, 1).Resets.UnixMilli(); got != end {
			h.Fatalf("resets at %d, want %d", got, end)
		}
		h.clock.Add(10 * time.Second)
		if got := h.count("k", 2, 3).Resets.UnixMilli(); got != end {
			h.Fatal("an addition moved the window")
		}
		h.count("k", 0, 3)
		h.count("other", 0, 0)
		for _, key := range odd {
			h.count(key, 1, 1)
		}
	}},
	{"the window ends", func(h *harness) {
		h.count("k", 5, 5)
		h.clock.Add(time.Minute - time.Millisecond)
		h.count("k", 0, 5)
		h.clock.Add(time.Millisecond)
		h.count("k", 0, 0)
		h.count("k", -1, 0)
		h.count("k", 1, 1)
	}},
	{"never below zero", func(h *harness) {
		h.count("k", -3, 0)
		h.count("k", 2, 2)
		h.count("k", -3, 0)
		h.count("k", 1, 1)
	}},
	{"a counter at zero has no window", func(h *harness) {
		h.count("k", 1, 1)
		h.clock.Add(30 * time.Second)
		h.count("k", -1, 0)
		end := h.clock.Now().Add(time.Minute).UnixMilli()
		if got := h.count("k", 1, 1).Resets.UnixMilli(); got != end {
			h.Fatalf("resets at %d, want %d: the first addition begins the window", got, end)
		}
	}},
	{"huge and senseless", func(h *harness) {
		for range 3 {
			tally, err := h.s.Count(h.Context(), "k", math.MaxInt64, time.Minute)
			h.ok(err)
			if tally.N < 1<<40 {
				h.Fatalf("the sum is %d", tally.N)
			}
		}
		h.count("k", math.MinInt64, 0)
		_, err := h.s.Count(h.Context(), "k", 1, 0)
		h.kind(err, fault.Invalid)
		_, err = h.s.Count(h.Context(), "k", 1, -time.Second)
		h.kind(err, fault.Invalid)
		_, err = h.s.Count(h.Context(), "k", 0, 0)
		h.ok(err)
	}},
	{"64 add at once", func(h *harness) { // LGN-28
		var mu sync.Mutex
		seen := map[int64]bool{}
		together(64, func(i int) {
			s := h.s
			if i%2 == 1 {
				s = h.other
			}
			tally, err := s.Count(h.Context(), "k", 1, time.Minute)
			if err != nil {
				h.Error(err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			if seen[tally.N] {
				h.Errorf("two additions were told %d", tally.N)
			}
			seen[tally.N] = true
		})
		h.count("k", 0, 64)
		together(64, func(int) {
			if _, err := h.other.Count(h.Context(), "k", -1, time.Minute); err != nil {
				h.Error(err)
			}
		})
		h.count("k", 0, 0)
	}},
}
