package authorize_test

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/authorize/device"
	"github.com/gatehouse-auth/gatehouse/identity"
)

// A device gets tokens that belong to the person's session like a code's (RFC
// 8628; OAU-39).
func TestDevice(t *testing.T) {
	w := newDeviceWorld(t)
	b, tv := w.browser(), w.browser()
	session := b.signIn("alice", "local")
	w.at("203.0.113.9")
	d := tv.begin("tv")
	if d.Error != "" || d.Expires != 600 || d.Interval != 5 || d.URI != w.issuer+"/device" || d.Complete != d.URI+"?user_code="+d.UserCode {
		t.Fatalf("%+v", d)
	}
	if !regexp.MustCompile(`^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$`).MatchString(d.UserCode) || len(d.DeviceCode) != 43 {
		t.Errorf("codes %q %q", d.UserCode, d.DeviceCode)
	}
	if got := tv.poll("tv", d.DeviceCode); got.Error != "authorization_pending" {
		t.Errorf("%+v", got)
	}
	w.clock.pass(time.Minute)
	w.at(laptop)
	filled := b.get(d.Complete).page(t) // a link fills in the field and does no more (section 5.4)
	if filled.Kind != "enter" || filled.Enter.UserCode != d.UserCode || filled.Enter.User.Username != "alice" {
		t.Errorf("%+v", filled)
	}
	q := b.typeCode(" " + strings.ToLower(strings.ReplaceAll(d.UserCode, "-", " ")) + " ").Confirm
	if q == nil || q.UserCode != d.UserCode || q.ClientName != "Living room" || q.Address != "203.0.113.9" || q.Here || w.clock.Now().Sub(q.Began) != time.Minute || !q.Offline || q.RememberOffered || len(q.Scopes) != 2 {
		t.Fatalf("%+v", q)
	}
	if again := b.decide(q, device.ActionAllow).page(t); again.Kind != "confirm" || !again.Confirm.MineMissing {
		t.Errorf("without the box: %+v", again)
	}
	if done := b.decide(q, device.ActionAllow, device.FieldMine).page(t); done.Kind != "done" || !done.Done.Allowed {
		t.Fatalf("%+v", done)
	}
	got := tv.poll("tv", d.DeviceCode)
	claims := part(t, got.ID, 1)
	if got.Access == "" || got.Refresh == "" || got.Scope != "openid profile offline_access" || claims["sid"] != session.SID || claims["sub"] != "alice" ||
		claims["auth_time"] != float64(session.At.Unix()) || claims["amr"].([]any)[0] != "pwd" || claims["nonce"] != nil {
		t.Errorf("%+v %v", got, claims)
	}
	if a := tv.bearer(got.Access); a.StatusCode != 200 || a.fields(t)["sub"] != "alice" {
		t.Errorf("%d %s", a.StatusCode, a.body)
	}
	if !slices.Contains(w.sessions.joined[session.SID], "tv") {
		t.Error("the session does not know of the client")
	}
	if len(w.events) != 1 || w.events[0].Name != device.EventAllowed || w.events[0].Client != "tv" || w.events[0].User.Username != "alice" {
		t.Errorf("%+v", w.events)
	}
	if renewed := tv.renew("tv", got.Refresh); renewed.Access == "" {
		t.Errorf("%+v", renewed)
	}
}

// A device code is worth something once; used again it takes everything with it,
// as a code does (OAU-07).
func TestDeviceCodeOnce(t *testing.T) {
	w := newDeviceWorld(t)
	b := w.browser()
	b.signIn("alice", "local")
	d := b.begin("tv")
	b.decide(b.typeCode(d.UserCode).Confirm, device.ActionAllow, device.FieldMine)
	for _, stranger := range []string{"cli", "work-tv"} {
		if no := b.poll(stranger, d.DeviceCode); no.Error != "invalid_grant" {
			t.Errorf("%s: %+v", stranger, no)
		}
	}
	got := b.poll("tv", d.DeviceCode)
	if b.bearer(got.Access).StatusCode != 200 {
		t.Fatalf("%+v", got)
	}
	if again := b.poll("tv", d.DeviceCode); again.Error != "invalid_grant" || b.bearer(got.Access).StatusCode != 401 || b.renew("tv", got.Refresh).Error != "invalid_grant" {
		t.Errorf("%+v", again)
	}
	for what, code := range map[string]string{"nothing": "", "made up": strings.Repeat("A", 43), "a user code": d.UserCode, "odd": "\x00"} {
		want := "invalid_grant"
		if code == "" {
			want = "invalid_request"
		}
		if no := b.poll("tv", code); no.Error != want {
			t.Errorf("%s: %+v", what, no)
		}
	}
}

// The device learns of a no, and of its time being up (RFC 8628, section 3.5;
// OAU-39).
func TestDeviceDeniedAndExpired(t *testing.T) {
	w := newDeviceWorld(t)
	b := w.browser()
	b.signIn("alice", "local")
	d := b.begin("tv")
	q := b.typeCode(d.UserCode).Confirm
	if done := b.decide(q, device.ActionDeny).page(t); done.Kind != "done" || done.Done.Allowed {
		t.Errorf("%+v", done)
	}
	for range 2 {
		if no := b.poll("tv", d.DeviceCode); no.Error != "access_denied" {
			t.Errorf("%+v", no)
		}
	}
	for _, action := range []string{device.ActionAllow, device.ActionDeny} { // it was decided
		if p := b.decide(q, action, device.FieldMine).page(t); p.Kind != "enter" || p.Enter.Problem != device.NothingLeft {
			t.Errorf("%+v", p)
		}
	}
	late := b.begin("tv")
	q = b.typeCode(late.UserCode).Confirm
	w.clock.pass(device.Life)
	if no := b.poll("tv", late.DeviceCode); no.Error != "expired_token" {
		t.Errorf("%+v", no)
	}
	if p := b.decide(q, device.ActionAllow, device.FieldMine).page(t); p.Kind != "enter" || p.Enter.Problem != device.NothingLeft {
		t.Errorf("%+v", p)
	}
	if p := b.typeCode(late.UserCode); p.Kind != "enter" || p.Enter.Problem != device.WrongCode {
		t.Errorf("%+v", p)
	}
	w.clock.pass(5 * time.Minute)
	if no := b.poll("tv", late.DeviceCode); no.Error != "invalid_grant" {
		t.Errorf("%+v", no)
	}
}

// A device that is in a hurry has to wait longer, five seconds each time.
func TestDeviceSlowDown(t *testing.T) {
	w := newDeviceWorld(t)
	b := w.browser()
	d := b.begin("tv")
	for i, c := range []struct {
		after time.Duration
		want  string
	}{
		{0, "authorization_pending"},
		{5 * time.Second, "authorization_pending"},
		{4 * time.Second, "slow_down"},
		{9 * time.Second, "slow_down"}, // 10 s by now
		{15 * time.Second, "authorization_pending"},
		{14 * time.Second, "slow_down"},
		{20 * time.Second, "authorization_pending"},
	} {
		w.clock.pass(c.after)
		if got := b.poll("tv", d.DeviceCode); got.Error != c.want {
			t.Errorf("%d: %+v, want %s", i, got, c.want)
		}
	}
}

// The endpoint for devices holds requests to the rules of authorize.
func TestDeviceBegin(t *testing.T) {
	w := newDeviceWorld(t)
	b := w.browser()
	for what, c := range map[string]struct{ id, name, value, want string }{
		"no such scope":      {"tv", "scope", "admin", "invalid_scope"},
		"no scope":           {"tv", "scope", "", "invalid_scope"},
		"no openid":          {"tv", "scope", "email", "invalid_scope"},
		"no such resource":   {"tv", "resource", filesURI, "invalid_target"},
		"not this client":    {"phone", "scope", "openid", "unauthorized_client"},
		"no such client":     {"nobody", "scope", "openid", "invalid_client"},
		"no secret":          {"box", "client_secret", "", "invalid_client"},
		"two ways":           {"box", "client_assertion", "x", "invalid_request"},
		"its resource":       {"tv", "resource", apiURI, ""},
		"an empty resource":  {"tv", "resource", "", ""},
		"offline is ignored": {"box", "scope", "openid offline_access", ""},
	} {
		v := onDevice(c.id, "scope", "openid")
		v.Set(c.name, c.value)
		a := b.post("/device_authorization", v)
		if got := a.tokens(t); got.Error != c.want || a.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %d %s", what, a.StatusCode, a.body)
		}
	}
	v := form("tv", "scope", "openid", "scope", "openid")
	if a := b.post("/device_authorization", v); a.StatusCode != 400 {
		t.Errorf("doubled: %d %s", a.StatusCode, a.body)
	}
	if a := b.get(w.issuer + "/device_authorization"); a.StatusCode != 405 || a.Header.Get("Allow") != "POST" {
		t.Errorf("GET: %d", a.StatusCode)
	}
	if m := b.get(w.issuer + "/.well-known/openid-configuration").fields(t); m["device_authorization_endpoint"] != w.issuer+"/device_authorization" {
		t.Errorf("discovery: %v", m)
	}
}

// What ends a login or a consent ends what a device has, or has not fetched yet.
func TestDeviceEnds(t *testing.T) {
	for what, end := range map[string]func(w *deviceWorld, sid string){
		"the session": func(w *deviceWorld, sid string) {
			w.sessions.mu.Lock()
			defer w.sessions.mu.Unlock()
			delete(w.sessions.bySID, sid)
		},
		"the consent": func(w *deviceWorld, _ string) {
			if err := w.Grants.EndConsent(t.Context(), "alice", "box"); err != nil {
				t.Error(err)
			}
		},
		"everything": func(w *deviceWorld, _ string) {
			if err := w.Grants.EndSubject(t.Context(), identity.Subject("alice")); err != nil {
				t.Error(err)
			}
		},
	} {
		w := newDeviceWorld(t)
		b := w.browser()
		session := b.signIn("alice", "local")
		got, d := b.connect("box"), b.begin("box")
		b.decide(b.typeCode(d.UserCode).Confirm, device.ActionAllow, device.FieldMine)
		end(w, session.SID)
		if a := b.bearer(got.Access); a.StatusCode != 401 {
			t.Errorf("%s: the access token lives: %d", what, a.StatusCode)
		}
		if no := b.renew("box", got.Refresh); no.Access != "" {
			t.Errorf("%s: the refresh token lives", what)
		}
		if no := b.poll("box", d.DeviceCode); no.Access != "" || no.Error == "server_error" {
			t.Errorf("%s: the device code lives: %+v", what, no)
		}
	}
}

// What somebody allowed is remembered where they say so, and only where others'
// consents are; the page asks all the same.
func TestDeviceRemembers(t *testing.T) {
	w := newDeviceWorld(t)
	b := w.browser()
	b.signIn("alice", "local")
	for i, ticked := range [][]string{{device.FieldMine}, {device.FieldMine, device.FieldRemember}} {
		d := b.begin("cli")
		q := b.typeCode(d.UserCode).Confirm
		if !q.RememberOffered || q.Days != 365 {
			t.Fatalf("%+v", q)
		}
		b.decide(q, device.ActionAllow, ticked...)
		if list, err := w.consents.List(t.Context(), "alice"); err != nil || len(list) != i {
			t.Errorf("%d: %v %v", i, list, err)
		}
	}
	if q := b.typeCode(b.begin("cli").UserCode).Confirm; q == nil {
		t.Error("not asked again")
	}
	d := b.begin("tv")
	b.decide(b.typeCode(d.UserCode).Confirm, device.ActionAllow, device.FieldMine, device.FieldRemember)
	if list, _ := w.consents.List(t.Context(), "alice"); len(list) != 1 {
		t.Errorf("%v", list)
	}
}

// A client's rules about logins hold here too.
func TestDeviceLogins(t *testing.T) {
	w := newDeviceWorld(t)
	b := w.browser()
	b.signIn("alice", "local")
	if p := b.typeCode(b.begin("work-tv").UserCode); p.Kind != "enter" || p.Enter.Problem != device.OtherLogin {
		t.Errorf("%+v", p)
	}
	d := b.begin("fresh-tv")
	q := b.typeCode(d.UserCode).Confirm
	w.clock.pass(2 * time.Minute)
	a := b.decide(q, device.ActionAllow, device.FieldMine)
	if a.StatusCode != http.StatusSeeOther || a.to.Path != "/login" || a.to.Query().Get("switch") != "1" || a.to.Query().Get("return_url") != "/device?user_code="+d.UserCode {
		t.Errorf("%d %v", a.StatusCode, a.to)
	}
	delete(w.clients, "tv")
	if c := w.clients["cli"]; c == nil || c.MayUse(client.GrantCode) {
		t.Error("the kit is wrong")
	}
	a = w.browser().get(w.issuer + "/device?" + url.Values{"user_code": {strings.ToLower(d.UserCode) + " "}}.Encode())
	if a.StatusCode != http.StatusSeeOther || a.to.Query().Get("return_url") != "/device?user_code="+d.UserCode || a.to.Query().Has("switch") {
		t.Errorf("nobody signed in: %d %v", a.StatusCode, a.to)
	}
	a = w.browser().get(w.issuer + "/device?user_code=%22%3E%3Cscript%3E")
	if a.to == nil || a.to.Query().Get("return_url") != "/device" {
		t.Errorf("no code: %v", a.to)
	}
}
