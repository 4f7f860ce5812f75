package login_test

import (
	"context"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/store"
)

// writes counts what a store is given to keep.
type writes struct {
	store.Shorts
	n atomic.Int64
}

func (w *writes) Create(ctx context.Context, item store.Item) error {
	w.n.Add(1)
	return w.Shorts.Create(ctx, item)
}

func (w *writes) Count(ctx context.Context, key string, delta int64, window time.Duration) (store.Tally, error) {
	if delta != 0 {
		w.n.Add(1)
	}
	return w.Shorts.Count(ctx, key, delta, window)
}

// SES-20: before somebody tries to prove who they are nothing is kept of them;
// the browser holds what has to survive a round trip.
func TestNothingIsKeptOfStrangers(t *testing.T) {
	w, idp := federated(t, true)
	b := w.browser().through(idp)
	for _, path := range []string{
		"/", "/login", "/login?switch=1", "/login?return_url=" + url.QueryEscape(app+"/"+strings.Repeat("x", 1000)), "/logout", "/setup?token=x",
		"/callback/work?code=x&state=" + strings.Repeat("A", 43), "/callback/work?error=access_denied", "/callback/work/frontchannel_logout?iss=x&sid=y",
	} {
		b.get(path)
	}
	for range 20 {
		b.away(b.get("/login/work?return_url=" + url.QueryEscape(app+"/x")))
		b.away(b.pick("/login", "work"))
	}
	b.post("/login", b.get("/login").form(), set("Origin", "https://evil.test"))
	b.post("/login", url.Values{"username": {"alice"}, "password": {right}}) // without a token
	w.tell("x.y.z")
	if n := w.writes.n.Load(); n != 0 {
		t.Errorf("%d things are kept", n)
	}
	b.login("/login", "nobody", wrong)
	if w.writes.n.Load() == 0 {
		t.Error("not even attempts are counted: this test sees nothing")
	}
}
