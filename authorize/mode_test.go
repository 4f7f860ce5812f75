package authorize_test

import (
	"net/url"
	"testing"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
)

// OAU-16: a client that takes answers in some ways only gets none in another, not
// even an error, and must name its way where that is not the default.
func TestModesOfClient(t *testing.T) {
	byQuery := func(a answer) url.Values { return a.to.Query() }
	byFragment := func(a answer) url.Values { v, _ := url.ParseQuery(a.to.EscapedFragment()); return v }
	byForm := func(a answer) url.Values {
		v := url.Values{}
		for name, value := range formFields(t, a.body) {
			v.Set(name, value)
		}
		return v
	}
	for _, tt := range []struct {
		modes []string
		asked string
		read  func(answer) url.Values
		want  string
	}{
		{nil, "", byQuery, ""},
		{[]string{client.ModeQuery}, "", byQuery, ""},
		{[]string{client.ModeQuery}, "fragment", byQuery, "invalid_request"},
		{[]string{client.ModeQuery}, "form_post", byQuery, "invalid_request"},
		{[]string{client.ModeForm}, "form_post", byForm, ""},
		{[]string{client.ModeForm}, "", byForm, "invalid_request"},
		{[]string{client.ModeForm}, "query", byForm, "invalid_request"},
		{[]string{client.ModeForm, client.ModeFragment}, "fragment", byFragment, ""},
		{[]string{client.ModeFragment, client.ModeForm}, "jwt", byFragment, "invalid_request"},
	} {
		w := newWorld(t, "", func(cfg *parts) { static(cfg)["wiki"].ResponseModes = tt.modes })
		b := w.browser()
		b.signIn("alice", "local")
		v := request()
		if tt.asked != "" {
			v.Set("response_mode", tt.asked)
		}
		got := tt.read(b.ask(v))
		if got.Get("error") != tt.want || (got.Get("code") != "") != (tt.want == "") || got.Get("state") != "the state" {
			t.Errorf("%v, asked for %q: %v", tt.modes, tt.asked, got)
		}
	}
}
