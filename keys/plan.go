package keys

import "time"

// periods of a signing key's life, in the order in which they pass.
type periods struct {
	announce, use, keep time.Duration
}

// birth is a key to be made.
type birth struct {
	alg    string
	active int64
	after  string // the key that it replaces, "" for the first
}

// plan is what must be done to the table now.
type plan struct {
	births []birth
	remove []string
}

func (p plan) empty() bool { return len(p.births) == 0 && len(p.remove) == 0 }

// planned tells what is due at now. A key's successor is listed for the whole
// announcement before it signs, even if that keeps an old key in use longer:
// others remember key sets for a day or so.
func (p periods) planned(now int64, rows []row, algs []string) plan {
	var out plan
	for _, alg := range algs {
		last, ok := successor(rows, alg)
		switch {
		case !ok:
			out.births = append(out.births, birth{alg: alg, active: now})
		case last.active <= now && now >= p.due(last):
			active := max(last.active+p.use.Milliseconds(), now+p.announce.Milliseconds())
			out.births = append(out.births, birth{alg: alg, active: active, after: last.kid})
		}
	}
	for _, r := range rows {
		if gone := p.gone(r); gone != 0 && now >= gone {
			out.remove = append(out.remove, r.kid)
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
func (p periods) due(r row) int64 {
	return r.active + (p.use - p.announce).Milliseconds()
}

// gone is when a key is removed, 0 if that is not known.
func (p periods) gone(r row) int64 {
	if r.retired == 0 {
		return 0
	}
	return r.retired + p.keep.Milliseconds()
}

// signing gives the key of an algorithm that signs at now. If none does yet,
// because the process that made it has a faster clock, the first one does.
func signing(rows []row, alg string, now int64) (row, bool) {
	var best row
	for _, r := range rows {
		if r.alg != alg || r.retired != 0 && r.retired <= now {
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
func (p periods) next(now int64, rows []row) int64 {
	var first int64
	for _, r := range rows {
		for _, at := range []int64{r.active, r.retired, p.gone(r), p.due(r)} {
			if at > now && (first == 0 || at < first) {
				first = at
			}
		}
	}
	return first
}
