package metadata_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/authorize/metadata"
	"github.com/gatehouse-auth/gatehouse/internal/jose"
)

// describe reads text and makes a client of it.
func describe(text string, t metadata.Terms) (*client.Client, error) {
	d, err := metadata.Read([]byte(text))
	if err != nil {
		return nil, err
	}
	return d.Client("id", t)
}

const cb = `"redirect_uris":["https://wiki.example.com/cb"]`

func keySet(t testing.TB) string {
	t.Helper()
	key, err := jose.Generate(jose.ES256)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(jose.NewSet(key.Public()))
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// RFC 7591, section 2: what is missing has the default that it names.
func TestDefaults(t *testing.T) {
	c, err := describe(`{`+cb+`,"client_name":"The Wiki","unknown":{"x":[1]},"client_name#ja":"ウィキ","Scope":"x"}`, metadata.Terms{})
	if err != nil {
		t.Fatal(err)
	}
	if c.AuthMethod() != client.AuthBasic || !c.MayUse(client.GrantCode) || c.MayUse(client.GrantRefresh) || c.Name != "The Wiki" {
		t.Errorf("%+v", c)
	}
	if !c.Dynamic || c.ConsentMode() != client.ConsentAlways || c.FirstParty || c.InsecurePKCEOptional { // OAU-41, OAU-05
		t.Errorf("it is trusted: %+v", c)
	}
	if !c.MayAsk("email") || c.MayAsk(client.ScopeOffline) || c.MayAsk("x") {
		t.Errorf("scopes %v", c.Scopes)
	}
}

// What a client can do elsewhere and not here is left out.
func TestOtherGrants(t *testing.T) {
	c, err := describe(`{`+cb+`,"grant_types":["implicit","authorization_code","client_credentials"],"response_types":["token","code"]}`, metadata.Terms{})
	if err != nil || len(c.GrantTypes) != 1 || c.GrantTypes[0] != client.GrantCode {
		t.Errorf("%+v, %v", c, err)
	}
}

func TestTerms(t *testing.T) {
	terms := metadata.Terms{Scopes: []string{"openid", "mcp"}, Resources: []string{"https://mcp.example.com"}, AccessToken: client.JWT}
	c, err := describe(`{`+cb+`,"grant_types":["refresh_token","authorization_code"],"scope":"openid mcp admin offline_access","token_endpoint_auth_method":"none"}`, terms)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Join(c.Scopes, " ") != "openid mcp" || !c.OfflineAccess || c.Resources[0] != terms.Resources[0] || c.AccessToken != client.JWT || !c.Public {
		t.Errorf("%+v", c)
	}
	if c, err = describe(`{`+cb+`}`, terms); err != nil || strings.Join(c.Scopes, " ") != "openid mcp" || c.OfflineAccess {
		t.Errorf("without a word: %+v, %v", c, err)
	}
}

func TestRefused(t *testing.T) {
	set := keySet(t)
	const bad, redirect, statement = metadata.CodeMetadata, metadata.CodeRedirect, metadata.CodeStatement
	for text, code := range map[string]string{
		// OAU-42
		`{"redirect_uris":["javascript:alert(1)"]}`:                                                            redirect,
		`{"redirect_uris":["data:text/html,x"],"token_endpoint_auth_method":"none"}`:                           redirect,
		`{"redirect_uris":["http://wiki.example.com/cb"]}`:                                                     redirect,
		`{"redirect_uris":["https://wiki.example.com/cb","https://wiki.example.com/*"]}`:                       redirect,
		`{"redirect_uris":["https://wiki.example.com/cb#x"]}`:                                                  redirect,
		`{"redirect_uris":["https://wiki.example.com./cb"]}`:                                                   redirect, // no host that a person could be shown
		`{"redirect_uris":["https://134744072/cb"]}`:                                                           redirect,
		`{"redirect_uris":["com.example.app:/cb"]}`:                                                            redirect, // it can't keep a secret
		`{"redirect_uris":["com.example.app:/cb"],"token_endpoint_auth_method":"none"}`:                        "",
		`{"redirect_uris":["http://127.0.0.1/cb","http://localhost:7/x"],"token_endpoint_auth_method":"none"}`: "",
		`{"redirect_uris":[]}`: redirect,
		`{}`:                   redirect,
		`{"redirect_uris":[` + strings.Repeat(`"https://a.example/",`, 20) + `"https://a.example/"]}`: redirect,

		`{` + cb + `,"software_statement":"e30.e30."}`:                                   statement,
		`{` + cb + `,"software_statement":null}`:                                         "",
		`{` + cb + `,"token_endpoint_auth_method":"client_secret_jwt"}`:                  bad, // OAU-11
		`{` + cb + `,"token_endpoint_auth_method":"client_secret"}`:                      bad, // our word, nobody else's
		`{` + cb + `,"grant_types":["implicit"]}`:                                        bad, // OAU-12
		`{` + cb + `,"grant_types":["password","authorization_code"]}`:                   "",
		`{` + cb + `,"grant_types":["client_credentials"]}`:                              bad, // nobody gave it any rights
		`{` + cb + `,"grant_types":["refresh_token"]}`:                                   bad,
		`{` + cb + `,"grant_types":[]}`:                                                  bad,
		`{` + cb + `,"response_types":["code id_token"]}`:                                bad,
		`{` + cb + `,"response_types":["code","token"]}`:                                 "",
		`{` + cb + `,"scope":"admin"}`:                                                   bad,
		`{` + cb + `,"subject_type":"pairwise"}`:                                         "",
		`{` + cb + `,"subject_type":"x"}`:                                                bad,
		`{` + cb + `,"id_token_encrypted_response_alg":"RSA-OAEP"}`:                      bad,
		`{` + cb + `,"id_token_signed_response_alg":"none"}`:                             bad, // JWT-02
		`{` + cb + `,"id_token_signed_response_alg":"HS256"}`:                            bad,
		`{` + cb + `,"request_object_signing_alg":"none"}`:                               bad,
		`{` + cb + `,"client_name":"a\u202eb"}`:                                          bad,
		`{` + cb + `,"client_name":"a\nb"}`:                                              bad,
		`{` + cb + `,"client_name":"` + strings.Repeat("x", 61) + `"}`:                   bad,
		`{` + cb + `,"logo_uri":"http://a.example/x"}`:                                   bad,
		`{` + cb + `,"client_uri":"javascript:alert(1)"}`:                                bad,
		`{` + cb + `,"tos_uri":"https://a.example/` + strings.Repeat("x", 200) + `"}`:    bad,
		`{` + cb + `,"policy_uri":"https://a@a.example/"}`:                               bad,
		`{` + cb + `,"contacts":["x"]}`:                                                  bad,
		`{` + cb + `,"application_type":"tv"}`:                                           bad,
		`{` + cb + `,"jwks_uri":"http://a.example/k"}`:                                   bad,
		`{` + cb + `,"jwks_uri":"https://a.example/k","jwks":` + set + `}`:               bad,
		`{` + cb + `,"jwks":{"keys":[]}}`:                                                bad,
		`{` + cb + `,"jwks":"x"}`:                                                        bad,
		`{` + cb + `,"token_endpoint_auth_method":"private_key_jwt"}`:                    bad,
		`{` + cb + `,"token_endpoint_auth_method":"private_key_jwt","jwks":` + set + `}`: "",
		`{` + cb + `,"token_endpoint_auth_method":"tls_client_auth"}`:                    bad,
		`{` + cb + `,"backchannel_logout_uri":"http://localhost/x"}`:                     bad, // we would call ourselves
		`{` + cb + `,"backchannel_logout_uri":"https://wiki.example.com/out"}`:           "",
		`{` + cb + `,"frontchannel_logout_uri":"https://evil.example/out"}`:              bad,
		`{` + cb + `,"post_logout_redirect_uris":["javascript:alert(1)"]}`:               bad,
		`{` + cb + `,"registration_access_token":"x"}`:                                   bad,

		`{` + cb + `,` + cb + `}`:                         bad, // which of them counts?
		`{` + cb + `,"jwks":{"keys":[],"keys":[]}}`:       bad,
		`{"redirect_uris":"https://wiki.example.com/cb"}`: bad,
		`{"redirect_uris":[1]}`:                           bad,
		`[]`:                                              bad,
		`null`:                                            bad,
		``:                                                bad,
		`{` + cb + `} {}`:                                 bad,
		`{` + cb + `,"x":` + strings.Repeat("[", 9) + strings.Repeat("]", 9) + `}`: bad,
		`{"Redirect_URIs":["https://wiki.example.com/cb"]}`:                        redirect, // another name
		`{"redirect_uriſ":["https://wiki.example.com/cb"]}`:                        redirect,
	} {
		c, err := describe(text, metadata.Terms{})
		got := ""
		if e := metadata.Wrong(err); e != nil {
			got = e.Code
		}
		if got != code || (err == nil) != (code == "") || (c == nil) != (code != "") {
			t.Errorf("%.120s: %v", text, err)
		}
	}
}

// Nothing of what was sent is repeated in an error.
func TestErrorsQuoteNothing(t *testing.T) {
	const mark = "zzmarkzz"
	for _, text := range []string{
		`{"redirect_uris":["` + mark + `"]}`, `{` + cb + `,"id_token_signed_response_alg":"` + mark + `"}`,
		`{` + cb + `,"post_logout_redirect_uris":["` + mark + `"]}`, `{` + cb + `,"token_endpoint_auth_signing_alg":"` + mark + `"}`,
		`{` + cb + `,"frontchannel_logout_uri":"` + mark + `"}`, `{` + cb + `,"tls_client_auth_san_dns":"` + mark + `"}`,
	} {
		if _, err := describe(text, metadata.Terms{}); err == nil || strings.Contains(err.Error(), mark) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// What is registered is what is told, and what is told can be registered again
// (RFC 7592, section 2.2).
func TestDescribe(t *testing.T) {
	text := `{` + cb + `,"client_name":"W","grant_types":["authorization_code","refresh_token"],"scope":"email openid offline_access",
		"token_endpoint_auth_method":"private_key_jwt","jwks":` + keySet(t) + `,"token_endpoint_auth_signing_alg":"ES256","dpop_bound_access_tokens":true,
		"id_token_signed_response_alg":"ES256","post_logout_redirect_uris":["https://wiki.example.com/"],"backchannel_logout_uri":"https://wiki.example.com/out",
		"backchannel_logout_session_required":true,"client_uri":"https://wiki.example.com","contacts":["a@example.com"],"application_type":"web","software_id":"w"}`
	one := told(t, text)
	two := told(t, one)
	if one != two {
		t.Errorf("%s\n%s", one, two)
	}
	for _, want := range []string{`"scope":"openid email offline_access"`, `"client_uri":"https://wiki.example.com"`, `"dpop_bound_access_tokens":true`, `"software_id":"w"`, `"kty":"EC"`, `"response_types":["code"]`} {
		if !strings.Contains(one, want) {
			t.Errorf("no %s in %s", want, one)
		}
	}
}

func told(t *testing.T, text string) string {
	t.Helper()
	d, err := metadata.Read([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	c, err := d.Client("id", metadata.Terms{})
	if err != nil {
		t.Fatal(err)
	}
	out, err := metadata.Describe(c, d.About)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(out)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// What metadata make of a client is all that Replace puts into another one.
func TestReplace(t *testing.T) {
	d, err := metadata.Read([]byte(`{` + cb + `,"client_name":"W","subject_type":"pairwise","backchannel_logout_uri":"https://wiki.example.com/out","jwks":` + keySet(t) + `,"id_token_signed_response_alg":"ES256","grant_types":["authorization_code","refresh_token"],"dpop_bound_access_tokens":true,"post_logout_redirect_uris":["https://wiki.example.com/"]}`))
	if err != nil {
		t.Fatal(err)
	}
	c, err := d.Client("id", metadata.Terms{Resources: []string{"https://api.example.com"}, AccessToken: client.JWT})
	if err != nil {
		t.Fatal(err)
	}
	old := &client.Client{ID: "id", Dynamic: true}
	if metadata.Replace(old, c); !reflect.DeepEqual(old, c) {
		t.Errorf("%+v\n%+v", old, c)
	}
	old = &client.Client{ID: "id", Dynamic: true, UserSSOLifetime: 1, Consent: client.ConsentOnce, Providers: []string{"work"}}
	if metadata.Replace(old, c); old.UserSSOLifetime != 1 || old.Consent != client.ConsentOnce || old.Providers == nil || old.Name != "W" {
		t.Errorf("%+v", old)
	}
}

// FuzzRead: whatever is sent either makes a client that is allowed, for which
// nobody vouches, or an error of RFC 7591.
func FuzzRead(f *testing.F) {
	set := keySet(f)
	for _, text := range []string{
		`{` + cb + `}`, `{}`, `[]`, `{` + cb + `,"jwks":` + set + `,"token_endpoint_auth_method":"private_key_jwt"}`,
		`{` + cb + `,"software_statement":"x"}`, `{` + cb + `,"grant_types":["refresh_token","authorization_code"],"scope":"openid offline_access"}`,
		`{"redirect_uris":["com.example.app:/cb"],"token_endpoint_auth_method":"none"}`, `{` + cb + `,"client_name":"\ud800"}`, `{` + cb + `,"contacts":["a@b.c"]}`,
		`{` + cb + `,"tls_client_auth_subject_dn":"CN=x","token_endpoint_auth_method":"tls_client_auth"}`, `{` + cb + `,` + cb + `}`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		c, err := describe(string(raw), metadata.Terms{})
		if err != nil {
			if metadata.Wrong(err) == nil {
				t.Fatalf("%v", err)
			}
			return
		}
		if !c.Dynamic || c.FirstParty || c.InsecurePKCEOptional || c.ConsentMode() != client.ConsentAlways || len(c.Secrets) > 0 {
			t.Fatalf("%+v", c)
		}
		for _, uri := range c.RedirectURIs {
			if client.CheckRedirect(uri, c.Public) != nil || strings.HasPrefix(uri, "javascript") {
				t.Fatalf("%q", uri)
			}
		}
	})
}
