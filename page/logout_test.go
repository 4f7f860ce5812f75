package page_test

import (
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/page"
)

// Clients sign out in frames, which the policy allows by their origins and by
// nothing else (OpenID Connect Front-Channel Logout, section 2; WEB-04).
func TestLoggedOutShowsFrames(t *testing.T) {
	p := open(t, page.Options{})
	w := get(t, p, page.LoggedOut{
		ContinueURL: "com.example.app:/out", Unheeded: true,
		Frames:       []string{"https://a.example/out?iss=x&sid=s", "http://localhost:81/out"},
		FrameSources: []string{"https://a.example", "http://localhost:81", "https://evil.example; script-src *"},
	})
	csp := w.Header().Get("Content-Security-Policy")
	if !strings.HasSuffix(csp, "; frame-src https://a.example http://localhost:81") || strings.Contains(csp, "evil") {
		t.Errorf("policy %q", csp)
	}
	body := w.Body.String()
	for _, want := range []string{`src="https://a.example/out?iss=x&amp;sid=s"`, `src="http://localhost:81/out"`, `href="/login"`, "is left out"} {
		if !strings.Contains(body, want) {
			t.Errorf("the page lacks %s:\n%s", want, body)
		}
	}
	if got := strings.Count(body, `<iframe class="unseen" loading="lazy"`); got != 2 { // or a Refresh waits for them
		t.Errorf("%d frames are lazy", got)
	}
	if got := strings.Count(body, `sandbox="allow-scripts allow-same-origin"`); got != 2 {
		t.Errorf("%d frames are in a sandbox", got)
	}
	if csp := get(t, p, page.LoggedOut{}).Header().Get("Content-Security-Policy"); strings.Contains(csp, "frame-src") {
		t.Errorf("a page without frames allows some: %q", csp)
	}
	if body := get(t, p, page.LoggedOut{ContinueURL: "javascript:alert(1)"}).Body.String(); strings.Contains(body, "javascript") {
		t.Error("a link runs a script")
	}
}

// A form that a client asked for goes where it says, and may lead on from there.
func TestLogoutAtAClientsRequest(t *testing.T) {
	w := get(t, open(t, page.Options{}), page.Logout{Action: "/end_session/confirm", Token: "t", Unheeded: true})
	if !strings.Contains(w.Body.String(), `action="/end_session/confirm"`) || strings.Contains(w.Header().Get("Content-Security-Policy"), "form-action") {
		t.Errorf("%s\n%s", w.Header().Get("Content-Security-Policy"), w.Body)
	}
}
