package document_test

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/authorize/document"
	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/internal/egress"
	"github.com/gatehouse-auth/gatehouse/store/storetest"
)

// world is a server of documents, and a directory that fetches from it.
type world struct {
	*testing.T
	clock   *storetest.Clock
	server  *httptest.Server
	asked   atomic.Int64
	askers  atomic.Int64
	mu      sync.Mutex
	serve   http.HandlerFunc
	reports []error
	dir     *document.Directory
}

func newWorld(t *testing.T, change ...func(*egress.Options, *document.Config)) *world {
	t.Helper()
	w := &world{T: t, clock: storetest.NewClock()}
	w.server = httptest.NewUnstartedServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.asked.Add(1)
		w.mu.Lock()
		serve := w.serve
		w.mu.Unlock()
		serve(rw, r)
	}))
	w.server.Config.ErrorLog = log.New(io.Discard, "", 0)
	w.server.StartTLS()
	t.Cleanup(func() { w.server.CloseClientConnections(); w.server.Close() })
	out := egress.Options{AllowPrivate: true, MaxBytes: document.MaxBytes, Timeout: 2 * time.Second, RootCAs: x509.NewCertPool()}
	out.RootCAs.AddCert(w.server.Certificate())
	cfg := document.Config{
		Next: client.Static{"wiki": {ID: "wiki", Public: true, RedirectURIs: []string{"https://wiki.example.com/"}, AllowedOrigins: []string{"https://wiki.example.com"}}},
		Now:  w.clock.Now,
		// Everybody comes from somewhere else, where a test does not say more.
		Asker: func(context.Context) string { return fmt.Sprint(w.askers.Add(1)) },
		Report: func(_ context.Context, err error) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.reports = append(w.reports, err)
		},
	}
	for _, f := range change {
		f(&out, &cfg)
	}
	cfg.HTTP = egress.New(out)
	w.dir = document.New(cfg)
	w.says(w.text(""), "")
	return w
}

// id is the client's address.
func (w *world) id() string { return w.server.URL + "/client.json" }

// text is a good document with more members.
func (w *world) text(more string) string {
	return fmt.Sprintf(`{"client_id":%q,"client_name":"Agent","redirect_uris":["http://127.0.0.1/cb","https://agent.example.com/cb"]%s}`, w.id(), more)
}

// answers sets what the address does from now on.
func (w *world) answers(serve http.HandlerFunc) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.serve = serve
}

// says sets what the document says from now on.
func (w *world) says(text, cacheControl string) {
	w.answers(func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Content-Type", "application/json")
		if cacheControl != "" {
			rw.Header().Set("Cache-Control", cacheControl)
		}
		io.WriteString(rw, text)
	})
}

func (w *world) status(code int) {
	w.answers(func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(code) })
}

// good wants a client.
func (w *world) good(what string) *client.Client {
	w.Helper()
	c, err := w.dir.Client(w.Context(), w.id())
	if err != nil {
		w.Fatalf("%s: %v", what, err)
	}
	return c
}

// none wants no client, because there is none.
func (w *world) none(what, id string) {
	w.Helper()
	if c, err := w.dir.Client(w.Context(), id); !fault.Is(err, fault.NotFound) || !client.Absent(err) || c != nil {
		w.Errorf("%s: %+v, %v", what, c, err)
	}
}

// silent wants no client, because nothing is heard from its address.
func (w *world) silent(what, id string) {
	w.Helper()
	if c, err := w.dir.Client(w.Context(), id); !fault.Is(err, fault.Unavailable) || !errors.Is(err, client.ErrSilent) || !client.Absent(err) || c != nil {
		w.Errorf("%s: %+v, %v", what, c, err)
	}
}

// fails wants no client, by an error of one of these kinds.
func (w *world) fails(what, id string, kinds ...fault.Kind) {
	w.Helper()
	if c, err := w.dir.Client(w.Context(), id); err == nil || !slices.Contains(kinds, fault.KindOf(err)) || c != nil {
		w.Errorf("%s: %+v, %v", what, c, err)
	}
}

// asks tells how often f makes the address be asked.
func (w *world) asks(f func()) int64 {
	before := w.asked.Load()
	f()
	return w.asked.Load() - before
}

// reported tells whether a report says this.
func (w *world) reported(text string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, err := range w.reports {
		if strings.Contains(err.Error(), text) {
			return true
		}
	}
	return false
}
