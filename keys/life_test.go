package keys_test

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/internal/jose"
	"github.com/gatehouse-auth/gatehouse/keys"
)

// maintain does what a running ring does every ten minutes.
func (w *world) maintain(r *keys.Ring) {
	w.Helper()
	if err := r.Maintain(w.Context()); err != nil {
		w.Fatal(err)
	}
}

func (w *world) expect(r *keys.Ring, kid string, listed int, states string) {
	w.Helper()
	if got := kidOf(w, w.sign(r, jose.EdDSA)); got != kid {
		w.Errorf("%s signs, want %s", got, kid)
	}
	if got := w.kids(r); len(got) != listed {
		w.Errorf("%d keys are listed, want %d", len(got), listed)
	}
	if got := w.states(r); got != states {
		w.Errorf("states %q, want %q", got, states)
	}
}

// TestLife follows the keys through 514 days, as two processes see them that
// have their own caches and no feed (JWT-04, JWT-09).
func TestLife(t *testing.T) {
	w := newWorld(t)
	a, b := w.ring(), w.ring()
	first := kidOf(t, w.sign(a, jose.EdDSA))
	begin := w.clock.Now()
	at := func(d time.Duration) {
		w.clock.Set(begin.Add(d))
		w.maintain(a)
	}

	at(76*day - time.Millisecond)
	w.expect(a, first, 1, "active")
	at(76 * day)
	w.expect(a, first, 2, "active announced")
	w.expect(b, first, 2, "active announced")
	old := w.sign(a, jose.EdDSA)
	at(90*day - time.Millisecond)
	w.expect(b, first, 2, "active announced")
	at(90 * day)
	second := kidOf(t, w.sign(a, jose.EdDSA))
	if second == first {
		t.Fatal("the first key still signs")
	}
	w.expect(b, second, 2, "retired active")
	if err := b.Verify(t.Context(), old, "JWT", &claims{}); err != nil {
		t.Errorf("what the first key signed is worth nothing at once: %v", err)
	}
	at(104*day - time.Millisecond)
	w.expect(a, second, 2, "retired active")
	w.clock.Set(begin.Add(104 * day)) // nobody has removed it yet
	w.expect(b, second, 1, "active")
	if err := b.Verify(t.Context(), old, "JWT", &claims{}); !fault.Is(err, fault.Invalid) {
		t.Errorf("what the removed key signed: %v", err)
	}

	// Asleep for a year: the successor is announced in full all the same.
	at(500 * day)
	w.expect(a, second, 2, "active announced")
	at(514*day - time.Millisecond)
	w.expect(a, second, 2, "active announced")
	at(514 * day)
	if kidOf(t, w.sign(b, jose.EdDSA)) == second {
		t.Error("the second key signs after 514 days")
	}
}

// TestYear turns the clock half a day at a time through a year of three running
// processes, and holds what clients rely on (JWT-01, JWT-09): a key is listed
// for the whole announcement before it signs, and what it signed verifies until
// the time of keeping is over; there are never two that sign.
func TestYear(t *testing.T) {
	w := newWorld(t)
	schedule := keys.Schedule{Announce: 5 * day, Use: 30 * day, Keep: 3 * day}
	var processes []*keys.Ring
	for range 3 {
		processes = append(processes, keys.New(w.records, w.master, keys.Options{
			Now: w.clock.Now, Settings: keys.Settings{Schedule: schedule, Algs: []string{jose.EdDSA}},
		}))
	}
	listed, last := map[string]time.Time{}, map[string]time.Time{} // by kid: since when, signed last
	tokens := map[string]string{}
	begin, signers := w.clock.Now(), []string{}
	for turn := range 365 * 2 {
		now := begin.Add(time.Duration(turn) * 12 * time.Hour)
		w.clock.Set(now)
		r := processes[turn%len(processes)]
		w.maintain(r)
		token := w.sign(processes[(turn+1)%len(processes)], jose.EdDSA)
		kid := kidOf(t, token)
		for _, known := range w.kids(r) {
			if listed[known].IsZero() {
				listed[known] = now
			}
		}
		if !slices.Contains(signers, kid) {
			signers = append(signers, kid)
			if len(signers) > 1 && now.Sub(listed[kid]) < schedule.Announce {
				t.Fatalf("turn %d: a key signs that was listed for %v", turn, now.Sub(listed[kid]))
			}
		}
		if kid != signers[len(signers)-1] {
			t.Fatalf("turn %d: a key signs again that was replaced", turn)
		}
		tokens[kid], last[kid] = token, now
		w.verified(processes[(turn+2)%len(processes)], tokens, last, schedule.Keep)
	}
	if len(signers) != 13 {
		t.Errorf("%d keys signed in a year of 30 days each, want 13", len(signers))
	}
	if n := len(w.kids(processes[0])); n > 3 {
		t.Errorf("%d keys are listed in the end", n)
	}
}

// verified checks the last token of every key.
func (w *world) verified(r *keys.Ring, tokens map[string]string, last map[string]time.Time, keep time.Duration) {
	w.Helper()
	for kid, token := range tokens {
		age := w.clock.Now().Sub(last[kid])
		err := r.Verify(w.Context(), token, "JWT", &claims{})
		if age < keep && err != nil {
			w.Fatalf("after %v: %v", age, err)
		}
		if age > keep+12*time.Hour {
			if !fault.Is(err, fault.Invalid) {
				w.Fatalf("after %v: %v", age, err)
			}
			delete(tokens, kid)
		}
	}
}

// TestFirstStart: no RSA key is made before somebody needs it, so that they
// don't hold up the start; the key set waits for those that are made early.
func TestFirstStart(t *testing.T) {
	w := newWorld(t)
	r := keys.New(w.records, w.master, keys.Options{Now: w.clock.Now})
	if err := r.Prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := w.algs(); !slices.Equal(got, []string{jose.ES256, jose.EdDSA}) {
		t.Errorf("the start makes %v", got)
	}
	if found, err := keys.Sealed(t.Context(), w.records); err != nil || !found { // COO-12
		t.Errorf("another master key would still do: %v", err)
	}
	if n := len(w.kids(r)); n != 3 || !slices.Contains(w.algs(), jose.RS256) {
		t.Errorf("%d keys are listed, of %v", n, w.algs())
	}
	w.maintain(r)
	if got := w.algs(); slices.Contains(got, jose.PS256) {
		t.Errorf("unasked: %v", got)
	}
	token := w.sign(r, jose.PS256)
	if err := r.Verify(t.Context(), token, "JWT", &claims{}); err != nil || !slices.Contains(w.kids(r), kidOf(t, token)) {
		t.Errorf("the first signature of PS256: %v", err)
	}
}

// algs lists the algorithms of the keys in the table.
func (w *world) algs() []string {
	w.Helper()
	var text string
	if err := w.scan(`SELECT COALESCE(json_group_array(alg), '[]') FROM (SELECT alg FROM signing_keys ORDER BY alg)`, &text); err != nil {
		w.Fatal(err)
	}
	var list []string
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		w.Fatal(err)
	}
	return list
}
