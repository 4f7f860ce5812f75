package caddymodule

import (
	"context"
	"net/http"
	"net/url"
	"slices"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
)

// certainty says whether a route is taken by requests for a path.
type certainty uint8

const (
	never certainty = iota
	maybe           // depends on what the walk does not know
	always
)

// on judges a path. The host has been looked at before.
func (m match) on(path string) certainty {
	if len(m) == 0 {
		return always
	}
	best := never
	for _, set := range m {
		best = max(best, set.on(path)) // one set is enough
	}
	return best
}

func (s matchSet) on(path string) certainty {
	switch {
	case len(s.paths) > 0 && !pathMatches(s.paths, path):
		return never
	case s.other:
		return maybe
	}
	return always
}

// pathMatches asks Caddy's own matcher, so that there is one reading of
// patterns.
func pathMatches(paths caddyhttp.MatchPath, path string) bool {
	paths = slices.Clone(paths)
	if err := paths.Provision(caddy.Context{}); err != nil {
		return false
	}
	r := &http.Request{Method: http.MethodGet, URL: &url.URL{Path: path}, Header: http.Header{}}
	ctx := context.WithValue(r.Context(), caddy.ReplacerCtxKey, caddy.NewReplacer())
	ok, err := paths.MatchWithError(r.WithContext(ctx))
	return ok && err == nil
}

// answers are the handlers after which nothing comes.
var answers = []string{"reverse_proxy", "file_server", "static_response", "error", "metrics", "gatehouse_portal"}

// reach follows requests for a path through routes.
type reach struct {
	path   string
	named  map[string][]branch
	target func(step) bool
	found  bool
	depth  int
}

// reaches tells whether requests for path can come to a step that target
// knows.
func (s *site) reaches(path string, target func(step) bool) bool {
	r := &reach{path: path, named: s.named, target: target}
	r.walk(s.routes)
	return r.found
}

// walk is true if no such request comes out behind the routes.
func (r *reach) walk(routes []branch) (ends bool) {
	taken := map[string]bool{}
	for _, b := range routes {
		on := b.match.on(r.path)
		if on == never || b.group != "" && taken[b.group] {
			continue
		}
		ended := r.steps(b.steps) || b.terminal
		if on == always {
			taken[b.group] = true
			if ended {
				return true
			}
		}
	}
	return false
}

func (r *reach) steps(steps []step) (ends bool) {
	const deepest = 32 // named routes may invoke each other in circles
	r.depth++
	defer func() { r.depth-- }()
	for _, s := range steps {
		r.found = r.found || r.target(s)
		switch {
		case slices.Contains(answers, s.module) && !s.asks:
			return true
		case s.routes != nil && r.walk(s.routes):
			return true
		case s.invoke != "" && r.depth < deepest && r.walk(r.named[s.invoke]):
			return true
		}
	}
	return false
}
