package grant_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/grant"
	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/internal/secret"
	"github.com/gatehouse-auth/gatehouse/store"
)

// 64 parallel uses of one token, then of a token and of the one before it: at
// most one branch lives (OAU-31).
func TestParallel(t *testing.T) {
	onBoth(t, func(t *testing.T, g *grant.Grants, _ *clock) {
		first := begin(t, g, allowed("spa", "s", "f"))
		next := parallel(t, g, func(int) string { return first })
		if len(next) != 1 {
			t.Fatalf("%d successors of one token", len(next))
		}
		var second string
		for token := range next {
			second = token
		}
		wants(t, "the one successor", peek(t, g, second), fault.Internal)

		// Half of them bring the token, half the one before: whoever of the
		// latter comes after the first of the former is a thief.
		next = parallel(t, g, func(n int) string { return []string{first, second}[n%2] })
		living := 0
		for token := range next {
			if lives(t, g, "f") == nil && peek(t, g, token) == nil {
				living++
			}
		}
		if living > 1 {
			t.Errorf("%d living branches", living)
		}
	})
}

func peek(t *testing.T, g *grant.Grants, token string) error {
	_, err := g.Peek(t.Context(), token)
	return err
}

// parallel uses tokens 64 times at once and gives what was handed out.
func parallel(t *testing.T, g *grant.Grants, token func(int) string) map[string]bool {
	t.Helper()
	var wait sync.WaitGroup
	var mu sync.Mutex
	out, start := map[string]bool{}, make(chan struct{})
	for n := range 64 {
		wait.Go(func() {
			<-start
			r, err := g.Refresh(t.Context(), token(n), use("spa", true))
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				out[r.Token] = true
			} else if !fault.Is(err, fault.Spent) && !fault.Is(err, fault.NotFound) {
				t.Errorf("a loser: %v", err)
			}
		})
	}
	close(start)
	wait.Wait()
	return out
}

// A replay in parallel with the redemption of the code: whatever the order, no
// refresh token of the family is left (OAU-07).
func TestReplayBesideNewFamily(t *testing.T) {
	onBoth(t, func(t *testing.T, g *grant.Grants, _ *clock) {
		for range 8 {
			code, err := g.NewCode(t.Context(), grant.Code{Authorization: allowed("wiki", "s", "")}, g.Now())
			if err != nil {
				t.Fatal(err)
			}
			var wait sync.WaitGroup
			got := make(chan string, 2)
			for range 2 {
				wait.Go(func() {
					c, err := g.Redeem(t.Context(), code)
					if err != nil {
						wants(t, "loser", err, fault.Spent)
						return
					}
					token, err := g.NewRefresh(t.Context(), c.Authorization, c.Redeemed, limits)
					if err == nil {
						got <- token
					} else {
						wants(t, "winner", err, fault.NotFound)
					}
				})
			}
			wait.Wait()
			close(got)
			for token := range got {
				_, err := g.Refresh(t.Context(), token, use("wiki", false))
				wants(t, "after the replay", err, fault.NotFound)
			}
		}
		if list, err := g.List(t.Context(), "alice"); err != nil || len(list) != 0 {
			t.Errorf("left: %v, %v", list, err)
		}
	})
}

// The check comes before anything changes, and its error comes back as it is.
func TestCheck(t *testing.T) {
	onBoth(t, func(t *testing.T, g *grant.Grants, c *clock) {
		token, no := begin(t, g, allowed("spa", "s", "f")), errors.New("no")
		u := use("spa", true)
		u.Check = func(a grant.Authorization) error {
			if a.Client != "spa" || a.Subject != "alice" || a.SID != "s" || a.Family != "f" || a.AuthTime != 1 {
				t.Errorf("asked about %+v", a)
			}
			return no
		}
		if _, err := g.Refresh(t.Context(), token, u); err != no {
			t.Errorf("%v", err)
		}
		c.pass(time.Minute)
		r, err := g.Refresh(t.Context(), token, use("spa", true))
		if err != nil || r.From != c.Now() {
			t.Errorf("%+v, %v", r, err)
		}
		// A family that ends while the check runs is over.
		u.Check = func(grant.Authorization) error { return g.End(t.Context(), "f") }
		_, err = g.Refresh(t.Context(), r.Token, u)
		wants(t, "ended meanwhile", err, fault.NotFound)
	})
}

// An End that failed halfway is finished by the next use.
func TestHalfEnded(t *testing.T) {
	onBoth(t, func(t *testing.T, g *grant.Grants, _ *clock) {
		token := begin(t, g, allowed("spa", "s", "f"))
		broken := &grant.Grants{Shorts: g.Shorts, Records: failing{g.Records}, Now: g.Now}
		wants(t, "End", broken.End(t.Context(), "f"), fault.Unavailable)
		_, err := g.Refresh(t.Context(), token, use("spa", true))
		wants(t, "Refresh", err, fault.NotFound)
		if list, _ := g.List(t.Context(), "alice"); len(list) != 0 {
			t.Error("the row is still there")
		}
	})
}

// failing are records that can be read only.
type failing struct{ store.Records }

func (failing) Update(context.Context, func(store.Tx) error) error {
	return fault.New(fault.Unavailable, "test", "")
}

// What is over is swept away as others come (OAU-38).
func TestSweep(t *testing.T) {
	onBoth(t, func(t *testing.T, g *grant.Grants, c *clock) {
		count := func() (n int) {
			err := g.Records.View(t.Context(), func(tx store.Tx) error {
				return tx.QueryRow(`SELECT count(*) FROM refresh_families`).Scan(&n)
			})
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		for range 60 {
			begin(t, g, allowed("spa", "s", secret.New()))
		}
		c.pass(limits.Idle)
		for _, want := range []int{11, 2, 3} { // at most 50 at a time
			if begin(t, g, allowed("spa", "s", secret.New())); count() != want {
				t.Errorf("%d rows, want %d", count(), want)
			}
		}
	})
}

// Without records there are no refresh tokens, and nothing else changes.
func TestWithoutRecords(t *testing.T) {
	onBoth(t, func(t *testing.T, g *grant.Grants, _ *clock) {
		g.Records = nil
		_, err := g.NewRefresh(t.Context(), allowed("spa", "s", "f"), g.Now(), limits)
		if !fault.Is(err, fault.Internal) {
			t.Error(err)
		}
		_, err = g.Refresh(t.Context(), secret.New()+secret.New(), use("spa", true))
		wants(t, "Refresh", err, fault.NotFound)
		wants(t, "End", g.End(t.Context(), "f"), fault.Internal)
		wants(t, "EndSession", g.EndSession(t.Context(), "s"), fault.Internal)
	})
}
