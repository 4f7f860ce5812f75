package caddymodule_test

import (
	"os"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/caddymodule"
)

const hash = "$argon2id$v=19$m=47104,t=1,p=1$c2FsdHNhbHRzYWx0c2FsdA$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g"

// People who write JSON get the same refusals as those who write a Caddyfile,
// all of them at once. CFG-01
func TestLoadRefuses(t *testing.T) {
	t.Setenv("ISSUER", "https://auth.example.com")
	t.Setenv("RANGE", "10.1.2.3/8")
	guarded := func(rule string) string { return "app.example.com {\n\tgatehouse {\n" + rule + "\n\t}\n}\n" }
	client := func(fields string) string {
		return `{"issuer":"https://auth.example.com","clients":{"a":{"public":true,"redirect_uris":["https://a.example.com/"],` + fields + `}}}`
	}
	for name, c := range map[string]struct{ app, site, wrong string }{
		"nothing":             {app: `{}`},
		"issuer by env":       {app: `{"issuer":"{env.ISSUER}"}`, site: "auth.example.com {\n\tgatehouse_portal\n}\n"},
		"issuer by empty env": {app: `{"issuer":"{env.GATEHOUSE_NOWHERE}"}`, wrong: "gatehouse: issuer: evaluated placeholder {env.GATEHOUSE_NOWHERE} is empty"},
		"issuer http":         {app: `{"issuer":"http://auth.example.com"}`, wrong: "gatehouse: issuer: "},
		"unknown field":       {app: `{"isuer":"https://auth.example.com"}`, wrong: "unknown field"},
		"client alone":        {app: `{"clients":{"a":{"public":true,"redirect_uris":["https://a.example.com/"]}}}`, wrong: "client a: a client needs a login host"},
		"null client":         {app: `{"issuer":"https://auth.example.com","clients":{"a":null}}`, wrong: "client a: is empty"},
		"null user":           {app: `{"users":{"accounts":{"a":null}}}`, wrong: "user a: password_hash is missing"},
		"user twice":          {app: `{"users":{"accounts":{"a":{"password_hash":"` + hash + `"},"A":{"password_hash":"` + hash + `"}}}}`, wrong: "another spelling of this name"},
		"plaintext password":  {app: `{"users":{"accounts":{"a":{"password_hash":"hunter2"}}}}`, wrong: "user a: password_hash: this is not a password hash"},
		"client's provider":   {app: client(`"providers":["wrok"]`), wrong: "client a: providers: there is no provider 'wrok'"},
		"client for nobody":   {app: client(`"no_local":true`), wrong: "without a provider nobody could sign in"},
		"client's algorithm": {
			app:   strings.Replace(client(`"id_token_alg":"ES256"`), "{", `{"keys":{"algorithms":["EdDSA","RS256"]},`, 1),
			wrong: "client a: id_token_alg: ES256 is not among the algorithms of keys: EdDSA, RS256",
		},
		"client's default algorithm": {
			app:   strings.Replace(client(`"userinfo_alg":"ES256"`), "{", `{"keys":{"algorithms":["ES256"]},`, 1),
			wrong: "client a: id_token_alg: RS256, the default, is not among the algorithms of keys: ES256",
		},
		"client's other algorithm": {
			app:   strings.Replace(client(`"id_token_alg":"ES256","userinfo_alg":"PS256"`), "{", `{"keys":{"algorithms":["ES256"]},`, 1),
			wrong: "client a: userinfo_alg: PS256 is not",
		},
		"client's rule":               {app: client(`"allow":[{"group":["staff"]}],"deny":[{"client_ip":["private_ranges"]}]`)},
		"client's empty rule":         {app: client(`"allow":[{}]`), wrong: "client a: allow: a condition is empty"},
		"client's loose range":        {app: client(`"allow":[{"client_ip":["{env.RANGE}"]}]`), wrong: "client a: allow: condition client_ip"},
		"client denies mfa":           {app: client(`"deny":[{"mfa":true}]`), wrong: "client a: deny: mfa would refuse the stronger login"},
		"client's rule on a provider": {app: client(`"allow":[{"provider":["wrok"]}]`), wrong: "client a: allow: provider: there is no provider 'wrok'"},
		"no algorithm":                {app: `{"keys":{"algorithms":[]}}`, wrong: "keys: algorithms: at least one is needed"},
		"keys kept briefly":           {app: `{"keys":{"keep":60000000000}}`, wrong: "keys: keep 1m0s: must be at least 1h0m0s"},
		"wildcard redirect":           {app: strings.Replace(client(`"name":"x"`), "https://a.", "https://*.", 1), wrong: "must not have a wildcard"},
		"certificates alone":          {app: `{"certificate_base":"https://mtls.example.com"}`, wrong: "certificate_base: needs a login host"},
		"certificates at the issuer":  {app: `{"issuer":"https://auth.example.com","certificate_base":"https://auth.example.com"}`, wrong: "certificate_base: is the issuer"},
		"certificates without TLS":    {app: `{"issuer":"https://auth.example.com","certificate_base":"http://localhost"}`, wrong: "certificate_base: must be https"},
		"pushed to nowhere":           {app: `{"issuer":"https://auth.example.com","require_pushed_requests":true,"disable":["par"]}`, wrong: "require_pushed_requests: nothing can be pushed"},
		"signed by nobody":            {app: strings.Replace(client(`"name":"x"`), "{", `{"require_signed_requests":true,`, 1), wrong: "client a: require_signed_requests holds for all clients"},
		"signed by who can":           {app: strings.Replace(client(`"jwks_uri":"https://a.example.com/keys"`), "{", `{"require_signed_requests":true,`, 1)},
		"accounts at":                 {app: `{"create_account":"https://accounts.example.com/new?a=b"}`},
		"accounts over http":          {app: `{"create_account":"http://accounts.example.com/new"}`, wrong: "create_account: "},
		"accounts by script":          {app: `{"create_account":"javascript:alert(1)"}`, wrong: "create_account: "},
		"accounts at a fragment":      {app: `{"create_account":"https://accounts.example.com/#new"}`, wrong: "create_account: "},
		"accounts by somebody":        {app: `{"create_account":"https://a@accounts.example.com/"}`, wrong: "create_account: "},
		"accounts and back elsewhere": {app: `{"create_account":"https://accounts.example.com/?return_url=x"}`, wrong: "create_account: its query"},
		"two providers": {
			app:   `{"providers":[{"type":"oidc","issuer":"https://a.test","client_id":"x"},{"type":"oidc","issuer":"https://b.test","client_id":"x"}]}`,
			wrong: "provider oidc: the name is already given",
		},
		"provider without issuer": {app: `{"providers":[{"type":"oidc","name":"work"}]}`, wrong: "provider work: issuer is missing; provider work: client_id is missing"},
		"provider named local":    {app: `{"providers":[{"type":"oidc","name":"local","issuer":"https://a.test","client_id":"x"}]}`, wrong: "'local' stands for local accounts"},
		"master key by env":       {app: `{"master_key":"{env.ISSUER}"}`, wrong: "master_key: a master key is read from a file"},
		"several at once":         {app: `{"issuer":"x","session":{"idle_timeout":1},"throttle":{"attempts":-1}}`, wrong: "throttle: attempts"},
		"guard's provider": {
			app: `{}`, site: "app.example.com {\n\tgatehouse {\n\t\tallow provider wrok\n\t}\n}\n",
			wrong: "allow: provider: there is no provider 'wrok'",
		},
		"guard's ranges": {app: `{}`, site: guarded("allow client_ip private_ranges 2001:db8::/32")},
		"guard's whole rule": {
			app:  `{"providers":[{"type":"oidc","name":"work","issuer":"https://a.test","client_id":"x"}]}`,
			site: guarded("allow {\nuser alice Bob\ngroup work/ops\nemail a@example.com\ndomain example.com\nprovider work local\nmfa\nacr urn:x\nmax_auth_age 1h\nclient_ip 10.0.0.7\n}\ndeny group work/guests\npublic /healthz /static/*"),
		},
		"guard's loose range":  {app: `{}`, site: guarded("allow client_ip {env.RANGE}"), wrong: "has bits behind its prefix; write 10.0.0.0/8"},
		"guard's short age":    {app: `{}`, site: guarded("allow max_auth_age 5s"), wrong: "allow: condition max_auth_age: \"5s\" is not a duration of 30s or more"},
		"two guards' problems": {app: `{}`, site: guarded("allow provider wrok\ndeny client_ip {env.RANGE}"), wrong: "; deny: condition client_ip"},
		"guard in a named route": {
			app: `{}`, site: "&(x) {\n\tgatehouse\n}\napp.example.com {\n\tinvoke x\n}\n", wrong: "in a named route the site is not known",
		},
	} {
		t.Run(name, func(t *testing.T) {
			site := c.site
			if site == "" {
				site = "app.example.com {\n\tgatehouse\n}\n"
				if strings.Contains(c.app, `"issuer":"http`) {
					site += "auth.example.com {\n\tgatehouse_portal\n}\n"
				}
			}
			config, err := adapt("{\n\tadmin off\n\tgatehouse\n}\n" + site)
			if err != nil {
				t.Fatal(err)
			}
			err = validate([]byte(strings.Replace(string(config), `"gatehouse":{}`, `"gatehouse":`+c.app, 1)))
			if (err == nil) != (c.wrong == "") || err != nil && !strings.Contains(err.Error(), c.wrong) {
				t.Errorf("got %v, want %q", err, c.wrong)
			}
		})
	}
}

// TestValidateMakesNothing: `caddy validate` leaves no file behind.
func TestValidateMakesNothing(t *testing.T) {
	config, err := adapt("{\n\tadmin off\n}\napp.example.com {\n\tgatehouse\n}\n")
	if err != nil {
		t.Fatal(err)
	}
	if err := validate(config); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(caddymodule.DataDir()); !os.IsNotExist(err) {
		t.Errorf("%s: %v", caddymodule.DataDir(), err)
	}
}

func TestDidYouMean(t *testing.T) {
	known := []string{"issuer", "provider", "users", "redirect_uri"}
	for word, want := range map[string]string{
		"issure": "; did you mean 'issuer'?", "provder": "; did you mean 'provider'?", "user": "; did you mean 'users'?",
		"redirect_url": "; did you mean 'redirect_uri'?", "USERS": "; did you mean 'users'?",
		"zzzzzz": "; known are issuer, provider, redirect_uri, users", strings.Repeat("issuer", 100): "; known are issuer, provider, redirect_uri, users",
	} {
		if got := caddymodule.DidYouMean(word, known); got != want {
			t.Errorf("%s: got %q, want %q", word, got, want)
		}
	}
}
