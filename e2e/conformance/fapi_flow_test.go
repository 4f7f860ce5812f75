package conformance_test

import (
	"net/http"
	"slices"
)

// securedFlow is what the document says that [run.secured] is.
const securedFlow = "the request is accepted at the PAR endpoint with 201, a `request_uri` in form of a URN, `expires_in` of 5 to 600 seconds and `no-store`; the code comes back " +
	"with the very `state` and with `iss`; the client proves itself and its key at the token endpoint, whose answer is `DPoP` or `Bearer`, has `expires_in` and `no-store`; " +
	"the ID token verifies (PS256) as in a whole flow, and says nothing of the person that was not asked for; the access token is good at userinfo, or active by introspection where there is no OpenID Connect"

// secured takes a request of a client of FAPI 2.0 through all of the flow.
func (r *run) secured(q request, w ways) flow {
	r.Helper()
	a := r.push(q, w)
	life, _ := a.body["expires_in"].(float64)
	r.must("a secured flow", a.status == http.StatusCreated && life >= 5 && life <= 600 && a.header.Get("Cache-Control") == "no-store", a)
	return r.completed(q, r.present(r.alice(), q.client, a.text("request_uri")), w)
}

// completed does what comes after the answer to a pushed request.
func (r *run) completed(q request, a answer, w ways) flow {
	r.Helper()
	const what = "a secured flow"
	r.must(what, len(a.Get("code")) >= 22 && !a.Has("error") && a.Get("state") == q.params.Get("state") && a.Get("iss") == r.op.issuer, a.Values, a.page)
	f := flow{request: q, answer: a, tokens: r.exchange(q, a, w)}
	seconds, _ := f.tokens.body["expires_in"].(float64)
	r.must(what, f.tokens.status == http.StatusOK && f.tokens.text("token_type") == r.holder(q.client, w).scheme() && f.tokens.text("access_token") != "" && seconds > 0 &&
		f.tokens.header.Get("Cache-Control") == "no-store", f.tokens)
	if q.client.plain {
		r.must(what, f.tokens.text("id_token") == "" && r.good(q.client, f.tokens.text("access_token")), f.tokens)
		return f
	}
	f.id = r.verify(q, f.tokens)
	if !q.params.Has("claims") {
		said := part(r, f.tokens.text("id_token"), 1)
		r.must(what, said["name"] == nil && said["email"] == nil && said["groups"] == nil, said)
	}
	f.info = r.resource(q.client, f.tokens.text("access_token"), w)
	r.must(what, f.info.status == http.StatusOK && f.info.text("sub") == f.id.Subject, f.info)
	return f
}

// denied checks that an endpoint refuses what a client sent (RFC 6749, section
// 5.2).
func (r *run) denied(what string, a reply, codes ...string) {
	r.Helper()
	code := a.text("error")
	sound := a.status == http.StatusBadRequest || a.status == http.StatusUnauthorized && code == "invalid_client"
	if !slices.Contains(codes, code) {
		sound, code = false, codes[0]
	}
	r.check(what+" is refused: `"+code+"`", sound, a)
}

// stopped checks that a request got no further than a page here, or back to the
// client with an error.
func (r *run) stopped(what string, a answer, codes ...string) {
	r.Helper()
	here := a.Values == nil && a.logins == 0 && a.page.Status == http.StatusBadRequest
	r.check(what+" gets an error and no code", !a.Has("code") && (here || slices.Contains(codes, a.Get("error"))), a.Values, a.page.URL, a.page.Status)
}

// both does the same for both clients, which have keys of their own.
func (r *run) both(try func(*client)) {
	try(r.v.first)
	try(r.v.second)
}
