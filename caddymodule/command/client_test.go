package command_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/authorize/consent"
	"github.com/gatehouse-auth/gatehouse/internal/house"
	"github.com/gatehouse-auth/gatehouse/internal/secret"
)

// withClients is a configuration with a login host and a client.
const withClients = `{
	gatehouse {
		issuer https://auth.example.com
		users
		client fixed {
			public
			redirect_uri https://fixed.example.com/callback
		}
	}
}
auth.example.com {
	gatehouse_portal
}
`

const wikiURI = "https://wiki.example.com/callback"

// newClientOffice is an office with a database, and a server that runs.
func newClientOffice(t *testing.T) (*office, *house.Rooms) {
	t.Helper()
	o := newOffice(t, withClients)
	o.must(t, "", "user", "add", "alice", "--no-password") // makes the database
	return o, o.server(t)
}

// known waits for what a running server must know within a second.
func known(t *testing.T, what string, seen func() bool) {
	t.Helper()
	for begin := time.Now(); !seen(); time.Sleep(5 * time.Millisecond) {
		if time.Since(begin) > time.Second {
			t.Fatalf("%s: not known after a second", what)
		}
	}
}

// secretIn finds what add and rotate-secret print.
func secretIn(t *testing.T, out string) string {
	t.Helper()
	for line := range strings.Lines(out) {
		if value, ok := strings.CutPrefix(line, "client_secret"); ok && secret.Valid(strings.TrimSpace(value)) {
			return strings.TrimSpace(value)
		}
	}
	t.Fatalf("no secret in %q", out)
	return ""
}

func TestClient(t *testing.T) {
	o, server := newClientOffice(t)
	of := func(id string) *client.Client {
		c, _ := server.Clients.Client(t.Context(), id)
		return c
	}
	if of("wiki") != nil {
		t.Fatal("there is one")
	}
	first := secretIn(t, o.must(t, "", "client", "add", "wiki", "--name", "The Wiki", "--redirect-uri", wikiURI, "--scopes", "openid,email", "--allowed-origin", "https://wiki.example.com"))
	known(t, "added", func() bool { return of("wiki") != nil })
	if c := of("wiki"); !c.Authenticate(first) || c.Name != "The Wiki" || !c.Redirects(wikiURI) || c.MayAsk("groups") || !c.MayAsk("email") {
		t.Errorf("%+v", c)
	}
	if out := o.must(t, "", "client", "set", "wiki", "--scopes", "", "--redirect-uri", wikiURI+"?a,b", "--redirect-uri", wikiURI, "--offline-access"); strings.Contains(out, "client_secret") {
		t.Errorf("a change made a secret: %s", out)
	}
	known(t, "changed", func() bool { return of("wiki").OfflineAccess })
	if c := of("wiki"); !c.MayAsk("groups") || !c.Redirects(wikiURI+"?a,b") || !c.Redirects(wikiURI) || c.Name != "The Wiki" || !c.Authenticate(first) {
		t.Errorf("%+v", c)
	}
	second := secretIn(t, o.must(t, "", "client", "rotate-secret", "wiki", "--keep", "1h"))
	known(t, "rotated", func() bool { return of("wiki").Authenticate(second) })
	if !of("wiki").Authenticate(first) {
		t.Error("the old secret ended before its time")
	}
	third := secretIn(t, o.must(t, "", "client", "rotate-secret", "wiki"))
	known(t, "rotated at once", func() bool { return of("wiki").Authenticate(third) })
	if of("wiki").Authenticate(first) || of("wiki").Authenticate(second) {
		t.Error("an old secret goes on")
	}
	for _, args := range [][]string{{"list"}, {"list", "--json"}, {"show", "wiki"}, {"show", "wiki", "--json"}} { // OAU-11
		out := o.must(t, "", append([]string{"client"}, args...)...)
		if !strings.Contains(out, "The Wiki") || strings.Contains(out, third) || strings.Contains(out, secret.Hash(third)) {
			t.Errorf("%v: %s", args, out)
		}
	}
	o.must(t, "", "client", "delete", "wiki")
	known(t, "deleted", func() bool { return of("wiki") == nil })
}

// What people allowed a client does not come back with its id (OAU-41).
func TestClientDeleteForgets(t *testing.T) {
	o, server := newClientOffice(t)
	consents := &consent.Consents{Records: server.Records, Shorts: server.Shorts}
	terms := consent.Terms{Client: "wiki", Scopes: []string{"openid"}}
	o.must(t, "", "client", "add", "wiki", "--redirect-uri", wikiURI)
	if err := consents.Keep(t.Context(), "alice", terms, time.Hour); err != nil {
		t.Fatal(err)
	}
	o.must(t, "", "client", "delete", "wiki")
	o.must(t, "", "client", "add", "wiki", "--redirect-uri", wikiURI)
	if covered, err := consents.Covered(t.Context(), "alice", terms, time.Hour); covered || err != nil {
		t.Errorf("%v, %v", covered, err)
	}
}

func TestClientJSON(t *testing.T) {
	o, server := newClientOffice(t)
	decode := func(v any, args ...string) {
		t.Helper()
		out := o.must(t, "", append([]string{"client"}, args...)...)
		_, out, _ = strings.Cut(out, "\n") // which database it is
		if err := json.Unmarshal([]byte(out), v); err != nil {
			t.Fatalf("%v: %v\n%s", args, err, out)
		}
	}
	var added struct {
		ID     string `json:"client_id"`
		Secret string `json:"client_secret"`
		Issuer string `json:"issuer"`
	}
	decode(&added, "add", "wiki", "--redirect-uri", wikiURI, "--json")
	if c, err := server.Clients.Client(t.Context(), "wiki"); err != nil || !c.Authenticate(added.Secret) || added.ID != "wiki" || added.Issuer != "https://auth.example.com" {
		t.Errorf("%+v: %v", added, err)
	}
	var all []struct {
		ID           string   `json:"client_id"`
		Source       string   `json:"source"`
		RedirectURIs []string `json:"redirect_uris"`
		Public       bool     `json:"public"`
	}
	decode(&all, "list", "--json")
	if len(all) != 2 || all[0].ID != "fixed" || all[0].Source != "configuration" || !all[0].Public || all[1].Source != "database" || all[1].RedirectURIs[0] != wikiURI {
		t.Errorf("%+v", all)
	}
}

func TestClientKeys(t *testing.T) {
	o, server := newClientOffice(t)
	keys, other := filepath.Join(o.dir, "keys.json"), filepath.Join(o.dir, "private.json")
	o.write(t, "keys.json", `{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}`)
	o.write(t, "private.json", `{"keys":[{"kty":"oct","k":"AAAA"}]}`)
	out := o.must(t, "", "client", "add", "bank", "--redirect-uri", wikiURI, "--auth-method", "private_key_jwt", "--jwks", keys)
	if c, err := server.Clients.Client(t.Context(), "bank"); err != nil || c.JWKS.Len() != 1 || strings.Contains(out, "client_secret") {
		t.Errorf("%v: %s", err, out)
	}
	o.refuses(t, []string{"--jwks", "not public"}, "client", "set", "bank", "--jwks", other)
	o.refuses(t, []string{"--jwks", "no such file"}, "client", "set", "bank", "--jwks", keys+"x")
	o.refuses(t, []string{"proves itself by private_key_jwt"}, "client", "rotate-secret", "bank")
	if err := os.Remove(keys); err != nil { // it was read once
		t.Fatal(err)
	}
	o.must(t, "", "client", "set", "bank", "--name", "Bank")
}

func TestClientRefuses(t *testing.T) {
	o, _ := newClientOffice(t)
	o.must(t, "", "client", "add", "wiki", "--redirect-uri", wikiURI)
	for _, args := range [][]string{
		{"add", "fixed", "--redirect-uri", wikiURI},
		{"set", "fixed", "--name", "x"},
		{"rotate-secret", "fixed"},
		{"delete", "fixed"},
	} {
		o.refuses(t, []string{"fixed is in", "Caddyfile", "change it there"}, append([]string{"client"}, args...)...)
	}
	o.refuses(t, []string{"already"}, "client", "add", "wiki", "--redirect-uri", wikiURI)
	o.refuses(t, []string{"did you mean wiki?"}, "client", "set", "wkii", "--name", "x")
	o.refuses(t, []string{"did you mean wiki?"}, "client", "show", "wikki")
	o.refuses(t, []string{`no client "calendar"`}, "client", "delete", "calendar")
	o.refuses(t, []string{"--redirect-uri: at least one", "; --consent \"perhaps\""}, "client", "add", "x", "--consent", "perhaps")
	o.refuses(t, []string{"no provider"}, "client", "add", "x", "--redirect-uri", wikiURI, "--providers", "work")
	for _, args := range [][]string{{}, {"add"}, {"add", "a", "b"}, {"set", "wiki"}, {"list", "x"}, {"show"}, {"rotate-secret"}, {"delete"}, {"forget"}, {"add", "x", "--secret", "s"}} {
		if out, err := o.run(t, "", append([]string{"client"}, args...)...); !misuse(err) {
			t.Errorf("%v: %v\n%s", args, err, out)
		}
	}
}

// A client of the Caddyfile that comes later hides the one in the database,
// which can still be deleted.
func TestClientHidden(t *testing.T) {
	o, _ := newClientOffice(t)
	o.must(t, "", "client", "add", "wiki", "--redirect-uri", wikiURI)
	o.write(t, "Caddyfile", strings.Replace(withClients, "client fixed", "client wiki", 1))
	if out := o.must(t, "", "client", "list"); !strings.Contains(out, "hidden by the one in the Caddyfile") || strings.Count(out, "wiki") < 2 {
		t.Error(out)
	}
	o.refuses(t, []string{"change it there"}, "client", "set", "wiki", "--name", "x")
	o.must(t, "", "client", "delete", "wiki")
	if out := o.must(t, "", "client", "list"); strings.Contains(out, "hidden") {
		t.Error(out)
	}
}

// What weakens something warns, and so does what has no effect.
func TestClientWarns(t *testing.T) {
	o := newOffice(t, "")
	o.must(t, "", "user", "add", "alice", "--no-password")
	out := o.must(t, "", "client", "add", "old", "--redirect-uri", wikiURI, "--insecure-pkce-optional", "--insecure-nonce-optional")
	for _, text := range []string{"warning: --insecure-pkce-optional", "warning: --insecure-nonce-optional", "note: clients need a login host"} {
		if !strings.Contains(out, text) {
			t.Errorf("%q is not in %s", text, out)
		}
	}
}

// Who may use a client can be said, changed and taken back; what can't be
// judged is not stored.
func TestClientRules(t *testing.T) {
	o, server := newClientOffice(t)
	o.must(t, "", "client", "add", "wiki", "--public", "--redirect-uri", wikiURI, "--allow", `group staff "domain admins"; max_auth_age 1d`, "--allow", "user alice", "--deny", "client_ip 10.0.0.0/8")
	c, err := server.Clients.Client(t.Context(), "wiki")
	if err != nil {
		t.Fatal(err)
	}
	allow, deny := []client.Rule{{{"group", "staff", "domain admins"}, {"max_auth_age", "24h0m0s"}}, {{"user", "alice"}}}, []client.Rule{{{"client_ip", "10.0.0.0/8"}}}
	if !reflect.DeepEqual(c.Allow, allow) || !reflect.DeepEqual(c.Deny, deny) {
		t.Errorf("%q, %q", c.Allow, c.Deny)
	}
	if out := o.must(t, "", "client", "show", "wiki", "--json"); !strings.Contains(out, `"domain admins"`) {
		t.Error(out)
	}
	for _, wrong := range [][]string{{"--allow", "gruop staff"}, {"--deny", "mfa"}, {"--allow", "provider wrok"}, {"--allow", "group"}} {
		if out, err := o.run(t, "", append([]string{"client", "set", "wiki"}, wrong...)...); err == nil {
			t.Errorf("%v: %s", wrong, out)
		}
	}
	o.must(t, "", "client", "set", "wiki", "--allow", "", "--deny", "")
	known(t, "changed", func() bool {
		c, err := server.Clients.Client(t.Context(), "wiki")
		return err == nil && !c.Restricted()
	})
}
