package keys

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/internal/jose"
	"github.com/gatehouse-auth/gatehouse/internal/seal"
	"github.com/gatehouse-auth/gatehouse/store"
)

// purpose of the box that seals private keys.
const purpose = "signing keys"

// Options of [New]. The zero value is right for use.
type Options struct {
	// Now gives the time; nil means time.Now.
	Now func() time.Time
	// Made hears of each key that was made, once it is stored. It must be quick.
	// nil: nobody does.
	Made func(alg, kid string)
	// Settings say which keys there are; [Ring.Configure] changes them.
	Settings
}

// Ring is the set of signing keys of an installation. It is safe for
// concurrent use; several processes share one set.
//
// Reading never makes a key. [Ring.Run] makes them ahead of time; whoever needs
// the first one of an algorithm before that waits for it.
type Ring struct {
	records  store.Records
	box      *seal.Box
	now      func() time.Time
	made     func(alg, kid string)
	settings atomic.Pointer[Settings]

	known   atomic.Pointer[snapshot]
	era     atomic.Uint64 // counts what was forgotten
	loading chan struct{} // whose token is out may read the table
	making  chan struct{} // whose token is out may make keys
	wake    chan struct{} // hurries Run

	// spare are keys that were made and could not be stored: what took so long
	// is not done again. Guarded by making.
	spare map[string]*jose.Key
}

// New makes a ring over records, whose migrations must have run, with settings
// that must be valid. It does nothing yet.
func New(records store.Records, master *seal.Master, o Options) *Ring {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Made == nil {
		o.Made = func(string, string) {}
	}
	settings := o.Settings.complete()
	r := &Ring{
		records: records, box: master.Box(purpose), now: o.Now, made: o.Made, spare: map[string]*jose.Key{},
		loading: make(chan struct{}, 1), making: make(chan struct{}, 1), wake: make(chan struct{}, 1),
	}
	r.settings.Store(&settings)
	return r
}

// Forget makes the next use read the table again.
func (r *Ring) Forget() { r.era.Add(1) }

// current gives the state of the table now.
func (r *Ring) current(ctx context.Context) (*snapshot, error) {
	if s := r.fresh(); s != nil {
		return s, nil
	}
	if err := take(ctx, r.loading); err != nil {
		return nil, fault.Wrap(fault.Unavailable, "keys.current", err)
	}
	defer func() { <-r.loading }()
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

// take waits for a token.
func take(ctx context.Context, tokens chan<- struct{}) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case tokens <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (r *Ring) fresh() *snapshot {
	s := r.known.Load()
	if s == nil || s.era != r.era.Load() || !r.now().Before(s.until) {
		return nil
	}
	return s
}

// load reads the table.
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
	// All are opened, before anything is made: under a wrong master key there
	// must be an error, never a second set of keys.
	keys, err := r.open(rows)
	if err != nil {
		return nil, err
	}
	return r.snapshot(era, rows, keys)
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
