package authorize_test

import (
	"net/url"
	"strings"
	"testing"
	"time"
)

// longest is the longest e-mail address there is (RFC 5321, sections 4.5.3.1.3 and
// 4.1.2).
var longest = strings.Repeat("a", 64) + "@" + strings.Repeat("b", 185) + ".com"

// withEmpty is a good request with every other parameter, and no value.
func withEmpty() url.Values {
	v := request()
	for _, name := range []string{
		"prompt", "max_age", "claims", "acr_values", "id_token_hint", "login_hint", "ui_locales", "claims_locales", "display",
		"response_mode", "resource", "dpop_jkt", "request", "request_uri", "registration",
	} {
		v.Set(name, "")
	}
	return v
}

// What is a wish only is no reason to refuse: who is signed in is answered for
// (OpenID Connect Core, section 3.1.2.1).
func TestWishesNobodyIsRefusedFor(t *testing.T) {
	w := newPushWorld(t)
	w.clients["wiki"].Resources = []string{apiURI}
	b := w.browser()
	b.signIn("alice", "local")
	twice := request("resource", apiURI)
	twice.Add("resource", apiURI)
	empty := wrapped("signer", w.object(request("client_id", "signer")), "request_uri", "")
	for name, v := range map[string]url.Values{
		"all languages of a browser": request("ui_locales", strings.TrimSpace(strings.Repeat("de-Latn-AT ", 40)), "claims_locales", strings.TrimSpace(strings.Repeat("fr-CA ", 60))),
		"no languages at all":        request("ui_locales", "x-none 1 !"),
		"a long address":             request("login_hint", longest),
		"display":                    request("display", "popup"),
		"display, doubtful":          request("display", "page wap"),
		"classes nobody knows":       request("acr_values", "1 2 urn:x"),
		"a resource twice":           twice, // RFC 8707, section 2
		"claims of nothing":          request("claims", `{"x":{"deep":[[[[]]]]},"userinfo":{"a#b":null}}`),
		"an empty reference":         empty, // "as if they were omitted" (RFC 6749, section 3.1)
		"everything empty":           withEmpty(),
	} {
		if a := b.ask(v); a.to == nil || a.to.Query().Get("code") == "" {
			t.Errorf("%s: %d %v %s", name, a.StatusCode, a.to, a.body)
		}
	}
}

// What is a condition is one under prompt=none too: the client is told, and sees
// nothing of who is signed in (OAU-17, OAU-18, OAU-24).
func TestConditionsWithoutAPage(t *testing.T) {
	w, _ := newTokenWorld(t, inMemory)
	b := w.browser()
	b.signIn("bob", "local")
	code := b.code(request())
	hint, _ := b.post("/token", as("wiki", redeem(code))).fields(t)["id_token"].(string)
	b.signIn("alice", "local")
	w.clock.pass(90 * time.Second)
	for name, c := range map[string]struct {
		pairs []string
		want  string
	}{
		"somebody else by hint":   {[]string{"id_token_hint", hint}, "login_required"},
		"somebody else by claims": {[]string{"claims", `{"id_token":{"sub":{"value":"bob"}}}`}, "login_required"},
		"now":                     {[]string{"max_age", "0"}, "login_required"},
		"a minute ago":            {[]string{"max_age", "60"}, "login_required"},
		"two minutes ago":         {[]string{"max_age", "120"}, ""},
		"no hint of ours":         {[]string{"id_token_hint", hint[:len(hint)-4] + "AAAA"}, "invalid_request"},
	} {
		for mode, read := range map[string]func(answer) url.Values{
			"query":    func(a answer) url.Values { return a.to.Query() },
			"fragment": func(a answer) url.Values { v, _ := url.ParseQuery(a.to.EscapedFragment()); return v },
			"form_post": func(a answer) url.Values {
				v := url.Values{}
				for name, value := range formFields(t, a.body) {
					v.Set(name, value)
				}
				return v
			},
		} {
			v := read(b.ask(request(append([]string{"prompt", "none", "response_mode", mode}, c.pairs...)...)))
			if v.Get("error") != c.want || (v.Get("code") == "") == (c.want == "") || v.Get("state") != "the state" || v.Get("iss") != w.issuer || strings.Contains(v.Encode(), "alice") {
				t.Errorf("%s by %s: %v", name, mode, v)
			}
		}
	}
}
