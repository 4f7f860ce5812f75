package endsession_test

import (
	"context"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/backchannel"
	"github.com/gatehouse-auth/gatehouse/authorize/checksession"
	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/authorize/endsession"
	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/internal/egress"
	"github.com/gatehouse-auth/gatehouse/internal/seal"
	"github.com/gatehouse-auth/gatehouse/session"
	"github.com/gatehouse-auth/gatehouse/store/sqlite"
)

// portal is an issuer on a real listener with real sessions, and an
// application that hears of their end.
type portal struct {
	t        *testing.T
	issuer   string
	manager  *session.Manager
	sessions *session.Sessions
	checker  *checksession.Checker
	sender   *backchannel.Sender
	clients  client.Static
	mu       sync.Mutex
	told     []string
}

// people are accounts.
type people struct{}

func (people) User(_ context.Context, sub identity.Subject) (*identity.User, error) {
	return &identity.User{Subject: sub, Username: string(sub)}, nil
}

// Current implements endsession.Sessions.
func (p *portal) Current(r *http.Request) (*identity.Session, error) {
	live, err := p.sessions.Current(r)
	if live == nil || err != nil {
		return nil, err
	}
	return &live.Session, nil
}

// Clients implements endsession.Sessions.
func (p *portal) Clients(ctx context.Context, sid string) ([]string, error) {
	return p.manager.Clients(ctx, sid)
}

// End implements endsession.Sessions.
func (p *portal) End(w http.ResponseWriter, r *http.Request) error { return p.sessions.End(w, r) }

// Confirm implements endsession.Pages.
func (p *portal) Confirm(w http.ResponseWriter, _ *http.Request, v endsession.Confirm) error {
	_, err := fmt.Fprintf(w, "CONFIRM %s %s", v.Action, v.Token)
	return err
}

// SignedOut implements endsession.Pages.
func (p *portal) SignedOut(w http.ResponseWriter, _ *http.Request, v endsession.SignedOut) error {
	_, err := fmt.Fprintf(w, "SIGNED OUT %s", strings.Join(v.FrontChannel, " "))
	return err
}

func must[T any](t *testing.T, err error, v T) T {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func newPortal(t *testing.T) *portal {
	t.Helper()
	dir := t.TempDir()
	records, err := sqlite.OpenRecords(filepath.Join(dir, "records.db"), sqlite.Options{})
	must(t, err, records)
	shorts, err := sqlite.OpenShorts(filepath.Join(dir, "shorts.db"), sqlite.Options{})
	must(t, err, shorts)
	t.Cleanup(func() { records.Close(); shorts.Close() })
	if err := records.Migrate(t.Context(), backchannel.Migrations()); err != nil {
		t.Fatal(err)
	}
	signer, err := ring()
	must(t, err, signer)
	master, err := seal.NewMaster([]byte("0123456789abcdefghijklmnopqrstuv"))
	must(t, err, master)
	p := &portal{t: t}
	app := p.application()
	roots := x509.NewCertPool()
	roots.AddCert(app.Certificate())
	p.clients = client.Static{
		"wiki": {ID: "wiki", PostLogoutRedirectURIs: []string{wikiBye}, BackchannelLogoutURI: app.URL},
		"mail": {ID: "mail", BackchannelLogoutURI: app.URL, FrontchannelLogoutURI: "https://mail.example.com/out"},
	}
	mux := http.NewServeMux()
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	p.issuer = server.URL
	site, err := session.NewSite(p.issuer)
	must(t, err, site)
	outbox := backchannel.NewOutbox(records, nil)
	p.manager = session.New(shorts, people{}, master.Box("visit"), session.Options{Ended: outbox.Ended, Report: func(err error) { t.Error(err) }})
	p.sessions = p.manager.At(site, session.Config{})
	p.checker, err = checksession.New(checksession.Config{Issuer: p.issuer, Box: master.Box("check_session"), Origins: func(context.Context) ([]string, error) { return nil, nil }})
	must(t, err, p.checker)
	out := egress.New(egress.Options{AllowPrivate: true, RootCAs: roots})
	p.sender, err = backchannel.New(backchannel.Config{
		Issuer: p.issuer, Outbox: outbox, Clients: p.clients, Signer: signer, HTTP: func(*client.Client) backchannel.Doer { return out },
		Report: func(_ context.Context, d backchannel.Delivery) {
			if d.Err != nil {
				t.Error(d.Err)
			}
		},
	})
	must(t, err, p.sender)
	endpoint, err := endsession.New(endsession.Config{
		Issuer: p.issuer, Sessions: p, Keys: signer, Pages: p, Clients: p.clients, Box: master.Box("end_session"),
		Ended: func(w http.ResponseWriter, r *http.Request, _ *identity.Session) { p.checker.Sync(w, r, nil) },
	})
	must(t, err, endpoint)
	for path, serve := range map[string]func(http.ResponseWriter, *http.Request) error{
		"/end_session": endpoint.EndSession, "/end_session/confirm": endpoint.Confirm, "/login": p.login,
	} {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			if err := serve(w, r); err != nil {
				t.Error(err)
			}
		})
	}
	return p
}

// application is where both clients are told.
func (p *portal) application() *httptest.Server {
	server := httptest.NewTLSServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		signer, _ := ring()
		var c struct{ Aud, SID string }
		if err := signer.Verify(r.Context(), r.FormValue("logout_token"), "logout+jwt", &c); err != nil {
			p.t.Error(err)
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		p.told = append(p.told, c.Aud+" "+c.SID)
	}))
	p.t.Cleanup(server.Close)
	return server
}

// login signs in whoever ?sub= names, through both clients.
func (p *portal) login(w http.ResponseWriter, r *http.Request) error {
	s, err := p.sessions.Begin(w, r, identity.Subject(r.URL.Query().Get("sub")), identity.Login{IDP: identity.Local}, false)
	if err != nil {
		return err
	}
	p.checker.Sync(w, r, s)
	for _, id := range strings.Fields(r.URL.Query().Get("clients")) {
		if err := p.manager.Join(r.Context(), s.SID, id); err != nil {
			return err
		}
	}
	_, err = io.WriteString(w, s.SID)
	return err
}

// delivered sends what is due and gives who was told since.
func (p *portal) delivered() []string {
	p.t.Helper()
	if _, err := p.sender.Deliver(p.t.Context()); err != nil {
		p.t.Fatal(err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	list := p.told
	p.told = nil
	slices.Sort(list)
	return list
}

// fetch gives a page's text, and where it leads.
func (p *portal) fetch(b *http.Client, method, path string, body url.Values) (text, to string) {
	p.t.Helper()
	r, err := http.NewRequest(method, p.issuer+path, strings.NewReader(body.Encode()))
	must(p.t, err, r)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := b.Do(r)
	must(p.t, err, res)
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	must(p.t, err, raw)
	return string(raw), res.Header.Get("Location")
}

func browser(t *testing.T) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	return &http.Client{Jar: must(t, err, jar), CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

func (p *portal) cookies(b *http.Client) []*http.Cookie {
	u, err := url.Parse(p.issuer)
	return b.Jar.Cookies(must(p.t, err, u))
}

// The whole way, with real sessions in a real database: a client's logout ends
// the session and its copies, every client hears of it, and the browser's state
// changes. SES-09, SES-11, CSR-05
func TestTheWholeWay(t *testing.T) {
	p := newPortal(t)
	alice, elsewhere := browser(t), browser(t)
	sid, _ := p.fetch(alice, "GET", "/login?sub=alice&clients=wiki", nil)
	other, _ := p.fetch(elsewhere, "GET", "/login?sub=alice&clients=wiki+mail", nil)
	thief := browser(t)
	u, _ := url.Parse(p.issuer)
	thief.Jar.SetCookies(u, p.cookies(alice))
	if len(p.cookies(alice)) != 2 || sid == other {
		t.Fatal(p.cookies(alice))
	}
	hint := hint(t, "iss", p.issuer, "sid", sid)
	_, to := p.fetch(alice, "POST", "/end_session", values("id_token_hint", hint, "post_logout_redirect_uri", wikiBye, "state", "s"))
	_, to = p.fetch(alice, "GET", to, nil)
	if to != wikiBye+"?state=s" || len(p.cookies(alice)) != 0 {
		t.Errorf("sent to %q, cookies %v", to, p.cookies(alice))
	}
	if text, _ := p.fetch(thief, "GET", "/end_session", nil); !strings.HasPrefix(text, "SIGNED OUT") {
		t.Errorf("a copied cookie: %s", text)
	}
	if got := p.delivered(); !slices.Equal(got, []string{"wiki " + sid}) {
		t.Errorf("told %v", got)
	}
	// The other browser is asked, says yes, and its clients hear of it too.
	text, _ := p.fetch(elsewhere, "GET", "/end_session?id_token_hint="+hint, nil)
	parts := strings.Fields(text)
	if parts[0] != "CONFIRM" {
		t.Fatal(text)
	}
	text, _ = p.fetch(elsewhere, "POST", parts[1], values("csrf_token", parts[2], "action", "logout"))
	if want := "SIGNED OUT https://mail.example.com/out?iss=" + url.QueryEscape(p.issuer) + "&sid=" + other; text != want {
		t.Errorf("%s, want %s", text, want)
	}
	if got := p.delivered(); !slices.Equal(got, []string{"mail " + other, "wiki " + other}) {
		t.Errorf("told %v", got)
	}
}

// Nobody goes round in circles: from any start a browser that follows every
// redirect comes to rest at once.
func TestNoLoops(t *testing.T) {
	p := newPortal(t)
	p.clients["wiki"].PostLogoutRedirectURIs = append(p.clients["wiki"].PostLogoutRedirectURIs, p.issuer+"/end_session", p.issuer+"/end_session?client_id=wiki")
	for _, signedIn := range []bool{false, true} {
		for _, hinted := range []bool{false, true} {
			for _, uri := range p.clients["wiki"].PostLogoutRedirectURIs {
				b, hops, sid := browser(t), 0, "none"
				b.CheckRedirect = func(r *http.Request, via []*http.Request) error {
					if hops = len(via); r.URL.Host != strings.TrimPrefix(p.issuer, "http://") {
						return http.ErrUseLastResponse
					}
					return nil
				}
				if signedIn {
					sid, _ = p.fetch(b, "GET", "/login?sub=alice&clients=wiki", nil)
				}
				v := values("client_id", "wiki", "post_logout_redirect_uri", uri)
				if hinted {
					v.Set("id_token_hint", hint(t, "iss", p.issuer, "sid", sid))
				}
				began := time.Now()
				p.fetch(b, "POST", "/end_session", v)
				if hops > 2 || time.Since(began) > 5*time.Second {
					t.Errorf("signed in %v, hint %v, %s: %d redirects", signedIn, hinted, uri, hops)
				}
			}
		}
	}
}
