package oidc

import (
	"context"
	"net/http"
	"time"

	"github.com/gatehouse-auth/gatehouse/internal/egress"
)

// Deps are what a provider needs beside its configuration. The zero value
// works.
type Deps struct {
	// Client sends the requests. Nil means one of internal/egress with the
	// permissions of the configuration.
	Client *http.Client
	// Now is the clock. Nil means time.Now.
	Now func() time.Time
}

// Provider is one external OpenID provider. It is safe for concurrent use and
// holds nothing of a login under way.
type Provider struct {
	config Config
	now    func() time.Time
	found  *discovery
}

// New checks the configuration and makes a provider. It sends nothing: the
// metadata is fetched at the first use, or by [Provider.Run]. Errors are
// fault.Invalid.
func New(config Config, deps Deps) (*Provider, error) {
	if err := config.Validate(); err != nil {
		return nil, err
	}
	config = config.withDefaults()
	if deps.Now == nil {
		deps.Now = time.Now
	}
	if deps.Client == nil {
		deps.Client = egress.New(egress.Options{AllowPrivate: config.AllowPrivate, AllowHTTP: true})
	}
	return &Provider{config: config, now: deps.Now, found: newDiscovery(config, deps)}, nil
}

// Name is the provider's name in the configuration.
func (p *Provider) Name() string { return p.config.Name }

// Title is what people call it.
func (p *Provider) Title() string { return p.config.Title }

// Ready tells why nobody can log in here now (fault.Unavailable), or nil. It
// never waits: a provider that was not asked yet counts as ready, and asking
// begins in the background, as it does after a failure when the time for the
// next try has come.
func (p *Provider) Ready() error {
	_, err := p.found.ready()
	return err
}

// Run fetches the metadata early and keeps it fresh until ctx ends. It is not
// needed: without it the first login pays for the first fetch.
func (p *Provider) Run(ctx context.Context) { p.found.run(ctx) }
