package conformance_test

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"html"
	"net/url"
	"strings"

	"github.com/gatehouse-auth/gatehouse/internal/rig"
	"github.com/gatehouse-auth/gatehouse/internal/secret"
)

// request is one authorization request and what the client keeps of it.
type request struct {
	client   *client
	params   url.Values
	verifier string
}

// request makes the usual request of the first client; more is alternating
// names and values, and an empty value takes a parameter out.
func (r *run) request(more ...string) request {
	return r.requestOf(r.v.first, more...)
}

func (r *run) requestOf(c *client, more ...string) request {
	q := request{c, url.Values{
		"client_id": {c.id}, "redirect_uri": {r.op.callbackOf(c)}, "response_type": {"code"}, "scope": {"openid"},
		"state": {secret.New()}, "nonce": {secret.New()},
	}, ""}
	if c.plain {
		q.params.Set("scope", apiScope)
		q.params.Del("nonce")
	}
	if r.v.mode != "" {
		q.params.Set("response_mode", r.v.mode)
	}
	if r.v.pkce {
		q.challenge()
	}
	for i := 0; i < len(more); i += 2 {
		if q.params.Set(more[i], more[i+1]); more[i+1] == "" {
			q.params.Del(more[i])
		}
	}
	return q
}

// challenge adds PKCE (RFC 7636, section 4.2).
func (q *request) challenge() {
	q.verifier = secret.New()
	sum := sha256.Sum256([]byte(q.verifier))
	q.params.Set("code_challenge", base64.RawURLEncoding.EncodeToString(sum[:]))
	q.params.Set("code_challenge_method", "S256")
}

// answer is what came of a request: what the client was told, or a page.
type answer struct {
	url.Values           // nil: the client was told nothing
	method     string    // how it was told
	page       *rig.Page // the last page
	logins     int       // how often the login page was shown
	login      *rig.Page // that page
	consents   int       // how often the person was asked what the client may know
}

// nobody is a browser in which nobody is signed in.
func (r *run) nobody() *rig.Browser { return rig.NewBrowser(r) }

// alice is a browser in which Alice is signed in.
func (r *run) alice() *rig.Browser {
	b := rig.NewBrowser(r)
	at, err := url.Parse(r.op.issuer)
	r.need(err == nil, err)
	b.Client.Jar.SetCookies(at, r.op.signedIn)
	return b
}

// ask brings a request to the authorization endpoint and does what a person
// would on every page that comes.
func (r *run) ask(b *rig.Browser, q request) answer {
	r.Helper()
	return r.follow(b, b.Get(r.op.endpoint("authorization_endpoint")+"?"+q.params.Encode()))
}

// post brings a request by POST, from a page of the client.
func (r *run) post(b *rig.Browser, q request) answer {
	r.Helper()
	form := `<form method="post" action="` + r.op.endpoint("authorization_endpoint") + `">`
	for name := range q.params {
		form += fmt.Sprintf(`<input type="hidden" name="%s" value="%s">`, name, html.EscapeString(q.params.Get(name)))
	}
	at, err := url.Parse(r.op.callback)
	r.need(err == nil, err)
	return r.follow(b, b.Submit(&rig.Page{URL: at, Body: form + "</form>"}, nil))
}

// follow goes on from a page until the client is told something, or until there
// is nothing to be done.
func (r *run) follow(b *rig.Browser, p *rig.Page) (a answer) {
	r.Helper()
	for range 6 {
		a.page = p
		switch {
		case strings.HasPrefix(p.URL.String(), r.op.callback), strings.HasPrefix(p.URL.String(), r.op.secure):
			return r.told(b, p, a)
		case p.Status == 200 && strings.HasSuffix(p.URL.Path, "/login"):
			a.logins++
			a.login = p
			p = b.Submit(p, map[string]string{"username": "alice", "password": password})
		case p.Status == 200 && strings.HasSuffix(p.URL.Path, "/consent"):
			a.consents++
			p = b.Submit(p, map[string]string{"action": "allow"})
		case p.Status == 200 && strings.Contains(p.Body, `action="`+r.op.callback):
			p = b.Submit(p, nil)
		default:
			return a
		}
	}
	r.Fatalf("no end at %s (%d): %.2000s", p.URL, p.Status, p.Body)
	return a
}

// told reads what the client received.
func (r *run) told(b *rig.Browser, p *rig.Page, a answer) answer {
	r.Helper()
	seen := b.App(p)
	a.method = seen.Method
	at, err := url.Parse(seen.URI)
	r.need(err == nil, err)
	raw := at.RawQuery
	if seen.Method == "POST" {
		raw = seen.Body
	}
	a.Values, err = url.ParseQuery(raw)
	r.need(err == nil, err)
	return a
}

// mode is the method by which answers come in this variant.
func (r *run) mode() string {
	if r.v.mode == "form_post" {
		return "POST"
	}
	return "GET"
}

// refused checks an error that goes to the client.
func (r *run) refused(q request, a answer, codes ...string) {
	r.Helper()
	sound := a.method == r.mode() && a.Get("state") == q.params.Get("state") && a.Get("iss") == r.op.issuer && !a.Has("code")
	for _, code := range codes {
		if a.Get("error") == code {
			r.check("the client is told `"+code+"`, with `state` and `iss` and without a code", sound, a.Values, a.page.URL)
			return
		}
	}
	r.check("the client is told `"+codes[0]+"`, with `state` and `iss` and without a code", false, a.Values, a.page.URL, a.page.Status)
}
