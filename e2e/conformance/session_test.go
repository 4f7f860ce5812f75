package conformance_test

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

func sessionDiscovery(r *run) {
	logoutDiscovery(r)
	r.check("`check_session_iframe` is there, with https", strings.HasPrefix(r.op.endpoint("check_session_iframe"), r.op.issuer), r.op.meta["check_session_iframe"])
}

func sessionLogout(r *run) {
	d := r.signedIn()
	state := d.answer.Get("session_state")
	r.must("the answer has `session_state`", state != "", d.answer.Values)
	r.framed(d)
	r.check("the frame says `unchanged`", r.unchanged(d, state))
	again := r.ask(d.b, r.request("prompt", "none")).Get("session_state")
	r.check("another answer has another `session_state`, and the frame says `unchanged` to both", again != state && r.unchanged(d, again) && r.unchanged(d, state), again)
	d = r.leave(d, "id_token_hint", d.tokens.text("id_token"), "post_logout_redirect_uri", r.op.bye, "state", "s")
	r.check("the person comes back to `post_logout_redirect_uri`", d.query.Get("state") == "s", d.page.URL)
	r.check("the frame says `changed` after the logout", !r.unchanged(d, state))
	r.over(d)
	nobody := r.ask(d.b, r.request("prompt", "none")).Get("session_state")
	r.check("`login_required` has a `session_state` as well, for which the frame says `unchanged`", r.unchanged(d, nobody), nobody)
}

var script = regexp.MustCompile(`(?s)<script>(.*)</script>`)

// framed checks the page behind check_session_iframe.
func (r *run) framed(d departure) {
	r.Helper()
	p := d.b.Get(r.op.endpoint("check_session_iframe"))
	r.must("`check_session_iframe` is a page with a script", p.Status == http.StatusOK && script.MatchString(p.Body), p.Status, p.Body)
	sum := sha256.Sum256([]byte(script.FindStringSubmatch(p.Body)[1]))
	policy := p.Header.Get("Content-Security-Policy")
	r.check("its policy allows that script by its hash, and pages of clients as what it is framed by",
		strings.Contains(policy, "script-src 'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"';") &&
			strings.Contains(policy, "frame-ancestors 'self' "+r.op.app.URL) && p.Header.Get("X-Frame-Options") == "", p.Header)
}

// unchanged computes what the frame's script does, by section 3.2 and with the
// browser's cookie.
func (r *run) unchanged(d departure, state string) bool {
	r.Helper()
	at, err := url.Parse(r.op.issuer)
	r.need(err == nil, err)
	value := ""
	for _, c := range d.b.Client.Jar.Cookies(at) {
		if c.Name == "__Host-gatehouse.session" {
			value = c.Value
		}
	}
	hash, salt, _ := strings.Cut(state, ".")
	sum := sha256.Sum256([]byte(r.v.first.id + " " + r.op.app.URL + " " + value + " " + salt))
	return hash == base64.RawURLEncoding.EncodeToString(sum[:])
}
