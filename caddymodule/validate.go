package caddymodule

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/caddyserver/caddy/v2"

	"github.com/gatehouse-auth/gatehouse/authorize/endpoints"
	"github.com/gatehouse-auth/gatehouse/internal/origin"
)

// errClientsNeedIssuer is a client in single-site mode.
var errClientsNeedIssuer = errors.New("a client needs a login host: set issuer, for example `issuer https://auth.example.com`, and write a site auth.example.com { gatehouse_portal }")

// loaded is what an App became when it was loaded.
type loaded struct {
	providers []Provider
	store     RecordStore
	sessions  SessionStore
	masterKey string // path, empty for the default
	warnings  []string
	topology  *topology
}

// check reads placeholders, fills defaults in and finds everything that is
// wrong with the app on its own. It makes no file and no network call. The
// guests must have been loaded.
func (a *App) check() error {
	r := newResolver()
	a.resolve(r)
	a.defaults()
	a.checkIssuer(&r.problems)
	a.checkProviders(&r.problems)
	a.checkUsers(r)
	for _, id := range slices.Sorted(maps.Keys(a.Clients)) {
		a.checkClient(r, id, a.Clients[id])
	}
	a.checkClaims(r)
	a.checkDynamic(&r.problems)
	a.Session.check(&r.problems)
	a.Throttle.check(&r.problems)
	a.Password.check(&r.problems)
	a.Keys.check(&r.problems)
	a.checkAlgorithms(&r.problems)
	if err := r.err(); err != nil {
		return fmt.Errorf("gatehouse: %w", err)
	}
	return nil
}

// Warnings are what is allowed and worth a loud word. They never hold a secret.
func (a *App) Warnings() []string { return a.loaded.warnings }

func (a *App) warn(format string, args ...any) {
	a.loaded.warnings = append(a.loaded.warnings, fmt.Sprintf(format, args...))
}

func (a *App) resolve(r *resolver) {
	r.text("issuer", &a.Issuer)
	r.text("previous_issuer", &a.PreviousIssuer)
	r.text("certificate_base", &a.CertificateBase)
	r.text("create_account", &a.CreateAccount)
	r.texts("trusted_origins", a.TrustedOrigins)
	r.texts("disable", a.Disable)
	for _, name := range a.Disable {
		r.check("disable", oneOf(endpoints.Switchable()...)(name))
	}
	if a.Registration != nil {
		a.Registration.resolve(r, "registration")
	}
	if a.ClientIDMetadata != nil {
		r.texts("client_id_metadata", a.ClientIDMetadata.Hosts)
		a.ClientIDMetadata.resolve(r, "client_id_metadata")
	}
	if a.Pages != nil {
		r.text("pages: directory", &a.Pages.Directory)
		r.text("pages: product", &a.Pages.Product)
	}
	if a.MasterKey != "" {
		path, err := placeholderFile(a.MasterKey)
		r.check("master_key", err)
		a.loaded.masterKey = path
	}
}

func (a *App) defaults() {
	if a.Session == nil {
		a.Session = new(Session)
	}
	if a.Throttle == nil {
		a.Throttle = new(Throttle)
	}
	if a.Password == nil {
		a.Password = new(Password)
	}
	if a.Keys == nil {
		a.Keys = new(Keys)
	}
	if a.Pages == nil {
		a.Pages = new(Pages)
	}
	if a.Users == nil && len(a.loaded.providers) == 0 {
		a.Users = new(LocalUsers)
	}
	a.Session.defaults()
	a.Throttle.defaults()
	a.Password.defaults()
	a.Keys.defaults()
	fallback(&a.Pages.Product, "Gatehouse")
}

func (a *App) checkIssuer(p *problems) {
	if a.Issuer != "" {
		issuer, err := origin.Parse(a.Issuer)
		p.check("issuer", err)
		if err == nil {
			a.Issuer = issuer
		}
	}
	if a.PreviousIssuer != "" {
		previous, _, err := origin.Base(a.PreviousIssuer)
		p.check("previous_issuer", err)
		if err == nil {
			a.PreviousIssuer = previous
		}
	}
	if a.Issuer == "" && len(a.Clients) > 0 {
		p.check("client "+slices.Min(slices.Collect(maps.Keys(a.Clients))), errClientsNeedIssuer)
	}
	if a.CheckSession != "" {
		p.check("check_session", oneOf(sameSite, crossSite)(a.CheckSession))
		if a.Issuer == "" {
			p.add("check_session", "needs a login host: set issuer")
		}
	}
	a.checkCertificateBase(p)
	if a.CreateAccount != "" {
		p.check("create_account", isCreateAddress(a.CreateAccount))
	}
	if a.RequirePushedRequests && slices.Contains(a.Disable, "par") {
		p.add("require_pushed_requests", "nothing can be pushed, since `disable` has par")
	}
	checkOrigins(p, "trusted_origins", a.TrustedOrigins)
}

// checkCertificateBase holds the host for certificates apart from the login's.
func (a *App) checkCertificateBase(p *problems) {
	if a.CertificateBase == "" {
		return
	}
	base, err := origin.Parse(a.CertificateBase)
	if p.check("certificate_base", err); err != nil {
		return
	}
	switch a.CertificateBase = base; {
	case a.Issuer == "":
		p.add("certificate_base", "needs a login host: set issuer")
	case base == a.Issuer:
		p.add("certificate_base", "is the issuer: leave it out, or browsers are to be asked for certificates too")
	case !strings.HasPrefix(base, "https://"):
		p.add("certificate_base", "must be https: certificates are shown in TLS")
	}
}

// checkOrigins brings every origin into its one spelling.
func checkOrigins(p *problems, field string, origins []string) {
	for i, raw := range origins {
		org, err := origin.Parse(raw)
		p.check(field, err)
		if err == nil {
			origins[i] = org
		}
	}
}

func (a *App) checkProviders(p *problems) {
	seen := map[string]bool{}
	for _, provider := range a.loaded.providers {
		name := provider.ProviderName()
		p.check("provider", isProviderName(name))
		if seen[name] {
			p.add("provider "+name, "the name is already given")
		}
		seen[name] = true
	}
}

// providerNames lists the names of the providers.
func (a *App) providerNames() []string {
	var names []string
	for _, provider := range a.loaded.providers {
		names = append(names, provider.ProviderName())
	}
	return names
}

// classProviders lists those whose word on the class of a login is believed. A
// guest that does not tell may be one.
func (a *App) classProviders() []string {
	names := []string{}
	for _, provider := range a.loaded.providers {
		if p, tells := provider.(interface{ Classifies() bool }); !tells || p.Classifies() {
			names = append(names, provider.ProviderName())
		}
	}
	return names
}

// longest is the longest a browser keeps a cookie (RFC 6265bis, section 5.5).
const longest = caddy.Duration(400 * 24 * time.Hour)

// check looks at the limits together, with the defaults for those not given.
func (s Session) check(p *problems) {
	s.defaults()
	span(p, "session: idle_timeout", s.IdleTimeout, caddy.Duration(time.Minute), longest)
	span(p, "session: max_age", s.MaxAge, caddy.Duration(time.Minute), longest)
	if s.MaxAge < s.IdleTimeout {
		p.add("session: max_age", "%s is shorter than idle_timeout, %s", time.Duration(s.MaxAge), time.Duration(s.IdleTimeout))
	}
	if s.Remember != -1 {
		span(p, "session: remember", s.Remember, caddy.Duration(time.Minute), longest)
	}
}

func (t Throttle) check(p *problems) {
	t.defaults()
	within(p, "throttle: attempts", t.Attempts, 1, 100)
	within(p, "throttle: account_attempts", t.AccountAttempts, t.Attempts, 100)
	within(p, "throttle: address_attempts", t.AddressAttempts, t.Attempts, 100_000)
	span(p, "throttle: window", t.Window, caddy.Duration(time.Second), caddy.Duration(24*time.Hour))
	span(p, "throttle: lock", t.Lock, caddy.Duration(time.Second), caddy.Duration(24*time.Hour))
}

// check holds LGN-04: what costs an attacker less than 35 MiB times passes is
// refused, as is what would cost us a gigabyte per login.
func (w Password) check(p *problems) {
	w.defaults()
	within(p, "password: memory", w.Memory, 7*1024, 1<<20)
	within(p, "password: iterations", w.Iterations, 1, 64)
	within(p, "password: parallelism", w.Parallelism, 1, 64)
	within(p, "password: min_length", w.MinLength, 8, 64)
	if w.Memory >= 7*1024 && w.Memory*w.Iterations < 35*1024 {
		p.add("password", "memory times iterations must come to 35MiB at least, such as 19MiB and 2")
	}
}

func within(p *problems, field string, v, least, most int) {
	if v < least || v > most {
		p.add(field, "%d is not between %d and %d", v, least, most)
	}
}

func span(p *problems, field string, v, least, most caddy.Duration) {
	if v < least || v > most {
		p.add(field, "%s is not between %s and %s", time.Duration(v), time.Duration(least), time.Duration(most))
	}
}
