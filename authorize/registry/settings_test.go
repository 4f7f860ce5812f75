package registry_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/authorize/registry"
	"github.com/gatehouse-auth/gatehouse/internal/jose"
)

// TestEverySettingIsKept: whatever is added to a client has its place in the
// database, else a client made there would silently be another one.
func TestEverySettingIsKept(t *testing.T) {
	key, err := jose.Generate(jose.ES256)
	if err != nil {
		t.Fatal(err)
	}
	var full client.Client
	v := reflect.ValueOf(&full).Elem()
	for i := range v.NumField() {
		name, field := v.Type().Field(i).Name, v.Field(i)
		switch set := field.Addr().Interface().(type) {
		case *jose.Set:
			*set = jose.NewSet(key.Public())
		case *[]string:
			*set = []string{name, "two"}
		case **bool:
			*set = new(bool)
		case *time.Duration:
			*set = time.Duration(i+1) * time.Second
		case *bool:
			*set = true
		case *[]client.Claim:
			*set = []client.Claim{{Name: "a", From: "b"}, {Name: "c", Value: "d"}}
		case *[]client.Rule:
			*set = []client.Rule{{{"group", name, "two"}, {"mfa"}}, {{"user", "alice"}}}
		case *[]client.Secret: // stand beside the settings
		default:
			if field.Kind() != reflect.String {
				t.Fatalf("%s has a type that this test does not know", name)
			}
			field.SetString(name)
		}
	}
	full.ID = "" // stands beside the settings
	text, err := registry.Encode(&full)
	if err != nil {
		t.Fatal(err)
	}
	got, err := registry.Decode(text)
	if err != nil {
		t.Fatal(err)
	}
	for i := range v.NumField() {
		if a, b := v.Field(i).Interface(), reflect.ValueOf(got).Elem().Field(i).Interface(); !reflect.DeepEqual(a, b) {
			t.Errorf("%s: %v became %v", v.Type().Field(i).Name, a, b)
		}
	}
}

// TestFirstSettings: what the first program wrote can always be read.
func TestFirstSettings(t *testing.T) {
	c, err := registry.Decode(`{"v":1,"client_name":"The Wiki","redirect_uris":["https://wiki.example.com/cb"],"allowed_origins":["https://wiki.example.com"],` +
		`"scopes":["openid"],"local":false,"user_sso_lifetime":3600,"id_token_signed_response_alg":"ES256"}`)
	if err != nil {
		t.Fatal(err)
	}
	if c.Name != "The Wiki" || !c.Redirects("https://wiki.example.com/cb") || c.TakesLocal() || c.UserSSOLifetime != time.Hour || c.Alg() != "ES256" || c.MayAsk("email") {
		t.Errorf("%+v", c)
	}
}

func hostileSettings() map[string]string {
	return map[string]string{
		"nothing":                  ``,
		"no version":               `{}`,
		"a later version":          `{"v":2}`,
		"version as text":          `{"v":"1"}`,
		"an unknown member":        `{"v":1,"forbid":["everybody"]}`,
		"no rules":                 `{"v":1,"deny":["everybody"]}`,
		"upper case":               `{"v":1,"Public":true}`,
		"twice":                    `{"v":1,"public":false,"public":true}`,
		"twice in the keys":        `{"v":1,"jwks":{"keys":[{"kty":"EC","kty":"RSA"}]}}`,
		"two values":               `{"v":1}{"v":1}`,
		"a list":                   `[{"v":1}]`,
		"cut":                      `{"v":1`,
		"a private key":            `{"v":1,"jwks":{"keys":[{"kty":"oct","k":"AAAA"}]}}`,
		"no key set":               `{"v":1,"jwks":{}}`,
		"so long that it is short": `{"v":1,"refresh_max_age":18446744074}`,
		"half a second":            `{"v":1,"user_sso_lifetime":0.5}`,
	}
}

func TestStrict(t *testing.T) {
	for name, text := range hostileSettings() {
		if c, err := registry.Decode(text); err == nil || c != nil {
			t.Errorf("%s: taken as %+v", name, c)
		} else if strings.Contains(err.Error(), "everybody") {
			t.Errorf("%s: the error repeats what was read: %v", name, err)
		}
	}
}

// FuzzDecode: what can be read is written again and means the same.
func FuzzDecode(f *testing.F) {
	for _, text := range hostileSettings() {
		f.Add(text)
	}
	f.Add(`{"v":1,"client_name":"The Wiki","redirect_uris":["https://wiki.example.com/cb"],"local":false,"access_token_life":60}`)
	f.Add(`{"v":1,"jwks":{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}}`)
	f.Fuzz(func(t *testing.T, text string) {
		c, err := registry.Decode(text)
		if err != nil {
			return
		}
		again, err := registry.Encode(c)
		if err != nil {
			return // times that no program of ours writes
		}
		same, err := registry.Decode(again)
		if err != nil {
			t.Fatalf("%s became %s: %v", text, again, err)
		}
		if third, err := registry.Encode(same); err != nil || third != again {
			t.Fatalf("%s became %s", again, third)
		}
	})
}
