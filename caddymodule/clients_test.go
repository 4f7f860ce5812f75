package caddymodule_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/caddymodule"
	"github.com/gatehouse-auth/gatehouse/internal/jose"
)

const publicKey = `{"kty":"OKP","crv":"Ed25519","kid":"one","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}`

// Keys as they are read when a configuration is loaded. A file with private
// keys is refused, and no error repeats them. JWT-04, CFG-02
func TestClientKeys(t *testing.T) {
	t.Setenv("KEYS", `{"keys":[`+publicKey+`]}`)
	private := strings.Replace(publicKey, "}", `,"d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"}`, 1)
	for name, c := range map[string]struct{ jwks, wrong string }{
		"file":        {secretFile(t, `{"keys":[`+publicKey+"]}\n"), ""},
		"missing":     {"{file./nowhere/at/all}", "client bank: jwks: {file./nowhere/at/all} is missing or empty"},
		"empty":       {secretFile(t, "\n"), "is missing or empty"},
		"no set":      {secretFile(t, publicKey), "holds not a key set"},
		"no key":      {secretFile(t, `{"keys":[]}`), "holds no key that can check a signature"},
		"other use":   {secretFile(t, `{"keys":[`+strings.Replace(publicKey, "}", `,"use":"enc"}`, 1)+`]}`), "holds no key that can check a signature"},
		"private":     {secretFile(t, `{"keys":[`+private+`]}`), "holds a key set with a key that is not public"},
		"environment": {"{env.KEYS}", "client bank: jwks: public keys are read from a file of their own"},
		"in the text": {`{"keys":[` + private + `]}`, "client bank: jwks: public keys are read from a file of their own"},
		"none":        {"", "client bank: jwks: private_key_jwt needs the client's public keys"},
	} {
		t.Run(name, func(t *testing.T) {
			bank := &caddymodule.Client{AuthMethod: "private_key_jwt", JWKS: c.jwks, RedirectURIs: []string{"https://bank.example.com/cb"}}
			err := caddymodule.CheckApp(&caddymodule.App{Issuer: "https://auth.example.com", Clients: map[string]*caddymodule.Client{"bank": bank}})
			if (err == nil) != (c.wrong == "") || err != nil && !strings.Contains(err.Error(), c.wrong) {
				t.Fatalf("got %v, want %q", err, c.wrong)
			}
			if err != nil {
				if strings.Contains(err.Error(), "nWGxne") {
					t.Errorf("the error tells the key: %v", err)
				}
				return
			}
			built, err := bank.Build("bank")
			if err != nil || built.JWKS.Len() != 1 {
				t.Errorf("got %v, %v", built, err)
			}
		})
	}
}

// Placeholders may stand in every field, and what they hold meets the rules
// that it would have met in the text. CFG-01
func TestClientPlaceholders(t *testing.T) {
	t.Setenv("HOST", "bank.example.com")
	t.Setenv("BAD", "*.example.com")
	bank := func(host string) *caddymodule.App {
		return &caddymodule.App{Issuer: "https://auth.example.com", Clients: map[string]*caddymodule.Client{"bank": {
			AuthMethod: "tls_client_auth", TLSSANDNS: host, RedirectURIs: []string{"https://{env.HOST}/cb"},
			BackchannelLogoutURI: "https://{env.HOST}/out", Resources: []string{"https://{env.HOST}/api"},
		}}}
	}
	good := bank("{env.HOST}")
	if err := caddymodule.CheckApp(good); err != nil {
		t.Fatal(err)
	}
	built, err := good.Clients["bank"].Build("bank")
	if err != nil {
		t.Fatal(err)
	}
	got := []string{built.TLSSANDNS, built.RedirectURIs[0], built.BackchannelLogoutURI, built.Resources[0]}
	if want := []string{"bank.example.com", "https://bank.example.com/cb", "https://bank.example.com/out", "https://bank.example.com/api"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	for host, want := range map[string]string{
		"{env.BAD}":     `client bank: tls_san_dns "*.example.com": must be a host name without wildcard`,
		"{env.NOWHERE}": "client bank: tls_san_dns: evaluated placeholder {env.NOWHERE} is empty",
	} {
		if err := caddymodule.CheckApp(bank(host)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", host, err, want)
		}
	}
}

// TestClientArrives: what a block says is what package client is told.
func TestClientArrives(t *testing.T) {
	golden := goldens(t)
	t.Setenv("A", goodSecret)
	for _, c := range []struct {
		file, id string
		want     func(c *client.Client) bool
	}{
		{"proofs", "basic", func(c *client.Client) bool { return c.AuthMethod() == client.AuthBasic && c.NeedsSecret() }},
		{"proofs", "post", func(c *client.Client) bool { return c.AuthMethod() == client.AuthPost && len(c.Secrets) == 1 }},
		{"proofs", "remote", func(c *client.Client) bool { return c.JWKSURI == "https://a.example.com/jwks" && len(c.Secrets) == 0 }},
		{"proofs", "keys", func(c *client.Client) bool { return slices.Equal(c.AssertionAlgs(), []string{jose.PS256}) }},
		{"proofs", "own", func(c *client.Client) bool { return c.AuthMethod() == client.AuthSelfSignedTLS && c.JWKS.Len() == 1 }},
		{"proofs", "bank", func(c *client.Client) bool { return c.TLSSubjectDN == "CN=bank, O=Example, C=DE" }},
		{"proofs", "dns", func(c *client.Client) bool { return c.TLSSANDNS == "a.example.com" }},
		{"proofs", "uri", func(c *client.Client) bool { return c.TLSSANURI == "spiffe://example.com/a" }},
		{"proofs", "ip", func(c *client.Client) bool { return c.TLSSANIP == "10.1.2.3" }},
		{"proofs", "email", func(c *client.Client) bool { return c.TLSSANEmail == "a@example.com" }},
		{"tokens", "app", func(c *client.Client) bool {
			return c.MayAsk(client.ScopeOffline) && c.MayUse(client.GrantRefresh) && c.ExtendsSession && c.AccessToken == client.JWT && c.AccessTokenLife.Minutes() == 10 &&
				c.RefreshIdle.Hours() == 7*24 && c.RefreshMaxAge.Hours() == 90*24 && len(c.Resources) == 3 &&
				c.UserInfoAlg == client.ES256 && c.IDTokenAlg == client.RS256 && c.IDTokenClaims && slices.Equal(c.ResponseModes, []string{client.ModeFragment, client.ModeForm}) &&
				len(c.Claims) == 3 && c.Claims[2].Value == "ACME Ltd." && slices.Equal(c.AccessTokenClaims, []string{"roles"})
		}},
		{"tokens", "job", func(c *client.Client) bool {
			return c.MayUse(client.GrantCredentials) && !c.MayUse(client.GrantCode) && c.MayAsk("files.read") && c.Serves([]string{"https://api.example.com"})
		}},
		{"people", "ours", func(c *client.Client) bool {
			return c.Sector() == "example.com" && c.Pairwise() && c.ReturnsTo("https://a.example.com/bye") && c.BackchannelLogoutURI == "https://a.example.com/backchannel" && c.FrontchannelLogoutURI == "https://a.example.com/frontchannel"
		}},
		{"people", "theirs", func(c *client.Client) bool {
			return reflect.DeepEqual(c.Allow, []client.Rule{
				{{"group", "staff", "domain admins"}}, {{"domain", "example.com"}, {"client_ip", "private_ranges"}, {"max_auth_age", "8h0m0s"}},
			}) && reflect.DeepEqual(c.Deny, []client.Rule{{{"user", "mallory"}}}) && c.LoginAge().Hours() == 8
		}},
	} {
		text := golden["testdata/adapt/client_"+c.file+".caddyfiletest"][1]
		var config struct {
			Apps struct{ Gatehouse caddymodule.App }
		}
		if err := json.Unmarshal([]byte(text), &config); err != nil {
			t.Fatal(err)
		}
		app := &caddymodule.App{Issuer: "https://auth.example.com", Clients: map[string]*caddymodule.Client{c.id: config.Apps.Gatehouse.Clients[c.id]}}
		one := app.Clients[c.id]
		one.Secret = strings.Replace(one.Secret, "{env.B}", "{env.A}", 1)
		if one.JWKS != "" {
			one.JWKS = secretFile(t, `{"keys":[`+publicKey+`]}`)
		}
		if err := caddymodule.CheckApp(app); err != nil {
			t.Errorf("client %s: %v", c.id, err)
			continue
		}
		if built, err := one.Build(c.id); err != nil || !c.want(built) {
			t.Errorf("client %s: %v, %+v", c.id, err, built)
		}
	}
}

// TestBlockSaysEverything: what package client knows of a client can be said.
func TestBlockSaysEverything(t *testing.T) {
	source, err := os.ReadFile("validate_clients.go")
	if err != nil {
		t.Fatal(err)
	}
	// The first follows from a profile, the second from how a client came; the
	// others change nothing, since sid is always sent.
	unsaid := []string{"StrictAssertions", "Dynamic", "Settled", "BackchannelLogoutSessionRequired", "FrontchannelLogoutSessionRequired"}
	syntax, err := parser.ParseFile(token.NewFileSet(), "../authorize/client/client.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	fields := 0
	ast.Inspect(syntax, func(n ast.Node) bool {
		if spec, ok := n.(*ast.TypeSpec); ok {
			return spec.Name.Name == "Client"
		}
		field, ok := n.(*ast.Field)
		if !ok {
			_, method := n.(*ast.FuncDecl)
			return !method
		}
		for _, name := range field.Names {
			fields++
			said := strings.Contains(string(source), name.Name+": ") || strings.Contains(string(source), "built."+name.Name+" = ")
			if said == slices.Contains(unsaid, name.Name) {
				t.Errorf("client.Client.%s: said in a block: %v", name.Name, said)
			}
		}
		return true
	})
	if fields < 40 {
		t.Errorf("only %d fields were found", fields)
	}
}
