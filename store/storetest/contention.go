package storetest

import (
	"errors"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/store"
)

// racers is the number of parallel callers in a race.
const racers = 64

// either spreads racers over both handles.
func (h *harness) either(i int) store.Shorts {
	if i%2 == 0 {
		return h.s
	}
	return h.other
}

var contention = []shortsTest{
	{"one of 64 takers wins", func(h *harness) { // OAU-06, OAU-07, OAU-08
		for round := range 4 {
			h.raceToTake(fmt.Sprint("code", round))
		}
	}},
	{"one of 64 creators wins", func(h *harness) {
		var won atomic.Int32
		together(racers, func(i int) {
			err := h.either(i).Create(h.Context(), h.item("k", strconv.Itoa(i), store.Index{}))
			switch {
			case err == nil:
				won.Add(1)
			case !fault.Is(err, fault.Exists):
				h.Errorf("racer %d: %v", i, err)
			}
		})
		if won.Load() != 1 {
			h.Fatalf("%d creators won", won.Load())
		}
	}},
	{"no swap is lost", func(h *harness) {
		h.create("k", "0", store.Index{})
		together(16, func(i int) {
			for range 8 {
				if err := h.increment(h.either(i)); err != nil {
					h.Errorf("racer %d: %v", i, err)
				}
			}
		})
		if got := string(h.get("k").Value); got != "128" {
			h.Fatalf("128 increments give %s", got)
		}
	}},
	{"take against swap and delete", func(h *harness) {
		for round := range 8 {
			key := fmt.Sprint("k", round)
			h.create(key, "v", store.Index{})
			item := h.get(key)
			var taken, swapped atomic.Bool
			together(9, func(i int) {
				switch i % 3 {
				case 0:
					if _, err := h.either(i).Take(h.Context(), "code", key, "t"); err == nil && taken.Swap(true) {
						h.Error("two takers won")
					}
				case 1:
					if _, err := h.either(i).Swap(h.Context(), item); err == nil && swapped.Swap(true) {
						h.Error("two swaps of one version won")
					}
				case 2:
					if err := h.either(i).Delete(h.Context(), "code", key); err != nil {
						h.Error(err)
					}
				}
			})
			h.gone(key)
		}
	}},
}

// increment adds one to the number in "k" by compare and swap.
func (h *harness) increment(s store.Shorts) error {
	for {
		item, err := s.Get(h.Context(), "code", "k")
		if err != nil {
			return err
		}
		n, err := strconv.Atoi(string(item.Value))
		if err != nil {
			return err
		}
		item.Value = []byte(strconv.Itoa(n + 1))
		if _, err = s.Swap(h.Context(), item); !fault.Is(err, fault.Conflict) {
			return err
		}
	}
}

func (h *harness) raceToTake(key string) {
	h.create(key, "secret", someIndex)
	var mu sync.Mutex
	winner := ""
	losers := map[string]int{}
	together(racers, func(i int) {
		mark := fmt.Sprint("racer", i)
		item, err := h.either(i).Take(h.Context(), "code", key, mark)
		mu.Lock()
		defer mu.Unlock()
		if err == nil {
			if winner != "" || string(item.Value) != "secret" {
				h.Errorf("%s won %q after %s", mark, item.Value, winner)
			}
			winner = mark
			return
		}
		spent, ok := errors.AsType[*store.SpentError](err)
		if !ok || !fault.Is(err, fault.Spent) || spent.Index != someIndex {
			h.Errorf("%s: %v", mark, err)
			return
		}
		losers[spent.By]++
	})
	if winner == "" || losers[winner] != racers-1 {
		h.Fatalf("winner %q, losers were told %v", winner, losers)
	}
}
