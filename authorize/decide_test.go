package authorize_test

import (
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize"
	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/identity"
)

// TestDecide is the table of rules 1 to 17. Every row is judged for a login
// before the request was first seen, and for one after it.
func TestDecide(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	seen := now.Add(-10 * time.Minute)
	stale, fresh := now.Add(-20*time.Minute), now.Add(-5*time.Minute)
	age := func(d time.Duration) *time.Duration { return &d }
	no := false
	login, issue := authorize.Outcome(authorize.SendToLogin{}), authorize.Outcome(authorize.Issue{})
	type (
		request = authorize.Request
	)
	cases := []struct {
		name         string
		q            request
		denied       bool
		sent         int
		use          client.Verdict
		stale, fresh any // an outcome, or the code of a refusal
	}{
		{name: "nothing special", stale: issue, fresh: issue},
		{name: "1 denied", denied: true, stale: "access_denied", fresh: "access_denied"},
		{name: "1 before 3", q: request{Login: true}, denied: true, stale: "access_denied", fresh: "access_denied"},
		{name: "3 prompt=login", q: request{Login: true}, stale: login, fresh: issue},             // OAU-18, MFA-10
		{name: "3 max_age=0", q: request{MaxAge: age(0)}, stale: login, fresh: issue},             // OAU-18
		{name: "5 this subject", q: request{Subjects: subs("alice")}, stale: issue, fresh: issue}, // OAU-24
		{name: "5 of several", q: request{Subjects: subs("bob", "alice")}, stale: issue, fresh: issue},
		{name: "5 other subject", q: request{Subjects: subs("bob")}, stale: login, fresh: "login_required"},                              // OAU-24
		{name: "5 other subject, none", q: request{None: true, Subjects: subs("bob")}, stale: "login_required", fresh: "login_required"}, // OAU-24
		{name: "6 tenant", q: request{Tenant: "blue"}, stale: issue, fresh: issue},
		{name: "6 other tenant", q: request{Tenant: "red"}, stale: login, fresh: "unmet_authentication_requirements"},
		{name: "7 idp", q: request{IDP: "work"}, stale: issue, fresh: issue},
		{name: "7 other idp", q: request{IDP: "home"}, stale: login, fresh: "unmet_authentication_requirements"},
		{name: "7 local", q: request{IDP: "local"}, stale: login, fresh: "unmet_authentication_requirements"},
		{name: "8 this acr", q: request{EssentialACR: []string{"high", "low"}}, stale: issue, fresh: issue},
		{name: "8 other acr", q: request{EssentialACR: []string{"high"}}, stale: login, fresh: "unmet_authentication_requirements"},
		{name: "8 other acr, none", q: request{None: true, EssentialACR: []string{"high"}}, stale: "login_required", fresh: "unmet_authentication_requirements"},
		{name: "8 other acr, fifth time", q: request{EssentialACR: []string{"high"}}, sent: 4, stale: "unmet_authentication_requirements", fresh: "unmet_authentication_requirements"}, // MFA-10
		{name: "8 only wished", q: request{ACRValues: []string{"high"}}, stale: issue, fresh: issue},
		{name: "9 young enough", q: request{MaxAge: age(20 * time.Minute)}, stale: issue, fresh: issue},
		{name: "9 one second too old", q: request{MaxAge: age(20*time.Minute - time.Second)}, stale: login, fresh: issue}, // OAU-18
		{name: "9 fresh, older than max_age", q: request{MaxAge: age(time.Second)}, stale: login, fresh: issue},
		{name: "10 provider taken", q: request{Client: &client.Client{Providers: []string{"work"}}}, stale: issue, fresh: issue},
		{name: "10 provider not taken", q: request{Client: &client.Client{Providers: []string{"home"}}}, stale: login, fresh: "access_denied"},
		{name: "10 local off does not matter", q: request{Client: &client.Client{Local: &no}}, stale: issue, fresh: issue},
		{name: "11 young enough", q: request{Client: &client.Client{UserSSOLifetime: 20 * time.Minute}}, stale: issue, fresh: issue},
		{name: "11 too old", q: request{Client: &client.Client{UserSSOLifetime: 19 * time.Minute}}, stale: login, fresh: issue},
		{name: "12 a newer login", q: request{Client: restricted()}, use: client.NeedsLogin, stale: login, fresh: login},
		{name: "12 a newer login, fifth time", q: request{Client: restricted()}, use: client.NeedsLogin, sent: 4, stale: "login_required", fresh: "login_required"},
		{name: "13 refused", q: request{Client: restricted()}, stale: "access_denied", fresh: "access_denied"}, // the zero verdict
		{name: "13 refused, consent", q: request{Consent: true, Client: restricted()}, stale: "access_denied", fresh: "access_denied"},
		{name: "13 refused, none", q: request{None: true, Client: restricted()}, stale: "access_denied", fresh: "access_denied"},
		{name: "13 after 3", q: request{Login: true, Client: restricted()}, stale: login, fresh: "access_denied"},
		{name: "11 admitted", q: request{Client: restricted()}, use: client.Admitted, stale: issue, fresh: issue},
		{name: "11 no rules", use: client.Refused, stale: issue, fresh: issue},
		{name: "15 for 12", q: request{None: true, Client: restricted()}, use: client.NeedsLogin, stale: "login_required", fresh: "login_required"},
		{name: "15 nothing to do", q: request{None: true}, stale: issue, fresh: issue}, // OAU-17
		{name: "15 for 6", q: request{None: true, Tenant: "red"}, stale: "login_required", fresh: "unmet_authentication_requirements"},
		{name: "15 for 7", q: request{None: true, IDP: "home"}, stale: "login_required", fresh: "unmet_authentication_requirements"},
		{name: "15 for 9", q: request{None: true, MaxAge: age(time.Minute)}, stale: "login_required", fresh: issue},
		{name: "15 for 10", q: request{None: true, Client: &client.Client{Providers: []string{"home"}}}, stale: "login_required", fresh: "access_denied"},
		{name: "15 for 11", q: request{None: true, Client: &client.Client{UserSSOLifetime: time.Minute}}, stale: "login_required", fresh: issue},
		{name: "loop, fourth time", q: request{Login: true}, sent: 3, stale: login, fresh: issue},
		{name: "loop, fifth time", q: request{Login: true}, sent: 4, stale: "login_required", fresh: issue},
		{name: "loop, but all is well", sent: 9, stale: issue, fresh: issue},
	}
	for _, c := range cases {
		if c.q.Client == nil {
			c.q.Client = &client.Client{}
		}
		c.q.Client.FirstParty = true // rule 14 has a table of its own
		facts := authorize.Facts{Now: now, FirstSeen: seen, Sent: c.sent, Denied: c.denied, Use: c.use}
		// 3: nobody there. Only a denial, and prompt=none, are answered at once.
		want := any(login)
		if c.denied {
			want = "access_denied"
		} else if c.q.None {
			want = "login_required" // OAU-17
		}
		check(t, c.name+", anonymous", authorize.Decide(&c.q, facts), want)
		for at, want := range map[time.Time]any{stale: c.stale, fresh: c.fresh} {
			facts.Subject = "alice"
			facts.Session = &identity.Session{
				User:  &identity.User{Subject: "alice", Claims: map[string]string{"tenant": "blue"}},
				Login: identity.Login{IDP: "work", At: at, ACR: "low"},
			}
			check(t, c.name, authorize.Decide(&c.q, facts), want)
		}
	}
}

// restricted is a client that is not for everybody.
func restricted() *client.Client {
	return &client.Client{Allow: []client.Rule{{{"group", "staff"}}}}
}

// The boundary: a login at the very instant of the first sight is not fresh. A
// provider's auth_time is in whole seconds, and its second counts.
func TestDecideAtTheBoundary(t *testing.T) {
	first := time.Date(2026, 3, 1, 12, 0, 0, 500_000_000, time.UTC)
	q := &authorize.Request{Client: &client.Client{FirstParty: true}, Login: true}
	for _, c := range []struct {
		idp  string
		d    time.Duration
		want any
	}{
		{"local", -time.Nanosecond, authorize.SendToLogin{}},
		{"local", 0, authorize.SendToLogin{}},
		{"local", -500 * time.Millisecond, authorize.SendToLogin{}},
		{"local", time.Nanosecond, authorize.Issue{}},
		{"work", -500 * time.Millisecond, authorize.Issue{}},
		{"work", -1500 * time.Millisecond, authorize.SendToLogin{}},
		{"work", -400 * time.Millisecond, authorize.SendToLogin{}}, // our clock's word, not the provider's
		{"work", 500 * time.Millisecond, authorize.Issue{}},
	} {
		who := &identity.Session{User: &identity.User{}, Login: identity.Login{IDP: c.idp, At: first.Add(c.d)}}
		check(t, c.idp+" "+c.d.String(), authorize.Decide(q, authorize.Facts{Session: who, Now: first.Add(time.Second), FirstSeen: first}), c.want)
	}
}

// Rule 10 for local accounts, and the login's tenant over the account's.
func TestDecideLocal(t *testing.T) {
	now, no := time.Now(), false
	who := &identity.Session{
		User:  &identity.User{Claims: map[string]string{"tenant": "blue"}},
		Login: identity.Login{IDP: "local", At: now.Add(-time.Hour), Claims: map[string]string{"tenant": "red"}},
	}
	facts := authorize.Facts{Session: who, Now: now, FirstSeen: now}
	check(t, "local off", authorize.Decide(&authorize.Request{Client: &client.Client{Local: &no}}, facts), authorize.SendToLogin{})
	check(t, "restricted to providers, local on", authorize.Decide(&authorize.Request{Client: &client.Client{FirstParty: true, Providers: []string{"work"}}}, facts), authorize.Issue{})
	check(t, "tenant of the login", authorize.Decide(&authorize.Request{Client: &client.Client{FirstParty: true}, Tenant: "red"}, facts), authorize.Issue{})
	check(t, "no user", authorize.Decide(&authorize.Request{Client: &client.Client{}}, authorize.Facts{Session: &identity.Session{}, Now: now}), authorize.SendToLogin{})
}

// Where it can't be told what a client calls a person, no sub that it asks for
// is theirs: least of all the account's own, which a pairwise client must not
// learn by trying (OpenID Connect Core, section 8.1; OAU-24).
func TestDecideWithoutSubject(t *testing.T) {
	now := time.Now()
	who := &identity.Session{User: &identity.User{Subject: "alice"}, Login: identity.Login{IDP: "local", At: now.Add(-time.Hour)}}
	facts := authorize.Facts{Session: who, Now: now, FirstSeen: now}
	for _, asked := range []identity.Subject{"alice", "bob", ""} {
		q := &authorize.Request{Client: &client.Client{FirstParty: true, SubjectType: "pairwise"}, Subjects: subs(asked)}
		check(t, "asked for "+string(asked), authorize.Decide(q, facts), authorize.SendToLogin{})
	}
}

func check(t *testing.T, name string, got authorize.Outcome, want any) {
	t.Helper()
	if no, ok := got.(authorize.Refuse); ok {
		if no.Code != want {
			t.Errorf("%s: refused with %s, want %v", name, no.Code, want)
		}
		return
	}
	if got != want {
		t.Errorf("%s: %T, want %v", name, got, want)
	}
}

func subs(names ...identity.Subject) []identity.Subject { return names }
