package conformance_test

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/gatehouse-auth/gatehouse/internal/jose"
)

func server(r *run) {
	b := r.nobody()
	f := r.whole(b, r.request())
	r.check("the person signs in on the login page", f.logins == 1, f.logins)
	r.check("`auth_time` and `sid` are in the ID token", f.id.AuthTime != nil && f.id.SID != "", f.id)
	again := r.whole(b, r.requestOf(r.v.second))
	r.check("a second client gets the same `sub` without another login", again.id.Subject == f.id.Subject && again.logins == 0, again.id)
}

func responseTypeMissing(r *run) {
	q := r.request("response_type", "")
	r.refused(q, r.ask(r.alice(), q), "invalid_request")
}

func idTokenSignature(r *run) {
	f := r.whole(r.alice(), r.request())
	header := part(r, f.tokens.text("id_token"), 0)
	r.check("the header names RS256, its `typ`, and a `kid` of the JWKS", header["alg"] == jose.RS256 && header["typ"] == "JWT" && header["kid"] != "", header)
	altered := f.tokens.text("id_token")
	altered = altered[:len(altered)-8] + "AAAAAAAA"
	var id idToken
	err := jose.Verify(altered, jose.Expect{Algs: []string{jose.RS256}, Types: []string{"JWT"}, Keys: r.op.keys}, &id)
	r.check("another signature does not verify", err != nil)
}

// part reads one part of a token.
func part(r *run, token string, i int) map[string]any {
	r.Helper()
	parts := strings.Split(token, ".")
	r.need(len(parts) == 3, "not a token: ", token)
	raw, err := base64.RawURLEncoding.DecodeString(parts[i])
	r.need(err == nil, err)
	var v map[string]any
	r.need(json.Unmarshal(raw, &v) == nil, string(raw))
	return v
}

func idTokenUnsigned(r *run) {
	for _, name := range []string{"id_token", "userinfo", "introspection"} {
		r.check("discovery lists `none` for nothing that is signed", !r.op.lists(name+"_signing_alg_values_supported", "none"))
	}
	r.check("discovery lists `RS256` for ID tokens", r.op.lists("id_token_signing_alg_values_supported", jose.RS256))
}

func userinfoGet(r *run) {
	f := r.whole(r.alice(), r.request())
	got := r.userinfo(http.MethodGet, f.tokens.text("access_token"))
	r.check("GET with the token in the header gives JSON with the `sub` of the ID token", got.status == http.StatusOK && got.text("sub") == f.id.Subject, got)
	got = r.userinfo(http.MethodGet, "x"+f.tokens.text("access_token"))
	r.check("another token is `invalid_token` with 401", got.status == http.StatusUnauthorized && got.text("error") == "invalid_token", got)
}

func userinfoPostHeader(r *run) {
	f := r.whole(r.alice(), r.request())
	got := r.userinfo(http.MethodPost, f.tokens.text("access_token"))
	r.check("POST with the token in the header gives JSON with the `sub` of the ID token", got.status == http.StatusOK && got.text("sub") == f.id.Subject, got)
}

// OAU-36
func userinfoPostBody(r *run) {
	f := r.whole(r.alice(), r.request())
	got := r.send(r.form(r.op.endpoint("userinfo_endpoint"), map[string][]string{"access_token": {f.tokens.text("access_token")}}))
	r.check("POST with the token in the body is `invalid_request` with 400", got.status == http.StatusBadRequest && got.text("error") == "invalid_request", got)
}

func withoutNonce(r *run) {
	f := r.whole(r.alice(), r.request("nonce", ""))
	r.check("there is no `nonce` in the ID token", f.id.Nonce == nil, f.id)
}

func scopeProfile(r *run) {
	f := r.whole(r.alice(), r.request("scope", "openid profile"))
	r.check("userinfo has `name` and `preferred_username`, and no `email`", f.info.text("name") == "Alice A" && f.info.text("preferred_username") == "alice" && f.info.body["email"] == nil, f.info.body)
}

func scopeEmail(r *run) {
	f := r.whole(r.alice(), r.request("scope", "openid email"))
	_, known := f.info.body["email_verified"].(bool)
	r.check("userinfo has `email` and `email_verified`, and no `name`", f.info.text("email") == "alice@example.com" && known && f.info.body["name"] == nil, f.info.body)
}

func scopeUnknown(scope string) func(*run) {
	return func(r *run) {
		r.check("discovery does not list the scope", !r.op.lists("scopes_supported", scope))
		q := r.request("scope", "openid "+scope)
		r.refused(q, r.ask(r.alice(), q), "invalid_scope")
	}
}

func scopeAll(r *run) {
	f := r.whole(r.alice(), r.request("scope", "openid profile email groups"))
	r.check("userinfo has the claims of `openid profile email groups`", f.info.text("name") != "" && f.info.text("email") != "" && f.info.body["groups"] != nil, f.info.body)
	r.check("discovery lists those scopes", r.op.lists("scopes_supported", "profile") && r.op.lists("scopes_supported", "email") && r.op.lists("scopes_supported", "groups"))
}

func scopeOrder(r *run) {
	f := r.whole(r.alice(), r.request("scope", "email openid"))
	r.check("userinfo has `email`", f.info.text("email") != "", f.info.body)
}
