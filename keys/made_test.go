package keys_test

import (
	"slices"
	"testing"

	"github.com/gatehouse-auth/gatehouse/internal/jose"
	"github.com/gatehouse-auth/gatehouse/keys"
)

// LOG-03: every key that is made is told once, by the process that made it, be
// it the first, a successor or one that was asked for.
func TestMadeIsTold(t *testing.T) {
	w := newWorld(t)
	var heard []string
	ring := func() *keys.Ring {
		return keys.New(w.records, w.master, keys.Options{
			Now: w.clock.Now, Settings: keys.Settings{Algs: []string{jose.EdDSA}},
			Made: func(alg, kid string) { heard = append(heard, alg+" "+kid) },
		})
	}
	a, b := ring(), ring()
	want := func(when string) {
		t.Helper()
		var all []string
		for _, kid := range w.kids(a) {
			all = append(all, jose.EdDSA+" "+kid)
		}
		if got := slices.Sorted(slices.Values(heard)); !slices.Equal(got, all) {
			t.Errorf("%s: told %v, want %v", when, got, all)
		}
	}
	w.sign(a, jose.EdDSA)
	w.sign(b, jose.EdDSA)
	want("first")
	w.clock.Set(w.clock.Now().Add(80 * day))
	w.maintain(a)
	w.maintain(b)
	want("successor")
	if err := b.Rotate(t.Context(), jose.EdDSA); err != nil {
		t.Fatal(err)
	}
	a.Forget()
	want("asked for")
	if b.Rotate(t.Context(), jose.RS256) == nil || len(heard) != 3 {
		t.Errorf("told %v", heard)
	}
}
