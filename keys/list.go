package keys

import (
	"context"
	"slices"
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/store"
)

// State is where a key is in its life.
type State string

// The states.
const (
	Announced State = "announced" // listed, signs later
	Active    State = "active"    // signs
	Retired   State = "retired"   // listed, signs no more
)

// Info describes a signing key to a person. It has no secret part.
type Info struct {
	KID       string    `json:"kid"`
	Alg       string    `json:"alg"`
	State     State     `json:"state"`
	Created   time.Time `json:"created"`
	Announced time.Time `json:"announced"`        // listed from then on
	Active    time.Time `json:"active"`           // signs from then on
	Retired   time.Time `json:"retired,omitzero"` // signs no more; zero while no successor is known
	Removed   time.Time `json:"removed,omitzero"` // no longer listed; zero like Retired
}

// List describes all keys that there are, by algorithm and then by age. It
// makes none: who looks may have other settings than who signs.
func (r *Ring) List(ctx context.Context) ([]Info, error) {
	s, err := r.current(ctx)
	if err != nil {
		return nil, fault.At("keys.List", err)
	}
	settings, now := r.settings.Load(), r.now().UnixMilli()
	list := make([]Info, 0, len(s.rows))
	for _, row := range s.rows {
		list = append(list, Info{
			KID: row.kid, Alg: row.alg, State: state(s.rows, row, now),
			Created: instant(row.created), Announced: instant(row.announced), Active: instant(row.active),
			Retired: instant(row.retired), Removed: instant(settings.gone(row)),
		})
	}
	return list, nil
}

// InUse lists the algorithms that a key signs with.
func (r *Ring) InUse(ctx context.Context) ([]string, error) {
	all, err := r.List(ctx)
	var algs []string
	for _, k := range all {
		if k.State == Active {
			algs = append(algs, k.Alg)
		}
	}
	return slices.Compact(algs), err
}

// Sealed tells whether records, whose migrations must have run, hold keys: a
// master key other than the one that sealed them would open none of them.
func Sealed(ctx context.Context, records store.Records) (found bool, err error) {
	err = records.View(ctx, func(tx store.Tx) error {
		return tx.QueryRow(`SELECT EXISTS (SELECT 1 FROM signing_keys)`).Scan(&found)
	})
	return found, fault.At("keys.Sealed", err)
}

func state(rows []row, r row, now int64) State {
	if r.hasRetired(now) {
		return Retired
	}
	if s, _ := signing(rows, r.alg, now); s.kid == r.kid {
		return Active
	}
	return Announced
}

func instant(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
