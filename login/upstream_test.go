package login_test

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/internal/fakeidp"
	"github.com/gatehouse-auth/gatehouse/login"
)

// there is Alice with a login at the provider that has a name.
func there(sid string) fakeidp.Switches {
	return fakeidp.Switches{Person: func(url.Values) map[string]any {
		return map[string]any{"sub": "alice-1", "preferred_username": "alice", "sid": sid}
	}}
}

// arrives signs a new browser in by the provider.
func (w *world) arrives(idp *fakeidp.Provider, sid string) *browser {
	w.t.Helper()
	idp.Set(there(sid))
	defer idp.Set(fakeidp.Switches{})
	b := w.browser().through(idp)
	b.get(b.away(b.get("/login/work")))
	if b.who() != "alice" {
		w.t.Fatal("not signed in")
	}
	return b
}

// tell posts a logout token as a provider does: without cookies or an origin.
func (w *world) tell(token string, change ...func(*http.Request)) answer {
	w.t.Helper()
	plain := func(r *http.Request) { r.Header.Del("Origin"); r.Header.Del("Sec-Fetch-Site") }
	return w.browser().post("/callback/work/backchannel_logout", url.Values{"logout_token": {token}}, append(change, plain)...)
}

// SES-13: a logout token ends the login that it names, at once and once.
func TestBackChannel(t *testing.T) {
	w, idp := federated(t, false)
	one, two := w.arrives(idp, "there-1"), w.arrives(idp, "there-2")
	token := idp.LogoutToken(nil)
	if a := w.tell(token); a.StatusCode != http.StatusOK || a.Header.Get("Cache-Control") != "no-store" {
		t.Fatalf("%d %v %s", a.StatusCode, a.Header, a.body)
	}
	if one.who() != "" || two.who() != "alice" {
		t.Errorf("%q and %q", one.who(), two.who())
	}
	if e := w.last(); e.Name != login.ProviderLogout || e.IDP != "work" || e.Ended != 1 {
		t.Errorf("%+v", e)
	}
	again := w.arrives(idp, "there-1")
	if a := w.tell(token); a.StatusCode != http.StatusBadRequest || again.who() != "alice" {
		t.Errorf("replayed: %d, %q", a.StatusCode, again.who())
	}
	if e := w.last(); e.Name != login.ProviderFailed || e.IDP != "work" || !fault.Is(e.Err, fault.Spent) {
		t.Errorf("replayed: %+v", e)
	}
	if a := w.tell(idp.LogoutToken(func(_, c map[string]any) { delete(c, "sid") })); a.StatusCode != http.StatusOK || two.who() != "" || again.who() != "" {
		t.Errorf("all: %d, %q, %q", a.StatusCode, two.who(), again.who())
	}
	// Whoever is unknown here is signed out already (section 2.7).
	if a := w.tell(idp.LogoutToken(func(_, c map[string]any) { c["sub"] = "carol-1" })); a.StatusCode != http.StatusOK {
		t.Errorf("unknown: %d", a.StatusCode)
	}
}

// SES-13: nothing else ends anything, and the sender is told as section 2.8
// has it.
func TestBackChannelRefuses(t *testing.T) {
	w, idp := federated(t, true)
	b := w.arrives(idp, "there-1")
	json := func(r *http.Request) { r.Header.Set("Content-Type", "application/json") }
	twice := func(r *http.Request) {
		body := "logout_token=" + idp.LogoutToken(nil) + "&logout_token=" + idp.LogoutToken(nil)
		*r = *must(http.NewRequest(http.MethodPost, r.URL.String(), strings.NewReader(body)))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	idToken := idp.LogoutToken(func(h, c map[string]any) { h["typ"] = "JWT"; c["nonce"] = "x" })
	other := idp.LogoutToken(func(_, c map[string]any) { c["aud"] = "other" })
	for name, test := range map[string]struct {
		answer
		status int
	}{
		"no token":     {w.tell(""), 400},
		"ID token":     {w.tell(idToken), 400},
		"another's":    {w.tell(other), 400},
		"JSON":         {w.tell(idp.LogoutToken(nil), json), 415},
		"two":          {w.tell("", twice), 400},
		"huge":         {w.tell(strings.Repeat("x", 70<<10)), 413},
		"GET":          {w.browser().get("/callback/work/backchannel_logout?logout_token=" + idp.LogoutToken(nil)), 405},
		"in the query": {w.browser().post("/callback/work/backchannel_logout?logout_token="+idp.LogoutToken(nil), url.Values{}), 400},
		"no provider":  {w.browser().post("/callback/else/backchannel_logout", url.Values{"logout_token": {idp.LogoutToken(nil)}}), 404},
	} {
		if test.StatusCode != test.status {
			t.Errorf("%s: %d, want %d", name, test.StatusCode, test.status)
		}
		if test.status == 400 && !strings.Contains(test.body, `"error":"invalid_request"`) {
			t.Errorf("%s: %s", name, test.body)
		}
	}
	if b.who() != "alice" {
		t.Error("signed out")
	}
}

// LOG-03: rubbish that anybody can post is no failure of the provider's.
func TestBackChannelRubbish(t *testing.T) {
	w, idp := federated(t, false)
	for name, token := range map[string]string{
		"no token":  "x.y.z",
		"another's": idp.LogoutToken(func(_, c map[string]any) { c["aud"] = "other" }),
	} {
		a := w.tell(token)
		if e := w.last(); a.StatusCode != http.StatusBadRequest || e.Name != login.NoticeRefused || e.IDP != "work" || e.Err == nil {
			t.Errorf("%s: %d, %+v", name, a.StatusCode, e)
		}
	}
}

// hangs are accounts that can't be had until the request is given up.
type hangs struct {
	login.Accounts
	on *atomic.Bool
}

func (h hangs) Linked(ctx context.Context, provider, subject string) (identity.Subject, error) {
	if h.on.Load() {
		<-ctx.Done()
		return "", fault.Wrap(fault.Unavailable, "hangs", ctx.Err())
	}
	return h.Accounts.Linked(ctx, provider, subject)
}

// SES-13: a notice that could not be heeded has not come: the provider tells it
// again.
func TestBackChannelAgain(t *testing.T) {
	idp, p := federate(t, "work")
	var on atomic.Bool
	w := newWorld(t, func(c *login.Config) {
		c.Providers, c.Accounts = []login.Provider{p}, hangs{c.Accounts, &on}
	})
	b := w.arrives(idp, "there-1")
	token := idp.LogoutToken(nil)
	on.Store(true)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if a := w.tell(token, func(r *http.Request) { *r = *r.WithContext(ctx) }); a.StatusCode != http.StatusServiceUnavailable || b.who() != "alice" {
		t.Fatalf("%d, %q", a.StatusCode, b.who())
	}
	on.Store(false)
	for n, want := range []int{http.StatusOK, http.StatusBadRequest} {
		if a := w.tell(token); a.StatusCode != want || b.who() != "" {
			t.Errorf("time %d: %d, %q", n+2, a.StatusCode, b.who())
		}
	}
}

// The login at the provider goes on when the session here is over: the page says
// so and leads to where it ends.
func TestSignOutThereToo(t *testing.T) {
	w, idp := federated(t, true)
	link := func(a answer) bool {
		return strings.Contains(a.body, idp.Issuer+"/logout?all=1&amp;client_id=gatehouse")
	}
	idp.Set(fakeidp.Switches{Metadata: func(m map[string]any) { m["end_session_endpoint"] = idp.Issuer + "/logout?all=1" }})
	b := w.browser().through(idp)
	b.get(b.away(b.get("/login/work")))
	done := b.post("/logout", b.get("/logout?return_url="+url.QueryEscape(app+"/x")).fill("action", "logout"))
	if a := b.get(done.to()); done.StatusCode != http.StatusSeeOther || !link(a) || a.link("/x") == "" || b.who() != "" {
		t.Errorf("%d to %q, %q: %s", done.StatusCode, done.to(), b.who(), a.body)
	}
	for _, path := range []string{"/logout", "/logout?idp=else", "/logout?idp=local"} {
		if a := b.get(path); a.StatusCode != http.StatusOK || link(a) {
			t.Errorf("%s: %d", path, a.StatusCode)
		}
	}
}

// must is for tables.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// SES-13: of 20 copies of one token one counts.
func TestBackChannelOnce(t *testing.T) {
	w, idp := federated(t, false)
	token := idp.LogoutToken(nil)
	var all sync.WaitGroup
	count := make(chan int, 20)
	for range 20 {
		all.Go(func() { count <- w.tell(token).StatusCode })
	}
	all.Wait()
	close(count)
	got := map[int]int{}
	for status := range count {
		got[status]++
	}
	if !maps.Equal(got, map[int]int{200: 1, 400: 19}) {
		t.Error(got)
	}
}

// SES-13: the front channel needs iss, sid and the browser that has the login.
// The clients of the session are signed out with it.
func TestFrontChannel(t *testing.T) {
	idp, p := federate(t, "work")
	w := newWorld(t, func(c *login.Config) {
		c.Providers = []login.Provider{p}
		c.FrontChannel = func(context.Context, string) (frames, origins []string, err error) {
			return []string{"https://wiki.example.com/out?iss=x&sid=y"}, []string{"https://wiki.example.com"}, nil
		}
	})
	b := w.arrives(idp, "there-1")
	address := func(pairs ...string) string {
		q := url.Values{}
		for i := 0; i < len(pairs); i += 2 {
			q.Add(pairs[i], pairs[i+1])
		}
		return "/callback/work/frontchannel_logout?" + q.Encode()
	}
	right := address("iss", idp.Issuer, "sid", "there-1")
	for path, status := range map[string]int{
		address(): 400, address("iss", idp.Issuer): 400, address("sid", "there-1"): 400, address("iss", idp.Issuer, "sid", ""): 400,
		address("iss", "https://evil.test", "sid", "there-1"):                  400,
		address("iss", idp.Issuer, "sid", "there-1", "sid", "there-1"):         400,
		address("iss", idp.Issuer, "sid", "there-2"):                           200,
		strings.Replace(right, "/callback/work/", "/callback/nobody/", 1):      404,
		strings.Replace(right, "frontchannel_logout", "frontchannel_logou", 1): 404,
	} {
		if a := b.get(path); a.StatusCode != status || b.who() != "alice" {
			t.Errorf("%s: %d, %q", path, a.StatusCode, b.who())
		}
	}
	if a := w.browser().get(right); a.StatusCode != http.StatusOK || b.who() != "alice" || strings.Contains(a.body, "iframe") {
		t.Errorf("another browser: %d, %q", a.StatusCode, b.who())
	}
	live := b.session()
	a := b.get(right)
	if e := w.last(); e.Name != login.ProviderLogout || e.Ended != 1 || e.User == nil || e.User.Username != "alice" || e.SID != live.SID {
		t.Errorf("%+v", e) // LOG-03
	}
	policy := "default-src 'none'; frame-ancestors " + idp.Issuer + "; frame-src https://wiki.example.com"
	if a.StatusCode != http.StatusOK || b.who() != "" || a.Header.Get("Content-Security-Policy") != policy || a.Header.Get("X-Frame-Options") != "" {
		t.Errorf("%d %v, %q", a.StatusCode, a.Header, b.who())
	}
	if !strings.Contains(a.body, `<iframe hidden src="https://wiki.example.com/out?iss=x&amp;sid=y"></iframe>`) {
		t.Error(a.body)
	}
}
