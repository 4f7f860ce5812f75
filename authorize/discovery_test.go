package authorize_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
)

func TestDiscovery(t *testing.T) {
	w := newWorld(t, "/.gatehouse")
	a := w.browser().get(w.issuer + "/.well-known/openid-configuration")
	m := a.fields(t)
	if a.StatusCode != 200 || m["issuer"] != w.issuer { // OAU-40
		t.Fatalf("%d %s", a.StatusCode, a.body)
	}
	for name, value := range m {
		if strings.HasSuffix(name, "_endpoint") || name == "jwks_uri" { // OAU-40: on our origin, and there
			address := value.(string)
			if !strings.HasPrefix(address, w.issuer+"/") {
				t.Errorf("%s is %s", name, address)
			}
			if got := w.browser().get(address); got.StatusCode == 404 {
				t.Errorf("%s does not exist", name)
			}
		}
	}
	for _, word := range []string{`"none"]`, `"plain"`, `"token"`, `"implicit"`, `"password"`, `"HS256"`, `"id_token"`} { // OAU-12, OAU-40
		if strings.Contains(strings.ReplaceAll(a.body, `"self_signed_tls_client_auth","none"]`, ""), word) {
			t.Errorf("discovery offers %s", word)
		}
	}
	for name, value := range m { // OAU-40: none is a way to authenticate or a prompt, and no algorithm
		if list, _ := value.([]any); slices.Contains(list, any("none")) && !strings.HasSuffix(name, "_auth_methods_supported") && name != "prompt_values_supported" {
			t.Errorf("%s offers none: %v", name, list)
		}
	}
	want := map[string]any{ // OAU-05, OAU-20, OAU-21, OAU-22
		"request_parameter_supported": true, "require_pushed_authorization_requests": false, "request_uri_parameter_supported": false, "claims_parameter_supported": true,
		"authorization_response_iss_parameter_supported": true,
	}
	for name, value := range want {
		if m[name] != value {
			t.Errorf("%s is %v", name, m[name])
		}
	}
	for name, want := range map[string]string{ // OAU-13, OAU-34
		"grant_types_supported": "[authorization_code refresh_token client_credentials urn:ietf:params:oauth:grant-type:token-exchange]", "scopes_supported": "[openid profile email groups offline_access]",
		"introspection_endpoint_auth_methods_supported":            "[client_secret_basic client_secret_post private_key_jwt tls_client_auth self_signed_tls_client_auth]",
		"revocation_endpoint_auth_methods_supported":               "[client_secret_basic client_secret_post private_key_jwt tls_client_auth self_signed_tls_client_auth none]",
		"token_endpoint_auth_methods_supported":                    "[client_secret_basic client_secret_post private_key_jwt tls_client_auth self_signed_tls_client_auth none]",
		"introspection_endpoint_auth_signing_alg_values_supported": "[PS256 ES256 EdDSA Ed25519 RS256]",
		"request_object_signing_alg_values_supported":              "[PS256 ES256 EdDSA Ed25519 RS256]",
		"userinfo_signing_alg_values_supported":                    "[RS256 ES256 EdDSA PS256]", "introspection_signing_alg_values_supported": "[RS256 ES256 EdDSA PS256]",
	} {
		if got := fmt.Sprint(m[name]); got != want {
			t.Errorf("%s is %s", name, got)
		}
	}
	if methods, _ := m["code_challenge_methods_supported"].([]any); len(methods) != 1 || methods[0] != "S256" { // OAU-05
		t.Errorf("challenge methods %v", methods)
	}
}

func TestJWKS(t *testing.T) {
	w := newWorld(t, "")
	a := w.browser().get(w.issuer + "/jwks")
	var set struct{ Keys []map[string]any }
	if err := json.Unmarshal([]byte(a.body), &set); err != nil || len(set.Keys) < 2 {
		t.Fatalf("%v %s", err, a.body)
	}
	for _, key := range set.Keys {
		for _, private := range []string{"d", "p", "q", "dp", "dq", "qi", "k"} { // JWT-04
			if key[private] != nil {
				t.Errorf("the set has %s", private)
			}
		}
	}
}

// CORS: six endpoints, registered origins, no credentials.
func TestCORS(t *testing.T) {
	w := newWorld(t, "")
	b := w.browser()
	b.signIn("alice", "local")
	send := func(method, path, origin, wanted string) answer {
		r, _ := http.NewRequest(method, w.issuer+path, nil)
		r.Header.Set("Origin", origin)
		if wanted != "" {
			r.Header.Set("Access-Control-Request-Method", wanted)
		}
		return b.do(r)
	}
	for path, method := range map[string]string{"/token": "POST", "/revoke": "POST", "/par": "POST", "/userinfo": "GET", "/jwks": "GET", "/.well-known/openid-configuration": "GET"} {
		for origin, allowed := range map[string]bool{
			"https://spa.example.com": true, "https://wiki.example.com": true, "https://evil.example": false, "null": false,
			"https://spa.example.com.evil.example": false, "http://spa.example.com": false, "https://SPA.example.com": false,
		} {
			for _, a := range []answer{send(method, path, origin, ""), send("OPTIONS", path, origin, method)} {
				if (a.Header.Get("Access-Control-Allow-Origin") == origin) != allowed || a.Header.Get("Access-Control-Allow-Credentials") != "" { // WEB-09
					t.Errorf("%s %s: %v", path, origin, a.Header)
				}
				if !allowed && a.Header.Get("Access-Control-Allow-Origin") != "" || !strings.Contains(a.Header.Get("Vary"), "Origin") {
					t.Errorf("%s %s: %v", path, origin, a.Header)
				}
			}
			if a := send("OPTIONS", path, origin, method); allowed != (a.StatusCode == 204) {
				t.Errorf("preflight %s %s: %d", path, origin, a.StatusCode)
			}
		}
	}
	for _, a := range []answer{send("POST", "/introspect", "https://spa.example.com", ""), send("OPTIONS", "/introspect", "https://spa.example.com", "POST"), send("GET", "/authorize?"+request().Encode(), "https://spa.example.com", ""), send("OPTIONS", "/authorize", "https://spa.example.com", "GET")} {
		for name := range a.Header {
			if strings.HasPrefix(name, "Access-Control") { // WEB-09
				t.Errorf("authorize or introspect answers CORS: %s", name)
			}
		}
	}
}
