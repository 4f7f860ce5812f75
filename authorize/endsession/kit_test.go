package endsession_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/authorize/endsession"
	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/internal/seal"
	"github.com/gatehouse-auth/gatehouse/keys"
	"github.com/gatehouse-auth/gatehouse/store/memory"
)

const (
	issuer   = "https://auth.example.com"
	endpoint = issuer + "/end_session"
	wikiBye  = "https://wiki.example.com/bye"
	wikiBye2 = "https://wiki.example.com/bye?from=sso"
)

// world is the endpoint with one browser, which has at most one session.
type world struct {
	*endsession.Server
	t        testing.TB
	session  *identity.Session
	joined   []string
	clients  map[string]*client.Client
	broken   string // which part fails
	vouched  []bool // whether the clients that were looked up were vouched for
	asked    int    // how often the cookie was read
	ends     int
	told     []string // sids that Ended was told
	shown    any      // the last page
	reported []error
}

func newWorld(t testing.TB, change ...func(*endsession.Config)) *world {
	t.Helper()
	w := &world{t: t, clients: map[string]*client.Client{
		"wiki": {
			ID: "wiki", Name: "The Wiki", LogoURI: "https://wiki.example.com/logo.png", RedirectURIs: []string{"https://wiki.example.com/cb"},
			PostLogoutRedirectURIs: []string{wikiBye, wikiBye2, issuer + "/end_session?client_id=wiki"}, FrontchannelLogoutURI: "https://wiki.example.com/out",
		},
		"mail": {ID: "mail", PostLogoutRedirectURIs: []string{"https://mail.example.com/"}, FrontchannelLogoutURI: "https://mail.example.com/out?t=1"},
		"self": {ID: "self", Name: "Self", Dynamic: true, RedirectURIs: []string{"https://self.example/cb"}, PostLogoutRedirectURIs: []string{"https://self.example/"}},
		"app":  {ID: "app", Public: true, PostLogoutRedirectURIs: []string{"com.example.app:/bye"}},
	}}
	signer, err := ring()
	if err != nil {
		t.Fatal(err)
	}
	master, err := seal.NewMaster([]byte("0123456789abcdefghijklmnopqrstuv"))
	if err != nil {
		t.Fatal(err)
	}
	cfg := endsession.Config{
		Issuer: issuer, Sessions: w, Keys: verifier{w, signer}, Pages: w, Clients: directory{w}, Box: master.Box("end_session"),
		Ended:  func(_ http.ResponseWriter, _ *http.Request, s *identity.Session) { w.told = append(w.told, s.SID) },
		Report: func(_ context.Context, err error) { w.reported = append(w.reported, err) },
	}
	for _, f := range change {
		f(&cfg)
	}
	if w.Server, err = endsession.New(cfg); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *world) fails(part string) error {
	if w.broken == part {
		return fault.New(fault.Unavailable, "test", "")
	}
	return nil
}

func (w *world) Current(*http.Request) (*identity.Session, error) {
	w.asked++
	return w.session, w.fails("current")
}

func (w *world) Clients(_ context.Context, sid string) ([]string, error) {
	if w.session == nil || w.session.SID != sid {
		return nil, fault.New(fault.NotFound, "test", "")
	}
	return w.joined, w.fails("clients")
}

func (w *world) End(http.ResponseWriter, *http.Request) error {
	if err := w.fails("end"); err != nil {
		return err
	}
	w.session = nil
	w.ends++
	return nil
}

// directory is the clients, which can fail.
type directory struct{ w *world }

func (d directory) Client(ctx context.Context, id string) (*client.Client, error) {
	d.w.vouched = append(d.w.vouched, client.Vouched(ctx))
	if err := d.w.fails("client"); err != nil {
		return nil, err
	}
	if client.IsDocument(id) { // its address is out of reach
		return nil, fault.Wrap(fault.Unavailable, "test", client.ErrSilent)
	}
	return client.Static(d.w.clients).Client(ctx, id)
}

func (w *world) Confirm(rw http.ResponseWriter, _ *http.Request, v endsession.Confirm) error {
	w.shown = v
	rw.WriteHeader(http.StatusOK)
	return nil
}

func (w *world) SignedOut(rw http.ResponseWriter, _ *http.Request, v endsession.SignedOut) error {
	w.shown = v
	rw.WriteHeader(http.StatusOK)
	return nil
}

// verifier is a ring that can fail.
type verifier struct {
	w *world
	*keys.Ring
}

func (v verifier) Verify(ctx context.Context, token, typ string, claims any) error {
	if err := v.w.fails("keys"); err != nil {
		return err
	}
	return v.Ring.Verify(ctx, token, typ, claims)
}

// pages leaves the name Confirm of the endpoint to the server.
func (w *world) confirm(rw http.ResponseWriter, r *http.Request) error {
	return w.Server.Confirm(rw, r)
}

// signIn puts a session into the browser.
func (w *world) signIn(sid, sub string, joined ...string) {
	w.session = &identity.Session{SID: sid, User: &identity.User{Subject: identity.Subject(sub), Username: sub}}
	w.joined = joined
}

// get brings a query; it fails the test for errors that are not a request's.
func (w *world) get(query string) (*httptest.ResponseRecorder, error) {
	w.t.Helper()
	w.shown = nil
	rec := httptest.NewRecorder()
	return rec, w.EndSession(rec, httptest.NewRequest(http.MethodGet, endpoint+"?"+query, nil))
}

// post posts a form to the endpoint or, with Confirm, below it.
func (w *world) post(to string, body url.Values, header ...string) (*httptest.ResponseRecorder, error) {
	w.t.Helper()
	w.shown = nil
	r := httptest.NewRequest(http.MethodPost, to, strings.NewReader(body.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	rec := httptest.NewRecorder()
	if strings.Contains(to, "/confirm") {
		return rec, w.confirm(rec, r)
	}
	return rec, w.EndSession(rec, r)
}

// values makes parameters of pairs; empty ones are left out.
func values(pairs ...string) url.Values {
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			v.Set(pairs[i], pairs[i+1])
		}
	}
	return v
}

// claims are those of an ID token from yesterday; pairs change them, nil
// removes.
func claims(pairs ...any) map[string]any {
	at := time.Now().Add(-24 * time.Hour).Unix()
	c := map[string]any{"iss": issuer, "sub": "alice", "aud": "wiki", "iat": at, "exp": at + 300, "sid": "sid-1"}
	for i := 0; i+1 < len(pairs); i += 2 {
		if c[pairs[i].(string)] = pairs[i+1]; pairs[i+1] == nil {
			delete(c, pairs[i].(string))
		}
	}
	return c
}

// token signs claims as our token endpoint does.
func token(t testing.TB, typ string, c map[string]any) string {
	t.Helper()
	signer, err := ring()
	if err != nil {
		t.Fatal(err)
	}
	text, err := signer.Sign(context.Background(), "ES256", typ, c)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func hint(t testing.TB, pairs ...any) string {
	t.Helper()
	return token(t, "JWT", claims(pairs...))
}

// forged is a token whose payload was changed after it was signed.
func forged(t testing.TB) string {
	t.Helper()
	parts := strings.Split(hint(t), ".")
	payload, err := json.Marshal(claims("sub", "alice", "forged", true))
	if err != nil {
		t.Fatal(err)
	}
	parts[1] = encode(payload)
	return strings.Join(parts, ".")
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
