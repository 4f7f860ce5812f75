package caddymodule

import (
	"context"
	"net/http"
	"net/url"
	"sync"
	"time"

	"go.uber.org/zap"

	"github.com/gatehouse-auth/gatehouse/account"
	"github.com/gatehouse-auth/gatehouse/audit"
	"github.com/gatehouse-auth/gatehouse/authorize/document"
	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/internal/house"
	"github.com/gatehouse-auth/gatehouse/login"
	"github.com/gatehouse-auth/gatehouse/page"
	"github.com/gatehouse-auth/gatehouse/session"
)

// service is one configuration at work in an open house: what its guards and
// its portal share. It is immutable.
type service struct {
	house  *house.House
	rooms  *house.Rooms
	issuer string
	single bool // the pages are on the guarded site itself
	local  bool // there are local accounts
	sites  map[string]*guardedSite
	portal *portal
	// certificates serves clients that show one, at a host of its own; nil if
	// there is none.
	certificates *portal
	// sitePages are our pages on guarded hosts, below /.gatehouse/.
	sitePages *page.Pages
	providers []login.Provider
	accounts  *account.Accounts
	// documents knows the clients that are described by one; nil if there are
	// none.
	documents *document.Directory
	// settled is closed when what is kept is as this configuration says.
	settled chan struct{}
	audit   *audit.Log
	log     *zap.Logger
	now     func() time.Time
}

// guardedSite is one origin that guards protect.
type guardedSite struct {
	origin    string
	site      *session.Site
	sessions  *session.Sessions
	authorize string // where its people are sent to, up to the state
}

// siteOf finds the guarded site that a request is for. It looks at the Host
// and the target, never at a forwarded header (FWD-01).
func (s *service) siteOf(g *Guard, r *http.Request) (*guardedSite, error) {
	origin, err := g.hosts.Origin(r)
	if err != nil {
		return nil, err
	}
	if at, ok := s.sites[origin]; ok {
		return at, nil
	}
	return nil, fault.New(fault.Internal, "guard.siteOf", "")
}

// newSite prepares one guarded origin.
func (s *service) newSite(origin string, limits session.Config) (*guardedSite, error) {
	site, err := session.NewSite(origin)
	if err != nil {
		return nil, err
	}
	return &guardedSite{
		origin:    origin,
		site:      site,
		sessions:  s.rooms.Sessions.At(site, limits),
		authorize: s.issuer + "/authorize?client_id=" + url.QueryEscape(origin) + "&response_type=ticket&state=",
	}, nil
}

// enter holds the house for one request and gives the service, opening the
// house if this request comes before Start. The caller releases the house if,
// and only if, there is no error.
func (a *App) enter(ctx context.Context) (*service, error) {
	h := a.running.house
	if h == nil || !h.Acquire() {
		return nil, fault.New(fault.Unavailable, "gatehouse", "The login is not running.")
	}
	svc, err := a.service(ctx)
	if err != nil {
		h.Release()
		return nil, err
	}
	return svc, nil
}

// service gives the configuration at work and builds it once. A failure is
// tried again by the next caller.
func (a *App) service(ctx context.Context) (*service, error) {
	if svc := a.running.service.Load(); svc != nil {
		return svc, nil
	}
	a.running.mu.Lock()
	defer a.running.mu.Unlock()
	if svc := a.running.service.Load(); svc != nil {
		return svc, nil
	}
	pages := sync.OnceValues(func() (*page.Pages, error) { return page.New(a.Pages.options(singlePrefix)) })
	go func() { _, _ = pages() }() // they are parsed while the stores are opened
	rooms, err := a.running.house.Open(context.WithoutCancel(ctx))
	if err != nil {
		return nil, fault.Wrap(fault.Unavailable, "gatehouse", err)
	}
	svc, err := a.build(ctx, rooms, pages)
	if err != nil {
		return nil, err
	}
	a.running.service.Store(svc)
	return svc, nil
}
