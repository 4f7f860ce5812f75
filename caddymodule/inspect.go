package caddymodule

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
)

// Inspection is a configuration as seen without running it: what the command
// works with.
type Inspection struct {
	App *App
	// Issuer is where pages and protocol are; empty if nothing is guarded.
	Issuer string
	// Origins are those of the guarded sites.
	Origins []string
	// Warnings are allowed and worth a loud word.
	Warnings []string
	// Upstreams are the addresses that sites proxy to.
	Upstreams []string
	// AdminTCP tells that Caddy's admin endpoint listens on TCP.
	AdminTCP bool
	// Problem is what would stop the load; the rest is as far as it goes.
	Problem error

	asksCertificates bool
}

// Inspect reads a Caddyfile, or JSON if the name ends in .json, as Caddy would
// and provisions the gatehouse app alone. An empty path is a configuration
// without anything: all defaults. database, if given, replaces the store's
// path. It opens nothing and makes no network call.
func Inspect(path, database string) (*Inspection, error) {
	parts, err := readParts(path)
	if err != nil {
		return nil, err
	}
	app := new(App)
	if parts.Apps.Gatehouse != nil {
		if err := caddy.StrictUnmarshalJSON(parts.Apps.Gatehouse, app); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	http := new(caddyhttp.App)
	if parts.Apps.HTTP != nil {
		if err := json.Unmarshal(parts.Apps.HTTP, http); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	app.useDatabase(database)
	if err := app.provisionAlone(); err != nil {
		return nil, err
	}
	sites := newTopology(http)
	found, err := sites.check(app.Issuer, app.CertificateBase)
	return &Inspection{
		App: app, Issuer: found.Issuer, Origins: found.Origins, Problem: err,
		Warnings:  slices.Concat(app.Warnings(), found.Warnings, app.certificateWarnings(sites)),
		Upstreams: upstreams(parts.Apps.HTTP), AdminTCP: adminOnTCP(parts.Admin), asksCertificates: app.asksCertificates(sites),
	}, nil
}

// Examine is [Inspect] for whoever looks for what is wrong: what would refuse
// everything is the Problem, and the App is then one that knows where things are
// kept, as far as the configuration can be read, and nothing else.
func Examine(path, database string) *Inspection {
	in, problem := Inspect(path, database)
	if problem == nil {
		return in
	}
	app := new(App)
	var places struct {
		Store     json.RawMessage `json:"store"`
		Sessions  json.RawMessage `json:"sessions"`
		MasterKey string          `json:"master_key"`
	}
	if parts, err := readParts(path); err == nil && parts.Apps.Gatehouse != nil && json.Unmarshal(parts.Apps.Gatehouse, &places) == nil {
		app.StoreRaw, app.SessionsRaw, app.MasterKey = places.Store, places.Sessions, places.MasterKey
	}
	app.useDatabase(database)
	if app.provisionAlone() != nil {
		app = new(App)
		app.useDatabase(database)
		if err := app.provisionAlone(); err != nil {
			problem = errors.Join(problem, err)
		}
	}
	return &Inspection{App: app, Problem: problem}
}

// useDatabase replaces the store's path, unless database is empty.
func (a *App) useDatabase(database string) {
	if database != "" {
		a.StoreRaw = caddyconfig.JSONModuleObject(&SQLiteStore{Path: database}, "type", "sqlite", nil)
	}
}

// readParts reads a configuration file.
func readParts(path string) (*parts, error) {
	config, err := adapt(path)
	if err != nil {
		return nil, err
	}
	found := new(parts)
	if err := json.Unmarshal(config, found); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return found, nil
}

// parts are the parts of a configuration that matter here.
type parts struct {
	Admin json.RawMessage `json:"admin"`
	Apps  struct {
		Gatehouse json.RawMessage `json:"gatehouse"`
		HTTP      json.RawMessage `json:"http"`
	} `json:"apps"`
}

// provisionAlone loads and checks an app without the rest of its
// configuration.
func (a *App) provisionAlone() error {
	ctx, cancel := caddy.NewContext(caddy.Context{Context: context.Background()})
	defer cancel()
	if err := a.loadGuests(ctx); err != nil {
		return err
	}
	return a.check()
}

// ProviderNames lists the configured providers.
func (in *Inspection) ProviderNames() []string { return in.App.providerNames() }

// TryProvider asks a provider for what it publishes about itself. A provider
// that has no way to be asked is fine.
func (in *Inspection) TryProvider(ctx context.Context, name string) error {
	for _, guest := range in.App.loaded.providers {
		asker, ok := guest.(interface{ Try(context.Context) error })
		if ok && guest.ProviderName() == name {
			return asker.Try(ctx)
		}
	}
	return nil
}

// adapt gives the JSON of a configuration file.
func adapt(path string) ([]byte, error) {
	if path == "" {
		return []byte("{}"), nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if strings.HasSuffix(path, ".json") {
		return text, nil
	}
	adapter := caddyconfig.GetAdapter("caddyfile")
	if adapter == nil {
		return nil, errors.New("this Caddy was built without the Caddyfile adapter")
	}
	config, _, err := adapter.Adapt(text, map[string]any{"filename": path})
	return config, err
}
