package keys_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/internal/jose"
	"github.com/gatehouse-auth/gatehouse/internal/seal"
	"github.com/gatehouse-auth/gatehouse/keys"
	"github.com/gatehouse-auth/gatehouse/store"
	"github.com/gatehouse-auth/gatehouse/store/memory"
	"github.com/gatehouse-auth/gatehouse/store/storetest"
)

type claims struct {
	Iss string `json:"iss"`
}

const day = 24 * time.Hour

// world is one installation.
type world struct {
	testing.TB
	clock   *storetest.Clock
	records store.Records
	master  *seal.Master
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{TB: t, clock: storetest.NewClock()}
	r, err := memory.OpenRecords(w.clock.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	if err := r.Migrate(t.Context(), keys.Migrations()); err != nil {
		t.Fatal(err)
	}
	w.records = r
	if w.master, err = seal.NewMaster(random()); err != nil {
		t.Fatal(err)
	}
	return w
}

// ring is one process. EdDSA keys are quick to make.
func (w *world) ring(algs ...string) *keys.Ring {
	if algs == nil {
		algs = []string{jose.EdDSA}
	}
	return keys.New(w.records, w.master, keys.Options{Now: w.clock.Now, Settings: keys.Settings{Algs: algs}})
}

func (w *world) sign(r *keys.Ring, alg string) string {
	w.Helper()
	token, err := r.Sign(w.Context(), alg, "JWT", claims{"us"})
	if err != nil {
		w.Fatal(err)
	}
	return token
}

// kids gives the ids in the public set.
func (w *world) kids(r *keys.Ring) []string {
	w.Helper()
	raw, err := r.PublicSet(w.Context())
	if err != nil {
		w.Fatal(err)
	}
	var set struct {
		Keys []struct{ Kid string }
	}
	if err := json.Unmarshal(raw, &set); err != nil {
		w.Fatal(err)
	}
	var kids []string
	for _, k := range set.Keys {
		kids = append(kids, k.Kid)
	}
	slices.Sort(kids)
	return kids
}

func (w *world) states(r *keys.Ring) string {
	w.Helper()
	list, err := r.List(w.Context())
	if err != nil {
		w.Fatal(err)
	}
	var states []string
	for _, i := range list {
		states = append(states, string(i.State))
	}
	return strings.Join(states, " ")
}

func kidOf(t testing.TB, token string) string {
	t.Helper()
	var h struct{ Kid string }
	if err := json.Unmarshal(decode(t, strings.Split(token, ".")[0]), &h); err != nil {
		t.Fatal(err)
	}
	return h.Kid
}

func (w *world) table() (text string) {
	w.Helper()
	if err := w.scan(`SELECT COALESCE(group_concat(kid || alg || sealed || active || retired), '') FROM signing_keys`, &text); err != nil {
		w.Fatal(err)
	}
	return text
}

// scan reads one value.
func (w *world) scan(query string, value any) error {
	return w.records.View(w.Context(), func(t store.Tx) error { return t.QueryRow(query).Scan(value) })
}

// broken fails like a database that can't be reached.
type broken struct{ store.Records }

func (broken) View(context.Context, func(store.Tx) error) error {
	return fault.Wrap(fault.Unavailable, "test", errors.New("down"))
}
