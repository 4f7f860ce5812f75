package oidc_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/internal/fakeidp"
	"github.com/gatehouse-auth/gatehouse/provider/oidc"
)

// FED-05: metadata that can't be believed is not used.
func TestMetadata(t *testing.T) {
	set := func(name string, value any) fakeidp.Switches {
		return fakeidp.Switches{Metadata: func(m map[string]any) { m[name] = value }}
	}
	answer := func(f http.HandlerFunc) fakeidp.Switches {
		return fakeidp.Switches{Before: func(w http.ResponseWriter, r *http.Request) bool { f(w, r); return true }}
	}
	for name, switches := range map[string]fakeidp.Switches{
		"another issuer":      set("issuer", "https://evil.test"),
		"issuer with a slash": {Metadata: func(m map[string]any) { m["issuer"] = m["issuer"].(string) + "/" }},
		"no issuer":           set("issuer", ""),
		"authorize over http": set("authorization_endpoint", "http://id.example.com/authorize"),
		"authorize by script": set("authorization_endpoint", "javascript:alert(1)"),
		"token over http":     set("token_endpoint", "http://id.example.com/token"),
		"no token endpoint":   set("token_endpoint", ""),
		"keys from a file":    set("jwks_uri", "file:///etc/passwd"),
		"userinfo over http":  set("userinfo_endpoint", "http://id.example.com/me"),
		"only secret algs":    set("id_token_signing_alg_values_supported", []string{"HS256", "none"}),
		"strange types":       set("token_endpoint", []string{"x"}),
		"not JSON":            answer(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "<html>") }),
		"JSON as HTML": answer(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			io.WriteString(w, "{}")
		}),
		"500": answer(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "<script>", 500) }),
		"a redirect": answer(func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://169.254.169.254/", http.StatusFound)
		}),
		"huge": set("x", strings.Repeat("x", 2<<20)),
	} {
		idp, p := start(t, nil)
		idp.Set(switches)
		_, _, err := p.Begin(t.Context(), callback, "s", oidc.BeginOptions{})
		if !fault.Is(err, fault.Unavailable) || p.Ready() == nil {
			t.Errorf("%s: %v, ready %v", name, err, p.Ready())
			continue
		}
		if strings.Contains(err.Error(), "<script>") { // LOG-02
			t.Errorf("%s: %v", name, err)
		}
	}
}

// transport stands for the network where the clock is not real.
type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

const fakeMetadata = `{"issuer":"https://id.example.com","authorization_endpoint":"https://id.example.com/a","token_endpoint":"https://id.example.com/t","jwks_uri":"https://id.example.com/k"}`

// network counts the fetches; it is broken while down is set.
type network struct {
	down    atomic.Bool
	fetches atomic.Int32
}

func (n *network) provider(t *testing.T) *oidc.Provider {
	t.Helper()
	client := &http.Client{Transport: transport(func(*http.Request) (*http.Response, error) {
		n.fetches.Add(1)
		if n.down.Load() {
			return nil, errors.New("no route")
		}
		h := http.Header{"Content-Type": {"application/json"}}
		return &http.Response{StatusCode: 200, Header: h, Body: io.NopCloser(strings.NewReader(fakeMetadata))}, nil
	})}
	p, err := oidc.New(oidc.Config{Name: "work", Issuer: "https://id.example.com", ClientID: "x"}, oidc.Deps{Client: client})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// FED-13: a provider that is down is asked again and again, ever more seldom,
// and is used as soon as it is back.
func TestBackOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := new(network)
		n.down.Store(true)
		p := n.provider(t)
		if n.fetches.Load() != 0 {
			t.Fatal("New used the network")
		}
		begin := func() error {
			_, _, err := p.Begin(t.Context(), callback, "s", oidc.BeginOptions{})
			return err
		}
		for range 100 {
			if err := begin(); !fault.Is(err, fault.Unavailable) {
				t.Fatal(err)
			}
		}
		if got := n.fetches.Load(); got != 1 {
			t.Errorf("%d fetches at once", got)
		}
		for range 3600 {
			time.Sleep(time.Second)
			if begin() == nil || p.Ready() == nil {
				t.Fatal("ready while down")
			}
		}
		// 1, 2, 4 … 256 s and then every 300 s, each a fifth more or less.
		if got := n.fetches.Load(); got < 16 || got > 25 {
			t.Errorf("%d fetches in an hour", got)
		}
		n.down.Store(false)
		time.Sleep(6 * time.Minute)
		if err := begin(); err != nil {
			t.Errorf("back: %v", err)
		}
	})
}

// FED-13: the chooser's question alone brings a provider back.
func TestReadyTriesAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := new(network)
		n.down.Store(true)
		p := n.provider(t)
		p.Ready()
		synctest.Wait()
		if p.Ready() == nil {
			t.Error("ready while down")
		}
		n.down.Store(false)
		time.Sleep(2 * time.Second)
		p.Ready()
		synctest.Wait()
		if err := p.Ready(); err != nil {
			t.Error(err)
		}
	})
}

// Metadata is refreshed every hour; while it can't be, the old is good for a
// day.
func TestMetadataAges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := new(network)
		p := n.provider(t)
		begin := func() error {
			_, _, err := p.Begin(t.Context(), callback, "s", oidc.BeginOptions{})
			return err
		}
		for range 30 {
			if err := begin(); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Minute)
		}
		if got := n.fetches.Load(); got != 1 {
			t.Errorf("%d fetches in half an hour", got)
		}
		n.down.Store(true)
		for range 23 {
			time.Sleep(time.Hour)
			if err := begin(); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(2 * time.Hour)
		if err := begin(); !fault.Is(err, fault.Unavailable) {
			t.Errorf("after a day: %v", err)
		}
	})
}

func TestRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := new(network)
		p := n.provider(t)
		go p.Run(t.Context())
		time.Sleep(10*time.Hour + time.Minute)
		if got := n.fetches.Load(); got != 11 {
			t.Errorf("%d fetches in ten hours", got)
		}
	})
}
