package caddymodule

import (
	"fmt"
	"strings"
)

// exposure looks for proxies that are reached past every guard of their site.
type exposure struct {
	named map[string][]branch
	found []string // the matchers on the way to each
	depth int
}

// exposed lists the proxies below routes that no guard stands before.
func (s *site) exposed(routes []branch) []string {
	e := &exposure{named: s.named}
	e.walk(routes, false, nil)
	return e.found
}

// walk goes through routes in order. guarded says whether a guard ran before;
// the result says whether one has run for every request that comes out behind.
func (e *exposure) walk(routes []branch, guarded bool, way []string) bool {
	groups := map[string]bool{} // whether all members so far were guarded
	for _, b := range routes {
		after := e.steps(b.steps, guarded, append(way[:len(way):len(way)], b.match.String()))
		if b.group == "" {
			guarded = guarded || after && len(b.match) == 0
			continue
		}
		all, known := groups[b.group]
		groups[b.group] = after && (all || !known)
		if len(b.match) == 0 {
			guarded = guarded || groups[b.group]
		}
	}
	return guarded
}

func (e *exposure) steps(steps []step, guarded bool, way []string) bool {
	const deepest = 32
	e.depth++
	defer func() { e.depth-- }()
	for _, s := range steps {
		switch {
		case s.guard != nil:
			guarded = true
		case s.module == "reverse_proxy" && !s.asks && !guarded:
			e.found = append(e.found, strings.Trim(strings.Join(way, " "), " "))
		case s.routes != nil:
			inner := e.walk(s.routes, guarded, way)
			e.walk(s.errors, false, append(way[:len(way):len(way)], "(errors)"))
			guarded = inner
		case s.invoke != "" && e.depth < deepest:
			guarded = e.walk(e.named[s.invoke], guarded, way)
		}
	}
	return guarded
}

// unguarded gives a warning for every proxy beside a guard that has none.
func (s *site) unguarded() []string {
	var warnings []string
	for _, way := range s.exposed(s.routes) {
		where := "a reverse_proxy"
		if way != "" {
			where += " at " + way
		}
		warnings = append(warnings, fmt.Sprintf("site %s: %s is not behind gatehouse: what goes there is neither checked nor cleaned; write gatehouse outside of the handle blocks, or in each", s.name, where))
	}
	return warnings
}

// checkErrors refuses error routes that proxy without a guard: a request whose
// identity headers were never cleaned gets there by making something fail.
func (s *site) checkErrors() error {
	if len(s.exposed(s.errors)) == 0 {
		return nil
	}
	return siteError(s.name, "handle_errors proxies without gatehouse: write gatehouse before reverse_proxy there, or answer errors without a proxy")
}

// String names the paths of a matcher for messages.
func (m match) String() string {
	var paths []string
	for _, set := range m {
		paths = append(paths, set.paths...)
	}
	return strings.Join(paths, " ")
}
