package page_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/page"
)

// consents are the pages about what applications may know.
func consents(s func(string) string, user *identity.User) []named {
	frame := page.Frame{ClientName: s("Grafana"), ClientHost: s("grafana.example.com")}
	all := []page.Scope{
		{Name: "openid"},
		{Name: "profile", Values: []string{s("Alice Arden"), s("alice")}},
		{Name: "email", Values: []string{s("alice@example.com")}},
		{Name: "groups", Values: []string{s("admins"), s("work/staff")}},
		{Name: s("api.read")},
	}
	ask := page.Consent{
		Frame: frame, Action: "/consent", Token: s("token"), User: user, SwitchURL: s("/login?switch=1"), Scopes: all[:3],
		RememberOffered: true, Days: 365,
	}
	full := ask
	both := []string{s("Calendar (https://api.example.com/v1)"), s("https://files.example.com")}
	full.Scopes = append(all[:4:4], page.Scope{Name: s("api.read"), Description: s("Read your calendar"), At: both[0]}, page.Scope{Name: s("files.read"), At: both[1]})
	full.Resources, full.Offline, full.RememberOffered = both, true, false
	robot := ask
	robot.Frame = page.Frame{ClientName: s("Robot"), ClientHost: s("localhost:7777")}
	robot.Unvouched, robot.OnDevice, robot.Source, robot.RememberOffered = true, true, s("robot.example.com"), false
	stranger := ask
	stranger.Unvouched, stranger.RememberOffered = true, false
	return []named{
		{"consent", ask},
		{"consent_full", full},
		{"consent_document", robot},
		{"consent_registered", stranger},
		{"grants", page.Grants{User: user, Action: "/account/grants", HomeURL: "/", Grants: []page.Grant{
			{Token: s("t1"), Title: s("Grafana"), Scopes: all[:3], Granted: noon.Add(-72 * time.Hour), Expires: noon.Add(362 * 24 * time.Hour)},
			{Token: s("t2"), Title: s("Phone mail"), Scopes: all, Resources: []string{s("https://api.example.com/v1")}, Offline: true, Granted: noon.Add(-time.Hour), Used: noon.Add(-time.Minute), Expires: noon.Add(30 * time.Hour)},
		}}},
		{"grants_withdrawn", page.Grants{User: user, Withdrawn: true, HomeURL: "/"}},
	}
}

// Every scope of ours is said in plain words, in both languages, and any other
// by its name.
func TestScopesInPlainWords(t *testing.T) {
	p := open(t, page.Options{})
	for _, lang := range []string{"en", "de"} {
		seen := map[string]bool{}
		for _, name := range []string{"openid", "profile", "email", "groups", "api.read"} {
			title := words(t, get(t, p, page.Consent{Scopes: []page.Scope{{Name: name}}}, "Accept-Language", lang).Body.String())
			if seen[title] || title == "" || strings.Contains(title, "api.read") != (name == "api.read") {
				t.Errorf("%s: %s is %q", lang, name, title)
			}
			seen[title] = true
		}
	}
}

// words gives the first thing that a page says an application asks for.
func words(t *testing.T, body string) string {
	t.Helper()
	_, rest, _ := strings.Cut(body, `<ul class="scopes">`)
	_, rest, _ = strings.Cut(rest, "<p>")
	text, _, ok := strings.Cut(rest, "</p>")
	if !ok {
		t.Fatal(body)
	}
	return text
}

// What ends soon is never said to be over, and a length is said in words.
func TestIn(t *testing.T) {
	p := open(t, page.Options{})
	for d, want := range map[time.Duration]string{
		-time.Hour: "in an hour", time.Second: "in an hour", time.Hour: "in an hour", 61 * time.Minute: "in 2 hours",
		48*time.Hour - 1: "in 48 hours", 48 * time.Hour: "in 2 days", 365 * 24 * time.Hour: "in 365 days",
	} {
		v := page.Grants{Grants: []page.Grant{{Title: "x", Expires: noon.Add(d)}}}
		if body := get(t, p, v).Body.String(); !strings.Contains(body, ">"+want+"<") {
			t.Errorf("%v: no %q", d, want)
		}
	}
}

// The answer to a consent leads to the application. Taking one back leads to the
// one provider there is, if the session is over by then.
func TestConsentPolicy(t *testing.T) { // WEB-04
	p := open(t, page.Options{})
	action := func(v page.View) string {
		w := get(t, p, v)
		if w.Code != http.StatusOK {
			t.Fatal(w.Code)
		}
		return directives(w.Header().Get("Content-Security-Policy"))["form-action"]
	}
	if got := action(page.Consent{}); got != "" {
		t.Errorf("consent: %q", got)
	}
	if got := action(page.Grants{Grants: []page.Grant{{}}}); got != "" {
		t.Errorf("grants: %q", got)
	}
	if got := action(page.Grants{}); got != "'self'" {
		t.Errorf("no grants: %q", got)
	}
}
