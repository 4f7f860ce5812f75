package authorize_test

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/device"
)

// Nothing but our own form, of this browser's own session, decides anything
// (CSR-01, CSR-02, CSR-03, CSR-06; RFC 8628, section 5.4).
func TestDeviceForms(t *testing.T) {
	w := newDeviceWorld(t)
	b, mallory := w.browser(), w.browser()
	b.signIn("alice", "local")
	mallory.signIn("mallory", "local")
	d := mallory.begin("tv")
	theirs, mine := mallory.typeCode(d.UserCode).Confirm, b.typeCode(d.UserCode).Confirm
	entry := b.get(w.issuer + "/device").page(t).Enter.Token
	send := func(token string, change func(*http.Request), pairs ...string) answer {
		f := url.Values{device.FieldToken: {token}, device.FieldAction: {device.ActionAllow}, device.FieldMine: {"1"}}
		for i := 0; i+1 < len(pairs); i += 2 {
			f.Add(pairs[i], pairs[i+1])
		}
		return b.post("/device", f, change)
	}
	from := func(origin, site string) func(*http.Request) {
		return func(r *http.Request) {
			r.Header.Set("Origin", origin)
			r.Header.Set("Sec-Fetch-Site", site)
		}
	}
	for what, a := range map[string]answer{
		"another site":            send(mine.Token, from("https://evil.example", "cross-site")),
		"a sibling site":          send(mine.Token, from(w.issuer, "same-site")),
		"no origin":               send(mine.Token, from("null", "same-origin")),
		"no token":                send("", fromUs(w.world)),
		"a made-up token":         send("x", fromUs(w.world)),
		"the other form's token":  send(entry, fromUs(w.world)),
		"a form of somebody else": send(theirs.Token, fromUs(w.world)),
		"two tokens":              send(mine.Token, fromUs(w.world), device.FieldToken, mine.Token),
		"two actions":             send(mine.Token, fromUs(w.world), device.FieldAction, device.ActionDeny),
		"a GET":                   b.get(w.issuer + "/device?" + url.Values{device.FieldToken: {mine.Token}, device.FieldAction: {device.ActionAllow}, device.FieldMine: {"1"}, "user_code": {d.UserCode}}.Encode()),
	} {
		if got := mallory.poll("tv", d.DeviceCode); got.Access != "" {
			t.Fatalf("%s let the device in: %d %s", what, a.StatusCode, a.body)
		}
	}
	if a := b.do(mustRequest(http.MethodPut, w.issuer+"/device")); a.StatusCode != 405 {
		t.Errorf("PUT: %d", a.StatusCode)
	}
	b.signIn("bob", "local") // in the same browser, in between
	if a := send(mine.Token, fromUs(w.world)); a.StatusCode != http.StatusSeeOther || a.to.Path != "/device" {
		t.Errorf("somebody else's page: %d %s", a.StatusCode, a.body)
	}
	if got := mallory.poll("tv", d.DeviceCode); got.Access != "" {
		t.Error("somebody else's page let the device in")
	}
}

func mustRequest(method, address string) *http.Request {
	r, err := http.NewRequest(method, address, nil)
	if err != nil {
		panic(err)
	}
	return r
}

// Codes can't be guessed: five wrong ones of a person, twenty from an address,
// then a while of nothing, also for right ones (OAU-39; RFC 8628, section 5.1).
func TestDeviceGuesses(t *testing.T) {
	w := newDeviceWorld(t)
	wrong := func(b *browser) device.Problem { return b.typeCode("BBBB-BBBB").Enter.Problem }
	b := w.browser()
	b.signIn("alice", "local")
	d := b.begin("tv")
	for range 4 {
		if wrong(b) != device.WrongCode {
			t.Fatal("limited early")
		}
		if b.typeCode(d.UserCode).Confirm == nil { // what is right buys nothing
			t.Fatal("a right code is not taken")
		}
		b.typeCode("no code at all") // is no guess
	}
	if wrong(b) != device.WrongCode || wrong(b) != device.TooMany {
		t.Error("a person may guess more than five times")
	}
	if p := b.typeCode(d.UserCode); p.Kind != "enter" || p.Enter.Problem != device.TooMany || p.Enter.Wait != 10*time.Minute {
		t.Errorf("%+v", p)
	}
	again := w.browser() // signing in once more is no way around
	again.signIn("alice", "local")
	w.at("198.51.100.8")
	if wrong(again) != device.TooMany {
		t.Error("another session may guess on")
	}
	w.at(laptop)
	for i := range 15 {
		other := w.browser()
		other.signIn(fmt.Sprint("someone", i), "local")
		if wrong(other) != device.WrongCode {
			t.Fatalf("limited after %d of an address", 5+i)
		}
	}
	other := w.browser()
	other.signIn("carol", "local")
	if wrong(other) != device.TooMany {
		t.Error("an address may guess more than twenty times")
	}
	w.at("198.51.100.9")
	if wrong(other) != device.WrongCode {
		t.Error("others are locked out, too")
	}
	w.clock.pass(device.Life)
	w.at(laptop)
	if wrong(b) != device.WrongCode {
		t.Error("the limit does not end")
	}
}
