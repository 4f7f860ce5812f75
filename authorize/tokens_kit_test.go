package authorize_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/authorize/consent"
	"github.com/gatehouse-auth/gatehouse/authorize/grant"
	"github.com/gatehouse-auth/gatehouse/authorize/registry"
	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/store"
	"github.com/gatehouse-auth/gatehouse/store/memory"
	"github.com/gatehouse-auth/gatehouse/store/sqlite"
)

const (
	apiURI   = "https://api.example.com/v1"
	filesURI = "https://files.example.com/"
	phoneURI = "https://phone.example.com/cb"
)

// people are the accounts as they are without a session; those in gone are not
// what they were.
type people struct {
	mu     sync.Mutex
	gone   map[identity.Subject]error
	groups []string // of all of them
}

func (p *people) User(_ context.Context, sub identity.Subject) (*identity.User, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.gone[sub]; err != nil {
		return nil, err
	}
	return &identity.User{Subject: sub, Username: string(sub), Name: "Name of " + string(sub), Groups: p.groups}, nil
}

// lose makes an account answer with an error of a kind; fault.Exists brings it
// back.
func (p *people) lose(sub identity.Subject, kind fault.Kind) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.gone[sub] = fault.New(kind, "test", ""); kind == fault.Exists {
		delete(p.gone, sub)
	}
}

// inMemory and onDisk open records.
func inMemory(t testing.TB, cfg *parts) store.Records {
	records, err := memory.OpenRecords(cfg.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { records.Close() })
	return records
}

func onDisk(t testing.TB, cfg *parts) store.Records {
	records, err := sqlite.OpenRecords(filepath.Join(t.TempDir(), "records.db"), sqlite.Options{Now: cfg.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { records.Close() })
	return records
}

// newTokenWorld is a world with clients of every kind for the token endpoint.
func newTokenWorld(t testing.TB, open func(testing.TB, *parts) store.Records, change ...func(*parts)) (*world, *people) {
	t.Helper()
	who := &people{gone: map[identity.Subject]error{}}
	setup := func(cfg *parts) {
		cfg.Records, cfg.Accounts = open(t, cfg), who
		if err := cfg.Records.Migrate(t.Context(), slices.Concat(grant.Migrations(), consent.Migrations(), registry.Migrations())); err != nil {
			t.Fatal(err)
		}
		plain, err := client.NewSecret(wikiSecret)
		if err != nil {
			t.Fatal(err)
		}
		secrets, all := []client.Secret{plain}, []string{apiURI, filesURI}
		for _, c := range []*client.Client{
			{ID: "agent", Secrets: secrets, RedirectURIs: []string{wikiURI}, OfflineAccess: true, Resources: all},
			{ID: "tied", Secrets: secrets, RedirectURIs: []string{wikiURI}, GrantTypes: []string{"authorization_code", "refresh_token"}},
			{ID: "phone", Public: true, RedirectURIs: []string{phoneURI}, OfflineAccess: true, Resources: all},
			{ID: "jot", Public: true, RedirectURIs: []string{phoneURI}, OfflineAccess: true, AccessToken: "jwt", Resources: all, UserInfoAlg: "ES256"},
			{ID: "robot", Secrets: secrets, GrantTypes: []string{"client_credentials"}, Scopes: []string{"openid", "email", "api.read", "api.write"}, Resources: all},
			{ID: "signing-robot", Secrets: secrets, GrantTypes: []string{"client_credentials"}, Scopes: []string{"api.read"}, AccessToken: "jwt", AccessTokenLife: 3600e9},
			{ID: "api", Secrets: secrets, RedirectURIs: []string{wikiURI}, Audiences: []string{apiURI}},
		} {
			static(cfg)[c.ID] = c
		}
	}
	return newWorld(t, "", append([]func(*parts){setup}, change...)...), who
}

// uriOf is where a client of the token world is redirected to.
func uriOf(client string) string {
	if client == "phone" || client == "jot" {
		return phoneURI
	}
	return wikiURI
}

// as adds who asks to a request at one of the endpoints.
func as(client string, v url.Values) url.Values {
	v.Set("client_id", client)
	if v.Del("client_secret"); uriOf(client) == wikiURI {
		v.Set("client_secret", wikiSecret)
	}
	return v
}

// form makes a request of one of the endpoints.
func form(client string, pairs ...string) url.Values {
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	return as(client, v)
}

// tokens are what the token endpoint answers with.
type tokens struct {
	Access  string `json:"access_token"`
	Refresh string `json:"refresh_token"`
	ID      string `json:"id_token"`
	Type    string `json:"token_type"`
	Scope   string `json:"scope"`
	Expires int64  `json:"expires_in"`
	Error   string `json:"error"`
}

// tokens reads the answer of the token endpoint.
func (a answer) tokens(t testing.TB) (out tokens) {
	t.Helper()
	if err := json.Unmarshal([]byte(a.body), &out); err != nil {
		t.Fatalf("%d %q: %v", a.StatusCode, a.body, err)
	}
	return out
}

// login takes a client through a whole code flow; pairs change the request.
func (b *browser) login(client string, pairs ...string) tokens {
	b.w.t.Helper()
	v := request(append([]string{"client_id", client, "redirect_uri", uriOf(client), "scope", "openid profile offline_access"}, pairs...)...)
	out := b.post("/token", as(client, redeem(b.code(v), "redirect_uri", uriOf(client)))).tokens(b.w.t)
	if out.Access == "" {
		b.w.t.Fatalf("%s got no tokens: %+v", client, out)
	}
	return out
}

// refresh renews; pairs are further parameters.
func (b *browser) refresh(client, token string, pairs ...string) tokens {
	b.w.t.Helper()
	return b.post("/token", form(client, append([]string{"grant_type", "refresh_token", "refresh_token", token}, pairs...)...)).tokens(b.w.t)
}

// active asks what a token is, as its own client.
func (b *browser) active(client, token string) bool {
	b.w.t.Helper()
	a := b.post("/introspect", form(client, "token", token))
	var out struct{ Active *bool }
	if err := json.Unmarshal([]byte(a.body), &out); err != nil || a.StatusCode != 200 || out.Active == nil {
		b.w.t.Fatalf("introspection: %d %s", a.StatusCode, a.body)
	}
	return *out.Active
}

// part reads one part of a JWT without checking it: 0 the header, 1 the claims.
func part(t testing.TB, token string, n int) map[string]any {
	t.Helper()
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		t.Fatalf("not a JWT: %s", token)
	}
	raw, err := base64.RawURLEncoding.DecodeString(parts[n])
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]any{}
	if err := json.Unmarshal(raw, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// everything gives what is kept about refresh tokens.
func everything(t testing.TB, records store.Records) (dump []string) {
	t.Helper()
	err := records.View(t.Context(), func(tx store.Tx) error {
		rows, err := tx.Query(`SELECT handle, granted, current, previous, salt FROM refresh_families`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var row [5]string
			if err := rows.Scan(&row[0], &row[1], &row[2], &row[3], &row[4]); err != nil {
				return err
			}
			dump = append(dump, row[:]...)
		}
		return rows.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	return dump
}
