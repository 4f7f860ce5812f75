package grant_test

import (
	"context"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/grant"
	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/store"
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
				token, err := g.NewAccess(t.Context(), access(t, g, a))
				if err != nil {
					t.Fatal(err)
				}
				list[name] = one{begin(t, g, a), token}
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
		wants(t, "its mark", lives(t, g, "f"), fault.NotFound)
		c.pass(grant.MaxAccessLife + 59*time.Second)
		wants(t, "its mark when the last token ends", lives(t, g, "f"), fault.NotFound)
		c.pass(time.Second)
		wants(t, "long after", lives(t, g, "f"), fault.Internal)
	})
}

// One access token ends alone, and what came of it by exchange with it.
func TestRevokeAccess(t *testing.T) {
	onBoth(t, func(t *testing.T, g *grant.Grants, c *clock) {
		a := access(t, g, allowed("spa", "s", "f"))
		a.Binding = grant.Binding{JKT: "k"}
		one, err := g.NewAccess(t.Context(), a)
		if err != nil {
			t.Fatal(err)
		}
		other, _ := g.NewAccess(t.Context(), a)
		got, err := g.Access(t.Context(), one)
		if err != nil || got.Binding != a.Binding || got.Audience[0] != "x" || got.Issued != a.Issued || got.Family != "f" || got.ID == a.ID {
			t.Errorf("%+v, %v", got, err)
		}
		child := access(t, g, allowed("spa", "s", "f"))
		child.Tokens = []string{"somebody's", got.ID}
		wants(t, "what came of it", g.Stands(t.Context(), child), fault.Internal)
		for range 2 {
			if err := g.RevokeAccess(t.Context(), got); err != nil {
				t.Error(err)
			}
		}
		_, err = g.Access(t.Context(), one)
		wants(t, "revoked", err, fault.NotFound)
		wants(t, "what came of it, then", g.Stands(t.Context(), child), fault.NotFound)
		_, err = g.Access(t.Context(), other)
		wants(t, "another", err, fault.Internal)
		c.pass(time.Minute)
		_, err = g.Access(t.Context(), other)
		wants(t, "expired", err, fault.NotFound)
	})
}

// A consent that is taken back takes along codes on their way and every access
// token; the person's end takes those of all clients.
func TestWithdrawn(t *testing.T) {
	for name, end := range map[string]func(*testing.T, *grant.Grants) error{
		"consent": func(t *testing.T, g *grant.Grants) error { return g.EndConsent(t.Context(), "alice", "wiki") },
		"subject": func(t *testing.T, g *grant.Grants) error { return g.EndSubject(t.Context(), "alice") },
	} {
		t.Run(name, func(t *testing.T) {
			onBoth(t, func(t *testing.T, g *grant.Grants, c *clock) {
				withdrawn(t, g, c, name, func() error { return end(t, g) })
			})
		})
	}
}

func withdrawn(t *testing.T, g *grant.Grants, c *clock, name string, end func() error) {
	ctx := t.Context()
	give := func(client string, from time.Time) (give given) {
		give.code, give.err = g.NewCode(ctx, grant.Code{Authorization: allowed(client, "s", "")}, from)
		give.device = client + from.String() + c.Now().String()
		if err := g.AllowDevice(ctx, give.device, allowed(client, "s", ""), from, c.Now().Add(time.Minute)); err != nil || give.err != nil {
			t.Fatal(err, give.err)
		}
		return give
	}
	issued := func(client string, sub identity.Subject, authTime int64) grant.Access {
		a := allowed(client, "s", "f")
		a.Subject, a.AuthTime = sub, authTime
		token := access(t, g, a)
		token.Expires = c.Now().Add(grant.MaxAccessLife).Unix()
		return token
	}
	others := fault.Internal
	if name == "subject" {
		others = fault.NotFound
	}
	decided := c.Now()
	wiki, spa := give("wiki", decided), give("spa", decided)
	before, elsewhere := issued("wiki", "alice", 1), issued("spa", "alice", 1)
	if err := end(); err != nil {
		t.Fatal(err)
	}
	wants(t, "before", g.Stands(ctx, before), fault.NotFound)
	wants(t, "another client", g.Stands(ctx, elsewhere), others)
	wants(t, "another person", g.Stands(ctx, issued("wiki", "bob", 1)), fault.Internal)
	wants(t, "a client's own", g.Stands(ctx, issued("wiki", "alice", 0)), fault.Internal)
	wiki.redeem(t, g, "on its way", fault.NotFound)
	spa.redeem(t, g, "on its way to another client", others)
	_, err := g.NewRefresh(ctx, allowed("wiki", "s", "late"), c.Now(), limits)
	wants(t, "a family that begins a moment late", err, fault.NotFound)
	if list, err := g.List(ctx, "alice"); err != nil || len(list) != 0 {
		t.Errorf("left: %v, %v", list, err)
	}

	c.pass(time.Millisecond) // codes tell apart what access tokens, which count in seconds, do not
	give("wiki", c.Now()).redeem(t, g, "allowed anew", fault.Internal)
	give("wiki", decided).redeem(t, g, "decided before, and made after", fault.NotFound)
	c.pass(time.Second)
	wants(t, "allowed anew", g.Stands(ctx, issued("wiki", "alice", 1)), fault.Internal)
	c.pass(grant.MaxAccessLife)
	before.Expires = c.Now().Unix() + 1
	wants(t, "before, when the last token ends", g.Stands(ctx, before), fault.NotFound)
}

// given is what waits to be redeemed: a code, and what a device was allowed.
type given struct {
	code, device string
	err          error
}

func (give given) redeem(t *testing.T, g *grant.Grants, what string, kind fault.Kind) {
	t.Helper()
	_, err := g.Redeem(t.Context(), give.code)
	wants(t, "a code "+what, err, kind)
	_, err = g.RedeemDevice(t.Context(), give.device)
	wants(t, "a device "+what, err, kind)
}

// slow lets something happen before one write.
type slow struct {
	store.Shorts
	writes int
	before func()
}

func (s *slow) Create(ctx context.Context, item store.Item) error {
	if s.writes--; s.writes == 0 {
		s.before()
	}
	return s.Shorts.Create(ctx, item)
}

// Of two who take back the same thing at once the slower one does not bring to life
// what the other ended.
func TestWithdrawnTwice(t *testing.T) {
	onBoth(t, func(t *testing.T, g *grant.Grants, c *clock) {
		other := &grant.Grants{Shorts: g.Shorts, Records: g.Records, Box: g.Box, Now: g.Now}
		var between grant.Access
		g.Shorts = &slow{Shorts: g.Shorts, writes: 2, before: func() { // its instant is taken
			c.pass(2 * time.Second)
			between = access(t, other, allowed("wiki", "s", "f"))
			c.pass(2 * time.Second)
			wants(t, "the faster one", other.EndConsent(t.Context(), "alice", "wiki"), fault.Internal)
			wants(t, "when the faster one is done", other.Stands(t.Context(), between), fault.NotFound)
		}}
		wants(t, "the slower one", g.EndConsent(t.Context(), "alice", "wiki"), fault.Internal)
		wants(t, "when the slower one is done", other.Stands(t.Context(), between), fault.NotFound)
	})
}
