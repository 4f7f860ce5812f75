package consent_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/authorize/consent"
	"github.com/gatehouse-auth/gatehouse/authorize/grant"
	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/internal/seal"
	"github.com/gatehouse-auth/gatehouse/store/memory"
)

// house is everything around a server: one request that waits, alice signed in.
type house struct{ views []string }

func (h *house) Question(_ *http.Request, address string) (consent.Question, error) {
	if address != "/authorize?x" {
		return consent.Question{}, fault.New(fault.NotFound, "test", "")
	}
	return consent.Question{
		Asked: true, ReturnURL: address, DenyURL: "/authorize?no", Client: &client.Client{ID: "wiki"}, User: &identity.User{Subject: "alice"},
		Ask: consent.Ask{Terms: terms(scopes("openid")), Request: "r", Subject: "alice", SID: "s"},
	}, nil
}

func (h *house) Current(*http.Request) (*identity.Session, error) {
	return &identity.Session{SID: "s", User: &identity.User{Subject: "alice"}}, nil
}

func (h *house) List(context.Context, identity.Subject) ([]grant.Refresh, error) { return nil, nil }

func (h *house) EndConsent(context.Context, identity.Subject, string) error { return nil }

func (h *house) Ask(_ http.ResponseWriter, _ *http.Request, v consent.AskView) error {
	h.views = append(h.views, v.Token)
	return nil
}

func (h *house) Grants(http.ResponseWriter, *http.Request, consent.GrantsView) error { return nil }

func newServer(t testing.TB) (*consent.Server, *house, *consent.Consents, *seal.Box) {
	t.Helper()
	records, err := memory.OpenRecords(time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { records.Close() })
	if err := records.Migrate(t.Context(), consent.Migrations()); err != nil {
		t.Fatal(err)
	}
	master, err := seal.NewMaster([]byte("0123456789abcdefghijklmnopqrstuv"))
	if err != nil {
		t.Fatal(err)
	}
	h, c := &house{}, &consent.Consents{Records: records, Shorts: memory.NewShorts(memory.Options{Now: time.Now}), Now: time.Now}
	s, err := consent.New(consent.Config{
		Issuer: "https://auth.example.com", Consents: c, Requests: h, Sessions: h, Revoker: h, Pages: h, Box: master.Box("consent"),
		Clients: client.Static{},
	})
	if err != nil {
		t.Fatal(err)
	}
	return s, h, c, master.Box("consent")
}

func TestNewRefuses(t *testing.T) {
	for _, cfg := range []consent.Config{{}, {Issuer: "https://auth.example.com"}, {Issuer: "auth"}} {
		if _, err := consent.New(cfg); !fault.Is(err, fault.Invalid) {
			t.Errorf("%+v: %v", cfg, err)
		}
	}
}

// FuzzAnswer: whatever is posted, and whatever was sealed into a token, nothing
// but the token of the page allows anything, nobody is led away, and nothing is
// our fault (CSR-06).
func FuzzAnswer(f *testing.F) {
	s, h, c, box := newServer(f)
	if err := s.Consent(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/consent?return_url=%2Fauthorize%3Fx", nil)); err != nil || len(h.views) != 1 {
		f.Fatal(err, h.views)
	}
	for _, plain := range []string{
		`{"sid":"s","url":"/authorize?x","key":"k"}`, `{"sid":"s","url":"https://evil.example/"}`, `{"sid":1}`, `{`, `null`, `[]`, ``, `{"client":"wiki","sid":"s"}`,
	} {
		f.Add("action=allow&remember=1&csrf_token=", plain, true)
		f.Add("action=deny&csrf_token=", plain, true)
		f.Add("action=withdraw&csrf_token=x&csrf_token=", plain, false)
	}
	f.Add("%", "", false)
	f.Add(strings.Repeat("a&", 50_000), "", true)
	f.Fuzz(func(t *testing.T, body, plain string, asks bool) {
		purpose, serve := "grants form", s.Grants
		if asks {
			purpose, serve = "consent form", s.Consent
		}
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body+url.QueryEscape(box.Seal([]byte(plain), purpose))))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		rec := httptest.NewRecorder()
		if err := serve(rec, r); err != nil {
			if !fault.Is(err, fault.Invalid) || rec.Header().Get("Location") != "" {
				t.Fatalf("%v %v", err, rec.Header())
			}
		} else if to := rec.Header().Get("Location"); rec.Code != 413 && (rec.Code != 303 || !strings.HasPrefix(to, "/consent?return_url=%2Fauthorize%3Fx") && !strings.HasPrefix(to, "/account/grants")) {
			t.Fatalf("%d %q", rec.Code, to)
		}
		if list, err := c.List(t.Context(), "alice"); err != nil || len(list) != 0 {
			t.Fatalf("%v %v", list, err)
		}
	})
}
