package command_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/caddymodule/command"
	"github.com/gatehouse-auth/gatehouse/internal/jose"
)

// What client show says, given to client add, makes the same client.
func TestShowCanBePutBack(t *testing.T) {
	o, server := newClientOffice(t)
	for name, flags := range map[string][]string{
		"times": {"--public", "--access-token-lifetime", "90s", "--refresh-idle", "2d", "--refresh-max-age", "36h", "--consent-max-age", "1d12h30m", "--sso-lifetime", "1h1s", "--offline-access"},
		"rules": {"--public", "--allow", `group staff "domain admins" DOM\users "#1"; max_auth_age 1d`, "--allow", "user alice", "--deny", "group `a b\\`"},
		"lists": {
			"--scopes", `openid,email,"a,b"`, "--redirect-uri", wikiURI + "?a,b", "--resource", "https://a.example.com", "--resource", "https://b.example.com",
			"--claim", "dept department", "--claim", "lang value de  AT", "--access-token", "jwt", "--access-token-claims", "dept", "--no-local", "--providers", "",
		},
	} {
		o.must(t, "", append([]string{"client", "add", name, "--redirect-uri", wikiURI}, flags...)...)
		c, err := server.Clients.Client(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		again := []string{"client", "add", name + "-again"}
		shown := o.must(t, "", "client", "show", name)
		for _, row := range command.Said(c) {
			if again = append(again, "--"+row[0]+"="+row[1]); !slices.ContainsFunc(strings.Split(shown, "\n"), func(line string) bool {
				return strings.HasPrefix(line, row[0]+" ") && strings.HasSuffix(line, " "+row[1])
			}) {
				t.Errorf("%s: %q is not in\n%s", name, row, shown)
			}
		}
		o.must(t, "", again...)
		other, err := server.Clients.Client(t.Context(), name+"-again")
		if err != nil {
			t.Fatal(err)
		}
		one, two := *c, *other
		if one.ID, one.Secrets, two.ID, two.Secrets = "", nil, "", nil; !reflect.DeepEqual(one, two) {
			t.Errorf("%s: %+v\nwas put back as\n%+v", name, one, two)
		}
	}
}

// What is changed about a client that registered itself is settled, and left to it
// again by a flag.
func TestClientSettled(t *testing.T) {
	o, server := newClientOffice(t)
	c := &client.Client{ID: "guest", Dynamic: true, Public: true, RedirectURIs: []string{wikiURI}, Scopes: []string{"openid", "email"}}
	if _, err := server.Clients.Create(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	settled := func() []string {
		e, err := server.Clients.Find(t.Context(), "guest")
		if err != nil {
			t.Fatal(err)
		}
		return e.Client.Settled
	}
	o.must(t, "", "client", "set", "guest", "--scopes", "openid", "--dpop-bound-tokens")
	o.must(t, "", "client", "set", "guest", "--scopes", "openid,email")
	if got := settled(); !slices.Equal(got, []string{"dpop_bound_tokens", "scopes"}) {
		t.Errorf("%q", got)
	}
	if out := o.must(t, "", "client", "show", "guest"); !strings.Contains(out, "decided here") || !strings.Contains(out, "dpop-bound-tokens") {
		t.Error(out)
	}
	o.must(t, "", "client", "set", "guest", "--client-decides", "scopes")
	if got := settled(); !slices.Equal(got, []string{"dpop_bound_tokens"}) {
		t.Errorf("%q", got)
	}
	o.refuses(t, []string{"--client-decides", "no setting"}, "client", "set", "guest", "--client-decides", "scope")
	o.must(t, "", "client", "add", "wiki", "--redirect-uri", wikiURI)
	o.must(t, "", "client", "set", "wiki", "--scopes", "openid")
	if e, err := server.Clients.Find(t.Context(), "wiki"); err != nil || e.Client.Settled != nil {
		t.Errorf("%+v, %v", e, err)
	}
}

// Every setting of a client is shown.
func TestShowSaysEverything(t *testing.T) {
	elsewhere := []string{"ID", "Secrets", "Dynamic", "Settled", "StrictAssertions", "BackchannelLogoutSessionRequired", "FrontchannelLogoutSessionRequired"}
	keys, err := jose.ParseSet([]byte(`{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	for field := range reflect.TypeFor[client.Client]().Fields() {
		var c client.Client
		switch v := reflect.ValueOf(&c).Elem().FieldByIndex(field.Index); p := v.Addr().Interface().(type) {
		case *bool:
			*p = true
		case *string:
			*p = "x"
		case *client.AuthMethod:
			*p = "x"
		case *[]string:
			*p = []string{"x"}
		case *[]client.Claim:
			*p = []client.Claim{{Name: "x", From: "x"}}
		case *[]client.Rule:
			*p = []client.Rule{{{"x"}}}
		case *time.Duration:
			*p = time.Second
		case **bool:
			*p = new(false)
		case *jose.Set:
			*p = keys
		case *[]client.Secret:
		default:
			t.Fatalf("%s: %T", field.Name, p)
		}
		if shown := len(command.Said(&c)) > 0; shown == slices.Contains(elsewhere, field.Name) {
			t.Errorf("%s: shown %v", field.Name, shown)
		}
	}
}

// Lengths of time are written as in the Caddyfile, wherever the command takes
// some.
func TestLengthsOfTime(t *testing.T) {
	o, _ := newClientOffice(t)
	o.must(t, "", "client", "add", "wiki", "--redirect-uri", wikiURI)
	o.must(t, "", "client", "rotate-secret", "wiki", "--keep", "30d")
	o.must(t, "", "client", "token", "add", "--life", "7d")
	for _, wrong := range [][]string{
		{"client", "set", "wiki", "--refresh-idle", "5"},
		{"client", "set", "wiki", "--refresh-idle", "-1h"},
		{"client", "set", "wiki", "--refresh-idle", "soon"},
		{"client", "rotate-secret", "wiki", "--keep", "1y"},
		{"client", "token", "add", "--life", "x"},
	} {
		if out, err := o.run(t, "", wrong...); !misuse(err) {
			t.Errorf("%v: %v\n%s", wrong, err, out)
		}
	}
	o.refuses(t, []string{"90 days"}, "client", "rotate-secret", "wiki", "--keep", "91d")
	if c := command.Said(&client.Client{RefreshIdle: 30 * 24 * time.Hour, RefreshMaxAge: 90 * time.Second}); !reflect.DeepEqual(c, [][]string{{"refresh-idle", "30d"}, {"refresh-max-age", "1m30s"}}) {
		t.Errorf("%q", c)
	}
}

// What is wrong is said by the flags that somebody gave.
func TestProblemsNameFlags(t *testing.T) {
	o, _ := newClientOffice(t)
	for want, flags := range map[string][]string{
		"--profile fapi2: --auth-method must be private_key_jwt":                   {"--profile", "fapi2"},
		"--profile fapi2: --userinfo-alg: must be":                                 {"--profile", "fapi2", "--userinfo-alg", "RS256", "--jwks-uri", "https://x.example/k"},
		"--require-signed-requests: needs the client's public keys, or --jwks-uri": {"--require-signed-requests"},
		"exactly one of --tls-subject-dn, --tls-san-dns":                           {"--auth-method", "tls_client_auth"},
		"--access-token-lifetime: must be":                                         {"--access-token-lifetime", "2h"},
		"--consent never: only a --first-party client":                             {"--consent", "never"},
		"must have the scheme, host and port of a --redirect-uri":                  {"--frontchannel-logout-uri", "https://y.example/"},
		"--name: must be one line of which something can be seen":                  {"--name", "\u3164"},
	} {
		o.refuses(t, []string{want}, append([]string{"client", "add", "x", "--redirect-uri", wikiURI}, flags...)...)
	}
}
