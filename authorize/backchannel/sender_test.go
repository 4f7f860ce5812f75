package backchannel_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/backchannel"
	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/internal/egress"
	"github.com/gatehouse-auth/gatehouse/store"
)

func decode(t *testing.T, text string) []byte {
	t.Helper()
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// What a client gets: exactly the claims of section 2.4, under a type of its
// own, with its own algorithm. JWT-05, JWT-06
func TestLogoutToken(t *testing.T) {
	onEachStore(t, func(t *testing.T, open func() store.Records) {
		w := newWorld(t, open(), func(cfg *backchannel.Config) {
			cfg.Subject = func(c *client.Client, sub identity.Subject) string { return c.ID + " calls " + string(sub) }
		})
		w.over("the sid", "wiki", "mute", "mail", "gone")
		if next := w.deliver(); !next.IsZero() {
			t.Error(next)
		}
		w.pending(0)
		tokens := w.app.got()
		if len(tokens) != 2 || len(w.told()) != 2 {
			t.Fatalf("%d tokens", len(tokens))
		}
		seen := map[any]string{}
		for _, token := range tokens {
			claims := read(t, token)
			aud, jti := claims["aud"].(string), claims["jti"].(string)
			seen[jti] = aud
			alg := map[string]string{"wiki": "ES256", "mail": "RS256"}[aud]
			if h := header(t, token); h["typ"] != typ || h["alg"] != alg {
				t.Errorf("%s: header %v", aud, h)
			}
			iat := w.clock.Now().Unix()
			want := map[string]any{
				"iss": issuer, "sub": aud + " calls " + string(alice), "aud": aud, "iat": float64(iat), "exp": float64(iat + 120),
				"jti": jti, "sid": "the sid", "events": map[string]any{event: map[string]any{}},
			}
			if fmt.Sprint(claims) != fmt.Sprint(want) || len(jti) < 22 {
				t.Errorf("%v, want %v", claims, want)
			}
		}
		if len(seen) != 2 {
			t.Errorf("ids: %v", seen)
		}
	})
}

// What counts as told, and what is tried again with a fresh id each time.
func TestAnswers(t *testing.T) {
	slow := func(_ http.ResponseWriter, r *http.Request, _ int) {
		<-r.Context().Done()
		panic(http.ErrAbortHandler) // else the 200 of a handler that returns may still arrive while TLS says goodbye
	}
	status := func(code int) func(http.ResponseWriter, *http.Request, int) {
		return func(w http.ResponseWriter, _ *http.Request, _ int) {
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(code)
		}
	}
	open := records(t)
	for name, tt := range map[string]struct {
		answer func(http.ResponseWriter, *http.Request, int)
		told   bool
	}{
		"200": {status(200), true}, "204": {status(204), true}, "202": {status(202), false}, "303": {status(303), false}, "307": {status(307), false},
		"400": {status(400), false}, "404": {status(404), false}, "500": {status(500), false}, "503": {status(503), false}, "nothing in time": {slow, false},
		"a broken connection": {func(http.ResponseWriter, *http.Request, int) { panic(http.ErrAbortHandler) }, false},
		"200 and a flood":     {func(w http.ResponseWriter, _ *http.Request, _ int) { w.Write(make([]byte, 100<<10)) }, true},
	} {
		w := newWorld(t, open, func(cfg *backchannel.Config) {
			if name == "nothing in time" {
				cfg.Timeout = 300 * time.Millisecond
			}
		})
		w.app.answer = tt.answer
		w.over("sid-of-"+name, "wiki")
		next := w.deliver()
		first := w.told()
		if len(first) != 1 || (first[0].Err == nil) != tt.told || first[0].Attempt != 1 || first[0].GaveUp || first[0].Client != "wiki" || first[0].SID != "sid-of-"+name {
			t.Fatalf("%s: %+v", name, first)
		}
		if tt.told {
			w.pending(0)
			continue
		}
		if wait := next.Sub(w.clock.Now()); wait < time.Second || wait > 2*time.Second {
			t.Errorf("%s: again in %v", name, wait)
		}
		if text := first[0].Err.Error(); strings.Contains(text, "tenant") || strings.Contains(text, "eyJ") {
			t.Errorf("%s: the report says %q", name, text) // LOG: nothing sent, nothing answered
		}
		arrived := len(w.app.got()) // what took too long may not have got so far
		w.app.answers(200)
		w.Timeout = 30 * time.Second
		w.clock.pass(soon)
		w.deliver()
		w.pending(0)
		if again := w.told(); len(again) != 1 || again[0].Err != nil || again[0].Attempt != 2 {
			t.Fatalf("%s: again: %+v", name, again)
		}
		tokens := w.app.got()
		if name == "nothing in time" && arrived == 0 {
			continue
		}
		if len(tokens) != 2 || read(t, tokens[0])["jti"] == read(t, tokens[1])["jti"] || read(t, tokens[1])["iat"] == read(t, tokens[0])["iat"] {
			t.Errorf("%s: the same token twice", name)
		}
	}
}

// A client that never answers is given up, and that is seen.
func TestGivingUp(t *testing.T) {
	open := records(t)
	for name, tt := range map[string]struct {
		pass     time.Duration // between attempts
		attempts int
	}{
		"after so many attempts": {11 * time.Minute, 4},
		"after so long":          {9 * time.Hour, 4},
		"tried once at least":    {0, 1},
	} {
		w := newWorld(t, open, func(cfg *backchannel.Config) {
			if cfg.Attempts = 4; tt.pass > time.Hour {
				cfg.Attempts = 100
			}
		})
		w.app.answers(http.StatusBadGateway)
		w.over("sid", "wiki")
		if tt.pass == 0 {
			w.clock.pass(48 * time.Hour) // no server was running
		}
		for range tt.attempts {
			w.deliver()
			w.clock.pass(tt.pass)
		}
		reports := w.told()
		for i, d := range reports {
			if d.Attempt != i+1 || d.Err == nil || d.GaveUp != (i == tt.attempts-1) {
				t.Errorf("%s: %d: %+v", name, i, d)
			}
		}
		if len(reports) != tt.attempts {
			t.Errorf("%s: %d attempts", name, len(reports))
		}
		w.pending(0)
	}
}

// A client that is down keeps the others waiting for one round at most, and is
// asked seldom however many notices there are for it.
func TestDownClientIsSpared(t *testing.T) {
	w := newWorld(t, records(t))
	w.app.answer = func(rw http.ResponseWriter, r *http.Request, _ int) {
		if r.URL.Path == "/logout" {
			rw.WriteHeader(http.StatusServiceUnavailable)
		}
	}
	for i := range 40 {
		w.over(fmt.Sprint("sid", i), "wiki")
	}
	w.clock.pass(time.Millisecond)
	w.over("late", "mail")
	w.deliver()
	down, good := 0, 0
	for _, d := range w.told() {
		if d.Client == "mail" && d.Err == nil {
			good++
		} else {
			down++
		}
	}
	if good != 1 || down != 4 {
		t.Errorf("%d told, %d failed", good, down)
	}
	w.app.answers(http.StatusOK)
	w.clock.pass(soon)
	w.deliver()
	w.pending(0)
}

// Failures of ours: nothing is lost, and no client is blamed for good.
func TestOurFailures(t *testing.T) {
	w := newWorld(t, records(t))
	w.over("sid", "wiki")
	w.broken = fault.New(fault.Unavailable, "test", "")
	w.deliver()
	if d := w.told(); len(d) != 1 || !fault.Is(d[0].Err, fault.Unavailable) || len(w.app.got()) != 0 {
		t.Errorf("%+v", d)
	}
	w.broken = nil
	w.clients["wiki"].IDTokenAlg = "XS256" // no such keys
	w.clock.pass(soon)
	w.deliver()
	if d := w.told(); len(d) != 1 || d[0].Err == nil || len(w.app.got()) != 0 {
		t.Errorf("%+v", d)
	}
	w.clients["wiki"].IDTokenAlg = ""
	subject := w.Subject
	w.Subject = func(*client.Client, identity.Subject) string { panic("a mistake") }
	w.clock.pass(soon)
	w.deliver()
	if d := w.told(); len(d) != 1 || !fault.Is(d[0].Err, fault.Internal) || len(w.app.got()) != 0 {
		t.Errorf("%+v", d)
	}
	w.Subject = subject
	w.clock.pass(soon)
	w.deliver()
	w.pending(0)
	if len(w.app.got()) != 1 {
		t.Error("not told")
	}
}

// FED-11: where a notice goes is decided by package egress; a private address
// needs permission, and a client can't send us elsewhere.
func TestEgressDecides(t *testing.T) {
	strict := egress.New(egress.Options{})
	w := newWorld(t, records(t), func(cfg *backchannel.Config) {
		free := cfg.HTTP
		cfg.HTTP = func(c *client.Client) backchannel.Doer {
			if c.ID == "wiki" {
				return strict
			}
			return free(c)
		}
	})
	w.over("sid", "wiki", "mail")
	w.deliver()
	for _, d := range w.told() {
		if d.Client == "wiki" && !errors.Is(d.Err, egress.ErrAddress) || d.Client == "mail" && d.Err != nil {
			t.Errorf("%+v", d)
		}
	}
	if n := len(w.app.got()); n != 1 {
		t.Errorf("%d requests", n)
	}
}

// The pause doubles, is never longer than ten minutes, and differs.
func TestDelay(t *testing.T) {
	for attempts, full := range map[int]time.Duration{
		1: 2 * time.Second, 2: 4 * time.Second, 5: 32 * time.Second, 9: 512 * time.Second, 10: 10 * time.Minute, 63: 10 * time.Minute, 1 << 40: 10 * time.Minute,
	} {
		seen := map[time.Duration]bool{}
		for range 50 {
			d := backchannel.Delay(attempts)
			seen[d] = true
			if d < full/2 || d >= full {
				t.Errorf("%d: %v", attempts, d)
			}
		}
		if len(seen) < 2 {
			t.Errorf("%d: no jitter", attempts)
		}
	}
}

func TestIncompleteConfig(t *testing.T) {
	if _, err := backchannel.New(backchannel.Config{}); err == nil {
		t.Error("accepted")
	}
}
