package conformance_test

import (
	"net/http"
	"strings"

	"github.com/gatehouse-auth/gatehouse/internal/secret"
)

func wrongJKT(r *run) {
	q := r.request("dpop_jkt", newSigner(r, "ES256").thumbprint(r))
	r.denied("a `dpop_jkt` that is not the key of the proof at the PAR endpoint", r.push(q, ways{proof: unchanged}), "invalid_request", "invalid_dpop_proof")
}

// another is what the client holds, with another key for its proofs.
func (r *run) another() *holder {
	h := *r.op.holders[r.v.first.id]
	h.dpop = newSigner(r, "ES256")
	return &h
}

func otherProof(r *run) {
	q := r.request()
	a := r.present(r.alice(), q.client, r.accepted(q, ways{proof: unchanged}))
	r.coded(q, a)
	r.denied("a code with another key than that of the proof at the PAR endpoint", r.exchange(q, a, ways{with: r.another()}), "invalid_grant", "invalid_dpop_proof", "invalid_request")
}

func otherJKT(r *run) {
	q := r.request("dpop_jkt", r.op.holders[r.v.first.id].dpop.thumbprint(r))
	a := r.answered(q)
	r.denied("a code with another key than that of `dpop_jkt`", r.exchange(q, a, ways{with: r.another()}), "invalid_grant", "invalid_dpop_proof", "invalid_request")
}

func rightJKT(r *run) {
	q := r.request("dpop_jkt", r.op.holders[r.v.first.id].dpop.thumbprint(r))
	f := r.secured(q, ways{proof: unchanged})
	r.check("a code bound by `dpop_jkt` is good with that key", f.tokens.text("token_type") == "DPoP")
}

// with sets one thing: alg, typ and jwk in the header, all else in the claims.
func with(name string, value any) change {
	return func(header, claims map[string]any) {
		if name == "alg" || name == "typ" || name == "jwk" {
			header[name] = value
			return
		}
		claims[name] = value
	}
}

// without takes one thing out.
func without(name string) change {
	return func(header, claims map[string]any) {
		delete(header, name)
		delete(claims, name)
	}
}

// unusual is a request with the words for it.
type unusual struct {
	what string
	ways
}

// OAU-37
func wrongProofs(r *run) {
	token := r.secured(r.request(), ways{}).tokens.text("access_token")
	for _, name := range []string{"typ", "alg", "jwk", "jti", "htm", "htu", "iat", "ath"} {
		r.wrongProof(token, "without `"+name+"`", ways{proof: without(name)})
	}
	for _, p := range []unusual{
		{"of another `typ`", ways{proof: with("typ", "JWT")}},
		{"with `alg` none", ways{proof: with("alg", "none")}},
		{"whose `jwk` has the private part", ways{proof: privateJWK(r)}},
		{"for another method", ways{proof: with("htm", "PUT")}},
		{"for another address", ways{proof: with("htu", "https://other.example.com/userinfo")}},
		{"an hour old", ways{proof: issued(-3600)}},
		{"from an hour ahead", ways{proof: issued(3600)}},
		{"for another token", ways{proof: with("ath", base64url([]byte(strings.Repeat("x", 32))))}},
		{"with a nonce that is none of ours", ways{proof: with("nonce", secret.New())}},
		{"that another key signed", ways{proof: with("jwk", newSigner(r, "ES256").jwk(r))}},
		{"of another key", ways{with: r.another()}},
		{"that is no token", ways{raw: header("DPoP", "x")}},
		{"that comes twice", ways{raw: func(req *http.Request) { req.Header.Add("DPoP", req.Header.Get("DPoP")) }}},
		{"that is missing", ways{raw: func(req *http.Request) { req.Header.Del("DPoP") }}},
		{"that is missing, the token as a bearer token", ways{raw: func(req *http.Request) {
			req.Header.Del("DPoP")
			req.Header.Set("Authorization", "Bearer "+token)
		}}},
	} {
		r.wrongProof(token, p.what, p.ways)
	}
	repeated := ways{proof: with("jti", secret.New())}
	r.check("a proof is accepted once", r.resource(r.v.first, token, repeated).status == http.StatusOK)
	r.wrongProof(token, "that was used before", repeated)
	rightProofs(r, token)
	strictProofs(r)
}

// wrongProof checks that userinfo refuses a token for its proof.
func (r *run) wrongProof(token, what string, w ways) {
	r.Helper()
	got := r.resource(r.v.first, token, w)
	r.check("401 at userinfo for a proof "+what, got.status == http.StatusUnauthorized && got.header.Get("WWW-Authenticate") != "", what, got)
}

func header(name, value string) func(*http.Request) {
	return func(req *http.Request) { req.Header.Set(name, value) }
}

// privateJWK puts the private part of the key into the header (RFC 9449,
// section 4.3, check 7).
func privateJWK(r *run) change {
	return func(header, _ map[string]any) {
		jwk := r.op.holders[r.v.first.id].dpop.jwk(r)
		jwk["d"] = base64url([]byte(strings.Repeat("x", 32)))
		header["jwk"] = jwk
	}
}

// rightProofs are unusual and right.
func rightProofs(r *run, token string) {
	at := r.op.endpoint("userinfo_endpoint")
	for _, p := range []unusual{
		{"with query and fragment in `htu`", ways{proof: with("htu", at+"?x=1#y")}},
		{"without the query of the request in `htu`", ways{raw: func(req *http.Request) { req.URL.RawQuery = "x=1" }}},
		{"with scheme and host of `htu` in upper case", ways{proof: with("htu", strings.Replace(at, "https://auth.localhost", "HTTPS://AUTH.LOCALHOST", 1))}},
		{"with claims that nobody knows", ways{proof: with("extra", "foobar")}},
		{"with more in the header than anybody knows", ways{proof: func(header, _ map[string]any) { header["extra"] = "foobar" }}},
		{"in a header that is written in upper case", ways{raw: upperCase}},
		{"as usual, after all that", ways{}},
	} {
		got := r.resource(r.v.first, token, p.ways)
		r.check("200 at userinfo for a proof "+p.what, got.status == http.StatusOK, got)
	}
}

func upperCase(req *http.Request) {
	req.Header["DPOP"] = req.Header["Dpop"]
	delete(req.Header, "Dpop")
}

// strictProofs: RS256 is not for FAPI 2.0 (section 5.4.1).
func strictProofs(r *run) {
	h := *r.op.holders[r.v.first.id]
	h.dpop = newSigner(r, "PS256")
	q := r.request()
	f := r.completed(q, r.answered(q), ways{with: &h})
	r.wrongProof(f.tokens.text("access_token"), "signed with RS256, where one signed with PS256 is good", ways{with: &h, proof: with("alg", "RS256")})
}
