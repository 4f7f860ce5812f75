package authorize_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/authorize"
	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/authorize/consent"
	"github.com/gatehouse-auth/gatehouse/fault"
)

// away are clients that can't be had for now, and not by our fault.
type away struct {
	client.Directory
	why     error
	vouched []bool // of each look-up
}

func (a *away) Client(ctx context.Context, id string) (*client.Client, error) {
	a.vouched = append(a.vouched, client.Vouched(ctx))
	if a.why != nil {
		return nil, a.why
	}
	return a.Directory.Client(ctx, id)
}

// A client whose document is silent, or that is one too many of those that
// strangers bring, is told so in the protocol's words, and the person by a page:
// no failure of ours, no invalid_client that would have it forget what it was
// granted, and nothing is used up. What was given out vouches for whose it is.
func TestClientsOutOfReach(t *testing.T) {
	for what, tt := range map[string]struct {
		why    error
		status int
	}{
		"silent":    {fault.Wrap(fault.Unavailable, "test", fmt.Errorf("%w: %w", client.ErrSilent, errors.New("canary"))), http.StatusBadRequest},
		"throttled": {fault.Wrap(fault.Throttled, "test", errors.New("canary")), http.StatusTooManyRequests},
	} {
		out := &away{}
		w, _ := newTokenWorld(t, inMemory, func(cfg *parts) {
			for _, c := range static(cfg) {
				c.FirstParty = true
			}
			out.Directory, cfg.Clients = static(cfg), out
			cfg.Consents = &consent.Consents{Records: cfg.Records, Shorts: cfg.Shorts, Now: cfg.Now}
		})
		b := w.browser()
		b.signIn("alice", "local")
		got, code := b.login("agent"), b.code(request())
		out.why = tt.why
		page := b.ask(request())
		if page.StatusCode != tt.status || page.Header.Get("Location") != "" || strings.Contains(page.body, "canary") {
			t.Errorf("%s: authorize: %d %s", what, page.StatusCode, page.body)
		}
		for name, a := range map[string]answer{
			"token":      b.post("/token", redeem(code)),
			"refresh":    b.post("/token", form("agent", "grant_type", "refresh_token", "refresh_token", got.Refresh)),
			"introspect": b.post("/introspect", form("agent", "token", got.Access)),
			"revoke":     b.post("/revoke", form("agent", "token", got.Access)),
			"par":        b.post("/par", request()),
		} {
			if a.StatusCode != tt.status || a.tokens(t).Error != "temporarily_unavailable" || strings.Contains(a.body, "canary") {
				t.Errorf("%s: %s: %d %s", what, name, a.StatusCode, a.body)
			}
		}
		if a := b.userinfo(got.Access); a.StatusCode != http.StatusUnauthorized {
			t.Errorf("%s: userinfo: %d %s", what, a.StatusCode, a.body)
		}
		_, err := w.Context(t.Context(), "/authorize?"+request().Encode())
		if _, shown := errors.AsType[*authorize.DisplayError](err); !shown || !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: the login page: %v", what, err)
		}
		out.why, out.vouched = nil, nil
		if a := b.userinfo(got.Access); a.StatusCode != http.StatusOK || len(out.vouched) == 0 || !out.vouched[0] {
			t.Errorf("%s: userinfo after that: %d, vouched for: %v", what, a.StatusCode, out.vouched)
		}
		out.vouched = nil
		if got := b.post("/token", redeem(code)).tokens(t); got.Access == "" || out.vouched[0] {
			t.Errorf("%s: %+v, vouched for: %v", what, got, out.vouched)
		}
	}
}
