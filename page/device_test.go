package page_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/page"
)

// devices are the pages about devices without a browser.
func devices(s func(string) string, user *identity.User) []named {
	enter := page.Device{Action: "/device", Token: s("token"), User: user, SwitchURL: s("/login?switch=1"), UserCode: s("BCDF-GHJK")}
	wrong, throttled := enter, enter
	wrong.Error, throttled.Throttled = page.Say(page.MsgDeviceWrong), 10*time.Minute
	ask := page.DeviceConfirm{
		Frame: page.Frame{ClientName: s("Living room")}, Action: "/device", Token: s("token"), User: user, SwitchURL: s("/login?switch=1"),
		UserCode: s("BCDF-GHJK"), Began: noon.Add(-2 * time.Minute), Address: s("203.0.113.7"),
		Scopes: []page.Scope{{Name: "openid"}, {Name: "email", Values: []string{s("alice@example.com")}}, {Name: s("api.read")}},
	}
	full := ask
	full.Here, full.Offline, full.RememberOffered, full.Days, full.MineMissing = true, true, true, 365, true
	full.Resources = []string{s("Calendar (https://api.example.com/v1)"), s("https://files.example.com")}
	full.Scopes = append(ask.Scopes[:2:2], page.Scope{Name: s("api.read"), Description: s("Read your calendar"), At: full.Resources[0]})
	return []named{
		{"device", enter},
		{"device_wrong", wrong},
		{"device_throttled", throttled},
		{"device_confirm", ask},
		{"device_confirm_full", full},
		{"device_allowed", page.DeviceDone{Frame: ask.Frame, Allowed: true, HomeURL: "/"}},
		{"device_denied", page.DeviceDone{Frame: ask.Frame, HomeURL: "/"}},
	}
}

// Turning a device away needs no box ticked. Either answer may lead to a provider,
// if the session ended meanwhile.
func TestDeviceConfirm(t *testing.T) {
	p := open(t, page.Options{})
	w := get(t, p, page.DeviceConfirm{Token: "t"})
	if body := w.Body.String(); !strings.Contains(body, `value="deny" formnovalidate`) || strings.Contains(body, "checked") || w.Code != http.StatusOK {
		t.Error(body)
	}
	for _, v := range []page.View{page.Device{}, page.DeviceConfirm{}} { // WEB-04
		if got := directives(get(t, p, v).Header().Get("Content-Security-Policy"))["form-action"]; got != "" {
			t.Errorf("%T: %q", v, got)
		}
	}
}
