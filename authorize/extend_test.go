package authorize_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/internal/seal"
	"github.com/gatehouse-auth/gatehouse/session"
	"github.com/gatehouse-auth/gatehouse/store"
	"github.com/gatehouse-auth/gatehouse/store/memory"
	"github.com/gatehouse-auth/gatehouse/store/sqlite"
)

// office is a token world whose sessions are real: idle for an hour, and a
// working day long. One person is signed in at the issuer and at a guarded site.
type office struct {
	*world
	*session.Manager
	portal, app *session.Sessions
	person      *browser
	sid         string
	atApp       *http.Request
}

// Current implements authorize.Sessions, without counting as use.
func (o *office) Current(r *http.Request) (*identity.Session, error) {
	live, err := o.portal.Current(r)
	if live == nil || err != nil {
		return nil, err
	}
	return &live.Session, nil
}

func newOffice(t *testing.T, open func(*testing.T, func() time.Time) store.Shorts) *office {
	t.Helper()
	o := new(office)
	master, err := seal.NewMaster([]byte("0123456789abcdefghijklmnopqrstuv"))
	if err != nil {
		t.Fatal(err)
	}
	o.world, _ = newTokenWorld(t, inMemory, func(cfg *parts) {
		o.Manager = session.New(open(t, cfg.Now), cfg.Accounts, master.Box("session"), session.Options{Now: cfg.Now, Report: func(err error) { t.Error(err) }})
		at := func(origin string) *session.Sessions {
			s, err := session.NewSite(origin)
			if err != nil {
				t.Fatal(err)
			}
			return o.At(s, session.Config{IdleTimeout: time.Hour, MaxAge: 8 * time.Hour})
		}
		o.portal, o.app, cfg.Sessions = at(cfg.Issuer), at(site), o
		for _, id := range []string{"tied", "agent"} {
			static(cfg)[id].AccessTokenLife, static(cfg)[id].Resources = time.Hour, []string{apiURI}
		}
	})
	o.person = o.browser()
	o.enter()
	return o
}

// enter signs in at the issuer, and goes on to the site.
func (o *office) enter() {
	o.t.Helper()
	const binder = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	rec := httptest.NewRecorder()
	begun, err := o.portal.Begin(rec, httptest.NewRequest("POST", o.issuer+"/login", nil), "alice", identity.Login{IDP: identity.Local, AMR: []string{"pwd"}}, false)
	if err != nil {
		o.t.Fatal(err)
	}
	u, _ := url.Parse(o.issuer)
	o.person.Jar.SetCookies(u, rec.Result().Cookies())
	ticket, err := o.Ticket(o.t.Context(), begun.SID, session.Visit{Origin: site, Target: "/", Binder: session.HashBinder(binder), FirstSeen: o.clock.Now()})
	if err != nil {
		o.t.Fatal(err)
	}
	rec = httptest.NewRecorder()
	if _, _, err := o.app.Redeem(rec, httptest.NewRequest("GET", site, nil), ticket, binder); err != nil {
		o.t.Fatal(err)
	}
	o.sid, o.atApp = begun.SID, httptest.NewRequest("GET", site, nil)
	for _, c := range rec.Result().Cookies() {
		o.atApp.AddCookie(c)
	}
}

// pass lets the time pass after what is known was written.
func (o *office) pass(d time.Duration) {
	o.t.Helper()
	done, cancel := context.WithCancel(o.t.Context())
	cancel()
	if err := o.Run(done); err != nil { // it writes before it returns
		o.t.Fatal(err)
	}
	o.clock.pass(d)
}

// in tells whether the person is signed in at the site.
func (o *office) in() bool {
	o.t.Helper()
	live, err := o.app.Current(o.atApp)
	if err != nil {
		o.t.Fatal(err)
	}
	return live != nil
}

// onShorts runs a test with short-lived things in memory and in a file.
func onShorts(t *testing.T, test func(*testing.T, func(*testing.T, func() time.Time) store.Shorts)) {
	t.Run("memory", func(t *testing.T) {
		test(t, func(_ *testing.T, now func() time.Time) store.Shorts {
			return memory.NewShorts(memory.Options{Now: now})
		})
	})
	t.Run("sqlite", func(t *testing.T) {
		test(t, func(t *testing.T, now func() time.Time) store.Shorts {
			shorts, err := sqlite.OpenShorts(filepath.Join(t.TempDir(), "shorts.db"), sqlite.Options{Now: now})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { shorts.Close() })
			return shorts
		})
	})
}

// Refreshing keeps a person signed in at guarded sites if the client says so:
// past the idle limit (SES-15), up to the absolute one. What has offline_access
// lives without the session, and does not keep it.
func TestRefreshExtendsSession(t *testing.T) {
	onShorts(t, func(t *testing.T, open func(*testing.T, func() time.Time) store.Shorts) {
		for _, c := range []struct {
			client, scope string
			extends       bool
			lasts         int // refreshes, one in 40 minutes, after which the person is still signed in
		}{
			{"tied", "openid", true, 11},
			{"tied", "openid", false, 1},
			{"agent", "openid offline_access", true, 1},
		} {
			o := newOffice(t, open)
			o.clients[c.client].ExtendsSession = c.extends
			got := o.person.login(c.client, "scope", c.scope)
			for n := 1; n <= 13; n++ {
				o.pass(40 * time.Minute)
				if in := o.in(); in != (n <= c.lasts) {
					t.Errorf("%+v: signed in after %d times 40 minutes: %v", c, n, in)
				}
				if got = o.person.refresh(c.client, got.Refresh); (got.Error == "") != (n <= c.lasts || c.client == "agent") {
					t.Errorf("%+v: refresh number %d: %+v", c, n, got)
				}
			}
		}
	})
}

// So does use of an access token at our own endpoints, whoever asks about it;
// asking about a refresh token is no use of it.
func TestUseExtendsSession(t *testing.T) {
	introspect := func(client string) func(*office, tokens) {
		return func(o *office, got tokens) {
			if !o.person.active(client, got.Access) {
				o.t.Error("the token is inactive")
			}
		}
	}
	for name, c := range map[string]struct {
		use     func(*office, tokens)
		extends bool
	}{
		"nothing":                        {func(*office, tokens) {}, false},
		"introspection by its client":    {introspect("tied"), true},
		"introspection by the server":    {introspect("api"), true},
		"introspection of refresh token": {func(o *office, got tokens) { o.person.active("tied", got.Refresh) }, false},
		"exchange": {func(o *office, got tokens) {
			a := o.person.post("/token", form("tied", "grant_type", client.GrantExchange, "subject_token", got.Access,
				"subject_token_type", "urn:ietf:params:oauth:token-type:access_token", "resource", apiURI)).tokens(o.t)
			if a.Access == "" {
				o.t.Errorf("exchange: %+v", a)
			}
		}, true},
		"userinfo": {func(o *office, got tokens) {
			if a := o.person.userinfo(got.Access); a.StatusCode != 200 {
				o.t.Errorf("userinfo: %d", a.StatusCode)
			}
		}, true},
		"a refresh that is refused": {func(o *office, got tokens) {
			if a := o.person.refresh("tied", got.Refresh, "scope", "never-granted"); a.Error == "" {
				o.t.Error("a scope that was not granted")
			}
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t, func(_ *testing.T, now func() time.Time) store.Shorts {
				return memory.NewShorts(memory.Options{Now: now})
			})
			tied := o.clients["tied"]
			tied.ExtendsSession, tied.GrantTypes = true, append(tied.GrantTypes, client.GrantExchange)
			got := o.person.login("tied", "scope", "openid")
			if name == "introspection by the server" || name == "exchange" {
				got = o.person.login("tied", "scope", "openid", "resource", apiURI)
			}
			o.pass(40 * time.Minute)
			c.use(o, got)
			o.pass(40 * time.Minute)
			if in := o.in(); in != c.extends {
				t.Errorf("signed in afterwards: %v", in)
			}
		})
	}
}

// An end is an end: no token brings a session back.
func TestUseRevivesNothing(t *testing.T) {
	onShorts(t, func(t *testing.T, open func(*testing.T, func() time.Time) store.Shorts) {
		for name, end := range map[string]func(*office) error{
			"ended": func(o *office) error { return o.EndSession(t.Context(), o.sid, session.Revoked) },
			"idle":  func(o *office) error { o.pass(time.Hour); return nil },
		} {
			o := newOffice(t, open)
			o.clients["tied"].ExtendsSession = true
			got := o.person.login("tied", "scope", "openid")
			o.pass(time.Second)
			o.person.userinfo(got.Access)
			if err := end(o); err != nil {
				t.Fatal(err)
			}
			if a := o.person.refresh("tied", got.Refresh); a.Error != "invalid_grant" {
				t.Errorf("%s: %+v", name, a)
			}
			if _ = o.Used(t.Context(), o.sid); o.in() {
				t.Errorf("%s: signed in again", name)
			}
		}
	})
}
