package keys_test

import (
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/internal/jose"
	"github.com/gatehouse-auth/gatehouse/keys"
)

// TestConfigure: an algorithm that comes gets a key; the keys of one that goes
// sign no more at once, and stay listed for the time of keeping (JWT-09).
func TestConfigure(t *testing.T) {
	w := newWorld(t)
	r := w.ring(jose.EdDSA)
	old := w.sign(r, jose.EdDSA)
	if err := r.Configure(keys.Settings{Algs: []string{jose.ES256}}); err != nil {
		t.Fatal(err)
	}
	w.sign(r, jose.ES256)
	if _, err := r.Sign(t.Context(), jose.EdDSA, "JWT", claims{}); !fault.Is(err, fault.Invalid) {
		t.Errorf("an algorithm that was taken out signs: %v", err)
	}
	begin := w.clock.Now()
	for _, c := range []struct {
		at     time.Duration
		states string
	}{{0, "active retired"}, {14*day - time.Millisecond, "active retired"}, {14 * day, "active"}} {
		w.clock.Set(begin.Add(c.at))
		w.maintain(r)
		if got := w.states(r); got != c.states {
			t.Errorf("after %v: states %q, want %q", c.at, got, c.states)
		}
		if n := len(w.kids(r)); n != strings.Count(c.states, " ")+1 {
			t.Errorf("after %v: %d keys are listed", c.at, n)
		}
		if err := r.Verify(t.Context(), old, "JWT", &claims{}); (err == nil) != (c.at < 14*day) {
			t.Errorf("after %v: what was signed before: %v", c.at, err)
		}
	}
}

// TestDroppedLate: a key that was in use for longer than the settings of today
// give it is kept in full all the same, and an announced one goes with it.
func TestDroppedLate(t *testing.T) {
	w := newWorld(t)
	r := w.ring(jose.EdDSA)
	w.sign(r, jose.EdDSA)
	w.clock.Add(80 * day)
	w.maintain(r)
	old := w.sign(r, jose.EdDSA)
	brief := keys.Schedule{Announce: day, Use: 2 * day, Keep: 3 * day}
	if err := r.Configure(keys.Settings{Schedule: brief, Algs: []string{jose.ES256}}); err != nil {
		t.Fatal(err)
	}
	w.maintain(r)
	w.clock.Add(3*day - time.Millisecond)
	w.maintain(r)
	if got := w.states(r); !strings.HasSuffix(got, "retired retired") {
		t.Errorf("states %q", got)
	}
	if err := r.Verify(t.Context(), old, "JWT", &claims{}); err != nil {
		t.Error(err)
	}
	w.clock.Add(time.Millisecond)
	w.maintain(r)
	if got := w.states(r); strings.Contains(got, "retired") {
		t.Errorf("states %q", got)
	}
}

// TestComesBack: an algorithm that is taken out and put back signs with a new
// key, and another process hears of it.
func TestComesBack(t *testing.T) {
	w := newWorld(t)
	a := w.ring(jose.EdDSA)
	old := w.sign(a, jose.EdDSA)
	for _, alg := range []string{jose.ES256, jose.EdDSA} {
		if err := a.Configure(keys.Settings{Algs: []string{alg}}); err != nil {
			t.Fatal(err)
		}
		w.maintain(a)
	}
	fresh := w.sign(a, jose.EdDSA)
	if kidOf(t, fresh) == kidOf(t, old) {
		t.Error("a retired key signs again")
	}
	if err := w.ring(jose.EdDSA).Verify(t.Context(), old, "JWT", &claims{}); err != nil {
		t.Errorf("what the old one signed: %v", err)
	}
}

// TestListMakesNothing: whoever looks at the keys, perhaps with another
// configuration than the server's, leaves them as they are.
func TestListMakesNothing(t *testing.T) {
	w := newWorld(t)
	if got := w.states(w.ring(jose.ES256)); got != "" {
		t.Errorf("states %q", got)
	}
	w.sign(w.ring(), jose.EdDSA)
	before := w.table()
	if got := w.states(w.ring(jose.ES256)); got != "active" || w.table() != before {
		t.Errorf("states %q, or the table changed", got)
	}
}

func TestSettingsRefused(t *testing.T) {
	w := newWorld(t)
	r := w.ring()
	for name, s := range map[string]keys.Settings{
		"announced too late":  {Schedule: keys.Schedule{Announce: time.Minute}},
		"used too short":      {Schedule: keys.Schedule{Use: 14 * day}},
		"kept too short":      {Schedule: keys.Schedule{Keep: time.Minute}},
		"negative":            {Schedule: keys.Schedule{Keep: -day}},
		"HMAC":                {Algs: []string{"HS256"}}, // JWT-03
		"none":                {Algs: []string{jose.RS256, "none"}},
		"twice":               {Algs: []string{jose.RS256, jose.RS256}},
		"no algorithm":        {Algs: []string{}},
		"early, but not kept": {Algs: []string{jose.RS256}, Early: []string{jose.ES256}},
	} {
		if err := r.Configure(s); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	w.sign(r, jose.EdDSA) // nothing changed
}
