package registration_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/registration"
	"github.com/gatehouse-auth/gatehouse/authorize/registry"
	"github.com/gatehouse-auth/gatehouse/store"
	"github.com/gatehouse-auth/gatehouse/store/memory"
	"github.com/gatehouse-auth/gatehouse/store/sqlite"
	"github.com/gatehouse-auth/gatehouse/store/storetest"
)

const issuer = "https://auth.example.com"

// world is the endpoints over one database.
type world struct {
	*testing.T
	clock   *storetest.Clock
	records store.Records
	clients *registry.Stored
	book    *registration.Registrations
	http    http.Handler
	mu      sync.Mutex
	ended   []string // whose grants were ended
	events  []string
	from    string
}

// each runs a test on both stores.
func each(t *testing.T, limits registration.Limits, test func(*world)) {
	t.Run("memory", func(t *testing.T) {
		clock := storetest.NewClock()
		r, err := memory.OpenRecords(clock.Now)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { r.Close() })
		test(newWorld(t, clock, r, limits))
	})
	t.Run("sqlite", func(t *testing.T) {
		clock := storetest.NewClock()
		r, err := sqlite.OpenRecords(filepath.Join(t.TempDir(), "db"), sqlite.Options{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { r.Close() })
		test(newWorld(t, clock, r, limits))
	})
}

func newWorld(t *testing.T, clock *storetest.Clock, r store.Records, limits registration.Limits) *world {
	t.Helper()
	if err := r.Migrate(t.Context(), append(registry.Migrations(), registration.Migrations()...)); err != nil {
		t.Fatal(err)
	}
	w := &world{T: t, clock: clock, records: r, from: "192.0.2.0/32"}
	w.wire(r, limits)
	return w
}

// wire puts the endpoints over records.
func (w *world) wire(r store.Records, limits registration.Limits) {
	t, clock := w.T, w.clock
	t.Helper()
	w.clients = registry.NewStored(r, registry.Options{Now: clock.Now})
	w.book = &registration.Registrations{Records: r, Clients: w.clients, Now: clock.Now, End: func(_ context.Context, id string) error {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.ended = append(w.ended, id)
		return nil
	}}
	server, err := registration.New(registration.Config{
		Issuer: issuer, Registrations: w.book, Shorts: memory.NewShorts(memory.Options{Now: clock.Now}), Limits: limits, Now: clock.Now,
		From: func(*http.Request) string { return w.from },
		Audit: func(_ *http.Request, event, client string) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.events = append(w.events, event)
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	for pattern, serve := range map[string]func(http.ResponseWriter, *http.Request) error{"/register": server.Register, "/register/{client}": server.Manage} {
		mux.HandleFunc(pattern, func(rw http.ResponseWriter, r *http.Request) {
			if err := serve(rw, r); err != nil {
				t.Error(err)
			}
		})
	}
	w.http = mux
}

// token makes an initial token.
func (w *world) token(uses int, life time.Duration) string {
	w.Helper()
	plain, _, err := w.book.AddToken(w.Context(), "", uses, life)
	if err != nil {
		w.Fatal(err)
	}
	return plain
}

// do sends a request with a bearer token and JSON.
func (w *world) do(method, path, token, body string) (*httptest.ResponseRecorder, map[string]any) {
	w.Helper()
	r := httptest.NewRequest(method, strings.TrimPrefix(path, issuer), strings.NewReader(body))
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	return w.send(r)
}

func (w *world) send(r *http.Request) (*httptest.ResponseRecorder, map[string]any) {
	w.Helper()
	rec := httptest.NewRecorder()
	w.http.ServeHTTP(rec, r)
	if cc := rec.Header().Get("Cache-Control"); cc != "no-store" {
		w.Errorf("%s %s: Cache-Control %q", r.Method, r.URL.Path, cc)
	}
	if rec.Header().Get("Access-Control-Allow-Origin") != "" {
		w.Errorf("%s %s: CORS", r.Method, r.URL.Path)
	}
	var answer map[string]any
	if rec.Body.Len() > 0 {
		if err := json.NewDecoder(bytes.NewReader(rec.Body.Bytes())).Decode(&answer); err != nil {
			w.Fatalf("%d, %v: %s", rec.Code, err, rec.Body)
		}
	}
	return rec, answer
}

// want fails unless an answer has this status and error.
func (w *world) want(what string, rec *httptest.ResponseRecorder, status int, code string) {
	w.Helper()
	if rec.Code != status || code != "" && !strings.Contains(rec.Body.String(), `"error":"`+code+`"`) {
		w.Errorf("%s: %d, %s", what, rec.Code, rec.Body)
	}
}

const wiki = `{"redirect_uris":["https://wiki.example.com/cb"],"client_name":"The Wiki","client_uri":"https://wiki.example.com"}`

// registered registers the wiki and gives what it was told.
func (w *world) registered() map[string]any {
	w.Helper()
	rec, told := w.do("POST", "/register", w.token(1, time.Hour), wiki)
	w.want("register", rec, http.StatusCreated, "")
	return told
}

// text gives a member of an answer.
func text(answer map[string]any, name string) string {
	s, _ := answer[name].(string)
	return s
}
