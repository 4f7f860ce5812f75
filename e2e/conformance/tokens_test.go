package conformance_test

import (
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gatehouse-auth/gatehouse/internal/jose"
	"github.com/gatehouse-auth/gatehouse/internal/rig"
)

// reply is what an endpoint answered to a client.
type reply struct {
	status int
	header http.Header
	body   map[string]any
}

// text gives a member that is a text.
func (a reply) text(name string) string {
	s, _ := a.body[name].(string)
	return s
}

// send asks an endpoint.
func (r *run) send(req *http.Request) reply {
	r.Helper()
	return r.sendBy(r.op.client, req)
}

// sendBy asks over the connections of by.
func (r *run) sendBy(by *http.Client, req *http.Request) reply {
	r.Helper()
	resp, err := by.Do(req)
	r.need(err == nil, err)
	a := reply{status: resp.StatusCode, header: resp.Header}
	if strings.HasPrefix(resp.Header.Get("Content-Type"), "application/json") {
		a.body = object(r, resp)
	}
	io.Copy(io.Discard, resp.Body)
	resp.Body.Close()
	return a
}

// form makes a POST with a form in it.
func (r *run) form(address string, values url.Values) *http.Request {
	r.Helper()
	req, err := http.NewRequestWithContext(r.Context(), http.MethodPost, address, strings.NewReader(values.Encode()))
	r.need(err == nil, err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return req
}

// redeem brings a code to the token endpoint, the secret in the header.
func (r *run) redeem(q request, a answer, more ...string) reply {
	r.Helper()
	req := r.form(r.op.endpoint("token_endpoint"), q.redemption(a, more...))
	req.SetBasicAuth(q.client.id, q.client.secret)
	return r.send(req)
}

// redemption is the form that redeems a code.
func (q request) redemption(a answer, more ...string) url.Values {
	values := url.Values{"grant_type": {"authorization_code"}, "code": {a.Get("code")}, "redirect_uri": {q.params.Get("redirect_uri")}}
	if q.verifier != "" {
		values.Set("code_verifier", q.verifier)
	}
	for i := 0; i < len(more); i += 2 {
		values.Set(more[i], more[i+1])
	}
	return values
}

// userinfo asks who an access token is about.
func (r *run) userinfo(method, access string) reply {
	r.Helper()
	req, err := http.NewRequestWithContext(r.Context(), method, r.op.endpoint("userinfo_endpoint"), nil)
	r.need(err == nil, err)
	req.Header.Set("Authorization", "Bearer "+access)
	return r.send(req)
}

// idToken is the claims that are looked at. A pointer tells whether there is
// one.
type idToken struct {
	Issuer   string        `json:"iss"`
	Subject  string        `json:"sub"`
	Audience jose.Audience `json:"aud"`
	Expires  *jose.Date    `json:"exp"`
	Issued   *jose.Date    `json:"iat"`
	AuthTime *jose.Date    `json:"auth_time"`
	Nonce    *string       `json:"nonce"`
	AtHash   string        `json:"at_hash"`
	SID      string        `json:"sid"`
	ACR      string        `json:"acr"`
}

// verify checks an ID token as OpenID Connect Core, section 3.1.3.7, tells the
// client to.
func (r *run) verify(q request, tokens reply) idToken {
	r.Helper()
	var id idToken
	alg := jose.RS256
	if q.client.proves != "" {
		alg = jose.PS256 // FAPI 2.0 security profile, section 5.4.1
	}
	expect := jose.Expect{Algs: []string{alg}, Types: []string{"JWT"}, Keys: r.op.keys}
	err := jose.Verify(tokens.text("id_token"), expect, &id)
	if err != nil { // a key that came with the first client who needs it (OpenID Connect Core, section 10.1.1)
		r.op.fetchKeys(r)
		expect.Keys = r.op.keys
		err = jose.Verify(tokens.text("id_token"), expect, &id)
	}
	r.need(err == nil, "the ID token: ", err, tokens.status, tokens.body)
	now := time.Now()
	r.need(id.Issuer == r.op.issuer && id.Audience.Has(q.client.id), "iss and aud: ", id)
	r.need(id.Subject != "" && len(id.Subject) <= 255, "sub: ", id.Subject)
	r.need(id.Expires != nil && id.Expires.Time().After(now), "exp: ", id)
	r.need(id.Issued != nil && id.Issued.Time().Before(now.Add(time.Second)) && id.Issued.Time().After(now.Add(-5*time.Minute)), "iat: ", id)
	sum := sha256.Sum256([]byte(tokens.text("access_token")))
	r.need(id.AtHash == base64.RawURLEncoding.EncodeToString(sum[:16]), "at_hash: ", id.AtHash)
	nonce := q.params.Get("nonce")
	r.need((id.Nonce == nil) == (nonce == "") && (id.Nonce == nil || *id.Nonce == nonce), "nonce: ", id)
	return id
}

// wholeFlow is what the document says that [run.whole] is.
const wholeFlow = "the code comes back with the very `state` and with `iss` (RFC 9207), by the expected method; the client redeems it at the token endpoint, " +
	"whose answer is `Bearer`, has `expires_in` and `no-store`; the ID token verifies against the JWKS (RS256, `kid`), and `iss`, `aud`, `exp`, `iat`, " +
	"`nonce` and `at_hash` are right; userinfo answers with the same `sub`"

// flow is what a whole flow left behind.
type flow struct {
	request
	answer
	tokens reply
	id     idToken
	info   reply
}

// whole takes a request through all of the code flow.
func (r *run) whole(b *rig.Browser, q request) flow {
	r.Helper()
	return r.finish(q, r.ask(b, q))
}

// finish does what comes after the answer to an authorization request.
func (r *run) finish(q request, a answer) flow {
	r.Helper()
	const what = "a whole flow"
	r.must(what, a.Get("code") != "" && !a.Has("error") && a.Get("state") == q.params.Get("state") && a.Get("iss") == r.op.issuer && a.method == r.mode(),
		a.method, a.Values, a.page.URL, a.page.Status)
	f := flow{request: q, answer: a, tokens: r.redeem(q, a)}
	seconds, _ := f.tokens.body["expires_in"].(float64)
	r.must(what, f.tokens.status == http.StatusOK && f.tokens.text("token_type") == "Bearer" && f.tokens.text("access_token") != "" && seconds > 0 &&
		f.tokens.header.Get("Cache-Control") == "no-store", f.tokens)
	f.id = r.verify(q, f.tokens)
	f.info = r.userinfo(http.MethodGet, f.tokens.text("access_token"))
	r.must(what, f.info.status == http.StatusOK && f.info.text("sub") == f.id.Subject, f.info)
	return f
}
