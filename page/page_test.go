package page_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/page"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func open(t testing.TB, opts page.Options) *page.Pages {
	t.Helper()
	if opts.Now == nil {
		opts.Now = func() time.Time { return noon }
	}
	p, err := page.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// get writes a view as the answer to a GET with some headers.
func get(t testing.TB, p *page.Pages, v page.View, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, "https://auth.example.com/login", nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	if err := p.Write(w, r, http.StatusOK, v); err != nil {
		t.Fatal(err)
	}
	return w
}

// named is a view with the name of its golden file.
type named struct {
	name string
	view page.View
}

// views are every page in every state, each text in them made by s, so that
// the same list serves harmless and hostile texts.
func views(s func(string) string) []named {
	frame := page.Frame{ClientName: s("Grafana"), ClientHost: s("grafana.example.com")}
	user := &identity.User{Username: s("alice"), Name: s("Alice Arden"), Email: s("alice@example.com"), Groups: []string{s("admins"), s("work/staff")}}
	ways := func(n int) []page.Provider {
		return []page.Provider{
			{Name: s("work"), Title: s("Acme ID"), URL: s("/login/work")},
			{Name: s("hub"), URL: s("/login/hub"), Down: true},
			{Name: s("uni"), Title: s("University"), URL: s("/login/uni")},
		}[:n]
	}
	login := page.Login{Frame: frame, ReturnURL: s("/authorize?a=b"), Token: s("token"), Username: s("alice"), Local: true}
	with := func(change func(*page.Login)) page.Login {
		v := login
		change(&v)
		return v
	}
	setup := page.Setup{Token: s("token"), SetupToken: s("secret"), Username: s("admin"), Name: s("Ada"), Email: s("ada@example.com")}
	wrong := setup
	wrong.Errors = page.SetupErrors{Username: page.Plain(s("no")), Name: page.Say(page.MsgNameInvalid), Email: page.Say(page.MsgEmailInvalid), Password: page.Counted(page.MsgPasswordShort, 8), Confirm: page.Say(page.MsgPasswordMismatch)}
	taken, expired := setup, setup
	taken.Error, expired.Error = page.Say(page.MsgUsernameTaken), page.Say(page.MsgSetupExpired)
	list := []named{
		{"login", page.Login{Local: true, Token: s("token")}},
		{"login_failed", with(func(v *page.Login) { v.Failed, v.RememberOffered, v.Remember, v.CancelOffered = true, true, true, true })},
		{"login_throttled", with(func(v *page.Login) { v.Throttled = 14 * time.Minute })},
		{"login_expired", with(func(v *page.Login) { v.Expired = true })},
		{"login_again", with(func(v *page.Login) { v.Again = true })},
		{"login_two_providers", with(func(v *page.Login) { v.Providers, v.RememberOffered = ways(2), true })},
		{"login_three_providers", with(func(v *page.Login) { v.Providers = ways(3) })},
		{"login_providers_only", with(func(v *page.Login) {
			v.Local, v.Providers, v.RememberOffered, v.Switching, v.Notice = false, ways(3), true, true, page.About(page.MsgProviderRefused, s("Acme ID"))
		})},
		{"login_create", with(func(v *page.Login) {
			v.Username, v.RememberOffered, v.CancelOffered, v.CreateURL = "", true, true, s("https://accounts.example.com/sign-up")
		})},
		{"login_nothing", page.Login{}},
		{"login_new", page.Login{Frame: frame, New: true, CancelOffered: true, Token: s("token")}},
		{"login_logo", page.Login{Local: true, Frame: page.Frame{ClientName: s("Wiki"), ClientLogo: "https://cdn.example.com/logo.png"}}},
		{"choose", page.Choose{Frame: frame, Providers: ways(3), Token: s("token"), ReturnURL: s("/x"), RememberOffered: true, Remember: true, CancelOffered: true, Notice: page.Plain(s("note"))}},
		{"choose_create", page.Choose{Frame: frame, Providers: ways(3), Token: s("token"), ReturnURL: s("/x"), CancelOffered: true, CreateURL: s("https://accounts.example.com/sign-up")}},
		{"setup", setup},
		{"setup_wrong", wrong},
		{"setup_taken", taken},
		{"setup_expired", expired},
		{"setup_closed", page.Setup{Closed: true}},
		{"logout", page.Logout{Token: s("token"), User: user, ReturnURL: s("/back")}},
		{"logout_nobody", page.Logout{Token: s("token")}},
		{"loggedout", page.LoggedOut{}},
		{"loggedout_elsewhere", page.LoggedOut{Elsewhere: page.Link{Title: "ACME account", URL: s("https://id.acme.test/out?client_id=x")}}},
		{"loggedout_back", page.LoggedOut{Frame: frame, ContinueURL: s("https://grafana.example.com/")}},
		{"home", page.Home{User: user, IDP: s("Acme ID"), AuthTime: noon.Add(-12 * time.Minute), LogoutURL: s("/logout"), Token: s("token"), GrantsURL: s("/account/grants"), DeviceURL: s("/device"), Applications: []page.Link{{Title: s("Wiki"), URL: s("https://wiki.example.com/start")}}}},
		{"home_bare", page.Home{User: &identity.User{Username: s("bob")}, LogoutURL: s("/logout")}},
	}
	list = append(list, consents(s, user)...)
	list = append(list, devices(s, user)...)
	for name, v := range problems(s) {
		v.RequestID, v.ContinueURL = s("c3f9a1d2"), s("/login")
		if name == "denied" {
			v.User, v.SwitchURL, v.LogoutURL = user, s("/switch"), s("/logout")
		}
		list = append(list, named{"problem_" + name, v})
	}
	return list
}

func problems(s func(string) string) map[string]page.Problem {
	return map[string]page.Problem{
		"cookie_missing":   page.CookieMissing(s("__Host-Http-gatehouse-login"), s("auth.example.com")),
		"provider_old":     page.ProviderOld(s("Acme ID")),
		"denied":           page.AccessDenied(nil, s("app.example.com")),
		"unknown_client":   page.UnknownClient(),
		"bad_redirect_uri": page.BadRedirectURI(s("Wiki")),
		"bad_parameter":    page.BadParameter(s("nonce")),
		"withheld":         page.Withheld(400, s("Robot"), s("robot.example.com")),
		"withheld_device":  page.Withheld(400, s("Robot"), ""),
		"setup_closed":     page.SetupClosed(),
		"setup_expired":    page.SetupExpired(),
		"method":           page.MethodNotAllowed(),
		"throttled":        page.Throttled(1),
		"401":              page.ProblemFor(401),
		"403":              page.ProblemFor(403),
		"404":              page.ProblemFor(404),
		"413":              page.ProblemFor(413),
		"400":              page.ProblemFor(400),
		"500":              page.ProblemFor(500),
		"503":              page.ProblemFor(503),
		"plain":            {Title: page.Plain(s("Title")), Detail: page.Plain(s("Detail")), ContinueText: page.Plain(s("On"))},
	}
}

func same(s string) string { return s }

func TestProblemStatuses(t *testing.T) {
	for status, want := range map[int]int{400: 400, 401: 401, 403: 403, 404: 404, 405: 405, 409: 409, 413: 413, 429: 429, 500: 500, 502: 502, 503: 503, 0: 500, 200: 500, 599: 500} {
		if got := page.ProblemFor(status).Status; got != want {
			t.Errorf("ProblemFor(%d).Status = %d, want %d", status, got, want)
		}
	}
}

func TestPasswordsAreNeverFilledIn(t *testing.T) { // LGN-10, LGN-11
	p := open(t, page.Options{})
	seen := 0
	for _, v := range views(same) {
		for line := range strings.Lines(get(t, p, v.view).Body.String()) {
			if !strings.Contains(line, `name="password`) {
				continue
			}
			seen++
			if strings.Contains(line, "value=") || !strings.Contains(line, `type="password"`) || !strings.Contains(line, `autocomplete="`) {
				t.Errorf("%s: %s", v.name, line)
			}
		}
	}
	if seen == 0 {
		t.Fatal("no password field on any page")
	}
}

func TestOneFailureForEverybody(t *testing.T) { // ENU-01
	p := open(t, page.Options{})
	failed := func(name string) string {
		body := get(t, p, page.Login{Local: true, Failed: true, Username: name}).Body.String()
		return strings.Replace(body, `value="`+name+`"`, "", 1)
	}
	if failed("alice") != failed("nobody") {
		t.Error("the answer to a wrong password depends on the user name beyond repeating it")
	}
}

func TestAgo(t *testing.T) {
	p := open(t, page.Options{})
	for d, want := range map[time.Duration]string{
		-time.Hour: "just now", 59 * time.Second: "just now", time.Minute: "a minute ago", 59 * time.Minute: "59 minutes ago",
		time.Hour: "an hour ago", 47 * time.Hour: "47 hours ago", 72 * time.Hour: "3 days ago",
	} {
		if body := get(t, p, page.Home{User: &identity.User{}, AuthTime: noon.Add(-d)}).Body.String(); !strings.Contains(body, ">"+want+"<") {
			t.Errorf("%v: no %q", d, want)
		}
	}
}

func TestWaitIsRoundedUp(t *testing.T) {
	p := open(t, page.Options{})
	for d, want := range map[time.Duration]string{time.Millisecond: "wait a minute", 61 * time.Second: "wait 2 minutes", 15 * time.Minute: "wait 15 minutes"} {
		if body := get(t, p, page.Login{Local: true, Throttled: d}).Body.String(); !strings.Contains(body, want) {
			t.Errorf("%v: no %q", d, want)
		}
	}
}

func TestBase(t *testing.T) {
	body := get(t, open(t, page.Options{Base: "/.gatehouse"}), page.Login{Local: true}).Body.String()
	for _, want := range []string{`action="/.gatehouse/login"`, `href="/.gatehouse/static/gatehouse-`} {
		if !strings.Contains(body, want) {
			t.Errorf("no %s", want)
		}
	}
	for _, base := range []string{"x", "/x/", "/", "//x"} {
		if _, err := page.New(page.Options{Base: base}); !fault.Is(err, fault.Invalid) {
			t.Errorf("base %q: %v", base, err)
		}
	}
}

type broken struct{ http.ResponseWriter }

func (broken) Write([]byte) (int, error) { return 0, errors.New("gone") }

func TestFailuresOfWriteAreErrors(t *testing.T) {
	p := open(t, page.Options{})
	r := httptest.NewRequest(http.MethodGet, "/login", nil)
	w := httptest.NewRecorder()
	if err := p.Write(w, r, 200, page.Problem{Title: page.Say("no.such.key")}); !fault.Is(err, fault.Internal) {
		t.Errorf("unknown key: %v", err)
	}
	if len(w.Header()) > 0 || w.Body.Len() > 0 || w.Code != 200 {
		t.Error("a page that failed left something in the answer")
	}
	if err := p.Write(broken{httptest.NewRecorder()}, r, 200, page.LoggedOut{}); !fault.Is(err, fault.Unavailable) {
		t.Errorf("writer that fails: %v", err)
	}
}

func BenchmarkWrite(b *testing.B) {
	p := open(b, page.Options{})
	for _, v := range views(same) {
		if v.name != "login_two_providers" && v.name != "problem_404" {
			continue
		}
		b.Run(v.name, func(b *testing.B) {
			r := httptest.NewRequest(http.MethodGet, "/login", nil)
			r.Header.Set("Accept-Language", "de-DE,de;q=0.9,en;q=0.8")
			b.ReportAllocs()
			for b.Loop() {
				if err := p.Write(httptest.NewRecorder(), r, 200, v.view); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
