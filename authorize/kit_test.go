package authorize_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize"
	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/internal/seal"
	"github.com/gatehouse-auth/gatehouse/internal/secret"
	"github.com/gatehouse-auth/gatehouse/keys"
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

// newWorld starts a server with the clients that most tests want; change may
// alter its configuration.
func newWorld(t testing.TB, base string, change ...func(*authorize.Config)) *world {
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
	cfg := authorize.Config{
		Issuer: w.issuer, Clients: w.clients, Sessions: w.sessions, Sites: w.sites, Signer: w.signer,
		Jar: jar{}, Shorts: w.shorts, Box: master.Box("authorize"), Now: w.clock.Now, UILocales: []string{"en", "de"},
		Report: func(_ context.Context, err error) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.reports = append(w.reports, err)
		},
	}
	for _, f := range change {
		f(&cfg)
	}
	for _, c := range static(&cfg) { // who says nothing about consent is the house's own
		c.FirstParty = c.FirstParty || c.Consent == ""
	}
	if w.Server, err = authorize.New(cfg); err != nil {
		t.Fatal(err)
	}
	for path, h := range w.Routes() {
		mux.HandleFunc(path, func(rw http.ResponseWriter, r *http.Request) { show(rw, h(rw, r)) })
	}
	return w
}

// show renders errors as the caller of the package does.
func show(w http.ResponseWriter, err error) {
	if err == nil {
		return
	}
	status := map[fault.Kind]int{
		fault.Invalid: 400, fault.Denied: 403, fault.LoginNeeded: 401, fault.NotFound: 404,
		fault.Unavailable: 503,
	}[fault.KindOf(err)]
	if status == 0 {
		status = 500
	}
	w.WriteHeader(status)
	_, _ = io.WriteString(w, "PAGE "+fault.Public(err))
}

// static are the clients of a configuration, as far as they are fixed.
func static(cfg *authorize.Config) client.Static {
	fixed, _ := cfg.Clients.(client.Static)
	return fixed
}

func clients(t testing.TB) client.Static {
	one, err := authorize.NewSecret(wikiSecret)
	two, err2 := authorize.NewSecret(wikiSecret2)
	if err := errors.Join(err, err2); err != nil {
		t.Fatal(err)
	}
	no := false
	list := []*authorize.Client{
		{ID: "wiki", Name: "The Wiki", LogoURI: "https://wiki.example.com/logo.png", Secrets: []authorize.Secret{one, two}, RedirectURIs: []string{wikiURI, "https://wiki.example.com/cb?x=1"}, AllowedOrigins: []string{"https://wiki.example.com"}},
		{ID: "other", Secrets: []authorize.Secret{one}, RedirectURIs: []string{wikiURI}},
		{ID: "spa", Public: true, RedirectURIs: []string{"https://spa.example.com/", "http://127.0.0.1/cb", "http://[::1]:9/cb", "com.example.app:/cb"}, AllowedOrigins: []string{"https://spa.example.com"}, IDTokenAlg: "ES256", IDTokenClaims: true},
		{ID: "old", Secrets: []authorize.Secret{one}, RedirectURIs: []string{wikiURI}, InsecurePKCEOptional: true},
		{ID: "older", Secrets: []authorize.Secret{one}, RedirectURIs: []string{wikiURI}, InsecurePKCEOptional: true, InsecureNonceOptional: true},
		{ID: "narrow", Secrets: []authorize.Secret{one}, RedirectURIs: []string{wikiURI}, Scopes: []string{"openid", "api.read"}},
		{ID: "work-only", Secrets: []authorize.Secret{one}, RedirectURIs: []string{wikiURI}, Local: &no, Providers: []string{"work"}},
		{ID: "short", Secrets: []authorize.Secret{one}, RedirectURIs: []string{wikiURI}, UserSSOLifetime: time.Minute},
	}
	out := client.Static{}
	for _, c := range list {
		out[c.ID] = c
	}
	return out
}

// clock is set by tests and read by servers.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// sessions keeps who is signed in, by cookie.
type sessions struct {
	mu      sync.Mutex
	bySID   map[string]*identity.Session
	cookies map[string]string
	joined  map[string][]string
	broken  error
	over    bool // sessions end between being read and being joined
	read    int
}

func (s *sessions) Current(r *http.Request) (*identity.Session, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.read++
	if s.broken != nil {
		return nil, s.broken
	}
	c, err := r.Cookie("gatehouse")
	if err != nil {
		return nil, nil
	}
	return s.bySID[s.cookies[c.Value]], nil
}

func (s *sessions) Find(_ context.Context, sid string) (*identity.Session, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.broken != nil {
		return nil, s.broken
	}
	if found := s.bySID[sid]; found != nil {
		return found, nil
	}
	return nil, fault.New(fault.NotFound, "test", "")
}

func (s *sessions) Join(_ context.Context, sid, client string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over {
		return fault.New(fault.NotFound, "test", "")
	}
	s.joined[sid] = append(s.joined[sid], client)
	return nil
}

// sites seals visits as the site side does.
type sites struct {
	box   *seal.Box
	wrong string // replaces the origin of tickets
	made  int
}

func (s *sites) seal(v authorize.Visit) string {
	plain, _ := json.Marshal(v)
	return s.box.Seal(plain)
}

func (s *sites) Open(state string) (v authorize.Visit, err error) {
	plain, err := s.box.Open(state)
	if err != nil {
		return v, fault.Wrap(fault.Invalid, "sites", err)
	}
	return v, json.Unmarshal(plain, &v)
}

func (s *sites) Ticket(_ context.Context, _ *identity.Session, state string) (string, error) {
	v, err := s.Open(state)
	if s.wrong != "" {
		v.Origin = s.wrong
	}
	s.made++
	return v.Origin + "/deep?q=1&gatehouse_ticket=" + secret.New(), err
}

// jar names cookies as on a plain-http loopback site.
type jar struct{}

func (jar) Cookie(suffix, value string, maxAge int) *http.Cookie {
	return &http.Cookie{Name: "gatehouse-" + suffix, Value: value, Path: "/", MaxAge: maxAge, HttpOnly: true, SameSite: http.SameSiteLaxMode}
}

func (jar) Value(r *http.Request, suffix string) string {
	found := r.CookiesNamed("gatehouse-" + suffix)
	if len(found) != 1 {
		return ""
	}
	return found[0].Value
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

// browser keeps cookies and does not follow redirects.
type browser struct {
	*http.Client
	w *world
}

func (w *world) browser() *browser {
	j, _ := cookiejar.New(nil)
	return &browser{&http.Client{Jar: j, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}, w}
}

// signIn puts a session into the browser, as the login page does.
func (b *browser) signIn(sub, idp string) *identity.Session {
	s := &identity.Session{
		SID: secret.New(), Began: b.w.clock.Now(),
		User: &identity.User{
			Subject: identity.Subject(sub), Username: sub, Name: "Name of " + sub, Email: sub + "@example.com", EmailVerified: true,
			Groups: []string{"admins", "staff"}, Claims: map[string]string{"given_name": "Given", "shoe": "42"},
		},
		Login: identity.Login{IDP: idp, AMR: []string{"pwd"}, At: b.w.clock.Now(), ACR: "1"},
	}
	handle := secret.New()
	b.w.sessions.mu.Lock()
	b.w.sessions.bySID[s.SID], b.w.sessions.cookies[handle] = s, s.SID
	b.w.sessions.mu.Unlock()
	u, _ := url.Parse(b.w.issuer)
	b.Jar.SetCookies(u, []*http.Cookie{{Name: "gatehouse", Value: handle, Path: "/"}})
	return s
}

// answer is a response with what tests look at.
type answer struct {
	*http.Response
	body string
	to   *url.URL
}

func (b *browser) do(r *http.Request) answer {
	b.w.t.Helper()
	res, err := b.Do(r)
	if err != nil {
		b.w.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		b.w.t.Fatal(err)
	}
	a := answer{Response: res, body: string(body)}
	if l := res.Header.Get("Location"); l != "" {
		if a.to, err = res.Location(); err != nil {
			b.w.t.Fatal(err)
		}
	}
	if res.StatusCode >= 500 && b.w.sessions.broken == nil && !b.w.failing {
		b.w.t.Errorf("%s %s: status %d: %s", r.Method, r.URL.Path, res.StatusCode, body)
	}
	return a
}

func (b *browser) get(address string) answer {
	b.w.t.Helper()
	r, err := http.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		b.w.t.Fatal(err)
	}
	return b.do(r)
}

// ask brings an authorization request.
func (b *browser) ask(v url.Values) answer {
	b.w.t.Helper()
	return b.get(b.w.issuer + "/authorize?" + v.Encode())
}

// atLogin tells whether an answer leads to the login page, and gives the
// address it would return to.
func (a answer) atLogin(w *world) (string, bool) {
	if a.StatusCode != http.StatusSeeOther || a.to == nil || !strings.HasPrefix(a.to.String(), w.issuer+"/login?") {
		return "", false
	}
	u, _ := url.Parse(w.issuer)
	return u.Scheme + "://" + u.Host + a.to.Query().Get("return_url"), true
}

// verifier is a fixed PKCE verifier, challenge what is made of it.
var verifier = strings.Repeat("v-._~", 10)

func challenge(verifier string) string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// request is a good request of the wiki; pairs change it, "" removes.
func request(pairs ...string) url.Values {
	v := url.Values{
		"client_id": {"wiki"}, "redirect_uri": {wikiURI}, "response_type": {"code"}, "scope": {"openid profile email groups"},
		"state": {"the state"}, "nonce": {"n-1"}, "code_challenge": {challenge(verifier)}, "code_challenge_method": {"S256"},
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		if v.Set(pairs[i], pairs[i+1]); pairs[i+1] == "" {
			v.Del(pairs[i])
		}
	}
	return v
}
