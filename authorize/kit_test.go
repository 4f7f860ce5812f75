package authorize_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize"
	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/authorize/device"
	"github.com/gatehouse-auth/gatehouse/authorize/endpoints"
	"github.com/gatehouse-auth/gatehouse/authorize/endsession"
	"github.com/gatehouse-auth/gatehouse/authorize/grant"
	"github.com/gatehouse-auth/gatehouse/authorize/pushed"
	"github.com/gatehouse-auth/gatehouse/authorize/subject"
	"github.com/gatehouse-auth/gatehouse/authorize/token"
	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/internal/seal"
	"github.com/gatehouse-auth/gatehouse/keys"
	"github.com/gatehouse-auth/gatehouse/store"
	"github.com/gatehouse-auth/gatehouse/store/memory"
)

const (
	wikiSecret  = "wiki-secret-0123456789-abcdefghijklmnop"
	wikiSecret2 = "wiki-second-0123456789 +%/abcdefghijklm"
	wikiURI     = "https://wiki.example.com/callback"
	site        = "https://app.example.com"
)

// world is an authorization server on a real listener, its sessions and a
// clock.
type world struct {
	*authorize.Server
	desk     *endpoints.Server
	t        testing.TB
	issuer   string
	clock    *clock
	sessions *sessions
	signer   *keys.Ring
	shorts   *shorts
	mux      *http.ServeMux
	sites    *sites
	clients  client.Static
	reports  []error
	failing  bool // answers of 500 and more are meant
	mu       sync.Mutex
}

// parts is what a world is made of.
type parts struct {
	authorize.Config
	Clients  client.Directory
	Sessions allSessions
	Shorts   store.Shorts
	Records  store.Records
	Accounts token.Accounts
	Signer   *keys.Ring
	Proofs   token.Proofs
	Used     func(context.Context, *client.Client)

	CertificateBase string
	SigningAlgs     []string
	UILocales       []string
	Disabled        []string
	Device          *device.Server
	EndSession      *endsession.Server
}

// allSessions are sessions as all endpoints see them.
type allSessions interface {
	authorize.Sessions
	token.Sessions
}

// build makes the authorize endpoint, and the desk that it stands at.
func (p *parts) build() (*authorize.Server, *endpoints.Server, error) {
	p.Config.Clients, p.Config.Sessions, p.Keys = p.Clients, p.Sessions, p.Signer
	p.Grants = &grant.Grants{Shorts: p.Shorts, Records: p.Records, Box: p.Box, Now: p.Now}
	p.Pushed = &pushed.Requests{Shorts: p.Shorts, Now: p.Now}
	server, err := authorize.New(p.Config)
	if err != nil {
		return nil, nil, err
	}
	tokens := &token.Service{
		Issuer: p.Issuer, CertificateBase: p.CertificateBase, Clients: p.Clients, Book: p.Book, Resources: p.Resources, Subjects: p.Subjects, Sessions: p.Sessions, Accounts: p.Accounts,
		Signer: p.Signer, Proofs: p.Proofs, Grants: p.Grants, ClientKeys: p.ClientKeys, Gate: p.Gate, Now: p.Now, Report: p.Report, Used: p.Used,
	}
	if p.Device != nil && !slices.Contains(p.Disabled, "device") {
		tokens.Devices = p.Device.Requests
	}
	desk, err := endpoints.New(endpoints.Config{
		Authorize: server, Tokens: tokens, Keys: p.Signer, Origins: p.Clients, Device: p.Device, EndSession: p.EndSession,
		Disabled: p.Disabled, SigningAlgs: p.SigningAlgs, UILocales: p.UILocales, Report: p.Report,
	})
	return server, desk, err
}

// newWorld starts a server with the clients that most tests want; change may
// alter its configuration.
func newWorld(t testing.TB, base string, change ...func(*parts)) *world {
	t.Helper()
	w := &world{t: t, clock: &clock{now: time.Now().Truncate(time.Second)}, clients: clients(t)}
	w.shorts, w.sessions = &shorts{Shorts: memory.NewShorts(memory.Options{Now: w.clock.Now})}, &sessions{bySID: map[string]*identity.Session{}, cookies: map[string]string{}, joined: map[string][]string{}}
	var err error
	if w.signer, err = ring(); err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	w.mux = mux
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	w.issuer = server.URL + base
	master, err := seal.NewMaster([]byte("0123456789abcdefghijklmnopqrstuv"))
	if err != nil {
		t.Fatal(err)
	}
	w.sites = &sites{box: master.Box("visit")}
	cfg := parts{Shorts: w.shorts, Clients: w.clients, Sessions: w.sessions, Signer: w.signer, UILocales: []string{"en", "de"}, Config: authorize.Config{
		Issuer: w.issuer, Sites: w.sites,
		Jar: jar{}, Box: master.Box("authorize"), Subjects: subject.New(master), Now: w.clock.Now, Gate: w.gate, ClientIP: saidAddress,
		Report: func(_ context.Context, err error) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.reports = append(w.reports, err)
		},
	}}
	for _, f := range change {
		f(&cfg)
	}
	for _, c := range static(&cfg) { // who says nothing about consent is the house's own
		c.FirstParty = c.FirstParty || c.Consent == ""
	}
	if w.Server, w.desk, err = cfg.build(); err != nil {
		t.Fatal(err)
	}
	for path, h := range w.desk.Routes() {
		mux.HandleFunc(path, func(rw http.ResponseWriter, r *http.Request) { show(rw, h(rw, r)) })
	}
	return w
}

// serves is the endpoint at a path.
func (w *world) serves(path string) endpoints.Handler { return w.desk.Routes()[path] }

// show renders errors as the caller of the package does.
func show(w http.ResponseWriter, err error) {
	if err == nil {
		return
	}
	status := map[fault.Kind]int{
		fault.Invalid: 400, fault.Denied: 403, fault.LoginNeeded: 401, fault.NotFound: 404, fault.Throttled: 429,
		fault.Unavailable: 503,
	}[fault.KindOf(err)]
	if status == 0 {
		status = 500
	}
	w.WriteHeader(status)
	_, _ = io.WriteString(w, "PAGE "+fault.Public(err))
}

// static are the clients of a configuration, as far as they are fixed.
func static(cfg *parts) client.Static {
	fixed, _ := cfg.Clients.(client.Static)
	return fixed
}

func clients(t testing.TB) client.Static {
	one, err := client.NewSecret(wikiSecret)
	two, err2 := client.NewSecret(wikiSecret2)
	if err := errors.Join(err, err2); err != nil {
		t.Fatal(err)
	}
	no := false
	list := []*client.Client{
		{ID: "wiki", Name: "The Wiki", LogoURI: "https://wiki.example.com/logo.png", Secrets: []client.Secret{one, two}, RedirectURIs: []string{wikiURI, "https://wiki.example.com/cb?x=1"}, AllowedOrigins: []string{"https://wiki.example.com"}},
		{ID: "other", Secrets: []client.Secret{one}, RedirectURIs: []string{wikiURI}},
		{ID: "spa", Public: true, RedirectURIs: []string{"https://spa.example.com/", "http://127.0.0.1/cb", "http://[::1]:9/cb", "com.example.app:/cb"}, AllowedOrigins: []string{"https://spa.example.com"}, IDTokenAlg: "ES256", IDTokenClaims: true},
		{ID: "old", Secrets: []client.Secret{one}, RedirectURIs: []string{wikiURI}, InsecurePKCEOptional: true},
		{ID: "older", Secrets: []client.Secret{one}, RedirectURIs: []string{wikiURI}, InsecurePKCEOptional: true, InsecureNonceOptional: true},
		{ID: "narrow", Secrets: []client.Secret{one}, RedirectURIs: []string{wikiURI}, Scopes: []string{"openid", "api.read"}},
		{ID: "work-only", Secrets: []client.Secret{one}, RedirectURIs: []string{wikiURI}, Local: &no, Providers: []string{"work"}},
		{ID: "short", Secrets: []client.Secret{one}, RedirectURIs: []string{wikiURI}, UserSSOLifetime: time.Minute},
	}
	out := client.Static{}
	for _, c := range list {
		out[c.ID] = c
	}
	return out
}

// ring is one real key ring for all tests: making RSA keys takes its time.
var ring = sync.OnceValues(func() (*keys.Ring, error) {
	records, err := memory.OpenRecords(time.Now)
	if err != nil {
		return nil, err
	}
	if err := records.Migrate(context.Background(), keys.Migrations()); err != nil {
		return nil, err
	}
	master, err := seal.NewMaster([]byte("0123456789abcdefghijklmnopqrstuv"))
	return keys.New(records, master, keys.Options{}), err
})
