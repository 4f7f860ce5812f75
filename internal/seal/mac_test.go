package seal_test

import (
	"bytes"
	"testing"

	"github.com/gatehouse-auth/gatehouse/internal/seal"
)

// The same parts have the same sum in every process; anything else has another.
func TestSum(t *testing.T) {
	master := func(last byte) *seal.Master {
		key := append(bytes.Repeat([]byte{7}, seal.KeySize-1), last)
		m, err := seal.NewMaster(key)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	sum := master(1).Sum("a")
	first := sum("x", "yz")
	// What was given out once is kept by whoever got it: it must never change.
	const kept = "efYU_2QEKqSYbJt4vDRBfdcViBNRPzi47kErz5eRVkU"
	if first != master(1).Sum("a")("x", "yz") || first != kept {
		t.Errorf("%s, and before %s", first, kept)
	}
	for name, other := range map[string]string{
		"other parts": sum("xy", "z"), "one part": sum("xyz"), "more": sum("x", "yz", ""), "purpose": master(1).Sum("b")("x", "yz"), "master": master(2).Sum("a")("x", "yz"),
	} {
		if other == first || len(other) != 43 {
			t.Errorf("%s: %s", name, other)
		}
	}
}
