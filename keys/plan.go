package keys

import "slices"

// birth is a key to be made.
type birth struct {
	alg    string
	active int64
	after  string // the key that it replaces, "" for the first
}

// plan is what must be done to the table now.
type plan struct {
	births []birth
	retire []string // that sign no more, though nothing comes after them
	remove []string
}

func (p plan) empty() bool { return len(p.births)+len(p.retire)+len(p.remove) == 0 }

// planned tells what is due at now: a first key for each of wanted, a successor
// for every key whose time comes to an end, the retirement of those whose
// algorithm was taken out, and the removal of those whose time is long over. A
// successor is listed for the whole announcement before it signs, even if that
// keeps an old key in use longer: others remember key sets for a day or so.
func (s Settings) planned(now int64, rows []row, wanted []string) plan {
	var out plan
	for _, alg := range s.Algs {
		last, ok := successor(rows, alg)
		switch {
		case !ok && slices.Contains(wanted, alg):
			out.births = append(out.births, birth{alg: alg, active: now})
		case ok && last.active <= now && now >= s.due(last):
			active := max(last.active+s.Use.Milliseconds(), now+s.Announce.Milliseconds())
			out.births = append(out.births, birth{alg: alg, active: active, after: last.kid})
		}
	}
	for _, r := range rows {
		switch {
		case s.over(r, now):
			out.remove = append(out.remove, r.kid)
		case !r.hasRetired(now) && !slices.Contains(s.Algs, r.alg):
			out.retire = append(out.retire, r.kid)
		}
	}
	return out
}

// successor gives the last key of an algorithm: the one that has no end yet.
func successor(rows []row, alg string) (row, bool) {
	var last row
	for _, r := range rows {
		if r.alg == alg && r.retired == 0 && (last.kid == "" || r.active > last.active) {
			last = r
		}
	}
	return last, last.kid != ""
}

// due is when the key's successor is to be announced.
func (s Settings) due(r row) int64 {
	return r.active + (s.Use - s.Announce).Milliseconds()
}

// gone is when a key is removed, 0 if that is not known.
func (s Settings) gone(r row) int64 {
	if r.retired == 0 {
		return 0
	}
	return r.retired + s.Keep.Milliseconds()
}

// over tells whether a key is worth nothing any more, removed or not yet.
func (s Settings) over(r row, now int64) bool {
	gone := s.gone(r)
	return gone != 0 && now >= gone
}

// signing gives the key of an algorithm that signs at now. If none does yet,
// because the process that made it has a faster clock, the first one does.
func signing(rows []row, alg string, now int64) (row, bool) {
	var best row
	for _, r := range rows {
		if r.alg != alg || r.hasRetired(now) {
			continue
		}
		switch {
		case best.kid == "", // any is better than none
			r.active <= now && r.active > best.active, // the latest that has begun
			best.active > now && r.active < best.active:
			best = r
		}
	}
	return best, best.kid != ""
}

// next is the first moment after now at which something changes by itself.
func (s Settings) next(now int64, rows []row) int64 {
	var first int64
	for _, r := range rows {
		for _, at := range []int64{r.active, r.retired, s.gone(r)} {
			if at > now && (first == 0 || at < first) {
				first = at
			}
		}
	}
	return first
}
