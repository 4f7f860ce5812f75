package authorize_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/netip"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/authorize/consent"
	"github.com/gatehouse-auth/gatehouse/authorize/device"
	"github.com/gatehouse-auth/gatehouse/authorize/grant"
	"github.com/gatehouse-auth/gatehouse/internal/seal"
	"github.com/gatehouse-auth/gatehouse/store"
	"github.com/gatehouse-auth/gatehouse/throttle"
)

// deviceWorld is a world with the endpoint and page of package device.
type deviceWorld struct {
	*world
	consents *consent.Consents
	mu       sync.Mutex
	address  netip.Addr // where every request comes from
	events   []device.Event
}

// guesses is a throttle as package device sees it.
type guesses struct{ *throttle.Throttle }

func (g guesses) Attempt(ctx context.Context, who string, from netip.Addr) (device.Attempt, error) {
	return g.Throttle.Attempt(ctx, who, from)
}

// apart keeps counters of the same names apart.
type apart struct {
	store.Shorts
	prefix string
}

func (a apart) Count(ctx context.Context, key string, delta int64, window time.Duration) (store.Tally, error) {
	return a.Shorts.Count(ctx, a.prefix+key, delta, window)
}

// devicePage is any of the pages, as JSON.
type devicePage struct {
	Kind    string
	Enter   *device.EnterView   `json:",omitempty"`
	Confirm *device.ConfirmView `json:",omitempty"`
	Done    *device.DoneView    `json:",omitempty"`
}

// bareDevices are pages that tests can read.
type bareDevices struct{}

func (bareDevices) Enter(w http.ResponseWriter, _ *http.Request, v device.EnterView) error {
	return json.NewEncoder(w).Encode(devicePage{Kind: "enter", Enter: &v})
}

func (bareDevices) Confirm(w http.ResponseWriter, _ *http.Request, v device.ConfirmView) error {
	return json.NewEncoder(w).Encode(devicePage{Kind: "confirm", Confirm: &v})
}

func (bareDevices) Done(w http.ResponseWriter, _ *http.Request, v device.DoneView) error {
	return json.NewEncoder(w).Encode(devicePage{Kind: "done", Done: &v})
}

const laptop = "198.51.100.7"

func newDeviceWorld(t testing.TB, change ...func(*parts)) *deviceWorld {
	t.Helper()
	out := &deviceWorld{address: netip.MustParseAddr(laptop)}
	out.world, _ = newTokenWorld(t, inMemory, append([]func(*parts){func(cfg *parts) {
		grants := []string{client.GrantDevice, client.GrantRefresh}
		no := false
		for _, c := range []*client.Client{
			{ID: "tv", Name: "Living room", Public: true, GrantTypes: grants, OfflineAccess: true, FirstParty: true, Resources: []string{apiURI}},
			{ID: "cli", Public: true, GrantTypes: grants, Consent: "once", OfflineAccess: true},
			{ID: "box", Secrets: static(cfg)["wiki"].Secrets, GrantTypes: grants, FirstParty: true},
			{ID: "work-tv", Public: true, GrantTypes: grants, FirstParty: true, Local: &no, Providers: []string{"work"}},
			{ID: "staff-tv", Public: true, GrantTypes: grants, FirstParty: true, Allow: []client.Rule{{{"group", "staff"}, {"max_auth_age", "1m"}}}, Deny: []client.Rule{{{"client_ip", "203.0.113.9"}}}},
			{ID: "fresh-tv", Public: true, GrantTypes: grants, FirstParty: true, UserSSOLifetime: time.Minute},
		} {
			static(cfg)[c.ID] = c
		}
		out.consents = &consent.Consents{Records: cfg.Records, Shorts: cfg.Shorts, Now: cfg.Now}
		cfg.Consents, cfg.Device = out.consents, out.devices(t, cfg)
	}}, change...)...)
	return out
}

// devices makes what is tested.
func (w *deviceWorld) devices(t testing.TB, cfg *parts) *device.Server {
	t.Helper()
	master, err := seal.NewMaster([]byte("0123456789abcdefghijklmnopqrstuv"))
	if err != nil {
		t.Fatal(err)
	}
	limited := func(prefix string, c throttle.Config) guesses {
		return guesses{throttle.New(apart{cfg.Shorts, prefix}, func() throttle.Config { return c }, throttle.Options{Now: cfg.Now})}
	}
	grants := &grant.Grants{Shorts: cfg.Shorts, Records: cfg.Records, Now: cfg.Now}
	s, err := device.New(device.Config{
		Issuer: cfg.Issuer, Requests: &device.Requests{Shorts: cfg.Shorts, Grants: grants, Now: cfg.Now},
		Clients: cfg.Clients, Sessions: cfg.Sessions, Pages: bareDevices{}, Consents: w.consents, Gate: cfg.Gate,
		Guesses: limited("code", throttle.Config{Attempts: 5, AccountAttempts: 5, AddressAttempts: 20, Window: device.Life, Lock: device.Life}),
		Begins:  limited("begin", throttle.Config{Attempts: 1000, AccountAttempts: 1000, AddressAttempts: 1000}),
		Box:     master.Box("device"), Now: cfg.Now,
		ClientIP: func(*http.Request) netip.Addr {
			w.mu.Lock()
			defer w.mu.Unlock()
			return w.address
		},
		Audit: func(_ *http.Request, e device.Event) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.events = append(w.events, e)
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// at moves everybody to another address.
func (w *deviceWorld) at(addr string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.address = netip.MustParseAddr(addr)
}

// waiting is what a device was told.
type waiting struct {
	DeviceCode string `json:"device_code"`
	UserCode   string `json:"user_code"`
	URI        string `json:"verification_uri"`
	Complete   string `json:"verification_uri_complete"`
	Expires    int    `json:"expires_in"`
	Interval   int    `json:"interval"`
	Error      string `json:"error"`
}

// onDevice is [form], where all clients but the box are public.
func onDevice(id string, pairs ...string) url.Values {
	v := form(id, pairs...)
	if id != "box" {
		v.Del("client_secret")
	}
	return v
}

// begin begins as a device; pairs are parameters.
func (b *browser) begin(id string, pairs ...string) (out waiting) {
	b.w.t.Helper()
	v := onDevice(id, append([]string{"scope", "openid profile offline_access"}, pairs...)...)
	a := b.post("/device_authorization", v)
	if err := json.Unmarshal([]byte(a.body), &out); err != nil {
		b.w.t.Fatalf("%d %q", a.StatusCode, a.body)
	}
	return out
}

// poll looks as a device does.
func (b *browser) poll(id, code string) tokens {
	b.w.t.Helper()
	return b.post("/token", onDevice(id, "grant_type", client.GrantDevice, "device_code", code)).tokens(b.w.t)
}

// renew renews as a device does.
func (b *browser) renew(id, token string) tokens {
	b.w.t.Helper()
	return b.post("/token", onDevice(id, "grant_type", "refresh_token", "refresh_token", token)).tokens(b.w.t)
}

// page reads a page.
func (a answer) page(t testing.TB) (p devicePage) {
	t.Helper()
	if err := json.Unmarshal([]byte(a.body), &p); err != nil || a.StatusCode != 200 {
		t.Fatalf("%d %v %q", a.StatusCode, a.to, a.body)
	}
	return p
}

// typeCode types a code into the page.
func (b *browser) typeCode(code string) devicePage {
	b.w.t.Helper()
	v := b.get(b.w.issuer + "/device").page(b.w.t).Enter
	return b.post(v.Action, url.Values{device.FieldToken: {v.Token}, device.FieldUserCode: {code}, device.FieldAction: {device.ActionContinue}}, fromUs(b.w)).page(b.w.t)
}

// decide answers the page that asks.
func (b *browser) decide(v *device.ConfirmView, action string, ticked ...string) answer {
	b.w.t.Helper()
	if v == nil {
		b.w.t.Fatal("no page that asks")
		return answer{}
	}
	f := url.Values{device.FieldToken: {v.Token}, device.FieldAction: {action}}
	for _, name := range ticked {
		f.Set(name, "1")
	}
	return b.post(v.Action, f, fromUs(b.w))
}

// connect takes a device through to its tokens.
func (b *browser) connect(id string, pairs ...string) tokens {
	b.w.t.Helper()
	d := b.begin(id, pairs...)
	b.decide(b.typeCode(d.UserCode).Confirm, device.ActionAllow, device.FieldMine)
	return b.poll(id, d.DeviceCode)
}
