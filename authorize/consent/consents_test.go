package consent_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/consent"
	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/store"
)

const year = 365 * 24 * time.Hour

// TestCovered is the rule of what a remembered consent allows.
func TestCovered(t *testing.T) {
	onBoth(t, func(t *testing.T, c *consent.Consents, _ *clock) {
		for _, kept := range []consent.Terms{
			terms(scopes("openid", "email"), "https://a.example"),
			terms(scopes("openid", "groups"), "https://b.example"),
		} {
			if err := c.Keep(t.Context(), "alice", kept, year); err != nil {
				t.Fatal(err)
			}
		}
		other := terms(scopes("openid"))
		other.Client = "other"
		for _, k := range []struct {
			name   string
			sub    string
			wanted consent.Terms
			want   bool
		}{
			{"the same", "alice", terms(scopes("openid", "email"), "https://a.example"), true},
			{"another order", "alice", terms(scopes("email", "openid"), "https://a.example"), true},
			{"doubled", "alice", terms(scopes("openid", "openid")), true},
			{"fewer scopes", "alice", terms(scopes("openid"), "https://a.example"), true},
			{"no resource", "alice", terms(scopes("openid", "groups")), true},
			{"one more scope", "alice", terms(scopes("openid", "profile"), "https://a.example"), false},
			{"one more resource", "alice", terms(scopes("openid"), "https://a.example", "https://b.example"), false},
			{"scope of one, resource of the other", "alice", terms(scopes("email"), "https://b.example"), false},
			{"scopes of both", "alice", terms(scopes("email", "groups")), false},
			{"another case", "alice", terms(scopes("OpenID")), false},
			{"another client", "alice", other, false},
			{"somebody else", "bob", terms(scopes("openid")), false},
		} {
			got, err := c.Covered(t.Context(), identity.Subject(k.sub), k.wanted, year)
			if err != nil || got != k.want {
				t.Errorf("%s: %v, %v", k.name, got, err)
			}
		}
	})
}

// A consent ends at its time, and earlier where the client's was shortened; a
// longer one does not revive it (OAU-38).
func TestAbsoluteExpiry(t *testing.T) {
	onBoth(t, func(t *testing.T, c *consent.Consents, clock *clock) {
		x := terms(scopes("openid"))
		if err := c.Keep(t.Context(), "alice", x, 30*24*time.Hour); err != nil {
			t.Fatal(err)
		}
		for _, k := range []struct {
			pass, life time.Duration
			want       bool
		}{
			{0, year, true},
			{24*time.Hour - 1, 24 * time.Hour, true},
			{1, 24 * time.Hour, false},
			{0, 30 * 24 * time.Hour, true},
			{29*24*time.Hour - time.Millisecond, year, true},
			{time.Millisecond, year, false},
		} {
			clock.pass(k.pass)
			if got, err := c.Covered(t.Context(), "alice", x, k.life); err != nil || got != k.want {
				t.Errorf("%s %v: %v, %v", clock.Now(), k.life, got, err)
			}
		}
		if list, err := c.List(t.Context(), "alice"); err != nil || len(list) != 0 {
			t.Errorf("%v, %v", list, err)
		}
	})
}

// What a new answer covers of old ones is replaced, there is a bound to what is
// kept, and what is over is swept away.
func TestKeepTidies(t *testing.T) {
	onBoth(t, func(t *testing.T, c *consent.Consents, clock *clock) {
		keep := func(sub identity.Subject, x consent.Terms) {
			t.Helper()
			clock.pass(time.Second)
			if err := c.Keep(t.Context(), sub, x, year); err != nil {
				t.Fatal(err)
			}
		}
		rows := func() (n int) {
			t.Helper()
			err := c.Records.View(t.Context(), func(tx store.Tx) error {
				return tx.QueryRow(`SELECT count(*) FROM consents`).Scan(&n)
			})
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		keep("alice", terms(scopes("openid")))
		keep("alice", terms(scopes("openid", "email")))
		keep("alice", terms(scopes("email", "openid")))
		list, err := c.List(t.Context(), "alice")
		if err != nil || len(list) != 1 || !list[0].Granted.Equal(clock.Now()) || list[0].Expires.Sub(list[0].Granted) != year {
			t.Fatalf("%+v, %v", list, err)
		}
		for i := range 30 {
			keep("bob", terms(scopes(fmt.Sprintf("s%d", i))))
		}
		if n := rows(); n != 21 {
			t.Errorf("%d rows", n)
		}
		first, _ := c.Covered(t.Context(), "bob", terms(scopes("s10")), year)
		if before, _ := c.Covered(t.Context(), "bob", terms(scopes("s9")), year); before || !first {
			t.Error("not the oldest went")
		}
		clock.pass(year)
		keep("carol", terms(nil))
		if n := rows(); n != 1 {
			t.Errorf("%d rows after all is over", n)
		}
	})
}

// Forgetting is about one client, and the end of an account about all.
func TestForget(t *testing.T) {
	onBoth(t, func(t *testing.T, c *consent.Consents, _ *clock) {
		wiki, other := terms(scopes("openid")), consent.Terms{Client: "other", Scopes: scopes("openid")}
		for _, sub := range []identity.Subject{"alice", "bob"} {
			for _, x := range []consent.Terms{wiki, other} {
				if err := c.Keep(t.Context(), sub, x, year); err != nil {
					t.Fatal(err)
				}
				if err := c.Allow(t.Context(), consent.Ask{Terms: x, Request: "r", Subject: sub, SID: "s"}); err != nil {
					t.Fatal(err)
				}
			}
		}
		state := func() (out string) {
			for _, sub := range []identity.Subject{"alice", "bob"} {
				for _, x := range []consent.Terms{wiki, other} {
					covered, err := c.Covered(t.Context(), sub, x, year)
					allowed, err2 := c.Allowed(t.Context(), consent.Ask{Terms: x, Request: "r", Subject: sub, SID: "s"})
					if err != nil || err2 != nil || covered != allowed {
						t.Errorf("%s %s: %v %v, %v %v", sub, x.Client, covered, err, allowed, err2)
					}
					if covered {
						out += string(sub) + "-" + x.Client + " "
					}
				}
			}
			return out
		}
		if err := c.Forget(t.Context(), "alice", "wiki"); err != nil || state() != "alice-other bob-wiki bob-other " {
			t.Errorf("%v, %s", err, state())
		}
		if err := c.EndSubject(t.Context(), "bob"); err != nil || state() != "alice-other " {
			t.Errorf("%v, %s", err, state())
		}
	})
}

// A client that is deleted takes along what was allowed to it (OAU-41).
func TestEndClient(t *testing.T) {
	onBoth(t, func(t *testing.T, c *consent.Consents, _ *clock) {
		wiki, other := terms(scopes("openid")), consent.Terms{Client: "other", Scopes: scopes("openid")}
		for _, x := range []consent.Terms{wiki, other} {
			if err := c.Keep(t.Context(), "alice", x, year); err != nil {
				t.Fatal(err)
			}
		}
		if err := c.EndClient(t.Context(), "wiki"); err != nil {
			t.Fatal(err)
		}
		for _, x := range []consent.Terms{wiki, other} {
			if covered, err := c.Covered(t.Context(), "alice", x, year); err != nil || covered != (x.Client == "other") {
				t.Errorf("%s: %v, %v", x.Client, covered, err)
			}
		}
	})
}

// An answer is bound to all that is in it, and used once.
func TestAnswer(t *testing.T) {
	onBoth(t, func(t *testing.T, c *consent.Consents, clock *clock) {
		a := consent.Ask{Terms: terms(scopes("openid", "email"), "https://a.example"), Request: "r", Subject: "alice", SID: "s"}
		if err := c.Allow(t.Context(), a); err != nil {
			t.Fatal(err)
		}
		if err := c.Allow(t.Context(), a); err != nil { // a double click
			t.Fatal(err)
		}
		for name, change := range map[string]func(*consent.Ask){
			"request": func(a *consent.Ask) { a.Request = "R" }, "subject": func(a *consent.Ask) { a.Subject = "bob" },
			"session": func(a *consent.Ask) { a.SID = "t" }, "client": func(a *consent.Ask) { a.Client = "other" },
			"more": func(a *consent.Ask) { a.Scopes = scopes("openid", "email", "groups") }, "less": func(a *consent.Ask) { a.Scopes = scopes("openid") },
			"resource": func(a *consent.Ask) { a.Resources = nil }, "moved": func(a *consent.Ask) { a.Scopes, a.Resources = scopes("email"), scopes("https://a.example", "openid") },
		} {
			other := a
			change(&other)
			if got, err := c.Allowed(t.Context(), other); got || err != nil {
				t.Errorf("%s: %v, %v", name, got, err)
			}
			if got, err := c.Take(t.Context(), other); got || err != nil {
				t.Errorf("%s: %v, %v", name, got, err)
			}
		}
		ordered := a
		ordered.Scopes = scopes("email", "openid")
		for i, want := range []bool{true, false, false} {
			if got, err := c.Take(t.Context(), ordered); got != want || err != nil {
				t.Errorf("take %d: %v, %v", i, got, err)
			}
		}
		if err := c.Allow(t.Context(), a); err != nil { // said once more
			t.Fatal(err)
		}
		clock.pass(10 * time.Minute)
		if got, err := c.Allowed(t.Context(), a); got || err != nil {
			t.Errorf("%v, %v", got, err)
		}
	})
}
