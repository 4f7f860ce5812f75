package authorize_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/authorize/device"
	"github.com/gatehouse-auth/gatehouse/fault"
)

// FuzzDevice: whatever is sent to the endpoint for devices, to the token
// endpoint in the place of a device code, or posted to the page, no device gets
// in and nothing is our fault.
func FuzzDevice(f *testing.F) {
	w := newDeviceWorld(f)
	b := w.browser()
	b.signIn("alice", "local")
	d := b.begin("tv")
	cookies := b.Jar.Cookies(mustRequest(http.MethodGet, w.issuer).URL)
	for _, body := range []string{"scope=openid", "scope=openid+admin&resource=%00", "client_id=box", "%", "scope=", "device_code=x", "user_code=BBBB-BBBB&action=continue"} {
		for at := range uint8(3) {
			f.Add(body, d.UserCode, at)
		}
	}
	f.Add("csrf_token=x&action=allow&mine=1", strings.Repeat("A", 43), uint8(2))
	f.Fuzz(func(t *testing.T, body, code string, at uint8) {
		var rec *httptest.ResponseRecorder
		var err error
		switch at % 3 {
		case 0:
			rec, err = serve(w.serves("/device_authorization"), onDevice("tv").Encode()+"&"+body)
		case 1:
			rec, err = serve(w.serves("/token"), onDevice("tv", "grant_type", client.GrantDevice, "device_code", code).Encode()+"&"+body)
		case 2:
			r := httptest.NewRequest(http.MethodPost, "/device", strings.NewReader(url.Values{device.FieldUserCode: {code}}.Encode()+"&"+body))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			for _, c := range cookies {
				r.AddCookie(c)
			}
			rec = httptest.NewRecorder()
			err = w.desk.Device.Page(rec, r)
		}
		if err != nil && !fault.Is(err, fault.Invalid) || rec.Code >= 500 {
			t.Fatalf("%d %s: %v", rec.Code, rec.Body, err)
		}
		if at%3 == 1 && rec.Code == http.StatusOK {
			t.Fatalf("%q gave %s", code, rec.Body)
		}
		if got, err := w.desk.Device.Requests.Redeem(t.Context(), d.DeviceCode, "tv"); err == nil {
			t.Fatalf("a device got in: %+v", got)
		}
	})
}
