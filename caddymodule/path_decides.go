package caddymodule

import "slices"

// pathDecides tells whether a path decides at a site who may pass: a public
// path, a matcher on a guard, or a guard in a block for some paths. Ambiguous
// paths are refused there (PTH-01); elsewhere applications may use them.
func (s *site) pathDecides() bool {
	decides := false
	s.eachGuard(func(g *Guard) { decides = decides || len(g.Public) > 0 || g.Baseline })
	return decides || behindPath(s.routes) || behindPath(s.errors)
}

// behindPath tells whether a guard stands in a route that some paths don't
// take.
func behindPath(routes []branch) bool {
	return slices.ContainsFunc(routes, func(b branch) bool {
		narrow := slices.ContainsFunc(b.match, func(set matchSet) bool { return len(set.paths) > 0 || set.other })
		return slices.ContainsFunc(b.steps, func(st step) bool {
			guarded := st.guard != nil || hasGuard(st.routes)
			return narrow && guarded || behindPath(st.routes)
		})
	})
}

func hasGuard(routes []branch) bool {
	found := false
	each(routes, func(st step) { found = found || st.guard != nil })
	return found
}
