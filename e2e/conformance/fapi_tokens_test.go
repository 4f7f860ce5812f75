package conformance_test

import (
	"net/http"
	"net/url"
	"time"
)

// OAU-11: the code is the first client's, and so is the proof of the client.
func otherClientID(r *run) {
	q := r.request()
	a := r.answered(q)
	q.client = r.v.second
	got := r.exchange(q, a, ways{with: r.op.holders[r.v.first.id]})
	r.denied("the second client's id with the first client's key", got, "invalid_client", "invalid_grant")
}

func holderOfKey(r *run) {
	r.endpointTLS()
	q := r.request()
	got := r.exchange(q, r.answered(q), ways{unproved: !dpop(q.client), raw: func(req *http.Request) { req.Header.Del("DPoP") }})
	if dpop(q.client) {
		r.denied("a code without a proof", got, "invalid_dpop_proof", "invalid_request", "invalid_grant")
		return
	}
	r.denied("a code without a certificate", got, "invalid_client", "invalid_request", "invalid_grant")
}

// OAU-10
func otherClientsCode(r *run) {
	q := r.request()
	a := r.answered(q)
	q.client = r.v.second
	r.denied("the first client's code for the second client", r.exchange(q, a, ways{}), "invalid_grant")
}

// OAU-06, OAU-07
func securedReuse(r *run) {
	f := r.secured(r.request(), ways{})
	r.after(time.Second, func(r *run) {
		r.denied("a code that was used a second ago", r.exchange(f.request, f.answer, ways{}), "invalid_grant")
		token := f.tokens.text("access_token")
		if r.v.first.plain {
			got := r.call(r.v.first, "introspection_endpoint", url.Values{"token": {token}}, ways{})
			r.check("the access token of the first time is worth nothing then", got.body["active"] == false, got)
			return
		}
		got := r.resource(r.v.first, token, ways{})
		r.check("the access token of the first time is worth nothing then", got.status == http.StatusUnauthorized, got)
	})
}

// OAU-03
func expiredCode(r *run) {
	q := r.request()
	a := r.answered(q)
	r.after(61*time.Second, func(r *run) {
		r.denied("a code of a minute ago", r.exchange(q, a, ways{}), "invalid_grant")
	})
}

// badAssertion is a client that does not prove itself at the token endpoint.
func badAssertion(what string, w ways) func(*run) {
	return func(r *run) {
		q := r.request()
		r.denied(what, r.exchange(q, r.answered(q), w), "invalid_client", "invalid_request")
	}
}

// expired is an assertion of ten minutes ago.
func expired(_, claims map[string]any) {
	now := time.Now()
	claims["iat"], claims["exp"] = now.Add(-10*time.Minute).Unix(), now.Add(-5*time.Minute).Unix()
}

// ahead moves an assertion into the future.
func ahead(seconds int) change {
	return func(_, claims map[string]any) {
		at := time.Now().Add(time.Duration(seconds) * time.Second)
		claims["iat"], claims["nbf"], claims["exp"] = at.Unix(), at.Unix(), at.Add(time.Minute).Unix()
	}
}

func slightlyAhead(r *run) {
	q := r.request()
	r.completed(q, r.present(r.alice(), q.client, r.accepted(q, ways{assertion: ahead(8)})), ways{})
	r.check("a client assertion from eight seconds ahead is accepted at the PAR endpoint", true)
}

// pushedAssertion is the same at the PAR endpoint.
func pushedAssertion(what string, altered func(*provider) change) func(*run) {
	return func(r *run) {
		r.denied(what, r.push(r.request(), ways{assertion: altered(r.op)}), "invalid_client", "invalid_request")
	}
}

// audience is an endpoint in the place of the issuer (FAPI 2.0, section
// 5.3.2.1).
func audience(endpoint string) func(*provider) change {
	return func(op *provider) change { return with("aud", op.endpoint(endpoint)) }
}

// OAU-05
func wrongVerifier(what, verifier string) func(*run) {
	return func(r *run) {
		q := r.request()
		r.denied("a code with "+what, r.exchange(q, r.answered(q), ways{}, "code_verifier", verifier), "invalid_grant")
	}
}

func securedRefresh(r *run) {
	r.check("discovery lists `refresh_token`", r.op.lists("grant_types_supported", "refresh_token"))
	var given reply
	r.both(func(c *client) {
		q := r.requestOf(c)
		q.params.Set("scope", q.params.Get("scope")+" offline_access")
		q.params.Set("prompt", "consent")
		given = r.secured(q, ways{}).tokens
		r.must("there is a refresh token", given.text("refresh_token") != "", given.body)
		next := r.refreshed(c, given, ways{})
		r.must("it gives a new access token, which is good", next.status == http.StatusOK && next.text("access_token") != given.text("access_token") && r.good(c, next.text("access_token")), next)
		again := r.refreshed(c, given, ways{})
		r.check("it is not exchanged for another (FAPI 2.0, section 5.3.2.1), and works again", next.text("refresh_token") == "" || next.text("refresh_token") == given.text("refresh_token"), next.body)
		r.check("an answer that was lost can be asked for again", again.status == http.StatusOK, again)
	})
	r.denied("the second client's refresh token for the first", r.refreshed(r.v.first, given, ways{}), "invalid_grant")
	if assertions(r.v.second) {
		r.denied("a refresh token without a client assertion", r.refreshed(r.v.second, given, ways{silent: true}), "invalid_client", "invalid_request", "invalid_grant")
	}
	got := r.refreshed(r.v.second, given, ways{unproved: !dpop(r.v.second), raw: func(req *http.Request) { req.Header.Del("DPoP") }})
	r.denied("a refresh token without proof of the key", got, "invalid_dpop_proof", "invalid_request", "invalid_grant", "invalid_client")
}

func (r *run) refreshed(c *client, tokens reply, w ways) reply {
	r.Helper()
	return r.call(c, "token_endpoint", url.Values{"grant_type": {"refresh_token"}, "refresh_token": {tokens.text("refresh_token")}}, w)
}
