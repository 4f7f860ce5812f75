package conformance_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/gatehouse-auth/gatehouse/internal/jose"
)

// config is Config OP. The rotation of keys is a module of Dynamic OP, which is
// not claimed; what it checks belongs to discovery.
func config() plan {
	one, two := strict()
	return plan{
		title: "Config OP",
		names: []string{"oidcc-config-certification-test-plan"},
		about: "`oidcc-server-rotate-keys` is of the Dynamic OP plan, which is not claimed: registration is held to RFC 7591 and 7592 instead. It runs here\n" +
			"because the suite can ask any provider for it.",
		variants: []variant{{"discovery", one, two, true, ""}},
		modules: []module{
			{"oidcc-discovery-endpoint-verification", pass(), nil, discovery},
			{"oidcc-server-rotate-keys", pass(), nil, rotateKeys},
		},
	}
}

// OAU-40
func discovery(r *run) {
	resp, err := r.op.client.Get(r.op.issuer + "/.well-known/openid-configuration")
	r.need(err == nil, err)
	meta := object(r, resp)
	r.check("it is JSON with 200", resp.StatusCode == http.StatusOK && strings.HasPrefix(resp.Header.Get("Content-Type"), "application/json"))
	r.check("`issuer` is the address it was found at", meta["issuer"] == r.op.issuer, meta["issuer"])
	for _, name := range []string{"authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri"} {
		r.check("authorization, token and userinfo endpoint and `jwks_uri` are there", r.op.endpoint(name) != "", name)
	}
	for name, value := range meta {
		if address, ok := value.(string); ok {
			r.check("every address is https and the issuer's", strings.HasPrefix(address, r.op.issuer), name, address)
		}
	}
	r.check("`response_types_supported` is `code` alone", same(meta["response_types_supported"], "code"), meta["response_types_supported"])
	r.check("`subject_types_supported` has `public`", r.op.lists("subject_types_supported", "public"))
	r.check("`id_token_signing_alg_values_supported` has `RS256`", r.op.lists("id_token_signing_alg_values_supported", jose.RS256))
	r.check("`scopes_supported` has `openid`", r.op.lists("scopes_supported", "openid"))
	r.check("`claims_supported` has `sub`", r.op.lists("claims_supported", "sub"))
	r.check("`claims_parameter_supported`, `request_parameter_supported` and `request_uri_parameter_supported` are said, and the last is false",
		meta["claims_parameter_supported"] != nil && meta["request_parameter_supported"] != nil && meta["request_uri_parameter_supported"] == false)
	r.check("`authorization_response_iss_parameter_supported` is true", meta["authorization_response_iss_parameter_supported"] == true)
	publicKeys(r)
}

// same tells whether a list has just this value.
func same(list any, value string) bool {
	values, ok := list.([]any)
	return ok && len(values) == 1 && values[0] == value
}

// publicKeys looks at the JWKS (JWT-04).
func publicKeys(r *run) {
	r.Helper()
	ids := map[any]bool{}
	for _, key := range jwks(r) {
		r.check("every key of the JWKS has a `kid` of its own, `alg` and `use`", key["kid"] != "" && !ids[key["kid"]] && key["alg"] != nil && key["use"] == "sig", key)
		ids[key["kid"]] = true
		for _, private := range []string{"d", "p", "q", "dp", "dq", "qi", "k", "x5u", "jku"} {
			r.check("no key has a private part", key[private] == nil, private)
		}
	}
	r.check("there is a key", len(ids) > 0)
}

// jwks gives the keys as they stand there.
func jwks(r *run) []map[string]any {
	r.Helper()
	resp, err := r.op.client.Get(r.op.endpoint("jwks_uri"))
	r.need(err == nil, err)
	defer resp.Body.Close()
	var set struct{ Keys []map[string]any }
	r.need(json.NewDecoder(resp.Body).Decode(&set) == nil, "the JWKS is no JSON")
	return set.Keys
}

// JWT-09
func rotateKeys(r *run) {
	before := r.whole(r.alice(), r.request())
	old := part(r, before.tokens.text("id_token"), 0)["kid"]
	out, err := r.op.Run("", "gatehouse", "keys", "rotate")
	r.need(err == nil, err, out)
	var after flow
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(50 * time.Millisecond) { // a running server sees it within a second
		r.op.fetchKeys(r)
		after = r.whole(r.alice(), r.request())
		if kid := part(r, after.tokens.text("id_token"), 0)["kid"]; kid != old || time.Now().After(deadline) {
			r.check("after `caddy gatehouse keys rotate` ID tokens are signed by another key, which is in the JWKS", kid != old, kid)
			break
		}
	}
	r.verify(before.request, before.tokens)
	r.check("what the old key signed still verifies", true)
	publicKeys(r)
}
