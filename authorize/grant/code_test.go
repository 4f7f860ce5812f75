package grant_test

import (
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/grant"
	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/store/memory"
)

// A code is what it stands for, and still says nothing; too long a one is kept.
// In either form it is redeemed once (OAU-06), is never equal to another (OAU-03),
// and after its minute worth nothing.
func TestCode(t *testing.T) {
	onBoth(t, func(t *testing.T, g *grant.Grants, c *clock) {
		for name, nonce := range map[string]string{"short": "n", "typical": strings.Repeat("n", 43), "long": strings.Repeat("long", 400)} {
			want := grant.Code{Authorization: allowed("wiki", "s", ""), Redirect: "hash", Challenge: "challenge", Nonce: nonce}
			seen := map[string]bool{}
			for range 20 {
				code := newCode(t, g, want)
				if seen[code] || len(code) < 43 || len(code) > 2048 || strings.ContainsAny(code, "+/=. ") {
					t.Fatalf("%s: %d characters: %s", name, len(code), code)
				}
				seen[code] = true
			}
			code := newCode(t, g, want)
			got, err := g.Redeem(t.Context(), code)
			if err != nil || got.Nonce != nonce || got.Redirect != "hash" || got.Challenge != "challenge" || got.Client != "wiki" || got.Family == "" || !got.Redeemed.Equal(c.Now()) {
				t.Errorf("%s: %+v, %v", name, got, err)
			}
			late := newCode(t, g, want)
			c.pass(grant.CodeLife)
			_, err = g.Redeem(t.Context(), late)
			wants(t, name+" expired", err, fault.NotFound)

			// Its replay, though it would have expired, ends what came of it (OAU-07).
			token, err := g.NewAccess(t.Context(), access(t, g, got.Authorization))
			if err != nil {
				t.Fatal(err)
			}
			_, err = g.Access(t.Context(), token)
			wants(t, name+" before the replay", err, fault.Internal)
			_, err = g.Redeem(t.Context(), code)
			wants(t, name+" replayed", err, fault.Spent)
			_, err = g.Access(t.Context(), token)
			wants(t, name+" after the replay", err, fault.NotFound)
			c.pass(grant.MaxAccessLife)
			_, err = g.Redeem(t.Context(), code)
			wants(t, name+" long after", err, fault.NotFound)
		}
	})
}

func newCode(t *testing.T, g *grant.Grants, c grant.Code) string {
	t.Helper()
	code, err := g.NewCode(t.Context(), c, g.Now())
	if err != nil {
		t.Fatal(err)
	}
	return code
}

// Of 64 who come with a code at once one gets what it stands for, in whatever form
// the code is (OAU-08), and then its family is dead.
func TestOneRedeems(t *testing.T) {
	onBoth(t, func(t *testing.T, g *grant.Grants, _ *clock) {
		for _, nonce := range []string{"", strings.Repeat("long", 400)} {
			code := newCode(t, g, grant.Code{Authorization: allowed("wiki", "s", ""), Nonce: nonce})
			var won atomic.Pointer[grant.Code]
			var all sync.WaitGroup
			for range 64 {
				all.Go(func() {
					c, err := g.Redeem(t.Context(), code)
					switch {
					case err == nil && !won.CompareAndSwap(nil, &c):
						t.Error("a second winner")
					case err != nil:
						wants(t, "loser", err, fault.Spent)
					}
				})
			}
			all.Wait()
			if c := won.Load(); c == nil {
				t.Error("no winner")
			} else {
				wants(t, "the winner's family", lives(t, g, c.Family), fault.NotFound)
			}
			_, err := g.Redeem(t.Context(), code)
			wants(t, "after all", err, fault.Spent)
		}
	})
}

// What was sealed opens as what it is, to the last bit, and nowhere else: not in
// another store, where the marks are not.
func TestSealed(t *testing.T) {
	onBoth(t, func(t *testing.T, g *grant.Grants, c *clock) {
		ctx := t.Context()
		code := newCode(t, g, grant.Code{Authorization: allowed("wiki", "s", "")})
		token, err := g.NewAccess(ctx, access(t, g, allowed("wiki", "s", "f")))
		if err != nil {
			t.Fatal(err)
		}
		unknown := func(what string, g *grant.Grants, code, token string) {
			t.Helper()
			_, err := g.Redeem(ctx, code)
			wants(t, what+": the code", err, fault.NotFound)
			_, err = g.Access(ctx, token)
			wants(t, what+": the token", err, fault.NotFound)
		}
		unknown("each for the other", g, token, code)
		unknown("changed", g, code[:30]+"AAAA"+code[34:], token[:30]+"AAAA"+token[34:])
		unknown("cut", g, code[:len(code)-1], token[1:])
		unknown("nothing", g, "", "")

		fresh := &grant.Grants{Shorts: memory.NewShorts(memory.Options{Now: c.Now}), Box: g.Box, Now: c.Now}
		unknown("another store", fresh, code, token)
		jwt := access(t, g, allowed("wiki", "s", "f"))
		wants(t, "a JWT", g.Stands(ctx, jwt), fault.Internal)
		wants(t, "a JWT in another store", fresh.Stands(ctx, jwt), fault.NotFound)
		jwt.Epoch = ""
		wants(t, "a JWT of no store", g.Stands(ctx, jwt), fault.NotFound)

		// Another process, or the next one, goes on in the same store.
		c.pass(time.Second)
		next := &grant.Grants{Shorts: g.Shorts, Records: g.Records, Box: g.Box, Now: c.Now}
		if _, err := next.Access(ctx, token); err != nil {
			t.Error(err)
		}
		if _, err := next.Redeem(ctx, code); err != nil {
			t.Error(err)
		}
		_, err = g.Redeem(ctx, code)
		wants(t, "redeemed in the other process", err, fault.Spent)
	})
}

// Without an epoch nothing is given out, and nothing is right (PRX-02).
func TestNoEpoch(t *testing.T) {
	shorts := memory.NewShorts(memory.Options{})
	g := &grant.Grants{Shorts: shorts, Box: box(t)}
	token, err := g.NewAccess(t.Context(), grant.Access{})
	if err != nil {
		t.Fatal(err)
	}
	shorts.Close()
	g = &grant.Grants{Shorts: shorts, Box: box(t)}
	_, err = g.NewCode(t.Context(), grant.Code{}, time.Now())
	wants(t, "NewCode", err, fault.Unavailable)
	_, err = g.NewAccess(t.Context(), grant.Access{})
	wants(t, "NewAccess", err, fault.Unavailable)
	_, err = g.Redeem(t.Context(), token)
	wants(t, "Redeem", err, fault.Unavailable)
	_, err = g.Access(t.Context(), token)
	wants(t, "Access", err, fault.Unavailable)
	wants(t, "Stands", g.Stands(t.Context(), grant.Access{ID: "x"}), fault.Unavailable)
}
