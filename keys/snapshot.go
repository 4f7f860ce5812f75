package keys

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/internal/jose"
)

// maxAge is how long a ring relies on what it read, whatever the feed says.
const maxAge = time.Minute

// snapshot is what the table says until a given time.
type snapshot struct {
	era     uint64
	read    time.Time
	until   time.Time
	table   []row                // everything
	rows    []row                // what is listed: those whose time is not over
	keys    map[string]*jose.Key // by kid
	signing map[string]*jose.Key // by algorithm
	algs    []string             // of what is listed
	set     jose.Set
	public  []byte // the set in JSON
}

func (r *Ring) snapshot(era uint64, rows []row, keys map[string]*jose.Key) (*snapshot, error) {
	settings, now := r.settings.Load(), r.now()
	ms := now.UnixMilli()
	s := &snapshot{era: era, read: now, until: now.Add(maxAge), table: rows, keys: keys, signing: map[string]*jose.Key{}}
	if next := settings.next(ms, rows); next != 0 && time.UnixMilli(next).Before(s.until) {
		s.until = time.UnixMilli(next)
	}
	var public []jose.Public
	for _, row := range rows {
		if settings.over(row, ms) {
			continue
		}
		s.rows = append(s.rows, row)
		public = append(public, keys[row.kid].Public())
		if !slices.Contains(s.algs, row.alg) {
			s.algs = append(s.algs, row.alg)
		}
	}
	for _, alg := range settings.Algs {
		if row, ok := signing(s.rows, alg, ms); ok {
			s.signing[alg] = keys[row.kid]
		}
	}
	s.set = jose.NewSet(public...)
	var err error
	if s.public, err = json.Marshal(s.set); err != nil {
		return nil, fault.Wrap(fault.Internal, "keys.load", err)
	}
	return s, nil
}

// lacks lists those of algs that no key signs for.
func (s *snapshot) lacks(algs []string) []string {
	var missing []string
	for _, alg := range algs {
		if s.signing[alg] == nil {
			missing = append(missing, alg)
		}
	}
	return missing
}
