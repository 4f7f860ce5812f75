package caddymodule

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"

	"github.com/gatehouse-auth/gatehouse/internal/origin"
)

// topology is what the HTTP app serves, site by site.
type topology struct{ sites []*site }

// site is what one server serves for one set of hosts: a site block of the
// Caddyfile.
type site struct {
	server *caddyhttp.Server
	name   string   // as in messages: "app.example.com", ":8080"
	hosts  []string // as written, sorted; none means any
	routes []branch
	errors []branch
	named  map[string][]branch

	derived []string // origins that the addresses say
	vague   string   // why the addresses don't say them all; empty if they do
	plain   string   // a derived origin that is plain http off loopback
	tls     bool
}

// newTopology reads an HTTP app, provisioned, half provisioned or as it was
// adapted. It changes nothing.
func newTopology(app *caddyhttp.App) *topology {
	t := new(topology)
	for _, name := range slices.Sorted(maps.Keys(app.Servers)) {
		t.readServer(app, app.Servers[name])
	}
	return t
}

func (t *topology) readServer(app *caddyhttp.App, srv *caddyhttp.Server) {
	routes, errors := branches(srv.Routes), []branch(nil)
	if srv.Errors != nil {
		errors = branches(srv.Errors.Routes)
	}
	named := map[string][]branch{}
	for name, route := range srv.NamedRoutes {
		named[name] = branches(caddyhttp.RouteList{*route})
	}
	seen := map[string]bool{}
	for _, b := range append(slices.Clone(routes), errors...) {
		hosts := b.match.hosts()
		key := strings.Join(hosts, " ")
		if seen[key] {
			continue
		}
		seen[key] = true
		s := &site{server: srv, hosts: hosts, named: named, routes: reached(routes, hosts), errors: reached(errors, hosts)}
		s.derive(app)
		t.sites = append(t.sites, s)
	}
}

// reached gives the routes that requests for hosts come through: their own and
// those for any host, up to one at which all of them end.
func reached(routes []branch, hosts []string) []branch {
	var out []branch
	for _, b := range routes {
		of := b.match.hosts()
		if len(of) > 0 && !slices.ContainsFunc(of, func(h string) bool { return slices.Contains(hosts, h) }) {
			continue
		}
		out = append(out, b)
		whole := len(of) == 0 || !slices.ContainsFunc(hosts, func(h string) bool { return !slices.Contains(of, h) })
		if b.terminal && whole && b.match.on("") == always {
			break
		}
	}
	return out
}

// derive finds the origins that the site's addresses say. Where the port is
// the one for its scheme, Caddy's own redirects leave it out, and so do we.
func (s *site) derive(app *caddyhttp.App) {
	ports, why := listenPorts(s.server)
	s.name = strings.Join(s.hosts, ", ")
	if s.name == "" {
		s.name = strings.Join(s.server.Listen, ", ")
	}
	httpPort, httpsPort := orPort(app.HTTPPort, caddyhttp.DefaultHTTPPort), orPort(app.HTTPSPort, caddyhttp.DefaultHTTPSPort)
	if s.vague = why; why == "" && len(s.hosts) == 0 {
		s.vague = "it has no host"
	}
	for _, port := range ports {
		scheme, usual := "http", httpPort
		if port != httpPort && servesTLS(s.server, httpsPort) {
			scheme, usual, s.tls = "https", httpsPort, true
		}
		for _, host := range s.hosts {
			s.add(scheme, host, port, port == usual)
		}
	}
}

func (s *site) add(scheme, host string, port int, usual bool) {
	host = caddy.NewReplacer().ReplaceKnown(host, "")
	if strings.ContainsAny(host, "*{}") || host == "" {
		s.vague = "'" + host + "' stands for many hosts"
		return
	}
	if strings.Contains(host, ":") && !strings.HasPrefix(host, "[") {
		host = "[" + host + "]"
	}
	raw := scheme + "://" + host
	if !usual {
		raw += ":" + strconv.Itoa(port)
	}
	org, err := origin.Parse(raw)
	if err != nil && scheme == "http" {
		s.plain = raw
		return
	}
	if err != nil {
		s.vague = err.Error()
		return
	}
	if !slices.Contains(s.derived, org) {
		s.derived = append(s.derived, org)
	}
}

// origins gives what people call the site: the origins that its guards list,
// else what its addresses say. The error names the fix.
func (s *site) origins() ([]string, error) {
	var listed []string
	s.eachGuard(func(g *Guard) {
		for _, raw := range g.Origins {
			if org, err := origin.Parse(caddy.NewReplacer().ReplaceKnown(raw, "")); err == nil && !slices.Contains(listed, org) {
				listed = append(listed, org)
			}
		}
	})
	switch {
	case len(listed) > 0:
		return listed, nil
	case s.plain != "":
		return nil, siteError(s.name, "%s is plain http, which is refused off loopback: serve the site with TLS, or, if TLS ends before Caddy, write `origin https://…` in the gatehouse block", s.plain)
	case s.vague != "":
		return nil, siteError(s.name, "its origin can't be told, since %s: write `origin https://app.example.com` in the gatehouse block, one line for each", s.vague)
	}
	return s.derived, nil
}

// trusted gives the trusted origins of all guards of the site. Whatever is
// wrong with one is found by its own guard.
func (s *site) trusted() []string {
	var all []string
	s.eachGuard(func(g *Guard) {
		for _, raw := range g.TrustedOrigins {
			if org, err := origin.Parse(caddy.NewReplacer().ReplaceKnown(raw, "")); err == nil {
				all = append(all, org)
			}
		}
	})
	return all
}

// eachGuard calls f with every guard of the site, those in named routes that
// it invokes included.
func (s *site) eachGuard(f func(*Guard)) {
	s.each(func(st step) {
		if st.guard != nil {
			f(st.guard)
		}
	})
}

// each calls f with every step of the site.
func (s *site) each(f func(step)) {
	visited := map[string]bool{}
	var visit func(step)
	visit = func(st step) {
		f(st)
		if st.invoke != "" && !visited[st.invoke] {
			visited[st.invoke] = true
			each(s.named[st.invoke], visit)
		}
	}
	each(s.routes, visit)
	each(s.errors, visit)
}

// guarded tells whether a guard stands anywhere in the site.
func (s *site) guarded() bool {
	found := false
	s.eachGuard(func(*Guard) { found = true })
	return found
}

// has tells whether a module stands anywhere in the site.
func (s *site) has(module string) bool {
	found := false
	s.each(func(st step) { found = found || st.module == module })
	return found
}

// servesTLS tells whether a server's listeners off the HTTP port speak TLS.
// Automatic HTTPS has not run yet when a configuration is only adapted: then
// its rule is applied here (at least one host that is not skipped).
func servesTLS(srv *caddyhttp.Server, httpsPort int) bool {
	if len(srv.TLSConnPolicies) > 0 {
		return true
	}
	if srv.AutoHTTPS != nil && srv.AutoHTTPS.Disabled {
		return false
	}
	for _, route := range srv.Routes {
		for _, set := range readMatch(route) {
			for _, host := range set.hosts {
				if srv.AutoHTTPS == nil || !slices.Contains(srv.AutoHTTPS.Skip, host) {
					return true
				}
			}
		}
	}
	ports, _ := listenPorts(srv)
	return len(ports) > 0 && !slices.ContainsFunc(ports, func(p int) bool { return p != httpsPort })
}

// listenPorts gives the ports of a server, or says why it can't.
func listenPorts(srv *caddyhttp.Server) (ports []int, why string) {
	for _, listen := range srv.Listen {
		addr, err := caddy.ParseNetworkAddress(caddy.NewReplacer().ReplaceKnown(listen, ""))
		switch {
		case err != nil || addr.IsUnixNetwork() || addr.IsFdNetwork():
			why = "it does not listen on a port of its own"
		case addr.PortRangeSize() != 1:
			why = "it listens on a range of ports"
		case !slices.Contains(ports, int(addr.StartPort)):
			ports = append(ports, int(addr.StartPort))
		}
	}
	return ports, why
}

func orPort(port, def int) int {
	if port == 0 {
		return def
	}
	return port
}
