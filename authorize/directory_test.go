package authorize_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/gatehouse-auth/gatehouse/authorize"
	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/authorize/consent"
	"github.com/gatehouse-auth/gatehouse/authorize/registry"
	"github.com/gatehouse-auth/gatehouse/authorize/token"
	"github.com/gatehouse-auth/gatehouse/fault"
)

// outage is a registry that can fail.
type outage struct {
	client.Directory
	down atomic.Bool
}

func (o *outage) err() error {
	if o.down.Load() {
		return fault.Wrap(fault.Unavailable, "test", errors.New("down"))
	}
	return nil
}

func (o *outage) Client(ctx context.Context, id string) (*client.Client, error) {
	if err := o.err(); err != nil {
		return nil, err
	}
	return o.Directory.Client(ctx, id)
}

func (o *outage) AllowsOrigin(ctx context.Context, origin string) (bool, error) {
	if err := o.err(); err != nil {
		return false, err
	}
	return o.Directory.AllowsOrigin(ctx, origin)
}

// newDirectoryWorld is a token world whose clients are joined by those in the
// database.
func newDirectoryWorld(t *testing.T) (*world, *registry.Stored, *outage) {
	t.Helper()
	var stored *registry.Stored
	out := &outage{}
	w, _ := newTokenWorld(t, inMemory, func(cfg *parts) {
		for _, c := range static(cfg) {
			c.FirstParty = true
		}
		stored = registry.NewStored(cfg.Records, registry.Options{Now: cfg.Now})
		out.Directory = registry.New(static(cfg), stored)
		cfg.Clients, cfg.Consents = out, &consent.Consents{Records: cfg.Records, Shorts: cfg.Shorts, Now: cfg.Now}
	})
	return w, stored, out
}

// readable tells whether scripts of origin may read the answers of userinfo.
func (b *browser) readable(origin string) bool {
	b.w.t.Helper()
	r, err := http.NewRequest(http.MethodOptions, b.w.issuer+"/userinfo", nil)
	if err != nil {
		b.w.t.Fatal(err)
	}
	r.Header.Set("Origin", origin)
	r.Header.Set("Access-Control-Request-Method", http.MethodGet)
	return b.do(r).Header.Get("Access-Control-Allow-Origin") == origin
}

// A client that is made, changed and deleted while the server runs is a client
// like any other.
func TestClientComesAndGoes(t *testing.T) {
	w, stored, _ := newDirectoryWorld(t)
	b := w.browser()
	b.signIn("alice", "local")
	wanted := request("client_id", "late", "redirect_uri", "https://late.example.com/cb")
	redeemed := func() answer {
		return b.post("/token", redeem(b.code(wanted), "client_id", "late", "redirect_uri", "https://late.example.com/cb", "client_secret", wikiSecret))
	}
	if a := b.ask(wanted); a.StatusCode != http.StatusBadRequest { // OAU-02
		t.Errorf("before it is made: %d %s", a.StatusCode, a.body)
	}
	plain, err := stored.Create(t.Context(), &client.Client{
		ID: "late", FirstParty: true, RedirectURIs: []string{"https://late.example.com/cb"}, AllowedOrigins: []string{"https://late.example.com"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := redeemed().tokens(t); got.Error != "invalid_client" { // OAU-11
		t.Errorf("with another's secret: %+v", got)
	}
	got := b.post("/token", redeem(b.code(wanted), "client_id", "late", "redirect_uri", "https://late.example.com/cb", "client_secret", plain)).tokens(t)
	if got.Access == "" || got.ID == "" {
		t.Fatalf("no tokens: %+v", got)
	}
	if a := b.userinfo(got.Access); a.StatusCode != http.StatusOK {
		t.Errorf("userinfo: %d %s", a.StatusCode, a.body)
	}
	if !b.readable("https://late.example.com") || !b.readable("https://wiki.example.com") || b.readable("https://evil.example.com") { // WEB-09
		t.Error("the wrong origins may read")
	}
	_, err = stored.Update(t.Context(), "late", func(c *client.Client) error {
		c.RedirectURIs, c.AllowedOrigins = []string{"https://late.example.com/new"}, nil
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if a := b.ask(wanted); a.StatusCode != http.StatusBadRequest || b.readable("https://late.example.com") { // OAU-01
		t.Errorf("after the address was taken away: %d %s", a.StatusCode, a.body)
	}
	if err := stored.Delete(t.Context(), "late"); err != nil {
		t.Fatal(err)
	}
	if a := b.userinfo(got.Access); a.StatusCode != http.StatusUnauthorized { // OAU-33
		t.Errorf("after it was deleted: %d %s", a.StatusCode, a.body)
	}
}

// What can't be told about a client is a refusal, and says that it is not the
// client's fault.
func TestClientsUnavailable(t *testing.T) {
	w, _, out := newDirectoryWorld(t)
	b := w.browser()
	b.signIn("alice", "local")
	got, code := b.login("agent"), b.code(request())
	w.failing = true
	out.down.Store(true)
	for name, a := range map[string]answer{
		"authorize":  b.ask(request()),
		"token":      b.post("/token", redeem(code)),
		"refresh":    b.post("/token", form("agent", "grant_type", "refresh_token", "refresh_token", got.Refresh)),
		"userinfo":   b.userinfo(got.Access),
		"introspect": b.post("/introspect", form("agent", "token", got.Access)),
		"revoke":     b.post("/revoke", form("agent", "token", got.Access)),
	} {
		if a.StatusCode != http.StatusServiceUnavailable || strings.Contains(a.body, "down") {
			t.Errorf("%s: %d %s", name, a.StatusCode, a.body)
		}
	}
	if _, err := w.Context(t.Context(), "/authorize?"+request().Encode()); !fault.Is(err, fault.Unavailable) {
		t.Errorf("the login page: %v", err)
	}
	if b.readable("https://wiki.example.com") {
		t.Error("an origin that can't be asked about may read")
	}
	r, err := http.NewRequest(http.MethodGet, w.issuer+"/jwks", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Origin", "https://wiki.example.com")
	if a := b.do(r); a.StatusCode != http.StatusOK {
		t.Errorf("keys: %d %s", a.StatusCode, a.body)
	}
	out.down.Store(false)
	w.failing = false
	if got := b.post("/token", redeem(code)).tokens(t); got.Access == "" { // nothing was used up
		t.Errorf("when it works again: %+v", got)
	}
}

// Clients that may come need all that they may ask for.
func TestClientsThatMayCome(t *testing.T) {
	_, err := authorize.New(authorize.Config{Issuer: "https://auth.example.com", Clients: &outage{}})
	if err == nil || !strings.Contains(err.Error(), "consents are required") {
		t.Errorf("got %v", err)
	}
	if err := (&token.Service{Clients: &outage{}}).Check(); err == nil || !strings.Contains(err.Error(), "records and accounts are required") {
		t.Errorf("got %v", err)
	}
}
