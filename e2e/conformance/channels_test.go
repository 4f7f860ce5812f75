package conformance_test

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/net/html"

	"github.com/gatehouse-auth/gatehouse/internal/jose"
	"github.com/gatehouse-auth/gatehouse/internal/rig"
)

func channelDiscovery(channel string) func(*run) {
	return func(r *run) {
		logoutDiscovery(r)
		r.check("`"+channel+"_logout_supported` and `"+channel+"_logout_session_supported` are true",
			r.op.meta[channel+"_logout_supported"] == true && r.op.meta[channel+"_logout_session_supported"] == true)
	}
}

// SES-11, SES-12
func backchannelLogout(r *run) {
	r.op.app.Requests()
	d := r.signedIn()
	d = r.leave(d, "id_token_hint", d.tokens.text("id_token"), "post_logout_redirect_uri", r.op.bye, "state", "s")
	r.check("the person comes back to `post_logout_redirect_uri`", d.query.Get("state") == "s", d.page.URL)
	notice := r.notice()
	r.check("the client gets one POST with a form", notice.Method == http.MethodPost && notice.Header.Get("Content-Type") == "application/x-www-form-urlencoded", notice)
	form, err := url.ParseQuery(notice.Body)
	r.must("in it is `logout_token` alone", err == nil && len(form) == 1 && form.Get("logout_token") != "", notice.Body)
	logoutToken(r, d, form.Get("logout_token"))
	r.over(d)
}

// notice waits for what the server tells the client by itself.
func (r *run) notice() rig.Seen {
	r.Helper()
	for deadline := time.Now().Add(15 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		for _, seen := range r.op.app.Requests() {
			if seen.URI == "/backchannel" {
				return seen
			}
		}
	}
	r.Fatal("the client was told nothing")
	return rig.Seen{}
}

// logoutToken checks what OpenID Connect Back-Channel Logout, section 2.6,
// tells the client to check.
func logoutToken(r *run, d departure, token string) {
	r.Helper()
	var claims struct {
		Issuer   string                    `json:"iss"`
		Subject  string                    `json:"sub"`
		Audience jose.Audience             `json:"aud"`
		Issued   *jose.Date                `json:"iat"`
		Expires  *jose.Date                `json:"exp"`
		ID       string                    `json:"jti"`
		SID      string                    `json:"sid"`
		Events   map[string]map[string]any `json:"events"`
		Nonce    *string                   `json:"nonce"`
	}
	err := jose.Verify(token, jose.Expect{Algs: []string{jose.RS256}, Types: []string{"logout+jwt"}, Keys: r.op.keys}, &claims)
	r.must("the token verifies against the JWKS, with the `alg` of ID tokens and the `typ` `logout+jwt`", err == nil, err)
	r.check("`iss` and `aud` are the issuer and the client", claims.Issuer == r.op.issuer && claims.Audience.Is(r.v.first.id), claims)
	r.check("`sub` and `sid` are those of the ID token", claims.Subject == d.id.Subject && claims.SID == d.id.SID, claims)
	now := time.Now()
	r.check("`iat` is now, `exp` within two minutes, `jti` there", claims.Issued != nil && claims.Expires != nil && claims.ID != "" &&
		claims.Issued.Time().After(now.Add(-time.Minute)) && claims.Expires.Time().Before(now.Add(121*time.Second)), claims)
	event, there := claims.Events["http://schemas.openid.net/event/backchannel-logout"]
	r.check("`events` has the one event with an empty object, and there is no `nonce`", there && len(event) == 0 && len(claims.Events) == 1 && claims.Nonce == nil, claims)
}

func frontchannelLogout(r *run) {
	d := r.signedIn()
	d = r.leave(d, "id_token_hint", d.tokens.text("id_token"), "post_logout_redirect_uri", r.op.bye, "state", "s")
	src := frame(d.page)
	r.must("the page that follows has a frame with the client's address", strings.HasPrefix(src, r.op.app.URL+"/frontchannel?"), src)
	at, err := url.Parse(src)
	r.must("in it are `iss` and the `sid` of the ID token", err == nil && at.Query().Get("iss") == r.op.issuer && at.Query().Get("sid") == d.id.SID, src)
	r.check("the page's policy allows that frame", strings.Contains(d.page.Header.Get("Content-Security-Policy"), "frame-src "+r.op.app.URL), d.page.Header)
	_, back, _ := strings.Cut(d.page.Header.Get("Refresh"), "url=")
	r.check("the page goes on to `post_logout_redirect_uri` with `state` by itself", back == r.op.bye+"?state=s", d.page.Header)
	r.over(d)
}

// frame gives the address of the first frame of a page, "" if there is none.
func frame(p *rig.Page) string {
	doc, err := html.Parse(strings.NewReader(p.Body))
	if err != nil {
		return ""
	}
	for n := range doc.Descendants() {
		if n.Data != "iframe" {
			continue
		}
		for _, a := range n.Attr {
			if a.Key == "src" {
				return a.Val
			}
		}
	}
	return ""
}
