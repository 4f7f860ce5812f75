package conformance_test

import (
	"crypto/tls"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gatehouse-auth/gatehouse/internal/jose"
)

func securedDiscovery(r *run) {
	has := func(what, list string, values ...string) {
		for _, value := range values {
			r.check(what, r.op.lists(list, value), list, r.op.meta[list])
		}
	}
	par := r.op.endpoint(parEndpoint)
	_, said := r.op.meta["require_pushed_authorization_requests"].(bool)
	r.check("`"+parEndpoint+"` is there, with https, and `require_pushed_authorization_requests` is said", strings.HasPrefix(par, r.op.issuer) && said, par)
	r.check("`response_types_supported` is `code` alone", same(r.op.meta["response_types_supported"], "code"))
	r.check("`authorization_response_iss_parameter_supported` is true", r.op.meta["authorization_response_iss_parameter_supported"] == true)
	has("`code_challenge_methods_supported` has `S256`", "code_challenge_methods_supported", "S256")
	has("`token_endpoint_auth_methods_supported` has `private_key_jwt` and `tls_client_auth`", "token_endpoint_auth_methods_supported", "private_key_jwt", "tls_client_auth")
	has("PS256, ES256 and EdDSA are there for assertions", "token_endpoint_auth_signing_alg_values_supported", jose.PS256, jose.ES256, jose.EdDSA)
	has("PS256, ES256 and EdDSA are there for ID tokens", "id_token_signing_alg_values_supported", jose.PS256, jose.ES256, jose.EdDSA)
	if dpop(r.v.first) {
		has("PS256, ES256 and EdDSA are there for proofs", "dpop_signing_alg_values_supported", jose.PS256, jose.ES256, jose.EdDSA)
	} else {
		r.check("`tls_client_certificate_bound_access_tokens` is true", r.op.meta["tls_client_certificate_bound_access_tokens"] == true)
	}
	resp, err := r.op.client.Get(r.op.issuer + "/.well-known/oauth-authorization-server")
	r.need(err == nil, err)
	r.check("RFC 8414's metadata say the same `issuer` and the same endpoint", resp.StatusCode == http.StatusOK && sameMetadata(r, object(r, resp)))
}

func sameMetadata(r *run, meta map[string]any) bool {
	return meta["issuer"] == r.op.issuer && meta[parEndpoint] == r.op.meta[parEndpoint]
}

func happyFlow(r *run) {
	first := r.secured(r.request(), ways{})
	second := r.requestOf(r.v.second)
	a := r.present(r.alice(), r.v.second, r.accepted(second, ways{}), "response_type", "code", "scope", second.params.Get("scope"))
	other := r.completed(second, a, ways{})
	r.check("the second client's answer keeps the parameters of its redirect address", a.Get("dummy1") == "lorem" && a.Get("dummy2") == "ipsum", a.Values)
	r.check("the second client gets tokens of its own, bound to its own key", other.tokens.text("access_token") != first.tokens.text("access_token"))
	r.endpointTLS()
	if r.v.first.plain {
		return
	}
	token := first.tokens.text("access_token")
	got := r.resource(r.v.first, token, ways{with: r.op.holders[r.v.second.id]})
	r.check("userinfo refuses the token with the second client's key: 401", got.status == http.StatusUnauthorized, got)
	got = r.resource(r.v.first, token, ways{raw: func(req *http.Request) {
		req.Header.Del("Authorization")
		req.URL.RawQuery = "access_token=" + url.QueryEscape(token)
	}})
	r.check("userinfo does not take the token from the query", got.status == http.StatusBadRequest || got.status == http.StatusUnauthorized, got)
	if !dpop(r.v.first) {
		return
	}
	nonce := first.tokens.header.Get("DPoP-Nonce")
	got = r.resource(r.v.first, token, ways{proof: with("nonce", nonce)})
	r.check("a nonce is offered by `DPoP-Nonce`, and a proof with it is accepted", nonce != "" && got.status == http.StatusOK, nonce, got)
}

// endpointTLS looks at what connections are made (FAPI 2.0, section 5.2; RFC
// 9325).
func (r *run) endpointTLS() {
	r.Helper()
	at, err := url.Parse(r.op.issuer)
	r.need(err == nil, err)
	shake := func(c *tls.Config) error {
		c.InsecureSkipVerify, c.ServerName = true, at.Hostname()
		conn, err := tls.Dial("tcp", "127.0.0.1:"+at.Port(), c)
		if err == nil {
			conn.Close()
		}
		return err
	}
	r.check("connections are TLS 1.3 or 1.2", shake(&tls.Config{MinVersion: tls.VersionTLS13}) == nil && shake(&tls.Config{MaxVersion: tls.VersionTLS12}) == nil)
	r.check("TLS 1.0 and 1.1 are refused", shake(&tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}) != nil)
	for _, suite := range append(tls.CipherSuites(), tls.InsecureCipherSuites()...) {
		recommended := strings.HasPrefix(suite.Name, "TLS_ECDHE_") && strings.Contains(suite.Name, "_GCM_")
		if !recommended && slices.Contains(suite.SupportedVersions, tls.VersionTLS12) {
			r.check("in TLS 1.2 no cipher suite is taken that RFC 9325 does not recommend", shake(&tls.Config{MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{suite.ID}}) != nil, suite.Name)
		}
	}
}

func personRefuses(r *run) {
	r.both(func(c *client) {
		q := r.requestOf(c, "state", long(128))
		b := r.nobody()
		login := b.Get(r.presented(c, r.accepted(q, ways{})))
		a := r.follow(b, b.Submit(login, map[string]string{"action": "cancel"}))
		r.refused(q, a, "access_denied")
		r.check("the answer keeps the parameters of the redirect address", a.Has("dummy1") == (c == r.v.second), a.Values)
	})
}

func withoutState(r *run) {
	q := r.request("state", "")
	f := r.secured(q, ways{})
	r.check("there is no `state` in the answer", !f.answer.Has("state"), f.answer.Values)
}

// securedWith is a whole flow with some parameters.
func securedWith(what string, params ...string) func(*run) {
	return func(r *run) {
		f := r.secured(r.request(params...), ways{})
		if what != "" {
			r.check(what, f.tokens.text("access_token") != "")
		}
	}
}

// claimsByName asks for all that discovery lists, in all forms of asking.
func claimsByName(r *run) {
	forms := []any{nil, map[string]any{"essential": true}, map[string]any{"essential": false}}
	asked := map[string]any{"x-nobody-knows": nil}
	supported, _ := r.op.meta["claims_supported"].([]any)
	for i, name := range supported {
		if claim, _ := name.(string); !slices.Contains([]string{"sub", "iss", "aud", "acr", "auth_time"}, claim) {
			asked[claim] = forms[i%len(forms)]
		}
	}
	f := r.secured(r.request("claims", string(marshal(r, map[string]any{"id_token": asked, "userinfo": asked}))), ways{})
	said := part(r, f.tokens.text("id_token"), 1)
	for name, value := range map[string]any{"name": "Alice A", "preferred_username": "alice", "email": "alice@example.com", "email_verified": true} {
		r.check("each claim of `claims_supported` that the account has is in the ID token and at userinfo, when it is asked for by name", said[name] == value && f.info.body[name] == value, name, said, f.info.body)
	}
	r.check("a claim that nobody knows is left out", said["x-nobody-knows"] == nil && f.info.body["x-nobody-knows"] == nil)
}

func long(n int) string { return strings.Repeat("a1_-", n/4+1)[:n] }

func schemeCase(r *run) {
	f := r.secured(r.request(), ways{})
	if r.v.first.plain {
		r.check("`token_type` is `Bearer`", f.tokens.text("token_type") == "Bearer")
		return
	}
	got := r.resource(r.v.first, f.tokens.text("access_token"), ways{raw: func(req *http.Request) {
		scheme, token, _ := strings.Cut(req.Header.Get("Authorization"), " ")
		req.Header.Set("Authorization", strings.ToUpper(scheme)+" "+token)
	}})
	r.check("the scheme in the Authorization header is read in any case", got.status == http.StatusOK, got)
}

// securedProof is a whole flow whose proofs, and one at the PAR endpoint, are
// unusual.
func securedProof(what string, altered change) func(*run) {
	return func(r *run) {
		f := r.secured(r.request(), ways{proof: altered})
		r.check(what, f.tokens.text("token_type") == "DPoP")
	}
}

func proofDates(_, claims map[string]any) {
	now := time.Now()
	claims["nbf"], claims["exp"] = now.Add(-5*time.Second).Unix(), now.Add(time.Minute).Unix()
}

// issued moves the date.
func issued(seconds int) change {
	return func(_, claims map[string]any) {
		claims["iat"] = time.Now().Add(time.Duration(seconds) * time.Second).Unix()
	}
}
