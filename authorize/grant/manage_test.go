package grant_test

import (
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/grant"
	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/identity"
)

// What ends with a session, a person, a consent.
func TestEndings(t *testing.T) {
	onBoth(t, func(t *testing.T, g *grant.Grants, c *clock) {
		type one struct{ refresh, access string }
		start := func() map[string]one {
			list := map[string]one{}
			for name, a := range map[string]grant.Authorization{
				"tied": allowed("wiki", "s1", ""), "offline": allowed("wiki", "s1", ""), "elsewhere": allowed("spa", "s2", ""), "bob's": allowed("wiki", "s3", ""),
			} {
				a.Offline = name == "offline"
				a.Family = name + c.Now().String()
				if name == "bob's" {
					a.Subject = "bob"
				}
				access, err := g.NewAccess(t.Context(), grant.Access{Authorization: a, Issued: c.Now().Unix()}, c.Now().Add(time.Minute))
				if err != nil {
					t.Fatal(err)
				}
				list[name] = one{begin(t, g, a), access}
			}
			return list
		}
		for _, test := range []struct {
			name string
			end  func() error
			dead []string
		}{
			{"session", func() error { return g.EndSession(t.Context(), "s1") }, []string{"tied"}}, // SES-10
			{"subject", func() error { return g.EndSubject(t.Context(), "alice") }, []string{"tied", "offline", "elsewhere"}},
			{"consent", func() error { return g.EndConsent(t.Context(), "alice", "wiki") }, []string{"tied", "offline"}},
			{"consent once more", func() error { return g.EndConsent(t.Context(), "alice", "wiki") }, []string{"tied", "offline"}},
			{"client", func() error { return g.EndClient(t.Context(), "wiki") }, []string{"tied", "offline", "bob's"}},
			{"nobody's client", func() error { return g.EndClient(t.Context(), "wik") }, nil},
			{"nobody", func() error { return g.EndSubject(t.Context(), "carol") }, nil},
		} {
			list := start()
			if err := test.end(); err != nil {
				t.Fatal(err)
			}
			dead := map[string]bool{}
			for _, name := range test.dead {
				dead[name] = true
			}
			for name, one := range list {
				if _, err := g.Peek(t.Context(), one.refresh); (err == nil) == dead[name] {
					t.Errorf("%s: refresh token %s: %v", test.name, name, err)
				}
				_, err := g.Access(t.Context(), one.access)
				if (err == nil) == dead[name] {
					t.Errorf("%s: access token %s: %v", test.name, name, err)
				}
			}
			for _, sub := range []identity.Subject{"alice", "bob"} {
				if err := g.EndSubject(t.Context(), sub); err != nil {
					t.Fatal(err)
				}
			}
			c.pass(time.Second)
		}
	})
}

// What a person sees of it.
func TestList(t *testing.T) {
	onBoth(t, func(t *testing.T, g *grant.Grants, c *clock) {
		began := c.Now()
		token := begin(t, g, allowed("wiki", "s", "one"))
		c.pass(10 * time.Minute)
		begin(t, g, allowed("spa", "s", "two"))
		if _, err := g.Refresh(t.Context(), token, use("wiki", false)); err != nil {
			t.Fatal(err)
		}
		list, err := g.List(t.Context(), "alice")
		if err != nil || len(list) != 2 || list[0].Client != "wiki" || list[1].Client != "spa" {
			t.Fatalf("%+v, %v", list, err)
		}
		if one := list[0]; !one.Began.Equal(began) || !one.Used.Equal(c.Now()) || !one.Expires.Equal(c.Now().Add(limits.Idle)) {
			t.Errorf("%+v", one)
		}
		c.pass(limits.Idle)
		if list, _ := g.List(t.Context(), "alice"); len(list) != 0 {
			t.Errorf("over, and listed: %+v", list)
		}
	})
}

// A client takes back its own tokens only (OAU-33), and looking changes nothing.
func TestRevokeAndPeek(t *testing.T) {
	onBoth(t, func(t *testing.T, g *grant.Grants, c *clock) {
		first := begin(t, g, allowed("spa", "s", "f"))
		r, err := g.Refresh(t.Context(), first, use("spa", true))
		if err != nil {
			t.Fatal(err)
		}
		_, err = g.Peek(t.Context(), first)
		wants(t, "a replaced token", err, fault.NotFound)
		got, err := g.Peek(t.Context(), r.Token)
		if err != nil || got.Client != "spa" {
			t.Errorf("%+v, %v", got, err)
		}
		if found, err := g.RevokeRefresh(t.Context(), r.Token, "wiki"); found || err != nil {
			t.Errorf("a stranger: %v, %v", found, err)
		}
		wants(t, "after the stranger", peek(t, g, r.Token), fault.Internal)
		if found, err := g.RevokeRefresh(t.Context(), first, "spa"); !found || err != nil {
			t.Errorf("by a replaced token: %v, %v", found, err)
		}
		wants(t, "revoked", peek(t, g, r.Token), fault.NotFound)
		wants(t, "its mark", g.Alive(t.Context(), "f"), fault.NotFound)
		c.pass(grant.MaxAccessLife + 59*time.Second)
		wants(t, "its mark when the last JWT ends", g.Alive(t.Context(), "f"), fault.NotFound)
		c.pass(time.Second)
		wants(t, "long after", g.Alive(t.Context(), "f", "", "other"), fault.Internal)
	})
}

// One access token ends alone, by its text or by its id.
func TestRevokeAccess(t *testing.T) {
	onBoth(t, func(t *testing.T, g *grant.Grants, c *clock) {
		a := grant.Access{Authorization: allowed("spa", "s", "f"), Audience: []string{"x"}, Issued: 5, Expires: c.Now().Add(time.Minute).Unix()}
		a.Binding = grant.Binding{JKT: "k"}
		one, err := g.NewAccess(t.Context(), a, c.Now().Add(time.Minute))
		if err != nil {
			t.Fatal(err)
		}
		other, _ := g.NewAccess(t.Context(), a, c.Now().Add(time.Minute))
		got, err := g.Access(t.Context(), one)
		if err != nil || got.Binding != a.Binding || got.Audience[0] != "x" || got.Issued != 5 || got.Family != "f" {
			t.Errorf("%+v, %v", got, err)
		}
		for range 2 {
			if err := g.RevokeAccess(t.Context(), one, got); err != nil {
				t.Error(err)
			}
		}
		_, err = g.Access(t.Context(), one)
		wants(t, "revoked", err, fault.NotFound)
		_, err = g.Access(t.Context(), other)
		wants(t, "another", err, fault.Internal)
		a.ID = "jti"
		if err := g.RevokeAccess(t.Context(), "the.whole.jwt", a); err != nil {
			t.Error(err)
		}
		wants(t, "a JWT", g.Alive(t.Context(), "jti", "f"), fault.NotFound)
	})
}

// A consent that is taken back takes along what has no family to be found by:
// codes on their way, and access tokens that are JWTs.
func TestWithdrawn(t *testing.T) {
	onBoth(t, func(t *testing.T, g *grant.Grants, c *clock) {
		code, err := g.NewCode(t.Context(), grant.Code{Authorization: allowed("wiki", "s", "")})
		if err != nil {
			t.Fatal(err)
		}
		others := allowed("spa", "s", "")
		elsewhere, err := g.NewCode(t.Context(), grant.Code{Authorization: others})
		if err != nil {
			t.Fatal(err)
		}
		issued := func(client string, sub identity.Subject, authTime int64) grant.Access {
			a := grant.Access{Authorization: allowed(client, "s", "f"), ID: "jti", Issued: c.Now().Unix()}
			a.Subject, a.AuthTime = sub, authTime
			return a
		}
		before := issued("wiki", "alice", 1)
		if err := g.EndConsent(t.Context(), "alice", "wiki"); err != nil {
			t.Fatal(err)
		}
		wants(t, "before", g.Stands(t.Context(), before), fault.NotFound)
		wants(t, "another client", g.Stands(t.Context(), issued("spa", "alice", 1)), fault.Internal)
		wants(t, "another person", g.Stands(t.Context(), issued("wiki", "bob", 1)), fault.Internal)
		wants(t, "a client's own", g.Stands(t.Context(), issued("wiki", "alice", 0)), fault.Internal)
		_, err = g.Redeem(t.Context(), code, "wiki")
		wants(t, "a code on its way", err, fault.NotFound)
		if _, err := g.Redeem(t.Context(), elsewhere, "spa"); err != nil {
			t.Errorf("a code on its way to another client: %v", err)
		}
		c.pass(time.Second)
		wants(t, "allowed anew", g.Stands(t.Context(), issued("wiki", "alice", 1)), fault.Internal)
		c.pass(grant.MaxAccessLife)
		wants(t, "before, when the last JWT ends", g.Stands(t.Context(), before), fault.NotFound)
	})
}
