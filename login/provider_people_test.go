package login_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/internal/fakeidp"
	"github.com/gatehouse-auth/gatehouse/login"
)

// FED-06, peers 3e: an equal name or address is not the same person; nobody
// becomes an administrator; a disabled account stays out (CVE-2026-58422).
func TestAccountsOfProviders(t *testing.T) {
	w, idp := federated(t, true)
	w.add("alice")
	local, err := w.accounts.Find(t.Context(), "alice")
	if err != nil {
		t.Fatal(err)
	}
	b := w.browser().through(idp)
	b.get(b.away(b.get("/login/work")))
	s := b.session()
	if s == nil || s.User.Username != "alice@work" || s.User.Subject == local.Subject || s.User.EmailVerified {
		t.Fatalf("%+v", s)
	}
	if err := w.accounts.Disable(t.Context(), s.User.Subject); err != nil {
		t.Fatal(err)
	}
	again := w.browser().through(idp)
	a := again.get(again.away(again.get("/login/work")))
	if a.StatusCode != http.StatusForbidden || again.who() != "" {
		t.Errorf("disabled: %d, %q", a.StatusCode, again.who())
	}
}

func TestNoProvisioning(t *testing.T) {
	idp, p := federate(t, "work")
	p.Provision = false
	w := newWorld(t, func(c *login.Config) { c.Providers = []login.Provider{p} })
	b := w.browser().through(idp)
	if a := b.get(b.away(b.get("/login/work"))); a.StatusCode != http.StatusForbidden || b.who() != "" {
		t.Errorf("%d, %q", a.StatusCode, b.who())
	}
}

// MFA-10, OAU-18: a forced login goes to the provider although somebody is
// signed in, and an old login there does not do.
func TestForcedAtProvider(t *testing.T) {
	w, idp := federated(t, false)
	b := w.browser().through(idp)
	b.get(b.away(b.get("/login/work")))
	w.contexts[clientURL] = wiki(func(c *login.Context) { c.Force, c.Fresh = true, true })
	start := b.get("/login?return_url=" + url.QueryEscape(clientURL))
	back := b.away(b.get(start.to()))
	if q := idp.Query(); q.Get("prompt") != "login" || q.Get("max_age") != "0" {
		t.Errorf("%v", q)
	}
	if a := b.get(back); a.to() != clientURL {
		t.Errorf("%d to %q", a.StatusCode, a.to())
	}
	idp.Set(fakeidp.Switches{Token: func(_, c map[string]any) { c["auth_time"] = time.Now().Add(-time.Hour).Unix() }})
	before := b.session().At
	if a := b.get(b.away(b.get(start.to()))); a.StatusCode != http.StatusBadRequest || !b.session().At.Equal(before) {
		t.Errorf("old login: %d", a.StatusCode)
	}
}

// liar is a provider that speaks for another.
type liar struct{ login.Federator }

func (l liar) Finish(ctx context.Context, callback string, memo []byte, r *http.Request) (identity.External, error) {
	e, err := l.Federator.Finish(ctx, callback, memo, r)
	e.Provider = "second"
	return e, err
}

// asked notes what a provider is asked for.
type asked struct {
	login.Federator
	options *login.BeginOptions
}

func (a asked) Begin(ctx context.Context, callback, state string, o login.BeginOptions) (string, []byte, error) {
	*a.options = o
	return a.Federator.Begin(ctx, callback, state, o)
}

// acr_values tenant: reaches the provider, which decides by its configuration.
func TestTenantReachesProvider(t *testing.T) {
	_, p := federate(t, "work")
	var got login.BeginOptions
	p.Federator = asked{p.Federator, &got}
	w := newWorld(t, func(c *login.Config) { c.Providers = []login.Provider{p} })
	w.contexts[clientURL] = wiki(func(c *login.Context) { c.Tenant = "blue" })
	if w.browser().get("/login/work?return_url=" + url.QueryEscape(clientURL)); got.Tenant != "blue" {
		t.Errorf("%+v", got)
	}
}

// acr_values reach the provider, as far as they can be said in an address.
func TestClassesReachProvider(t *testing.T) {
	_, p := federate(t, "work")
	var got login.BeginOptions
	p.Federator = asked{p.Federator, &got}
	w := newWorld(t, func(c *login.Config) { c.Providers = []login.Provider{p} })
	for want, list := range map[string][]string{
		"":                              nil,
		"urn:high urn:low":              {"urn:high", "urn:low", "urn:high"},
		"c":                             {"", "a b", "\x00", "\u00e4", "c"},
		"a " + strings.Repeat("x", 490): {"a", strings.Repeat("x", 490), "the-next-one"},
	} {
		w.contexts[clientURL] = wiki(func(c *login.Context) { c.ACRValues = list })
		if w.browser().get("/login/work?return_url=" + url.QueryEscape(clientURL)); got.ACRValues != want {
			t.Errorf("%q, want %q", got.ACRValues, want)
		}
	}
}

// fails is a mark that can't be set.
type fails struct{}

func (fails) Use(context.Context, string, time.Time) error {
	return fault.Wrap(fault.Unavailable, "fails", errors.New("store"))
}

func (fails) Forget(context.Context, string) error { return nil }

func TestProviderSpeaksForItself(t *testing.T) {
	idp, p := federate(t, "work")
	p.Federator = liar{p.Federator}
	w := newWorld(t, func(c *login.Config) { c.Providers = []login.Provider{p} })
	b := w.browser().through(idp)
	if a := b.get(b.away(b.get("/login/work"))); a.StatusCode != http.StatusBadRequest || b.who() != "" {
		t.Errorf("%d, %q", a.StatusCode, b.who())
	}
}

// FED-03 fails closed: without the mark nobody gets in.
func TestNoMarkNoLogin(t *testing.T) {
	idp, p := federate(t, "work")
	w := newWorld(t, func(c *login.Config) { c.Providers, c.Once = []login.Provider{p}, fails{} })
	b := w.browser().through(idp)
	if a := b.get(b.away(b.get("/login/work"))); a.StatusCode != 503 || b.who() != "" || idp.Hits("/token") > 0 {
		t.Errorf("%d, %q", a.StatusCode, b.who())
	}
}
