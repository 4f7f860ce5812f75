package e2e_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/internal/rig"
)

// signUp is where a house's people make accounts: nobody answers there.
const signUp = "https://accounts.example.com/sign-up?"

// returned reads where a link to that page leads back to.
func returned(t *testing.T, link string) string {
	t.Helper()
	query, ok := strings.CutPrefix(link, signUp)
	v, err := url.ParseQuery(query)
	if !ok || err != nil {
		t.Fatalf("not where accounts are made: %q", link)
	}
	return v.Get("return_url")
}

// prompt=create, by somebody who is signed in already: they make an account
// elsewhere, sign in with it, are asked, and the application knows them.
func TestCreateAccount(t *testing.T) {
	h := loginHost(t, "create_account "+strings.TrimSuffix(signUp, "?")+"\nclient shop {\npublic\nredirect_uri http://localhost:1/callback\n}", "")
	shop := newRelyingParty(t, h, "shop", "")
	b := rig.NewBrowser(t)
	wantUser(t, b, h.login(t, b, h.site+"/", "alice"), "alice")
	p := b.Step(shop.ask() + "&prompt=create&login_hint=bob")
	if p.Status != http.StatusSeeOther || !strings.Contains(p.Header.Get("Location"), "login_hint=bob") {
		t.Fatalf("%d to %q", p.Status, p.Header.Get("Location"))
	}
	back := returned(t, p.Header.Get("Location"))
	h.addUser("bob", "--name", "Bob B")
	p = shop.visit(b, back)
	if !strings.HasPrefix(p.URL.String(), h.auth+"/login?") || !strings.Contains(p.Body, "<h1>Sign in</h1>") || !strings.Contains(p.Body, `value="bob"`) {
		t.Fatalf("%s: %.3000s", p.URL, p.Body)
	}
	p = shop.submit(b, p, map[string]string{"username": "bob", "password": password})
	if p.URL.Path != "/consent" || !strings.Contains(p.Body, "Bob B") {
		t.Fatalf("%s: %.3000s", p.URL, p.Body)
	}
	p = shop.submit(b, p, map[string]string{"action": "allow"})
	if status, tokens := shop.redeem(p.URL.Query().Get("code")); status != http.StatusOK || tokens["id_token"] == nil || p.URL.Query().Get("state") != "s" {
		t.Errorf("%s: %d %v", p.URL, status, tokens)
	}
	if p := shop.visit(b, back); p.Status != http.StatusBadRequest { // it was answered
		t.Errorf("once more: %d %s", p.Status, p.URL)
	}
}

// The link on the login page leads there, and back to the guarded site.
func TestCreateAccountLink(t *testing.T) {
	h := loginHost(t, "create_account "+strings.TrimSuffix(signUp, "?"), "")
	b := rig.NewBrowser(t)
	p := b.Get(h.site + "/deep?a=1")
	_, link, ok := strings.Cut(p.Body, `<p class="other"><a href="`)
	if !ok {
		t.Fatalf("%s: %.3000s", p.URL, p.Body)
	}
	link, _, _ = strings.Cut(strings.ReplaceAll(link, "&amp;", "&"), `"`)
	p = h.login(t, b, returned(t, link), "alice")
	if seen := wantUser(t, b, p, "alice"); seen.URI != "/deep?a=1" {
		t.Errorf("came back to %s", seen.URI)
	}
}
