package keys

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/internal/jose"
	"github.com/gatehouse-auth/gatehouse/internal/seal"
	"github.com/gatehouse-auth/gatehouse/store"
)

const day = 24 * time.Hour

// purpose of the box that seals private keys.
const purpose = "signing keys"

// maxAge is how long a ring relies on what it read, whatever the feed says.
const maxAge = time.Minute

// Options of [New]. The zero value is right for use.
type Options struct {
	// Now gives the time; nil means time.Now.
	Now func() time.Time
	// Algs are the algorithms that keys are kept for: RS256 and ES256 if
	// nil; PS256 and EdDSA are possible.
	Algs []string
	// Announce is how long a key is listed before it signs: 14 days if zero.
	Announce time.Duration
	// Use is how long a key signs: 90 days if zero, at least Announce.
	Use time.Duration
	// Keep is how long a key is listed after it has signed last: 14 days if
	// zero. It must exceed the life of every token.
	Keep time.Duration
}

func (o Options) complete() Options {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Algs == nil {
		o.Algs = []string{jose.RS256, jose.ES256}
	}
	for p, d := range map[*time.Duration]time.Duration{&o.Announce: 14 * day, &o.Use: 90 * day, &o.Keep: 14 * day} {
		if *p <= 0 {
			*p = d
		}
	}
	o.Use = max(o.Use, o.Announce)
	return o
}

// Ring is the set of signing keys of an installation. It is safe for
// concurrent use; several processes share one set. The first use makes the
// first keys; it takes a fraction of a second.
type Ring struct {
	records store.Records
	box     *seal.Box
	opts    Options
	periods periods

	known   atomic.Pointer[snapshot]
	era     atomic.Uint64 // counts what was forgotten
	loading chan struct{} // whose token is out may read the table
}

// New makes a ring over records, whose migrations must have run.
func New(records store.Records, master *seal.Master, o Options) *Ring {
	o = o.complete()
	return &Ring{
		records: records, box: master.Box(purpose), opts: o,
		periods: periods{announce: o.Announce, use: o.Use, keep: o.Keep},
		loading: make(chan struct{}, 1),
	}
}

// snapshot is what the table says until a given time.
type snapshot struct {
	era     uint64
	read    time.Time
	until   time.Time
	rows    []row
	keys    map[string]*jose.Key // by kid
	signing map[string]*jose.Key // by algorithm
	set     jose.Set
	public  []byte // the set in JSON
}

// Forget makes the next use read the table again.
func (r *Ring) Forget() { r.era.Add(1) }

// current gives the state of the table now.
func (r *Ring) current(ctx context.Context) (*snapshot, error) {
	if s := r.fresh(); s != nil {
		return s, nil
	}
	select {
	case r.loading <- struct{}{}:
		defer func() { <-r.loading }()
	case <-ctx.Done():
		return nil, fault.Wrap(fault.Unavailable, "keys.current", ctx.Err())
	}
	if s := r.fresh(); s != nil { // somebody else read it meanwhile
		return s, nil
	}
	s, err := r.load(ctx)
	if err != nil {
		return nil, err
	}
	r.known.Store(s)
	return s, nil
}

func (r *Ring) fresh() *snapshot {
	s := r.known.Load()
	if s == nil || s.era != r.era.Load() || !r.opts.Now().Before(s.until) {
		return nil
	}
	return s
}

// load reads the table and does what is due.
func (r *Ring) load(ctx context.Context) (*snapshot, error) {
	era := r.era.Load() // before reading: what changes meanwhile is read again
	var rows []row
	err := r.records.View(ctx, func(t store.Tx) (err error) {
		rows, err = readRows(t)
		return err
	})
	if err != nil {
		return nil, fault.At("keys.load", err)
	}
	// Opened before anything is made: under a wrong master key there must be
	// an error, never a second set of keys.
	keys, err := r.open(rows)
	if err != nil {
		return nil, err
	}
	now := r.opts.Now()
	if due := r.periods.planned(now.UnixMilli(), rows, r.opts.Algs); !due.empty() {
		if rows, err = r.carryOut(ctx, due); err != nil {
			return nil, err
		}
		if keys, err = r.open(rows); err != nil {
			return nil, err
		}
	}
	return r.snapshot(era, now, rows, keys)
}

// open gives the keys of all rows; those opened before are not opened again.
func (r *Ring) open(rows []row) (map[string]*jose.Key, error) {
	var before map[string]*jose.Key
	if s := r.known.Load(); s != nil {
		before = s.keys
	}
	keys := make(map[string]*jose.Key, len(rows))
	for _, row := range rows {
		key := before[row.kid]
		if key == nil {
			var err error
			if key, err = row.open(r.box); err != nil {
				return nil, err
			}
		}
		keys[row.kid] = key
	}
	return keys, nil
}

func (r *Ring) snapshot(era uint64, now time.Time, rows []row, keys map[string]*jose.Key) (*snapshot, error) {
	s := &snapshot{era: era, read: now, until: now.Add(maxAge), rows: rows, keys: keys, signing: map[string]*jose.Key{}}
	ms := now.UnixMilli()
	if next := r.periods.next(ms, rows); next != 0 && time.UnixMilli(next).Before(s.until) {
		s.until = time.UnixMilli(next)
	}
	for _, alg := range r.opts.Algs {
		if row, ok := signing(rows, alg, ms); ok {
			s.signing[alg] = keys[row.kid]
		}
	}
	var public []jose.Public
	for _, row := range rows {
		public = append(public, keys[row.kid].Public())
	}
	s.set = jose.NewSet(public...)
	var err error
	if s.public, err = json.Marshal(s.set); err != nil {
		return nil, fault.Wrap(fault.Internal, "keys.load", err)
	}
	return s, nil
}

// offers fails for an algorithm that the ring keeps no keys for.
func (r *Ring) offers(op, alg string) error {
	if !slices.Contains(r.opts.Algs, alg) {
		return fault.Wrap(fault.Invalid, op, fmt.Errorf("no keys are kept for the algorithm %q", alg))
	}
	return nil
}
