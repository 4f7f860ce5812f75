package guard_test

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/guard"
	"github.com/gatehouse-auth/gatehouse/identity"
)

var now = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// rule reads conditions in the words of the configuration.
func rule(t testing.TB, lines ...string) guard.Rule {
	t.Helper()
	var r guard.Rule
	for _, line := range lines {
		words := strings.Fields(line)
		c, err := guard.ParseCondition(words[0], words[1:]...)
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		r = append(r, c)
	}
	return r
}

// policy reads lines such as "allow group admins; mfa", "deny user bob" and
// "public /healthz".
func policy(t testing.TB, lines ...string) *guard.Rules {
	t.Helper()
	p := guard.Policy{LoginACR: []string{"high"}}
	for _, line := range lines {
		word, rest, _ := strings.Cut(line, " ")
		switch word {
		case "allow":
			p.Allow = append(p.Allow, rule(t, strings.Split(rest, "; ")...))
		case "deny":
			p.Deny = append(p.Deny, rule(t, strings.Split(rest, "; ")...))
		case "public":
			p.Public = append(p.Public, strings.Fields(rest)...)
		case "factors":
			p.LoginMFA = true
		default:
			t.Fatalf("%q", line)
		}
	}
	rules, err := guard.NewRules(p)
	if err != nil {
		t.Fatal(err)
	}
	return rules
}

// person is alice, changed.
func person(change func(u *identity.User, l *identity.Login)) *identity.Session {
	s := alice()
	s.At = now.Add(-time.Hour)
	s.AMR, s.ACR = []string{"pwd"}, ""
	if change != nil {
		change(s.User, &s.Login)
	}
	return s
}

var (
	nobody     *identity.Session
	plainAlice = person(nil)
	strong     = person(func(_ *identity.User, l *identity.Login) { l.AMR, l.ACR = []string{"pwd", "mfa"}, "high" })
	fresh      = person(func(_ *identity.User, l *identity.Login) { l.At = now.Add(-time.Minute) })
	unverified = person(func(u *identity.User, _ *identity.Login) { u.EmailVerified = false })
	guest      = person(func(u *identity.User, _ *identity.Login) { u.Username, u.Groups, u.Email = "guest", nil, "" })
	federated  = person(func(u *identity.User, l *identity.Login) {
		l.IDP, u.Username, u.Groups = "work", "alice@work", []string{"work/admins"}
	})
)

// PRX-02, AUZ-01, AUZ-02, AUZ-03: the policy as a table.
func TestDecide(t *testing.T) {
	for _, c := range []struct {
		policy []string
		who    *identity.Session
		from   string
		target string
		want   guard.Verdict
		reason string
	}{
		// nothing said: any signed-in person
		{nil, nobody, "", "/", guard.NeedLogin, guard.ReasonNobody},
		{nil, plainAlice, "", "/", guard.Pass, guard.ReasonSignedIn},
		{nil, &identity.Session{SID: "without a user"}, "", "/", guard.NeedLogin, guard.ReasonNobody},
		// any allow: nobody else
		{[]string{"allow user alice"}, plainAlice, "", "/", guard.Pass, guard.ReasonAllowed},
		{[]string{"allow user Alice"}, plainAlice, "", "/", guard.Pass, guard.ReasonAllowed},
		{[]string{"allow user alice"}, guest, "", "/", guard.Forbid, guard.ReasonNotAllowed},
		{[]string{"allow user alice"}, federated, "", "/", guard.Forbid, guard.ReasonNotAllowed},
		{[]string{"allow user alice@work"}, federated, "", "/", guard.Pass, guard.ReasonAllowed},
		{[]string{"allow user alice"}, nobody, "", "/", guard.NeedLogin, guard.ReasonNobody},
		{[]string{"allow group admins"}, plainAlice, "", "/", guard.Pass, guard.ReasonAllowed},
		{[]string{"allow group nobody admins"}, plainAlice, "", "/", guard.Pass, guard.ReasonAllowed},
		{[]string{"allow group Admins"}, plainAlice, "", "/", guard.Forbid, guard.ReasonNotAllowed},
		{[]string{"allow group admin"}, plainAlice, "", "/", guard.Forbid, guard.ReasonNotAllowed},
		{[]string{"allow group admins"}, federated, "", "/", guard.Forbid, guard.ReasonNotAllowed},
		{[]string{"allow group work/admins"}, federated, "", "/", guard.Pass, guard.ReasonAllowed},
		{[]string{"allow group admins"}, guest, "", "/", guard.Forbid, guard.ReasonNotAllowed},
		// lines are alternatives, conditions in a block are not
		{[]string{"allow user bob", "allow group staff"}, plainAlice, "", "/", guard.Pass, guard.ReasonAllowed},
		{[]string{"allow user bob; group staff"}, plainAlice, "", "/", guard.Forbid, guard.ReasonNotAllowed},
		{[]string{"allow group admins; group staff"}, plainAlice, "", "/", guard.Pass, guard.ReasonAllowed},
		{[]string{"allow group admins; group owners"}, plainAlice, "", "/", guard.Forbid, guard.ReasonNotAllowed},
		// addresses of people, verified only
		{[]string{"allow email ALICE@Example.com"}, plainAlice, "", "/", guard.Pass, guard.ReasonAllowed},
		{[]string{"allow email alice@example.com"}, unverified, "", "/", guard.Forbid, guard.ReasonNotAllowed},
		{[]string{"allow domain Example.COM"}, plainAlice, "", "/", guard.Pass, guard.ReasonAllowed},
		{[]string{"allow domain example.com"}, unverified, "", "/", guard.Forbid, guard.ReasonNotAllowed},
		{[]string{"allow domain ample.com"}, plainAlice, "", "/", guard.Forbid, guard.ReasonNotAllowed},
		{[]string{"allow domain com"}, plainAlice, "", "/", guard.Forbid, guard.ReasonNotAllowed},
		{[]string{"allow domain example.com"}, guest, "", "/", guard.Forbid, guard.ReasonNotAllowed},
		{[]string{"allow domain example.com"}, person(func(u *identity.User, _ *identity.Login) { u.Email = "x@example.com@evil.test" }), "", "/", guard.Forbid, guard.ReasonNotAllowed},
		// where somebody signed in
		{[]string{"allow provider local"}, plainAlice, "", "/", guard.Pass, guard.ReasonAllowed},
		{[]string{"allow provider local"}, federated, "", "/", guard.Forbid, guard.ReasonNotAllowed},
		// from where
		{[]string{"allow client_ip 10.0.0.0/8"}, plainAlice, "10.1.2.3", "/", guard.Pass, guard.ReasonAllowed},
		{[]string{"allow client_ip 10.0.0.0/8"}, plainAlice, "::ffff:10.1.2.3", "/", guard.Pass, guard.ReasonAllowed},
		{[]string{"allow client_ip fe80::/10"}, plainAlice, "fe80::1%eth0", "/", guard.Pass, guard.ReasonAllowed},
		{[]string{"allow client_ip 10.0.0.0/8"}, plainAlice, "11.1.2.3", "/", guard.Forbid, guard.ReasonNotAllowed},
		{[]string{"allow client_ip private_ranges"}, plainAlice, "192.168.7.1", "/", guard.Pass, guard.ReasonAllowed},
		{[]string{"allow client_ip private_ranges"}, plainAlice, "::1", "/", guard.Pass, guard.ReasonAllowed},
		{[]string{"allow client_ip private_ranges"}, plainAlice, "172.32.0.1", "/", guard.Forbid, guard.ReasonNotAllowed},
		{[]string{"allow client_ip 10.0.0.0/8"}, plainAlice, "", "/", guard.Forbid, guard.ReasonNotAllowed},
		{[]string{"allow client_ip 10.0.0.0/8"}, nobody, "10.1.2.3", "/", guard.NeedLogin, guard.ReasonNobody},
		{[]string{"allow client_ip 10.0.0.0/8"}, nobody, "11.1.2.3", "/", guard.Forbid, guard.ReasonOutside},
		{[]string{"allow client_ip 10.0.0.0/8"}, nobody, "", "/", guard.Forbid, guard.ReasonOutside},
		{[]string{"allow client_ip 10.0.0.0/8", "allow user alice"}, nobody, "11.1.2.3", "/", guard.NeedLogin, guard.ReasonNobody},
		// how somebody signed in
		{[]string{"allow mfa"}, strong, "", "/", guard.Pass, guard.ReasonAllowed},
		{[]string{"allow mfa"}, plainAlice, "", "/", guard.Forbid, guard.ReasonUnreachable},
		{[]string{"allow mfa", "factors"}, plainAlice, "", "/", guard.NeedFreshLogin, guard.ReasonFreshLogin},
		{[]string{"allow group admins; mfa", "factors"}, plainAlice, "", "/", guard.NeedFreshLogin, guard.ReasonFreshLogin},
		{[]string{"allow group owners; mfa", "factors"}, plainAlice, "", "/", guard.Forbid, guard.ReasonNotAllowed},
		{[]string{"allow group owners; mfa", "allow user alice; mfa", "factors"}, plainAlice, "", "/", guard.NeedFreshLogin, guard.ReasonFreshLogin},
		{[]string{"allow acr high"}, strong, "", "/", guard.Pass, guard.ReasonAllowed},
		{[]string{"allow acr high"}, plainAlice, "", "/", guard.NeedFreshLogin, guard.ReasonFreshLogin},
		{[]string{"allow acr highest"}, strong, "", "/", guard.Forbid, guard.ReasonUnreachable},
		{[]string{"allow max_auth_age 15m"}, fresh, "", "/", guard.Pass, guard.ReasonAllowed},
		{[]string{"allow max_auth_age 15m"}, plainAlice, "", "/", guard.NeedFreshLogin, guard.ReasonFreshLogin},
		{[]string{"allow max_auth_age 1h"}, plainAlice, "", "/", guard.Pass, guard.ReasonAllowed},
		{[]string{"allow max_auth_age 15m"}, person(func(_ *identity.User, l *identity.Login) { l.At = time.Time{} }), "", "/", guard.NeedFreshLogin, guard.ReasonFreshLogin},
		{[]string{"allow max_auth_age 15m"}, person(func(_ *identity.User, l *identity.Login) { l.At = now.Add(time.Hour) }), "", "/", guard.NeedFreshLogin, guard.ReasonFreshLogin},
		{[]string{"allow max_auth_age 15m; client_ip 10.0.0.0/8"}, plainAlice, "11.0.0.1", "/", guard.Forbid, guard.ReasonNotAllowed},
		{[]string{"allow mfa; max_auth_age 15m"}, plainAlice, "", "/", guard.Forbid, guard.ReasonUnreachable},
		// deny wins
		{[]string{"allow user alice", "deny group staff"}, plainAlice, "", "/", guard.Forbid, guard.ReasonDenied},
		{[]string{"deny group banned"}, plainAlice, "", "/", guard.Pass, guard.ReasonSignedIn},
		{[]string{"deny user alice; client_ip 10.0.0.0/8"}, plainAlice, "10.0.0.1", "/", guard.Forbid, guard.ReasonDenied},
		{[]string{"deny user alice; client_ip 10.0.0.0/8"}, plainAlice, "11.0.0.1", "/", guard.Pass, guard.ReasonSignedIn},
		{[]string{"deny user alice"}, nobody, "", "/", guard.NeedLogin, guard.ReasonNobody},
		{[]string{"deny client_ip 10.0.0.0/8"}, nobody, "10.0.0.1", "/", guard.Forbid, guard.ReasonDenied},
		{[]string{"deny client_ip 10.0.0.0/8"}, plainAlice, "", "/", guard.Forbid, guard.ReasonDenied},
		{[]string{"deny domain example.com"}, unverified, "", "/", guard.Forbid, guard.ReasonDenied},
		{[]string{"deny email alice@example.com"}, plainAlice, "", "/", guard.Forbid, guard.ReasonDenied},
		// public
		{[]string{"allow user bob", "public /healthz"}, nobody, "", "/healthz", guard.PublicPass, guard.ReasonPublic},
		{[]string{"allow user bob", "public /healthz"}, plainAlice, "", "/healthz", guard.PublicPass, guard.ReasonPublic},
		{[]string{"allow user bob", "public /healthz"}, plainAlice, "", "/healthz/x", guard.Forbid, guard.ReasonNotAllowed},
		{[]string{"public /healthz"}, nobody, "", "/x/../healthz", guard.NeedLogin, guard.ReasonNobody},
		{[]string{"public /healthz", "deny client_ip 10.0.0.0/8"}, nobody, "10.0.0.1", "/healthz", guard.Forbid, guard.ReasonDenied},
		{[]string{"public /healthz", "allow client_ip 10.0.0.0/8"}, nobody, "11.0.0.1", "/healthz", guard.PublicPass, guard.ReasonPublic},
	} {
		facts := guard.Facts{Session: c.who, Path: guard.ReadPath(c.target), Now: now}
		if c.from != "" {
			facts.ClientIP = netip.MustParseAddr(c.from)
		}
		rules := policy(t, c.policy...)
		if got := rules.Decide(facts); got.Verdict != c.want || got.Reason != c.reason {
			t.Errorf("%q at %s from %q: %v (%s), want %v (%s)\n%s", c.policy, c.target, c.from, got.Verdict, got.Reason, c.want, c.reason, rules.Explain(facts))
		}
	}
}

// PRX-02: what nobody filled in refuses.
func TestZeroValuesRefuse(t *testing.T) {
	if (guard.Decision{}).Verdict != guard.Forbid {
		t.Error("the zero Decision lets pass")
	}
	var r guard.Rules
	if got := r.Decide(guard.Facts{}).Verdict; got != guard.NeedLogin {
		t.Errorf("the zero Rules say %v to nobody", got)
	}
	for _, p := range []guard.Policy{
		{Allow: []guard.Rule{{}}},
		{Deny: []guard.Rule{{}}},
		{Allow: []guard.Rule{{guard.Condition{}}}},
		{Deny: []guard.Rule{rule(t, "mfa")}},
		{Deny: []guard.Rule{rule(t, "user bob", "max_auth_age 1h")}},
		{Deny: []guard.Rule{rule(t, "acr high")}},
		{Public: []string{"x"}},
	} {
		if _, err := guard.NewRules(p); err == nil {
			t.Errorf("%v is accepted", p)
		}
	}
}

// CFG-01
func TestConditionsThatAreRefused(t *testing.T) {
	for line, hint := range map[string]string{
		"grup admins": "there are user, group", "user": "missing", "group": "missing", "mfa yes": "no value", "max_auth_age": "missing", "max_auth_age 1h 2h": "one duration", "max_auth_age x": "not a duration",
		"max_auth_age 0s": "30s or more", "max_auth_age -1h": "30s or more", "max_auth_age 1": "not a duration", "max_auth_age 99999999999999d": "not a duration", "max_auth_age -3d": "not a duration",
		"client_ip x": "neither", "client_ip 10.0.0.0/33": "neither", "client_ip 10.0.0.1/8": "write 10.0.0.0/8", "client_ip ::ffff:10.0.0.0/104": "neither", "group a,b": "comma", "email alice": "domain", "email @example.com": "domain",
		"domain @example.com": "plainly", "domain *.example.com": "plainly", "domain .example.com": "plainly",
	} {
		words := strings.Fields(line)
		if _, err := guard.ParseCondition(words[0], words[1:]...); err == nil || !strings.Contains(err.Error(), hint) {
			t.Errorf("%q: %v, want a hint at %q", line, err, hint)
		}
	}
	if _, err := guard.ParseCondition("user", " alice"); err == nil {
		t.Error("white space around a name is accepted")
	}
}

func TestExplain(t *testing.T) {
	rules := policy(t, "deny user bob", "allow group admins; max_auth_age 15m", "public /healthz /pub/*")
	got := rules.Explain(guard.Facts{Session: plainAlice, Path: guard.ReadPath("/"), Now: now})
	want := `deny user bob: does not hold
public: does not hold
allow { group admins; max_auth_age 15m0s }: does not hold
	group admins: holds
	max_auth_age 15m0s: does not hold
need fresh login: an allow rule demands a newer or stronger login
`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	got = rules.Explain(guard.Facts{Path: guard.ReadPath("/a;b"), Now: now})
	for _, line := range []string{"deny user bob: does not hold\n", "path: ambiguous (path parameter)\n", "\tgroup admins: not known\n", "need login: nobody is signed in\n"} {
		if !strings.Contains(got, line) {
			t.Errorf("%q is missing in\n%s", line, got)
		}
	}
}
