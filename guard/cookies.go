package guard

import (
	"net/http"
	"strings"
)

// Cookies takes our own cookies out of the Cookie header. What belongs to the
// application stays byte for byte, also where it is malformed (HDR-08). It is
// called after the session was looked up.
func (c *Cleaner) Cookies(h http.Header) {
	lines, ok := h["Cookie"]
	if !ok {
		return
	}
	kept := lines[:0]
	for _, line := range lines {
		if rest, changed := c.without(line); !changed || rest != "" {
			kept = append(kept, rest)
		}
	}
	if len(kept) == 0 {
		delete(h, "Cookie")
		return
	}
	clear(lines[len(kept):])
	h["Cookie"] = kept
}

// without gives line without our cookies, and whether any was there. It
// allocates only where one of ours stands between others.
func (c *Cleaner) without(line string) (rest string, changed bool) {
	var joined strings.Builder // from the second run of kept pieces on
	runs, start := 0, -1
	keep := func(run string) {
		switch runs++; runs {
		case 1:
			rest = run
			return
		case 2:
			joined.WriteString(rest)
		}
		joined.WriteByte(';')
		joined.WriteString(run)
	}
	for begin := 0; begin <= len(line); {
		end := len(line)
		if i := strings.IndexByte(line[begin:], ';'); i >= 0 {
			end = begin + i
		}
		switch own := c.ownCookie(line[begin:end]); {
		case own && start >= 0:
			keep(line[start : begin-1])
			start, changed = -1, true
		case own:
			changed = true
		case start < 0:
			start = begin
		}
		begin = end + 1
	}
	if start >= 0 {
		keep(line[start:])
	}
	if runs > 1 {
		rest = joined.String()
	}
	if changed && c.leads(line) {
		rest = strings.TrimLeft(rest, " \t")
	}
	return rest, changed
}

// leads tells whether line begins with one of our cookies: the space after it
// goes with it.
func (c *Cleaner) leads(line string) bool {
	first, _, _ := strings.Cut(line, ";")
	return c.ownCookie(first)
}

// ownCookie tells whether one piece between semicolons is a cookie of ours.
// The name counts as servers read it: without white space around it.
func (c *Cleaner) ownCookie(piece string) bool {
	name, _, _ := strings.Cut(piece, "=")
	name = strings.Trim(name, " \t")
	for _, own := range c.cookies {
		if name == own {
			return true
		}
	}
	for _, prefix := range c.prefixes {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}
