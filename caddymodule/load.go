package caddymodule

import (
	"errors"
	"fmt"
	"slices"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
)

// loadGuests loads the modules that the app names, or the default ones. None
// of them opens anything yet.
func (a *App) loadGuests(ctx caddy.Context) error {
	if a.ProvidersRaw != nil {
		guests, err := ctx.LoadModule(a, "ProvidersRaw")
		if err != nil {
			return fmt.Errorf("gatehouse: loading providers: %w", err)
		}
		for _, guest := range guests.([]any) {
			provider, ok := guest.(Provider)
			if !ok {
				return fmt.Errorf("gatehouse: %T is not a source of identities", guest)
			}
			a.loaded.providers = append(a.loaded.providers, provider)
			if oidc, ok := guest.(*OIDC); ok {
				a.loaded.warnings = append(a.loaded.warnings, oidc.warnings...)
			}
		}
	}
	var err error
	if a.loaded.store, err = loadGuest[RecordStore](ctx, a, "StoreRaw", a.StoreRaw == nil, new(SQLiteStore)); err != nil {
		return fmt.Errorf("gatehouse: loading the store: %w", err)
	}
	if a.loaded.sessions, err = loadGuest[SessionStore](ctx, a, "SessionsRaw", a.SessionsRaw == nil, new(SQLiteSessions)); err != nil {
		return fmt.Errorf("gatehouse: loading the sessions: %w", err)
	}
	store, ok := a.loaded.store.(*SQLiteStore)
	if sessions, ok2 := a.loaded.sessions.(*SQLiteSessions); ok && ok2 && sessions.Path == "" {
		sessions.Path = beside(store.Path)
	}
	return nil
}

// loadGuest loads one module, or provisions the default one. A module that is
// no T is refused: nothing else may take its place silently.
func loadGuest[T any](ctx caddy.Context, a *App, field string, absent bool, def caddy.Provisioner) (guest T, err error) {
	var module any = def
	if absent {
		err = def.Provision(ctx)
	} else {
		module, err = ctx.LoadModule(a, field)
	}
	if err != nil {
		return guest, err
	}
	guest, ok := module.(T)
	if !ok {
		return guest, fmt.Errorf("%T can't be used here", module)
	}
	return guest, nil
}

// topologyOf reads the HTTP app once per configuration. It may be half
// provisioned: only its fields are looked at.
func (a *App) topologyOf(ctx caddy.Context) (*topology, error) {
	if a.loaded.topology == nil {
		module, err := ctx.App("http")
		if err != nil {
			return nil, err
		}
		app, ok := module.(*caddyhttp.App)
		if !ok {
			return nil, fmt.Errorf("%T is not the HTTP app", module)
		}
		a.loaded.topology = newTopology(app)
	}
	return a.loaded.topology, nil
}

// place is where a handler of ours stands.
type place struct {
	app *App
	// survey is the outcome of the walk over all sites.
	survey survey
	// origins are those of the handler's own site.
	origins []string
	// trusted are the trusted origins of all guards of the site.
	trusted []string
	// pathDecides tells that a path decides something at the site; true where
	// the site is not known.
	pathDecides bool
	// branded tells that the site has error routes of its own; false where
	// the site is not known.
	branded bool
}

// prepare finds the app and the guard's own site, checks the guard and walks
// over all sites. It is all of provisioning that is about configuration.
func (g *Guard) prepare(ctx caddy.Context) (*place, error) {
	p, t, err := findPlace(ctx)
	if err != nil {
		return nil, err
	}
	if err := g.check(p.app); err != nil {
		return nil, fmt.Errorf("gatehouse: %w", err)
	}
	s := t.at(ctx)
	p.pathDecides, p.branded = s == nil || s.pathDecides(), s != nil && len(s.errors) > 0
	if s != nil {
		p.trusted = s.trusted()
	}
	switch {
	case s != nil:
		p.origins, err = s.origins()
	case len(g.Origins) > 0:
		p.origins = g.Origins
	default:
		err = errors.New("in a named route the site is not known: write `origin https://app.example.com` in its gatehouse block, or use a snippet, which knows")
	}
	if err != nil {
		return nil, fmt.Errorf("gatehouse: %w", err)
	}
	return p, p.judge(t)
}

// preparePortal does the same for the portal.
func preparePortal(ctx caddy.Context) (*place, error) {
	p, t, err := findPlace(ctx)
	if err != nil {
		return nil, err
	}
	p.origins = []string{p.app.Issuer}
	return p, p.judge(t)
}

func findPlace(ctx caddy.Context) (*place, *topology, error) {
	module, err := ctx.App("gatehouse")
	if err != nil {
		return nil, nil, err
	}
	app, ok := module.(*App)
	if !ok {
		return nil, nil, fmt.Errorf("%T is not the gatehouse app", module)
	}
	t, err := app.topologyOf(ctx)
	if err != nil {
		return nil, nil, err
	}
	return &place{app: app}, t, nil
}

func (p *place) judge(t *topology) error {
	var err error
	if p.survey, err = t.check(p.app.Issuer, p.app.CertificateBase); err != nil {
		return fmt.Errorf("gatehouse: %w", err)
	}
	p.survey.Warnings = append(p.survey.Warnings, p.app.certificateWarnings(t)...)
	return nil
}

// at finds the site whose handlers are being provisioned: of the routes of the
// current server, the first one that is still raw, in the order in which Caddy
// provisions them. Named routes come last and in no order, so that for them
// the answer is nil.
func (t *topology) at(ctx caddy.Context) *site {
	srv, ok := ctx.Value(caddyhttp.ServerCtxKey).(*caddyhttp.Server)
	if !ok {
		return nil
	}
	if hosts, found := firstRaw(srv.Routes); found {
		return t.find(srv, hosts)
	}
	if srv.Errors != nil {
		if hosts, found := firstRaw(srv.Errors.Routes); found {
			return t.find(srv, hosts)
		}
	}
	return nil
}

func firstRaw(routes caddyhttp.RouteList) ([]string, bool) {
	for _, route := range routes {
		if route.Handlers == nil && len(route.HandlersRaw) > 0 {
			return readMatch(route).hosts(), true
		}
	}
	return nil, false
}

func (t *topology) find(srv *caddyhttp.Server, hosts []string) *site {
	for _, s := range t.sites {
		if s.server == srv && slices.Equal(s.hosts, hosts) {
			return s
		}
	}
	return nil
}
