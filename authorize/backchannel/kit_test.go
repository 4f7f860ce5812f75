package backchannel_test

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/backchannel"
	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/internal/egress"
	"github.com/gatehouse-auth/gatehouse/internal/seal"
	"github.com/gatehouse-auth/gatehouse/keys"
	"github.com/gatehouse-auth/gatehouse/store"
	"github.com/gatehouse-auth/gatehouse/store/memory"
	"github.com/gatehouse-auth/gatehouse/store/sqlite"
)

const (
	issuer                  = "https://auth.example.com"
	alice  identity.Subject = "11111111-1111-4111-8111-111111111111"
	event                   = "http://schemas.openid.net/event/backchannel-logout"
	soon                    = 30 * time.Second
	typ                     = "logout+jwt"
)

// onEachStore runs a test on every kind of records there is.
func onEachStore(t *testing.T, test func(t *testing.T, open func() store.Records)) {
	t.Helper()
	t.Run("memory", func(t *testing.T) {
		records, err := memory.OpenRecords(time.Now)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { records.Close() })
		test(t, func() store.Records { return records })
	})
	t.Run("sqlite", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "records.db")
		test(t, func() store.Records {
			records, err := sqlite.OpenRecords(path, sqlite.Options{})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { records.Close() })
			return records
		})
	})
}

// clock is set by tests.
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

// application is a client's server: it counts, remembers tokens, and answers
// as it is told.
type application struct {
	*httptest.Server
	mu     sync.Mutex
	tokens []string
	wrong  []string // what a logout request must not be
	answer func(w http.ResponseWriter, r *http.Request, nth int)
}

func newApplication(t *testing.T) *application {
	t.Helper()
	a := &application{answer: func(http.ResponseWriter, *http.Request, int) {}}
	a.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		token, ok := strings.CutPrefix(string(body), "logout_token=")
		a.mu.Lock()
		if !ok || r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/x-www-form-urlencoded" || strings.ContainsAny(token, "&=") {
			a.wrong = append(a.wrong, r.Method+" "+string(body))
		}
		a.tokens = append(a.tokens, token)
		nth := len(a.tokens)
		answer := a.answer
		a.mu.Unlock()
		answer(w, r, nth)
	}))
	a.Config.ErrorLog = log.New(io.Discard, "", 0) // connections are broken on purpose
	a.StartTLS()
	t.Cleanup(func() {
		a.Close()
		if len(a.wrong) > 0 {
			t.Errorf("sent: %q", a.wrong)
		}
	})
	return a
}

// answers makes every answer one status.
func (a *application) answers(status int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.answer = func(w http.ResponseWriter, _ *http.Request, _ int) { w.WriteHeader(status) }
}

func (a *application) got() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return append([]string{}, a.tokens...)
}

// world is an outbox with a sender.
type world struct {
	*backchannel.Sender
	t       *testing.T
	clock   *clock
	outbox  *backchannel.Outbox
	app     *application
	clients map[string]*client.Client
	mu      sync.Mutex
	reports []backchannel.Delivery
	broken  error // looking up clients

	reported chan struct{}
}

func newWorld(t *testing.T, records store.Records, change ...func(*backchannel.Config)) *world {
	t.Helper()
	if err := records.Migrate(t.Context(), backchannel.Migrations()); err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, clock: &clock{now: time.Now().Truncate(time.Second)}, reported: make(chan struct{}, 100), app: newApplication(t)}
	w.clients = map[string]*client.Client{
		"wiki": {ID: "wiki", BackchannelLogoutURI: w.app.URL + "/logout?tenant=1", IDTokenAlg: client.ES256},
		"mail": {ID: "mail", BackchannelLogoutURI: w.app.URL + "/mail"},
		"mute": {ID: "mute"},
	}
	w.outbox = backchannel.NewOutbox(records, w.clock.Now)
	w.Sender = w.sender(w.outbox, change...)
	return w
}

func (w *world) sender(outbox *backchannel.Outbox, change ...func(*backchannel.Config)) *backchannel.Sender {
	w.t.Helper()
	signer, err := ring()
	if err != nil {
		w.t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(w.app.Certificate())
	out := egress.New(egress.Options{AllowPrivate: true, RootCAs: roots})
	cfg := backchannel.Config{
		Issuer: issuer, Outbox: outbox, Signer: signer, Now: w.clock.Now, Timeout: 30 * time.Second, Parallel: 4,
		HTTP:    func(*client.Client) backchannel.Doer { return out },
		Clients: w,
		Report: func(_ context.Context, d backchannel.Delivery) {
			w.mu.Lock()
			w.reports = append(w.reports, d)
			w.mu.Unlock()
			select {
			case w.reported <- struct{}{}:
			default:
			}
		},
		Failed: func(err error) { w.t.Errorf("store: %v", err) },
	}
	for _, f := range change {
		f(&cfg)
	}
	s, err := backchannel.New(cfg)
	if err != nil {
		w.t.Fatal(err)
	}
	return s
}

// Client implements client.Clients.
func (w *world) Client(ctx context.Context, id string) (*client.Client, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.broken != nil {
		return nil, w.broken
	}
	return client.Static(w.clients).Client(ctx, id)
}

// over takes down that a session is over.
func (w *world) over(sid string, clients ...string) {
	w.t.Helper()
	if err := w.outbox.Ended(w.t.Context(), sid, alice, clients); err != nil {
		w.t.Fatal(err)
	}
}

// deliver sends what is due and gives when the next is.
func (w *world) deliver() time.Time {
	w.t.Helper()
	next, err := w.Deliver(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	return next
}

// told gives the reports since it was asked last.
func (w *world) told() []backchannel.Delivery {
	w.mu.Lock()
	defer w.mu.Unlock()
	list := w.reports
	w.reports = nil
	return list
}

func (w *world) pending(want int) {
	w.t.Helper()
	if n, err := w.outbox.Pending(w.t.Context()); n != want || err != nil {
		w.t.Errorf("%d pending, want %d, %v", n, want, err)
	}
}

// read verifies a token as a client does and gives its claims.
func read(t *testing.T, token string) map[string]any {
	t.Helper()
	signer, err := ring()
	if err != nil {
		t.Fatal(err)
	}
	var claims map[string]any
	if err := signer.Verify(t.Context(), token, typ, &claims); err != nil {
		t.Fatal(err)
	}
	return claims
}

// header gives a token's header.
func header(t *testing.T, token string) map[string]any {
	t.Helper()
	var h map[string]any
	raw := decode(t, strings.Split(token, ".")[0])
	if err := json.Unmarshal(raw, &h); err != nil {
		t.Fatal(err)
	}
	return h
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
