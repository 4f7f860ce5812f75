package conformance_test

import (
	"crypto/sha256"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gatehouse-auth/gatehouse/internal/rig"
	"github.com/gatehouse-auth/gatehouse/internal/secret"
)

// ways is how a client's request to the server differs from a right one.
type ways struct {
	with      *holder // the keys and the certificate of somebody else
	silent    bool    // no client assertion
	assertion change
	unproved  bool // no proof of DPoP, and no certificate
	proof     change
	raw       func(*http.Request) // does what else is to be done
}

// unchanged is for proofs where none is sent by default.
func unchanged(map[string]any, map[string]any) {}

// holder gives what a client holds, or what is taken instead.
func (r *run) holder(c *client, w ways) *holder {
	if w.with != nil {
		return w.with
	}
	return r.op.holders[c.id]
}

// call posts a form to an endpoint as a client does that proves itself and its
// key.
func (r *run) call(c *client, endpoint string, form url.Values, w ways) reply {
	r.Helper()
	h, address := r.holder(c, w), r.op.endpoint(endpoint)
	form = maps.Clone(form)
	form.Set("client_id", c.id)
	if h.auth != nil && !w.silent {
		form.Set("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
		form.Set("client_assertion", r.assertion(c, h.auth, w.assertion))
	}
	return r.bySigned(h, r.form(address, form), "", w)
}

// bySigned sends a request over the client's connection, with its proof.
func (r *run) bySigned(h *holder, req *http.Request, token string, w ways) reply {
	r.Helper()
	by := h.http
	switch {
	case w.unproved:
		by = r.op.client
	case h.dpop != nil:
		req.Header.Set("DPoP", r.proof(h.dpop, req, token, w.proof))
	}
	if w.raw != nil {
		w.raw(req)
	}
	return r.sendBy(by, req)
}

// assertion proves a client (RFC 7523, section 3; FAPI 2.0, section 5.3.3.1).
func (r *run) assertion(c *client, by *signer, altered change) string {
	r.Helper()
	now := time.Now()
	header := map[string]any{"alg": by.alg, "typ": "JWT"}
	claims := map[string]any{"iss": c.id, "sub": c.id, "aud": r.op.issuer, "jti": secret.New(), "iat": now.Unix(), "exp": now.Add(time.Minute).Unix()}
	if altered != nil {
		altered(header, claims)
	}
	return by.sign(r, header, claims)
}

// proof proves a key for one request (RFC 9449, section 4.2).
func (r *run) proof(by *signer, req *http.Request, token string, altered change) string {
	r.Helper()
	header := map[string]any{"alg": by.alg, "typ": "dpop+jwt", "jwk": by.jwk(r)}
	claims := map[string]any{"jti": secret.New(), "htm": req.Method, "htu": req.URL.Scheme + "://" + req.URL.Host + req.URL.Path, "iat": time.Now().Unix()}
	if token != "" {
		sum := sha256.Sum256([]byte(token))
		claims["ath"] = base64url(sum[:])
	}
	if altered != nil {
		altered(header, claims)
	}
	return by.sign(r, header, claims)
}

// push sends a request ahead (RFC 9126, section 2.1). A proof goes along only
// if w says something of it.
func (r *run) push(q request, w ways, more ...string) reply {
	r.Helper()
	form := maps.Clone(q.params)
	for i := 0; i < len(more); i += 2 {
		form.Set(more[i], more[i+1])
	}
	if w.proof != nil {
		return r.call(q.client, parEndpoint, form, w)
	}
	raw := w.raw
	w.raw = func(req *http.Request) {
		if req.Header.Del("DPoP"); raw != nil {
			raw(req)
		}
	}
	return r.call(q.client, parEndpoint, form, w)
}

const (
	parEndpoint = "pushed_authorization_request_endpoint"
	requestURN  = "urn:ietf:params:oauth:request_uri:"
)

// accepted pushes a request that must be taken, and gives its address.
func (r *run) accepted(q request, w ways, more ...string) string {
	r.Helper()
	a := r.push(q, w, more...)
	r.must("the request is accepted at the PAR endpoint", a.status == http.StatusCreated && strings.HasPrefix(a.text("request_uri"), requestURN), a)
	return a.text("request_uri")
}

// present brings what was pushed to the authorization endpoint; more is what
// stands beside it.
func (r *run) present(b *rig.Browser, c *client, uri string, more ...string) answer {
	r.Helper()
	return r.follow(b, b.Get(r.presented(c, uri, more...)))
}

// presented is the address at which the browser does so.
func (r *run) presented(c *client, uri string, more ...string) string {
	q := url.Values{"client_id": {c.id}, "request_uri": {uri}}
	for i := 0; i < len(more); i += 2 {
		q.Set(more[i], more[i+1])
	}
	return r.op.endpoint("authorization_endpoint") + "?" + q.Encode()
}

// answered takes a request to its code, for Alice who is signed in.
func (r *run) answered(q request) answer {
	r.Helper()
	a := r.present(r.alice(), q.client, r.accepted(q, ways{}))
	r.coded(q, a)
	return a
}

// coded checks that a code came.
func (r *run) coded(q request, a answer) {
	r.Helper()
	r.must("the code comes back with the very `state` and with `iss`", len(a.Get("code")) >= 22 && !a.Has("error") && a.Get("state") == q.params.Get("state") &&
		a.Has("state") == q.params.Has("state") && a.Get("iss") == r.op.issuer, a.Values, a.page)
}

// exchange redeems a code.
func (r *run) exchange(q request, a answer, w ways, more ...string) reply {
	r.Helper()
	return r.call(q.client, "token_endpoint", q.redemption(a, more...), w)
}

// scheme is how the client's access tokens are sent (RFC 9449, section 7.1).
func (h *holder) scheme() string {
	if h.dpop != nil {
		return "DPoP"
	}
	return "Bearer"
}

// resource asks userinfo, in the place of a protected resource.
func (r *run) resource(c *client, token string, w ways) reply {
	r.Helper()
	h := r.holder(c, w)
	req, err := http.NewRequestWithContext(r.Context(), http.MethodGet, r.op.endpoint("userinfo_endpoint"), nil)
	r.need(err == nil, err)
	req.Header.Set("Authorization", h.scheme()+" "+token)
	return r.bySigned(h, req, token, w)
}

// good tells whether an access token is good for its client: at userinfo, or
// where there is no OpenID Connect, by introspection.
func (r *run) good(c *client, token string) bool {
	r.Helper()
	if !c.plain {
		return r.resource(c, token, ways{}).status == http.StatusOK
	}
	a := r.call(c, "introspection_endpoint", url.Values{"token": {token}}, ways{})
	r.need(a.status == http.StatusOK, a)
	bound, _ := a.body["cnf"].(map[string]any)
	return a.body["active"] == true && len(bound) == 1
}
