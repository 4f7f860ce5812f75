package authorize_test

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize"
	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/authorize/device"
	"github.com/gatehouse-auth/gatehouse/fault"
)

// saidAddress is where a request says that it comes from.
func saidAddress(r *http.Request) netip.Addr {
	addr, _ := netip.ParseAddr(r.Header.Get("X-From"))
	return addr
}

// gate judges by a few words of the real one, which package caddymodule has.
func (w *world) gate(c *client.Client, v client.Visitor) client.Verdict {
	late := func(line []string) bool {
		age, err := time.ParseDuration(line[1])
		return err != nil || w.clock.Now().Sub(v.Session.At) > age
	}
	holds := func(line []string) bool {
		switch line[0] {
		case "user":
			return slices.Contains(line[1:], v.Session.User.Username)
		case "group":
			return slices.ContainsFunc(v.Session.User.Groups, func(g string) bool { return slices.Contains(line[1:], g) })
		case "provider":
			return slices.Contains(line[1:], v.Session.IDP)
		case "client_ip":
			return v.Away || slices.Contains(line[1:], v.From.String())
		}
		return line[0] == "max_auth_age"
	}
	all := func(r client.Rule) bool {
		return !slices.ContainsFunc(r, func(line []string) bool { return !holds(line) })
	}
	out := client.Refused
	for _, rule := range c.Allow {
		switch i := slices.IndexFunc(rule, func(line []string) bool { return line[0] == "max_auth_age" }); {
		case !all(rule):
		case i >= 0 && late(rule[i]):
			out = max(out, client.NeedsLogin)
		default:
			out = client.Admitted
		}
	}
	if len(c.Allow) == 0 {
		out = client.Admitted
	}
	if !v.Away && slices.ContainsFunc(c.Deny, all) || slices.ContainsFunc(c.Deny, func(r client.Rule) bool { return r[0][0] == "user" && all(r) }) {
		return client.Refused
	}
	return out
}

// restrict gives a client of the world rules, before it serves.
func restrict(id string, allow, deny client.Rule) func(*parts) {
	return func(cfg *parts) {
		c := static(cfg)[id]
		if allow != nil {
			c.Allow = []client.Rule{allow}
		}
		if deny != nil {
			c.Deny = []client.Rule{deny}
		}
	}
}

// Who may use a client gets a code, who may not is refused to the client and
// reported, however they were asked for. OAU-17
func TestWhoMayUseAClient(t *testing.T) {
	staff, boss := client.Rule{{"group", "staff"}}, client.Rule{{"group", "bosses"}}
	for name, c := range map[string]struct {
		allow, deny client.Rule
		from, want  string // an error, "" for a code, "login"
		pairs       []string
		age         time.Duration
	}{
		"in the group":           {allow: staff},
		"not in the group":       {allow: boss, want: "access_denied"},
		"not, and none":          {allow: boss, want: "access_denied", pairs: []string{"prompt", "none"}},
		"denied":                 {deny: client.Rule{{"user", "alice"}}, want: "access_denied"},
		"denied, though allowed": {allow: staff, deny: client.Rule{{"user", "alice"}}, want: "access_denied"},
		"somebody else denied":   {deny: client.Rule{{"user", "bob"}}},
		"from there":             {allow: client.Rule{{"client_ip", "10.0.0.1"}}, from: "10.0.0.1"},
		"from elsewhere":         {allow: client.Rule{{"client_ip", "10.0.0.1"}}, from: "10.0.0.2", want: "access_denied"},
		"young enough":           {allow: client.Rule{{"max_auth_age", "1h"}}, age: time.Hour},
		"too old":                {allow: client.Rule{{"max_auth_age", "1h"}}, age: time.Hour + time.Second, want: "login"},
		"too old, and none":      {allow: client.Rule{{"max_auth_age", "1h"}}, age: 2 * time.Hour, want: "login_required", pairs: []string{"prompt", "none"}},
		"a word nobody knows":    {allow: client.Rule{{"shoe", "42"}}, want: "access_denied"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, "", restrict("wiki", c.allow, c.deny))
			b := w.browser()
			b.signIn("alice", "local")
			w.clock.pass(c.age)
			r, err := http.NewRequest(http.MethodGet, w.issuer+"/authorize?"+request(c.pairs...).Encode(), nil)
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("X-From", c.from)
			a := b.do(r)
			if back, login := a.atLogin(w); login != (c.want == "login") {
				t.Fatalf("%d %v", a.StatusCode, a.to)
			} else if login { // the page must not send them straight back
				known, err := w.Context(t.Context(), strings.TrimPrefix(back, w.issuer))
				if err != nil || !known.Force || known.MaxAge == nil || *known.MaxAge != time.Hour {
					t.Errorf("%+v, %v", known, err)
				}
				b.signIn("alice", "local")
				if again := b.get(back); again.to.Query().Get("code") == "" {
					t.Errorf("after a new login: %v", again.to)
				}
				return
			}
			got := a.to.Query()
			if got.Get("error") != c.want || (got.Get("code") != "") != (c.want == "") || got.Get("state") != "the state" {
				t.Errorf("%v", got)
			}
			if c.want == "access_denied" && (len(w.reports) != 1 || !fault.Is(w.reports[0], fault.Denied)) {
				t.Errorf("reports: %v", w.reports)
			}
		})
	}
}

// A client with rules that nobody can judge is for nobody.
func TestRulesNeedAGate(t *testing.T) {
	c := &client.Client{Allow: []client.Rule{{{"group", "staff"}}}}
	w := newWorld(t, "")
	who := w.browser().signIn("alice", "local")
	if got := c.Judge(nil, client.Visitor{Session: who}); got != client.Refused {
		t.Errorf("without a gate: %v", got)
	}
	if got := c.Judge(w.gate, client.Visitor{}); got != client.Refused {
		t.Errorf("without a person: %v", got)
	}
	if got := new(client.Client).Judge(nil, client.Visitor{}); got != client.Admitted {
		t.Errorf("without rules: %v", got)
	}
	_, err := authorize.New(authorize.Config{Issuer: "https://auth.example.com", Clients: client.Static{"a": c}})
	if err == nil || !strings.Contains(err.Error(), "nothing that judges its rules") {
		t.Errorf("%v", err)
	}
}

// Rules hold at the token endpoint as things are then. A refusal ends nothing:
// the group may come back.
func TestRulesAtTokens(t *testing.T) {
	for _, id := range []string{"agent", "phone"} { // phone's refresh tokens rotate
		place := client.Rule{{"group", "staff"}, {"client_ip", "10.0.0.1"}}
		w, _ := newTokenWorld(t, inMemory, restrict(id, place, nil), func(cfg *parts) {
			cfg.ClientIP = func(*http.Request) netip.Addr { return netip.MustParseAddr("10.0.0.1") }
		})
		b := w.browser()
		session := b.signIn("alice", "local")
		first := b.login(id)
		if first.Access == "" || first.Refresh == "" {
			t.Fatalf("%s: %+v", id, first)
		}
		session.User.Groups = nil
		if no := b.refresh(id, first.Refresh); no.Error != "invalid_grant" || no.Access != "" {
			t.Errorf("%s: %+v", id, no)
		}
		session.User.Groups = []string{"staff"}
		if again := b.refresh(id, first.Refresh); again.Access == "" {
			t.Errorf("%s: %+v", id, again)
		}
	}
}

// Rules hold at the device page, and once more when the device comes.
func TestRulesAtDevices(t *testing.T) {
	w := newDeviceWorld(t)
	b := w.browser()
	session := b.signIn("alice", "local")
	d := b.begin("staff-tv")
	session.User.Groups = nil
	if p := b.typeCode(d.UserCode); p.Kind != "enter" || p.Enter.Problem != device.OtherLogin {
		t.Errorf("%+v", p)
	}
	if len(w.events) == 0 || w.events[len(w.events)-1].Name != device.EventRefused {
		t.Errorf("%v", w.events)
	}
	session.User.Groups = []string{"staff"}
	q := b.typeCode(d.UserCode).Confirm
	w.clock.pass(2 * time.Minute)
	a := b.decide(q, device.ActionAllow, device.FieldMine)
	if a.StatusCode != http.StatusSeeOther || a.to.Path != "/login" || a.to.Query().Get("switch") != "1" {
		t.Fatalf("%d %v", a.StatusCode, a.to)
	}
	session = b.signIn("alice", "local")
	b.decide(b.typeCode(d.UserCode).Confirm, device.ActionAllow, device.FieldMine)
	session.User.Groups = nil
	if no := b.poll("staff-tv", d.DeviceCode); no.Error != "invalid_grant" || no.Access != "" {
		t.Errorf("%+v", no)
	}
	w.mu.Lock()
	w.address = netip.MustParseAddr("203.0.113.9")
	w.mu.Unlock()
	session.User.Groups = []string{"staff"}
	if p := b.typeCode(b.begin("staff-tv").UserCode); p.Kind != "enter" || p.Enter.Problem != device.OtherLogin {
		t.Errorf("%+v", p)
	}
}

// Rules hold for what an access token can be used for here, as things are then,
// whatever its form, whether its session goes on or is over, and whoever
// brings it. A refusal ends nothing. OAU-17
func TestRulesAtAccessTokens(t *testing.T) {
	for _, id := range []string{"caller", "signed"} {
		for _, offline := range []bool{false, true} {
			w, people := newTokenWorld(t, inMemory, exchangers, restrict(id, client.Rule{{"group", "staff"}, {"provider", "local"}, {"client_ip", "10.0.0.1"}}, nil), func(cfg *parts) {
				cfg.ClientIP = func(*http.Request) netip.Addr { return netip.MustParseAddr("10.0.0.1") }
			})
			b := w.browser()
			session := b.signIn("alice", "local")
			people.groups = session.User.Groups
			own := b.login(id)
			api := b.login(id, "scope", "openid api.read offline_access", "resource", apiURI)
			passed := b.exchange("front", api.Access, "resource", filesURI)
			if offline {
				delete(w.sessions.bySID, session.SID)
			}
			check := func(what string, may bool) {
				t.Helper()
				a := b.userinfo(own.Access)
				no := a.StatusCode == http.StatusUnauthorized && strings.Contains(a.Header.Get("WWW-Authenticate"), `error="invalid_token"`)
				if may != (a.StatusCode == http.StatusOK) || !may != no {
					t.Errorf("%s %s: userinfo %d %s", id, what, a.StatusCode, a.Header.Get("WWW-Authenticate"))
				}
				for about, active := range map[string]bool{
					"own token": b.active(id, own.Access), "own refresh token": b.active(id, own.Refresh),
					"token at the interface": b.active("front", api.Access), "what came of it": b.active("middle", passed.Access),
				} {
					if active != may {
						t.Errorf("%s %s: %s is active: %v", id, what, about, active)
					}
				}
				for who, token := range map[string]string{id: api.Access, "front": api.Access, "middle": passed.Access} {
					target := map[string]string{id: apiURI, "front": filesURI, "middle": mailURI}[who]
					if got := b.exchange(who, token, "resource", target); (got.Access != "") != may || !may && got.Error != "invalid_request" {
						t.Errorf("%s %s: exchange by %s: %+v", id, what, who, got)
					}
				}
			}
			check("in the group", true)
			people.groups, session.User.Groups = nil, nil
			check("not in it any more", false)
			people.groups, session.User.Groups = []string{"staff"}, []string{"staff"}
			check("in it again", true)
		}
	}
}

// A client that exchanges others' tokens does so for the people it is for.
func TestRulesOfWhoExchanges(t *testing.T) {
	w, _ := newTokenWorld(t, inMemory, exchangers, restrict("front", client.Rule{{"group", "staff"}}, nil))
	b := w.browser()
	session := b.signIn("alice", "local")
	api := b.login("caller", "scope", "openid api.read offline_access", "resource", apiURI)
	passed := b.exchange("front", api.Access, "resource", filesURI)
	if !b.active("middle", passed.Access) {
		t.Fatalf("%+v", passed)
	}
	session.User.Groups = nil
	if no := b.exchange("front", api.Access, "resource", filesURI); no.Error != "invalid_request" {
		t.Errorf("%+v", no)
	}
	if b.active("middle", passed.Access) || !b.active("caller", api.Access) {
		t.Error("what it was given goes on, or what it was given it for does not")
	}
}
