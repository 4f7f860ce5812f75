package caddymodule

import (
	"encoding/json"
	"slices"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp/reverseproxy"
)

// branch is a route reduced to what the walk over the HTTP app needs. While a
// configuration is being provisioned, some routes are decoded and others are
// still raw; both become branches.
type branch struct {
	match    match
	group    string
	terminal bool
	steps    []step
}

// step is one handler of a route.
type step struct {
	module string // last label of the module's id
	guard  *Guard // the guard itself
	routes []branch
	errors []branch
	invoke string // the named route that is run
	asks   bool   // a forward_auth: it asks a server and goes on
}

// match is the matchers of a route: any set, of each set everything.
type match []matchSet

type matchSet struct {
	hosts []string // nil if the set does not look at the host
	paths caddyhttp.MatchPath
	other bool // looks at something the walk does not know
}

func branches(routes caddyhttp.RouteList) []branch {
	var out []branch
	for _, route := range routes {
		b := branch{match: readMatch(route), group: route.Group, terminal: route.Terminal}
		for _, handler := range route.Handlers {
			b.steps = append(b.steps, decodedStep(handler))
		}
		if len(route.Handlers) == 0 {
			for _, raw := range route.HandlersRaw {
				b.steps = append(b.steps, rawStep(raw))
			}
		}
		out = append(out, b)
	}
	return out
}

func decodedStep(handler caddyhttp.MiddlewareHandler) step {
	var s step
	if module, ok := handler.(caddy.Module); ok {
		s.module = module.CaddyModule().ID.Name()
	}
	switch h := handler.(type) {
	case *Guard:
		s.guard = h
	case *caddyhttp.Subroute:
		s.routes = branches(h.Routes)
		if h.Errors != nil {
			s.errors = branches(h.Errors.Routes)
		}
	case *caddyhttp.Invoke:
		s.invoke = h.Name
	case *reverseproxy.Handler:
		s.asks = h.Rewrite != nil && h.Rewrite.Method == "GET" && len(h.HandleResponse) > 0
	}
	return s
}

// rawStep reads the fields the walk needs. A handler that can't be read fails
// the load elsewhere, with a better message.
func rawStep(raw json.RawMessage) step {
	var fields struct {
		Handler string                     `json:"handler"`
		Routes  caddyhttp.RouteList        `json:"routes"`
		Errors  *caddyhttp.HTTPErrorConfig `json:"errors"`
		Name    string                     `json:"name"`
		Rewrite *struct {
			Method string `json:"method"`
		} `json:"rewrite"`
		HandleResponse []json.RawMessage `json:"handle_response"`
	}
	var head struct {
		Handler string `json:"handler"`
	}
	_ = json.Unmarshal(raw, &head)
	s := step{module: head.Handler}
	switch s.module {
	case "gatehouse":
		s.guard = new(Guard)
		_ = json.Unmarshal(raw, s.guard)
	case "subroute", "invoke", "reverse_proxy":
		_ = json.Unmarshal(raw, &fields)
		s.routes, s.invoke = branches(fields.Routes), fields.Name
		if fields.Errors != nil {
			s.errors = branches(fields.Errors.Routes)
		}
		s.asks = fields.Rewrite != nil && fields.Rewrite.Method == "GET" && len(fields.HandleResponse) > 0
	}
	return s
}

func readMatch(route caddyhttp.Route) match {
	var m match
	for _, set := range route.MatcherSets {
		var s matchSet
		for _, matcher := range set {
			s.decoded(matcher)
		}
		m = append(m, s)
	}
	if len(m) > 0 {
		return m
	}
	for _, set := range route.MatcherSetsRaw {
		var s matchSet
		for name, raw := range set {
			s.raw(name, raw)
		}
		m = append(m, s)
	}
	return m
}

func (s *matchSet) decoded(matcher any) {
	switch m := matcher.(type) {
	case *caddyhttp.MatchHost:
		s.hosts = append(s.hosts, *m...)
	case caddyhttp.MatchHost:
		s.hosts = append(s.hosts, m...)
	case *caddyhttp.MatchPath:
		s.paths = append(s.paths, *m...)
	case caddyhttp.MatchPath:
		s.paths = append(s.paths, m...)
	default:
		s.other = true
	}
}

func (s *matchSet) raw(name string, raw json.RawMessage) {
	switch name {
	case "host":
		_ = json.Unmarshal(raw, &s.hosts)
	case "path":
		_ = json.Unmarshal(raw, &s.paths)
	default:
		s.other = true
	}
}

// hosts gives the hosts that a top-level route is for; none means any.
func (m match) hosts() []string {
	var all []string
	for _, set := range m {
		if set.hosts == nil {
			return nil
		}
		for _, host := range set.hosts {
			if !slices.Contains(all, host) {
				all = append(all, host)
			}
		}
	}
	slices.Sort(all)
	return all
}

// each calls f with every step below bs, those of error routes included.
func each(bs []branch, f func(step)) {
	for _, b := range bs {
		for _, s := range b.steps {
			f(s)
			each(s.routes, f)
			each(s.errors, f)
		}
	}
}
