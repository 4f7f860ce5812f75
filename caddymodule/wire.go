package caddymodule

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"go.uber.org/zap"

	"github.com/gatehouse-auth/gatehouse/account"
	"github.com/gatehouse-auth/gatehouse/audit"
	"github.com/gatehouse-auth/gatehouse/authorize/consent"
	"github.com/gatehouse-auth/gatehouse/authorize/device"
	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/guard"
	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/internal/house"
	"github.com/gatehouse-auth/gatehouse/internal/origin"
	"github.com/gatehouse-auth/gatehouse/login"
	"github.com/gatehouse-auth/gatehouse/page"
	"github.com/gatehouse-auth/gatehouse/session"
	"github.com/gatehouse-auth/gatehouse/throttle"
)

// build joins the rooms for this configuration. It is the table of contents of
// the program: who is given what.
func (a *App) build(ctx context.Context, rooms *house.Rooms, pages func() (*page.Pages, error)) (*service, error) {
	issuer := a.running.survey.Issuer
	// In single-site mode no client binds anything to the issuer, so moving to
	// another port or on to a login host needs no word.
	if a.Issuer != "" {
		if err := rooms.CheckIssuer(ctx, issuer, a.PreviousIssuer); err != nil {
			return nil, err
		}
	}
	s := &service{
		house: a.running.house, rooms: rooms, issuer: issuer, single: a.Issuer == "", local: a.Users != nil,
		sites: map[string]*guardedSite{}, audit: audit.New(a.running.log), log: a.running.log, now: time.Now,
		settled: make(chan struct{}),
	}
	limits := a.Session.limits()
	for _, org := range a.running.survey.Origins {
		site, err := s.newSite(org, limits)
		if err != nil {
			return nil, err
		}
		s.sites[org] = site
	}
	var err error
	if s.accounts, err = a.accounts(ctx, rooms); err != nil {
		return nil, err
	}
	if s.sitePages, err = pages(); err != nil {
		return nil, err
	}
	s.portal, err = a.buildPortal(s, limits)
	return s, err
}

// accounts are the accounts with this configuration's hashing. Its declared
// users are checked, and made what it says when it has started: see settle.
func (a *App) accounts(ctx context.Context, rooms *house.Rooms) (*account.Accounts, error) {
	hasher, err := rooms.Hasher(a.Password.params())
	if err != nil {
		return nil, err
	}
	accounts := account.New(rooms.Records, account.Options{Hasher: hasher, MinPassword: a.Password.MinLength, Changed: a.accountChanged(rooms)})
	if err := accounts.CheckDeclared(ctx, a.declared()); err != nil {
		return nil, fmt.Errorf("users: %w", err)
	}
	return accounts, nil
}

// accountChanged writes changes of accounts down, and signs out whom the
// Caddyfile gave another password or took something (SES-16).
func (a *App) accountChanged(rooms *house.Rooms) func(account.Changed) {
	return func(c account.Changed) {
		rooms.AccountChanged(c)
		if !c.Reduced {
			return
		}
		if _, err := rooms.SignOut(a.running.ctx, c.Subject, session.AccountChanged); err != nil {
			a.running.log.Error("signing out a user whom the Caddyfile changed", zap.String("username", c.Username), zap.Error(err))
		}
	}
}

// buildPortal joins the login and the protocol, which share the issuer's
// cookie and sessions.
func (a *App) buildPortal(s *service, limits session.Config) (*portal, error) {
	here, base := s.issuer, ""
	if s.single {
		here, base = strings.TrimSuffix(s.issuer, singlePrefix), singlePrefix
	}
	site, err := session.NewSite(here)
	if err != nil {
		return nil, err
	}
	p := &portal{service: s, hosts: guard.NewHosts([]string{here}), base: base, mux: http.NewServeMux(), patience: answerLimit}
	if p.pages = s.sitePages; !s.single {
		if p.pages, err = s.sitePages.At(base); err != nil {
			return nil, err
		}
	}
	sessions := issuerSessions{Sessions: s.rooms.Sessions.At(site, limits), grants: s.rooms.Grants}
	clients, err := a.directory(s)
	if err != nil {
		return nil, err
	}
	if sessions.state, err = a.checker(s, clients); err != nil {
		return nil, err
	}
	protocol, err := a.buildProtocol(s, site, sessions, clients, p)
	if err != nil {
		return nil, err
	}
	if s.providers, err = a.federators(); err != nil {
		return nil, err
	}
	people, err := login.New(a.loginConfig(s, p, site, sessions, protocol))
	if err != nil {
		return nil, err
	}
	routes := people.Routes()
	if sessions.state != nil {
		for pattern, serve := range routes {
			routes[pattern] = sessions.noticing(serve)
		}
	}
	p.add(routes)
	p.mux.Handle("GET "+base+"/static/", p.pages.Static())
	p.mux.HandleFunc("/", p.handle(func(http.ResponseWriter, *http.Request) error { return errNoPage }))
	return p, nil
}

// loginConfig gives the login pages their parts.
func (a *App) loginConfig(s *service, p *portal, site *session.Site, sessions issuerSessions, protocol *protocol) login.Config {
	c := login.Config{
		Issuer: s.issuer, SingleSite: s.single, Sites: slices.Sorted(maps.Keys(s.sites)),
		Local: a.Users != nil, Providers: s.providers, Remember: sessions.Remember() > 0, MinPassword: a.Password.MinLength,
		Accounts: loginAccounts{s.accounts, s.rooms.Sessions}, Throttle: loginThrottle{throttle.New(s.rooms.Shorts, a.Throttle.limits, throttle.Options{})},
		Sessions: protocol.sessions, Contexts: loginContexts{protocol.authorize}, Jar: site, Once: login.OnceIn(s.rooms.Shorts),
		Pages: p.pages, Box: s.rooms.Master.Box("login"), ClientIP: clientIP, Audit: s.auditLogin,
		CreateAccount: a.createAccount(), Applications: func(*identity.Session) []page.Link { return s.applications() },
	}
	if !s.single {
		c.GrantsURL, c.FrontChannel = p.base+consent.PathGrants, frontChannel(protocol.leaving)
		if protocol.devices != nil {
			c.DeviceURL = p.base + device.Path
		}
	}
	return c
}

// federators are the providers at work. What they have to fetch they fetch in
// the background, so that Caddy starts while one is down.
func (a *App) federators() ([]login.Provider, error) {
	var list []login.Provider
	for _, guest := range a.loaded.providers {
		federator, err := guest.Federator()
		if err != nil {
			return nil, fmt.Errorf("provider %s: %w", guest.ProviderName(), err)
		}
		if eager, ok := federator.(interface{ Run(context.Context) }); ok {
			go eager.Run(a.running.ctx)
		}
		list = append(list, login.Provider{Federator: federator, Provision: guest.Provisions()})
	}
	return list, nil
}

// applications are the guarded sites, for the home page.
func (s *service) applications() []page.Link {
	var links []page.Link
	for _, org := range slices.Sorted(maps.Keys(s.sites)) {
		links = append(links, page.Link{Title: origin.Host(org), URL: org + "/"})
	}
	return links
}

var errNoPage = fault.New(fault.NotFound, "portal", "")
