package conformance_test

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gatehouse-auth/gatehouse/internal/secret"
)

func display(how string) func(*run) {
	return func(r *run) {
		f := r.whole(r.nobody(), r.request("display", how))
		r.check("the login page is shown", f.logins == 1, f.logins)
	}
}

// OAU-18
func promptLogin(r *run) {
	b := r.nobody()
	first := r.whole(b, r.request())
	r.after(time.Second, func(r *run) { // auth_time has whole seconds
		second := r.whole(b, r.request("prompt", "login"))
		r.check("the login page is shown again to who is signed in", second.logins == 1, second.logins)
		r.check("`auth_time` is later, `sub` the same", *second.id.AuthTime > *first.id.AuthTime && second.id.Subject == first.id.Subject, first.id, second.id)
	})
}

// OAU-17
func promptNoneNobody(r *run) {
	q := r.request("prompt", "none")
	a := r.ask(r.nobody(), q)
	r.refused(q, a, "login_required")
	r.check("no page is shown", a.logins == 0, a.logins)
}

func promptNone(r *run) {
	b := r.nobody()
	first := r.whole(b, r.request())
	second := r.whole(b, r.request("prompt", "none"))
	r.check("no page is shown", second.logins == 0, second.logins)
	r.check("`sub` and `auth_time` stay", second.id.Subject == first.id.Subject && *second.id.AuthTime == *first.id.AuthTime, first.id, second.id)
}

func maxAge1(r *run) {
	b := r.nobody()
	first := r.whole(b, r.request())
	r.after(2100*time.Millisecond, func(r *run) { // the login has to be older than a second
		second := r.whole(b, r.request("max_age", "1"))
		r.check("the login page is shown again once the login is older", second.logins == 1, second.logins)
		r.check("`auth_time` is there and later, `sub` the same", second.id.AuthTime != nil && *second.id.AuthTime > *first.id.AuthTime && second.id.Subject == first.id.Subject, first.id, second.id)
	})
}

func maxAge10000(r *run) {
	b := r.nobody()
	first := r.whole(b, r.request())
	second := r.whole(b, r.request("max_age", "10000"))
	r.check("no page is shown to who just signed in", second.logins == 0, second.logins)
	r.check("`auth_time` is there and stays", second.id.AuthTime != nil && *second.id.AuthTime == *first.id.AuthTime, first.id, second.id)
}

func unknownParameter(r *run) { r.whole(r.alice(), r.request("extra", "foobar")) }

// OAU-24
func idTokenHint(r *run) {
	b := r.nobody()
	first := r.whole(b, r.request())
	hint := first.tokens.text("id_token")
	second := r.whole(b, r.request("prompt", "none", "id_token_hint", hint))
	r.check("under `prompt=none` the person of the hint is answered for without a page", second.id.Subject == first.id.Subject && second.logins == 0, second.id)
	q := r.request("prompt", "none", "id_token_hint", hint)
	r.refused(q, r.ask(r.nobody(), q), "login_required")
}

func loginHint(r *run) {
	f := r.whole(r.nobody(), r.request("login_hint", "buffy@example.com"))
	r.check("the login page is filled in with the hint", f.login != nil && strings.Contains(f.login.Body, `value="buffy@example.com"`))
}

func uiLocales(r *run) {
	f := r.whole(r.nobody(), r.request("ui_locales", "de"))
	r.check("the login page is in that language", f.login != nil && strings.Contains(f.login.Body, `lang="de"`))
	f = r.whole(r.nobody(), r.request("ui_locales", "se"))
	r.check("a language that is not known is no error", f.logins == 1)
}

func claimsLocales(r *run) { r.whole(r.alice(), r.request("claims_locales", "se")) }

func claimsEssential(r *run) {
	f := r.whole(r.alice(), r.request("claims", `{"userinfo":{"name":{"essential":true}}}`))
	r.check("userinfo has the `name` that was asked for by name, without its scope, and the ID token has not", part(r, f.tokens.text("id_token"), 1)["name"] == nil && f.info.text("name") != "" && f.info.body["preferred_username"] == nil, f.info.body)
}

func acrValues(r *run) {
	f := r.whole(r.alice(), r.request("acr_values", "1 2"))
	r.check("the ID token claims no `acr` that was not reached", f.id.ACR != "1" && f.id.ACR != "2", f.id)
}

// OAU-01, OAU-02
func registeredRedirect(r *run) {
	for _, uri := range []string{r.op.callback + "/x", r.op.callback + "?x=1", strings.ToUpper(r.op.callback), "https://client.example.com/callback", ""} {
		a := r.ask(r.alice(), r.request("redirect_uri", uri))
		r.check("an address that is not registered, or none, gets a page here with 400, and nothing is sent to it", a.Values == nil && a.page.Status == http.StatusBadRequest &&
			strings.HasPrefix(a.page.URL.String(), r.op.issuer), uri, a.page.URL, a.page.Status)
	}
}

func postRequest(r *run) {
	q := r.request()
	f := r.finish(q, r.post(r.alice(), q))
	r.check("nobody has to sign in again", f.logins == 0, f.logins)
}

// OAU-22
func requestURI(r *run) {
	r.check("discovery says `request_uri_parameter_supported: false`", r.op.meta["request_uri_parameter_supported"] == false)
	q := r.request("request_uri", r.op.app.URL+"/request.jwt")
	r.refused(q, r.ask(r.alice(), q), "request_uri_not_supported")
}

// OAU-21
func unsignedObject(r *run) {
	r.check("discovery lists algorithms for request objects, and `none` is not among them", r.op.lists("request_object_signing_alg_values_supported", "ES256") && !r.op.lists("request_object_signing_alg_values_supported", "none"))
	q := r.request()
	q.params.Set("request", unsigned(r, r.object(q)))
	r.refused(q, r.ask(r.alice(), q), "request_not_supported", "invalid_request_object")
}

// object is what a request says, as a client puts it into a request object (RFC
// 9101, section 4).
func (r *run) object(q request) map[string]any {
	claims := map[string]any{"iss": q.client.id, "aud": r.op.issuer, "exp": time.Now().Add(time.Minute).Unix(), "jti": secret.New()}
	for name := range q.params {
		claims[name] = q.params.Get(name)
	}
	return claims
}

// signedRedirect: what is inside a request object counts, and not what stands
// beside it.
func signedRedirect(r *run) {
	q := r.request()
	unsignedOne := q
	unsignedOne.params = url.Values{"client_id": {q.client.id}, "redirect_uri": {r.op.callback + "/other"}, "request": {unsigned(r, r.object(q))}}
	a := r.ask(r.alice(), unsignedOne)
	r.check("an unsigned one gets a page here with 400", a.Values == nil && a.page.Status == http.StatusBadRequest, a.page.URL, a.page.Status)
	by := r.op.holders[q.client.id].auth
	object := by.sign(r, map[string]any{"alg": by.alg, "typ": "oauth-authz-req+jwt"}, r.object(q))
	signed := q
	signed.params = url.Values{"client_id": {q.client.id}, "redirect_uri": {r.op.callback + "/other"}, "response_type": {"code"}, "scope": {"openid"}, "request": {object}}
	r.finish(q, r.ask(r.alice(), signed))
	r.check("the `redirect_uri` in a signed one counts, and another beside it does not", true)
}
