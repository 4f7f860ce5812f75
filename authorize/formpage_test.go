package authorize_test

import (
	"crypto/sha256"
	"encoding/base64"
	"html"
	"regexp"
	"strings"
	"testing"
)

var (
	fieldPattern  = regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)">`)
	actionPattern = regexp.MustCompile(`<form method="post" action="([^"]*)">`)
	inlinePattern = regexp.MustCompile(`(?s)<(script|style)>(.*?)</(script|style)>`)
)

// formFields reads the hidden fields of a form_post page.
func formFields(t *testing.T, page string) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, m := range fieldPattern.FindAllStringSubmatch(page, -1) {
		out[html.UnescapeString(m[1])] = html.UnescapeString(m[2])
	}
	return out
}

// The form_post page: works without script, and its policy allows just what is
// in it.
func TestFormPost(t *testing.T) {
	w := newWorld(t, "")
	b := w.browser()
	b.signIn("alice", "local")
	for _, v := range []string{"good", "wrong"} {
		q := request("response_mode", "form_post", "state", `</script><img src=x onerror=alert(1)>`)
		want := "code"
		if v == "wrong" {
			q.Set("scope", "nothing")
			want = "error"
		}
		a := b.ask(q)
		fields := formFields(t, a.body)
		if a.StatusCode != 200 || fields[want] == "" || fields["iss"] != w.issuer || len(a.body) > 4000 { // OAU-16, OAU-20
			t.Fatalf("%d %v", a.StatusCode, fields)
		}
		if got := html.UnescapeString(actionPattern.FindStringSubmatch(a.body)[1]); got != wikiURI {
			t.Errorf("the form goes to %s", got)
		}
		if strings.Contains(a.body, "<img") || !strings.Contains(a.body, `<button type="submit">`) || !strings.Contains(a.body, "The Wiki") { // WEB-01, WEB-15
			t.Errorf("page %s", a.body)
		}
		policy := a.Header.Get("Content-Security-Policy") // WEB-04, WEB-05
		for _, m := range inlinePattern.FindAllStringSubmatch(a.body, -1) {
			sum := sha256.Sum256([]byte(m[2]))
			if !strings.Contains(policy, m[1]+"-src 'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'") {
				t.Errorf("the policy does not allow the page's own %s: %s", m[1], policy)
			}
		}
		for _, part := range []string{"default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"} {
			if !strings.Contains(policy, part) {
				t.Errorf("policy %s lacks %s", policy, part)
			}
		}
		if strings.Contains(policy, "unsafe") || strings.Contains(policy, "form-action") {
			t.Errorf("policy %s", policy)
		}
		if a.Header.Get("Referrer-Policy") != "strict-origin" || a.Header.Get("Cache-Control") != "no-store" || a.Header.Get("Content-Type") != "text/html; charset=utf-8" { // WEB-06, WEB-07, WEB-08
			t.Errorf("headers %v", a.Header)
		}
	}
	if a := b.ask(request("client_id", "spa", "redirect_uri", "com.example.app:/cb", "response_mode", "form_post")); a.to.Query().Get("error") != "invalid_request" {
		t.Errorf("form to an app's own scheme: %d %v", a.StatusCode, a.to)
	}
}
