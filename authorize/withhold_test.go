package authorize_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/authorize"
	"github.com/gatehouse-auth/gatehouse/authorize/client"
)

// OAU-02, as amended: an error for a client that came by itself goes to our page
// while nobody is signed in, with a link; else anybody could register a client
// and make an address of ours that leads to theirs. With somebody signed in it
// goes to the client like any other.
func TestErrorsOfDynamicClientsAreShown(t *testing.T) {
	const uri = "https://robot.example.com/cb"
	w := newConsentWorld(t, onDisk)
	w.clients["robot"] = &client.Client{ID: "robot", Name: "Robot", Dynamic: true, Public: true, RedirectURIs: []string{uri, "com.example.robot:/cb"}}
	robot := []string{"client_id", "robot", "redirect_uri", uri}
	for name, more := range map[string][]string{
		"scope": {"scope", "x"}, "PKCE": {"code_challenge", ""}, "response type": {"response_type", "token"}, "nobody": {"prompt", "none"},
		"fragment": {"scope", "x", "response_mode", "fragment"}, "form": {"scope", "x", "response_mode", "form_post"},
	} {
		query := request(append(robot, more...)...)
		shown := w.shown(query)
		if shown == nil {
			t.Errorf("%s: no page", name)
			continue
		}
		back, err := url.Parse(shown.Back)
		if err != nil || !strings.HasPrefix(shown.Back, uri) || shown.Host != "robot.example.com" || shown.Client != "Robot" {
			t.Errorf("%s: %+v", name, shown)
			continue
		}
		answer := back.Query()
		if name == "fragment" {
			if answer, err = url.ParseQuery(back.Fragment); err != nil {
				t.Error(err)
			}
		}
		if answer.Get("error") == "" || answer.Get("error") != shown.Code || answer.Get("iss") != w.issuer || answer.Get("state") == "" {
			t.Errorf("%s: back to %s", name, back)
		}
	}
	device := w.shown(request(append(robot, "redirect_uri", "com.example.robot:/cb", "scope", "x")...))
	if device == nil || device.Host != "" {
		t.Errorf("on the device: %+v", device)
	}
	if shown := w.shown(request("scope", "x")); shown != nil { // one that somebody vouches for
		t.Errorf("the wiki: %+v", shown)
	}

	b := w.browser()
	b.signIn("alice", "local")
	if a := b.ask(request(append(robot, "scope", "x")...)); a.to == nil || !strings.HasPrefix(a.to.String(), uri) {
		t.Errorf("with alice signed in: %d to %v", a.StatusCode, a.to)
	}
}

// shown asks as nobody and gives the error for our page, nil if the answer went
// elsewhere.
func (w *consentWorld) shown(query url.Values) *authorize.DisplayError {
	w.t.Helper()
	rec := httptest.NewRecorder()
	err := w.Authorize(rec, httptest.NewRequest(http.MethodGet, "/authorize?"+query.Encode(), nil))
	shown, _ := errors.AsType[*authorize.DisplayError](err)
	if shown != nil && rec.Header().Get("Location") != "" {
		w.t.Errorf("a page that leads to %s", rec.Header().Get("Location"))
	}
	return shown
}
