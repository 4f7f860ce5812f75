package keys_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/internal/jose"
	"github.com/gatehouse-auth/gatehouse/internal/seal"
	"github.com/gatehouse-auth/gatehouse/keys"
	"github.com/gatehouse-auth/gatehouse/store"
	"github.com/gatehouse-auth/gatehouse/store/sqlite"
)

func TestFirstKeys(t *testing.T) {
	w := newWorld(t)
	r := keys.New(w.records, w.master, keys.Options{Now: w.clock.Now})
	for _, alg := range []string{jose.RS256, jose.PS256, jose.ES256, jose.EdDSA} { // JWT-01, CRY-02
		token := w.sign(r, alg)
		raw, err := r.PublicSet(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		set, err := jose.ParseSet(raw)
		if err != nil {
			t.Fatal(err)
		}
		var got claims
		if err := jose.Verify(token, jose.Expect{Algs: []string{alg}, Types: []string{"JWT"}, Keys: set}, &got); err != nil || got.Iss != "us" {
			t.Errorf("%s against the published keys: %v", alg, err)
		}
		if err := r.Verify(t.Context(), token, "JWT", &got); err != nil {
			t.Errorf("%s: %v", alg, err)
		}
		if err := r.Verify(t.Context(), token, "at+jwt", &got); !fault.Is(err, fault.Invalid) { // JWT-06
			t.Errorf("%s as another type: %v", alg, err)
		}
	}
	if kids := slices.Compact(w.kids(r)); len(kids) != 4 { // JWT-09: each has a name of its own
		t.Errorf("kids %v", kids)
	}
	if got := w.states(r); got != "active active active active" {
		t.Errorf("states %q", got)
	}
	again := keys.New(w.records, w.master, keys.Options{Now: w.clock.Now})
	if !slices.Equal(w.kids(again), w.kids(r)) {
		t.Error("a restart made other keys")
	}
	for _, alg := range []string{"none", "HS256", "RS384", ""} {
		if _, err := r.Sign(t.Context(), alg, "JWT", claims{}); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", alg, err)
		}
		if err := r.Rotate(t.Context(), alg); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", alg, err)
		}
	}
}

// TestTwoProcesses: many start at once on one file and make one set.
func TestTwoProcesses(t *testing.T) {
	w := newWorld(t)
	path := filepath.Join(t.TempDir(), "db")
	const starters = 6
	var sets [starters]string
	var wg sync.WaitGroup
	for i := range starters {
		wg.Go(func() {
			r, err := sqlite.OpenRecords(path, sqlite.Options{})
			if err != nil {
				t.Error(err)
				return
			}
			t.Cleanup(func() { r.Close() })
			if err := r.Migrate(t.Context(), keys.Migrations()); err != nil {
				t.Error(err)
				return
			}
			set, err := keys.New(r, w.master, keys.Options{Settings: keys.Settings{Algs: []string{jose.ES256, jose.EdDSA}}}).PublicSet(t.Context())
			if err != nil {
				t.Error(err)
			}
			sets[i] = string(set)
		})
	}
	wg.Wait()
	for _, s := range sets {
		if s != sets[0] || strings.Count(s, `"kty"`) != 2 {
			t.Errorf("got %s\nand %s", s, sets[0])
		}
	}
}

func TestRotate(t *testing.T) {
	w := newWorld(t)
	a, b := w.ring(), w.ring()
	old := w.sign(a, jose.EdDSA)
	w.sign(b, jose.EdDSA)
	w.clock.Add(80 * day) // a successor has been announced
	w.maintain(b)
	w.expect(a, kidOf(t, old), 2, "active announced")
	if err := a.Rotate(t.Context(), jose.EdDSA); err != nil {
		t.Fatal(err)
	}
	fresh := w.sign(a, jose.EdDSA)
	if kidOf(t, fresh) == kidOf(t, old) {
		t.Fatal("the old key still signs")
	}
	if got := w.states(a); strings.Count(got, "active") != 1 || strings.Count(got, "retired") != 2 {
		t.Errorf("states %q", got)
	}
	w.clock.Add(11 * day) // the announced one would begin now
	if kidOf(t, w.sign(a, jose.EdDSA)) != kidOf(t, fresh) {
		t.Error("a key that was passed over signs")
	}
	if err := a.Verify(t.Context(), old, "JWT", &claims{}); err != nil {
		t.Errorf("an old token: %v", err)
	}
	w.clock.Add(3 * day)
	w.maintain(a)
	w.expect(a, kidOf(t, fresh), 1, "active")
	if err := b.Verify(t.Context(), fresh, "JWT", &claims{}); err != nil {
		t.Errorf("another process: %v", err)
	}
}

// TestUnknownKid: another process rotated a moment ago and no feed has said so.
func TestUnknownKid(t *testing.T) {
	w := newWorld(t)
	a, b := w.ring(), w.ring()
	w.sign(b, jose.EdDSA)
	if err := a.Rotate(t.Context(), jose.EdDSA); err != nil {
		t.Fatal(err)
	}
	token := w.sign(a, jose.EdDSA)
	if err := b.Verify(t.Context(), token, "JWT", &claims{}); err == nil {
		t.Error("the table is read for every unknown key") // it would be, in a flood
	}
	w.clock.Add(time.Second)
	if err := b.Verify(t.Context(), token, "JWT", &claims{}); err != nil {
		t.Error(err)
	}
}

func TestRevoke(t *testing.T) {
	w := newWorld(t)
	r := w.ring()
	old := w.sign(r, jose.EdDSA)
	if err := r.Revoke(t.Context(), kidOf(t, old)); !fault.Is(err, fault.Conflict) {
		t.Errorf("the active key: %v", err)
	}
	if err := r.Revoke(t.Context(), "other"); !fault.Is(err, fault.NotFound) {
		t.Errorf("no key: %v", err)
	}
	if err := r.Rotate(t.Context(), jose.EdDSA); err != nil {
		t.Fatal(err)
	}
	if err := r.Revoke(t.Context(), kidOf(t, old)); err != nil {
		t.Fatal(err)
	}
	if err := r.Verify(t.Context(), old, "JWT", &claims{}); !fault.Is(err, fault.Invalid) {
		t.Errorf("a token of a revoked key: %v", err)
	}
}

func TestClockBehind(t *testing.T) {
	w := newWorld(t)
	token := w.sign(w.ring(), jose.EdDSA)
	w.clock.Add(-10 * time.Second) // a process whose clock is slower than the maker's
	late := w.ring()
	if kidOf(t, w.sign(late, jose.EdDSA)) != kidOf(t, token) {
		t.Error("another key signs")
	}
	if err := late.Verify(t.Context(), token, "JWT", &claims{}); err != nil {
		t.Error(err)
	}
}

func TestWrongMaster(t *testing.T) {
	w := newWorld(t)
	w.sign(w.ring(), jose.EdDSA)
	before := w.table()
	other := random()
	other[0]++
	wrong, err := seal.NewMaster(other)
	if err != nil {
		t.Fatal(err)
	}
	for _, later := range []time.Duration{0, 80 * day, 200 * day} {
		w.clock.Add(later)
		r := keys.New(w.records, wrong, keys.Options{Now: w.clock.Now, Settings: keys.Settings{Algs: []string{jose.EdDSA, jose.ES256}}})
		_, err1 := r.Sign(t.Context(), jose.ES256, "JWT", claims{})
		_, err2 := r.PublicSet(t.Context())
		for _, err := range []error{err1, err2, r.Rotate(t.Context(), jose.EdDSA), r.Prepare(t.Context()), r.Maintain(t.Context()), r.Verify(t.Context(), "a.b.c", "JWT", &claims{})} {
			if !fault.Is(err, fault.Unavailable) || !strings.Contains(err.Error(), "master key") {
				t.Errorf("got %v", err)
			}
		}
	}
	if w.table() != before {
		t.Error("the table changed under a wrong master key")
	}
}

func TestStoreDown(t *testing.T) {
	w := newWorld(t)
	r := keys.New(broken{w.records}, w.master, keys.Options{})
	if _, err := r.Sign(t.Context(), jose.RS256, "JWT", claims{}); !fault.Is(err, fault.Unavailable) {
		t.Error(err)
	}
	if _, err := r.PublicSet(t.Context()); !fault.Is(err, fault.Unavailable) {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := w.ring().PublicSet(ctx); !fault.Is(err, fault.Unavailable) {
		t.Error(err)
	}
}

// TestRun: another process's rotation is heard of within a second of real time.
func TestRun(t *testing.T) {
	w := newWorld(t)
	a, b := w.ring(), w.ring()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- b.Run(ctx, func(err error) { t.Error(err) }) }()
	old := w.sign(b, jose.EdDSA)
	for kidOf(t, w.sign(b, jose.EdDSA)) == kidOf(t, old) { // fails by the test's time limit
		if err := a.Rotate(t.Context(), jose.EdDSA); err != nil {
			t.Fatal(err)
		}
		time.Sleep(300 * time.Millisecond)
	}
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("Run ended with %v", err)
	}
}

// TestNothingShows: private keys are in no output of any type (JWT-04, JWT-09).
func TestNothingShows(t *testing.T) {
	w := newWorld(t)
	r := w.ring(jose.EdDSA, jose.ES256)
	token := w.sign(r, jose.EdDSA)
	var sealed string
	err := w.records.View(t.Context(), func(tx store.Tx) error {
		return tx.QueryRow(`SELECT sealed FROM signing_keys WHERE kid = $1`, kidOf(t, token)).Scan(&sealed)
	})
	if err != nil {
		t.Fatal(err)
	}
	private, err := w.master.Box("signing keys").Open(sealed, kidOf(t, token), jose.EdDSA)
	if err != nil {
		t.Fatal(err)
	}
	var jwk struct{ D string }
	if err := json.Unmarshal(private, &jwk); err != nil || jwk.D == "" {
		t.Fatalf("no private key found: %v", err)
	}
	list, err := r.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	set, err := r.PublicSet(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	out := token + string(set)
	for _, v := range []any{r, list} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			out += fmt.Sprintf(verb, v)
		}
		encoded, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		out += string(encoded)
	}
	seed := decode(t, jwk.D)
	for _, form := range []string{jwk.D[:12], string(seed[:6]), fmt.Sprintf("%x", seed[:6]), strings.Trim(fmt.Sprint(seed[:6]), "[]"), strings.Trim(fmt.Sprint(random()[:6]), "[]"), `"d"`} {
		if strings.Contains(out, form) {
			t.Errorf("%q shows", form)
		}
	}
}
