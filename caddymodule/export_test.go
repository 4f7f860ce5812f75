package caddymodule

import (
	"context"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
	"github.com/caddyserver/caddy/v2/caddyconfig/httpcaddyfile"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/gatehouse-auth/gatehouse/account"
	"github.com/gatehouse-auth/gatehouse/audit"
	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/login"
	"github.com/gatehouse-auth/gatehouse/page"
	"github.com/gatehouse-auth/gatehouse/session"
	"github.com/gatehouse-auth/gatehouse/store/memory"
)

// OriginsHere gives what a handler of ours would find out about its own site
// while it is being provisioned; known is false where no site is.
func OriginsHere(ctx caddy.Context) (origins []string, known bool, err error) {
	module, err := ctx.App("http")
	if err != nil {
		return nil, false, err
	}
	s := newTopology(module.(*caddyhttp.App)).at(ctx)
	if s == nil {
		return nil, false, nil
	}
	origins, err = s.origins()
	return origins, true, err
}

// OriginsAdapted gives the origins of every guarded site of an HTTP app that
// was only adapted, as `doctor` sees it.
func OriginsAdapted(app *caddyhttp.App) (origins []string, err error) {
	for _, s := range newTopology(app).sites {
		if s.guarded() {
			var of []string
			if of, err = s.origins(); err != nil {
				return nil, err
			}
			origins = append(origins, of...)
		}
	}
	return origins, nil
}

// Walk is the walk over an HTTP app.
func Walk(app *caddyhttp.App, issuer, certificates string) (Survey, error) {
	return newTopology(app).check(issuer, certificates)
}

// Survey is what the walk found.
type Survey = survey

// ParseBlocks hands tokens to the parsers of the two blocks that people write.
func ParseBlocks(tokens []caddyfile.Token) {
	_, _ = parseGlobal(caddyfile.NewDispenser(slices.Clone(tokens)), nil)
	_, _ = parseGuard(httpcaddyfile.Helper{Dispenser: caddyfile.NewDispenser(slices.Clone(tokens))})
}

// ParseAll hands tokens to every parser of ours.
func ParseAll(tokens []caddyfile.Token) {
	ParseBlocks(tokens)
	fresh := func() *caddyfile.Dispenser { return caddyfile.NewDispenser(slices.Clone(tokens)) }
	_, _ = parsePortal(httpcaddyfile.Helper{Dispenser: fresh()})
	for _, guest := range []caddyfile.Unmarshaler{new(OIDC), new(SQLiteStore), new(SQLiteSessions), new(MemorySessions), new(Matcher)} {
		_ = guest.UnmarshalCaddyfile(fresh())
	}
}

// CheckApp checks an app that has no guests.
func CheckApp(a *App) error { return a.check() }

// ClientSecret gives what a client's secret resolved to.
func ClientSecret(a *App, id string) Secret { return a.Clients[id].secret }

// PathDecides tells of every guarded site, by its name, whether a path decides
// something there.
func PathDecides(app *caddyhttp.App) map[string]bool {
	decides := map[string]bool{}
	for _, s := range newTopology(app).sites {
		if s.guarded() {
			decides[s.name] = s.pathDecides()
		}
	}
	return decides
}

var (
	DidYouMean    = didYouMean
	TicketOf      = ticketOf
	WithoutTicket = withoutTicket
)

// SignIn makes an account, signs it in at the one guarded site of the running
// configuration, and gives the cookie as a browser would send it.
func SignIn(tb testing.TB) string {
	tb.Helper()
	module, err := caddy.ActiveContext().AppIfConfigured("gatehouse")
	if err != nil {
		tb.Fatal(err)
	}
	svc, err := module.(*App).service(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	user, err := svc.rooms.Accounts.Add(tb.Context(), account.NewAccount{Username: "alice", Name: "Alice A", Email: "alice@example.com", Groups: []string{"staff"}})
	if err != nil {
		tb.Fatal(err)
	}
	for _, site := range svc.sites {
		w := httptest.NewRecorder()
		if _, err := site.sessions.Begin(w, httptest.NewRequest("GET", site.origin+"/", nil), user.Subject, identity.Login{IDP: identity.Local}, false); err != nil {
			tb.Fatal(err)
		}
		c := w.Result().Cookies()[0]
		return c.Name + "=" + c.Value
	}
	tb.Fatal("no site is guarded")
	return ""
}

// OnClock gives the one guarded site of the running configuration sessions of
// its own that read this clock, and last for an hour without use. It signs alice
// in there and gives the cookie, and what writes down how it was used.
func OnClock(tb testing.TB, now func() time.Time) (cookie string, write func()) {
	tb.Helper()
	SignIn(tb) // who then has an account
	module, err := caddy.ActiveContext().AppIfConfigured("gatehouse")
	if err != nil {
		tb.Fatal(err)
	}
	svc, err := module.(*App).service(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	alice, err := svc.rooms.Accounts.Find(tb.Context(), "alice")
	if err != nil {
		tb.Fatal(err)
	}
	manager := session.New(memory.NewShorts(memory.Options{Now: now}), svc.rooms.Accounts, svc.rooms.Master.Box("test"), session.Options{Now: now})
	for _, site := range svc.sites {
		site.sessions = manager.At(site.site, session.Config{IdleTimeout: time.Hour})
		w := httptest.NewRecorder()
		if _, err := site.sessions.Begin(w, httptest.NewRequest("GET", site.origin+"/", nil), alice.Subject, identity.Login{IDP: identity.Local, At: now()}, false); err != nil {
			tb.Fatal(err)
		}
		c := w.Result().Cookies()[0]
		return c.Name + "=" + c.Value, func() {
			done, cancel := context.WithCancel(tb.Context())
			cancel()
			if err := manager.Run(done); err != nil { // it writes before it returns
				tb.Error(err)
			}
		}
	}
	tb.Fatal("no site is guarded")
	return "", nil
}

// Private gives the writer of a protected path's answer.
func Private(w http.ResponseWriter) http.ResponseWriter {
	return &privateWriter{ResponseWriterWrapper: caddyhttp.ResponseWriterWrapper{ResponseWriter: w}}
}

// MayEnter tells whether the running configuration lets somebody in.
func MayEnter(tb testing.TB, username string) bool {
	tb.Helper()
	module, err := caddy.ActiveContext().AppIfConfigured("gatehouse")
	if err != nil {
		tb.Fatal(err)
	}
	svc, err := module.(*App).service(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	found, err := svc.accounts.Find(tb.Context(), username)
	if err != nil {
		return false
	}
	_, err = svc.accounts.User(tb.Context(), found.Subject)
	return err == nil
}

// AnsweredAt serves a request on a portal without pages of its own.
func AnsweredAt(tb testing.TB, method, address string) *httptest.ResponseRecorder {
	tb.Helper()
	settled := make(chan struct{})
	close(settled)
	p := &portal{service: &service{log: zap.NewNop(), settled: settled}, mux: http.NewServeMux(), patience: time.Second}
	p.mux.HandleFunc("/", func(http.ResponseWriter, *http.Request) {})
	w := httptest.NewRecorder()
	p.serve(w, httptest.NewRequest(method, address, strings.NewReader("password=secret")))
	return w
}

// Answered serves one request on a portal whose handler waits for its store,
// and whose answers may take so long.
func Answered(tb testing.TB, patience time.Duration, wait func(context.Context) error) *httptest.ResponseRecorder {
	tb.Helper()
	pages, err := page.New(page.Options{})
	if err != nil {
		tb.Fatal(err)
	}
	settled := make(chan struct{})
	close(settled)
	p := &portal{service: &service{log: zap.NewNop(), settled: settled}, pages: pages, mux: http.NewServeMux(), patience: patience}
	p.mux.HandleFunc("/", p.handle(func(_ http.ResponseWriter, r *http.Request) error { return wait(r.Context()) }))
	w := httptest.NewRecorder()
	p.serve(w, httptest.NewRequest("GET", "/login", nil))
	return w
}

// Patience is how many times as long as others an answer at a path of a portal
// may take.
func Patience(path string) time.Duration {
	return (&portal{patience: 1}).limit(path)
}

// AuditLogin writes an event of the login to core.
func AuditLogin(core zapcore.Core, e login.Event) {
	log := zap.New(core)
	(&service{log: log, audit: audit.New(log)}).auditLogin(e)
}

// HostFits tells whether a host of Caddy's access log is meant.
var HostFits = hostFits

// Tidied gives where a portal sends a request for an address that is not tidy.
func Tidied(address string) (string, bool) {
	u, err := url.Parse("https://auth.example.com" + address)
	if err != nil {
		return "", false
	}
	return tidied(u)
}

// ClientGate judges who may use a client.
var ClientGate = clientGate

// ClientWords are the words of a client block.
func ClientWords() []string { return slices.Sorted(maps.Keys(new(Client).grammar())) }
