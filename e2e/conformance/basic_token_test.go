package conformance_test

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"time"
)

// unsigned makes a token with alg none.
func unsigned(r *run, claims map[string]any) string {
	r.Helper()
	raw, err := json.Marshal(claims)
	r.need(err == nil, err)
	return base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none"}`)) + "." + base64.RawURLEncoding.EncodeToString(raw) + "."
}

// OAU-06, OAU-07
func codeReuse(r *run) {
	f := r.whole(r.alice(), r.request())
	reused(r, f)
}

// codeReuseLater is the same after half a minute, while the code would still
// live.
func codeReuseLater(r *run) {
	f := r.whole(r.alice(), r.request())
	r.after(30*time.Second, func(r *run) { reused(r, f) })
}

func reused(r *run, f flow) {
	r.Helper()
	again := r.redeem(f.request, f.answer)
	r.check("the code is `invalid_grant` with 400 the second time", again.status == http.StatusBadRequest && again.text("error") == "invalid_grant", again)
	got := r.userinfo(http.MethodGet, f.tokens.text("access_token"))
	r.check("the access token of the first time is worth nothing then", got.status == http.StatusUnauthorized && got.text("error") == "invalid_token", got)
}

func secretPost(r *run) {
	q := r.request()
	a := r.ask(r.alice(), q)
	tokens := r.send(r.form(r.op.endpoint("token_endpoint"), q.redemption(a, "client_id", q.client.id, "client_secret", q.client.secret)))
	r.must("the secret in the body is accepted", tokens.status == http.StatusOK, tokens)
	id := r.verify(q, tokens)
	r.check("userinfo answers with the `sub` of the ID token", r.userinfo(http.MethodGet, tokens.text("access_token")).text("sub") == id.Subject)
	q = r.request()
	tokens = r.send(r.form(r.op.endpoint("token_endpoint"), q.redemption(r.ask(r.alice(), q), "client_id", q.client.id, "client_secret", r.v.second.secret)))
	r.check("another secret is `invalid_client` with 401", tokens.status == http.StatusUnauthorized && tokens.text("error") == "invalid_client", tokens)
}

func refreshToken(r *run) {
	r.check("discovery lists `refresh_token` and `offline_access`", r.op.lists("grant_types_supported", "refresh_token") && r.op.lists("scopes_supported", "offline_access"))
	f := r.whole(r.alice(), r.request("scope", "openid offline_access", "prompt", "consent"))
	r.check("under `prompt=consent` the person is asked", f.consents == 1, f.consents)
	r.must("there is a refresh token", f.tokens.text("refresh_token") != "", f.tokens.body)
	next := r.refresh(r.v.first, f.tokens)
	r.must("it gives a new access token", next.status == http.StatusOK && next.text("access_token") != "" && next.text("access_token") != f.tokens.text("access_token"), next)
	if next.text("id_token") != "" {
		again := f.request
		again.params = url.Values{} // a refreshed ID token repeats no nonce (OpenID Connect Core, section 12.2)
		id := r.verify(again, next)
		r.check("its ID token has the same `sub`, `aud` and `auth_time`", id.Subject == f.id.Subject && *id.AuthTime == *f.id.AuthTime, id)
	}
	r.check("the new access token is good at userinfo", r.userinfo(http.MethodGet, next.text("access_token")).text("sub") == f.id.Subject)
	other := r.refresh(r.v.second, f.tokens)
	r.check("for another client the refresh token is `invalid_grant` with 400", other.status == http.StatusBadRequest && other.text("error") == "invalid_grant", other)
}

// refresh brings a refresh token to the token endpoint.
func (r *run) refresh(c *client, tokens reply) reply {
	r.Helper()
	req := r.form(r.op.endpoint("token_endpoint"), url.Values{"grant_type": {"refresh_token"}, "refresh_token": {tokens.text("refresh_token")}})
	req.SetBasicAuth(c.id, c.secret)
	return r.send(req)
}

// OAU-05
func validPKCE(r *run) {
	q := r.request()
	q.challenge()
	r.whole(r.alice(), q)
	r.check("discovery lists `S256` and not `plain`", r.op.lists("code_challenge_methods_supported", "S256") && !r.op.lists("code_challenge_methods_supported", "plain"))
	for _, verifier := range []string{"", "x" + q.verifier[1:]} {
		q = r.request()
		q.challenge()
		got := r.redeem(q, r.ask(r.alice(), q), "code_verifier", verifier)
		r.check("a missing and a wrong verifier are `invalid_grant` with 400", got.status == http.StatusBadRequest && got.text("error") == "invalid_grant", got)
	}
}
