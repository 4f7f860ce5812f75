package clientauth_test

import (
	"context"
	"encoding/base64"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/store"
)

// What an assertion must say (RFC 7523, section 3; OAU-11, JWT-05), for a plain
// client and for one that is held to FAPI 2.0.
func TestAssertionClaims(t *testing.T) {
	w := newWorld(t, inMemory)
	now := w.clock.Now()
	in := func(d time.Duration) int64 { return now.Add(d).Unix() }
	for _, c := range []struct {
		name          string
		change        []any
		plain, strict bool
	}{
		{"as it should be", nil, true, true},
		{"no iat", []any{"iat", nil}, true, true},
		{"nbf", []any{"nbf", in(0)}, true, true},
		{"a fraction", []any{"iat", float64(now.Unix()) + 0.5}, true, true},
		{"iat 10 s ahead", []any{"iat", in(10 * time.Second)}, true, true},
		{"expired 30 s ago", []any{"exp", in(-30 * time.Second)}, true, true},
		{"five minutes", []any{"exp", in(5 * time.Minute)}, true, true},
		{"further claims", []any{"shoe", 42, "client_id", "keys"}, true, true},
		{"aud is the token endpoint", []any{"aud", issuer + "/token"}, true, false},
		{"aud is the PAR endpoint", []any{"aud", issuer + "/par"}, true, false}, // RFC 9126 2
		{"aud is a list", []any{"aud", []string{issuer}}, true, false},
		{"aud is issuer and endpoint", []any{"aud", []string{issuer, issuer + "/token"}}, true, false},
		{"an hour", []any{"exp", in(time.Hour)}, true, false},

		{"no aud", []any{"aud", nil}, false, false},
		{"empty aud", []any{"aud", []string{}}, false, false},
		{"another aud", []any{"aud", "https://other.example.com"}, false, false},
		{"aud with a slash", []any{"aud", issuer + "/"}, false, false},
		{"aud in upper case", []any{"aud", strings.ToUpper(issuer)}, false, false},
		{"aud is userinfo", []any{"aud", issuer + "/userinfo"}, false, false},
		{"for others too", []any{"aud", []string{issuer, "https://other.example.com"}}, false, false},
		{"aud is a number", []any{"aud", 1}, false, false},
		{"no iss", []any{"iss", nil}, false, false},
		{"another iss", []any{"iss", "wiki"}, false, false},
		{"iss is a list", []any{"iss", []string{"keys"}}, false, false},
		{"no sub", []any{"sub", nil}, false, false},
		{"another sub", []any{"sub", "wiki"}, false, false},
		{"no exp", []any{"exp", nil}, false, false},
		{"exp is a text", []any{"exp", "2000000000"}, false, false},
		{"expired", []any{"exp", in(-time.Minute)}, false, false},
		{"exp 0", []any{"exp", 0}, false, false},
		{"two hours", []any{"exp", in(2 * time.Hour)}, false, false},
		{"exp beyond the years", []any{"exp", 1e18}, false, false},
		{"iat ahead", []any{"iat", in(70 * time.Second)}, false, false},
		{"nbf ahead", []any{"nbf", in(70 * time.Second)}, false, false},
		{"no jti", []any{"jti", nil}, false, false},
		{"empty jti", []any{"jti", ""}, false, false},
		{"long jti", []any{"jti", strings.Repeat("j", 257)}, false, false},
		{"jti is a number", []any{"jti", 7}, false, false},
	} {
		for id, ok := range map[string]bool{"keys": c.plain, "bank": c.strict} {
			claims := w.said(id, c.change...)
			got, kind := w.ask(request(), w.assert(claims))
			if (got == id) != ok || !ok && kind != fault.Denied {
				t.Errorf("%s, %s: %q, %v", id, c.name, got, kind)
			}
		}
	}
}

func TestAssertionParameters(t *testing.T) {
	w := newWorld(t, inMemory)
	for name, c := range map[string]struct {
		pairs []string
		want  string
		kind  fault.Kind
	}{
		"nothing else":       {nil, "keys", 0},
		"client_id":          {[]string{"client_id", "keys"}, "keys", 0},
		"another client_id":  {[]string{"client_id", "bank"}, "", fault.Denied}, // RFC 7521 4.2
		"another type":       {[]string{"client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:saml2-bearer"}, "", fault.Denied},
		"no type":            {[]string{"client_assertion_type", ""}, "", fault.Denied},
		"no assertion":       {[]string{"client_assertion", ""}, "", fault.Denied},
		"not a token":        {[]string{"client_assertion", "x"}, "", fault.Denied},
		"a very long one":    {[]string{"client_assertion", strings.Repeat("x", 60000)}, "", fault.Denied},
		"assertion, no type": {[]string{"client_id", "keys", "client_assertion_type", ""}, "", fault.Denied},
	} {
		p := w.assert(w.said("keys"))
		for i := 0; i < len(c.pairs); i += 2 {
			p.Set(c.pairs[i], c.pairs[i+1])
		}
		if got, kind := w.ask(request(), p); got != c.want || kind != c.kind {
			t.Errorf("%s: %q, %v", name, got, kind)
		}
	}
	twice := w.assert(w.said("keys"))
	twice.Add("client_assertion", twice.Get("client_assertion"))
	if _, kind := w.ask(request(), twice); kind != fault.Invalid { // OAU-14
		t.Errorf("an assertion twice: %v", kind)
	}
	for _, id := range []string{"wiki", "spa", "es256", "secret with keys", "nobody"} {
		if got, kind := w.ask(request(), w.assert(w.said(id))); got != "" || kind != fault.Denied { // its own method only
			t.Errorf("an assertion of %s: %q, %v", id, got, kind)
		}
	}
}

// Headers that are not those of a client's assertion, each rightly signed.
func TestAssertionHeaders(t *testing.T) {
	w := newWorld(t, inMemory)
	other := newSigner(t)
	claims := func() string {
		raw := w.assert(w.said("keys")).Get("client_assertion")
		plain, err := base64.RawURLEncoding.DecodeString(strings.Split(raw, ".")[1])
		if err != nil {
			t.Fatal(err)
		}
		return string(plain)
	}
	for header, ok := range map[string]bool{
		`{"alg":"EdDSA"}`:                                   true,
		`{"alg":"EdDSA","typ":"JWT"}`:                       true,
		`{"alg":"EdDSA","typ":"client-authentication+jwt"}`: true,
		`{"alg":"Ed25519","kid":"1"}`:                       true, // RFC 9864

		`{"alg":"EdDSA","typ":"dpop+jwt"}`:                      false, // JWT-06
		`{"alg":"EdDSA","typ":"at+jwt"}`:                        false,
		`{"alg":"EdDSA","typ":"oauth-authz-req+jwt"}`:           false,
		`{"alg":"EdDSA","typ":"logout+jwt"}`:                    false,
		`{"alg":"none"}`:                                        false, // JWT-02
		`{"alg":"HS256","kid":"1"}`:                             false, // JWT-03
		`{"alg":"RS256","kid":"1"}`:                             false,
		`{"alg":"EdDSA","kid":"2"}`:                             false,
		`{"alg":"EdDSA","jwk":` + w.key.jwk("1") + `}`:          false, // JWT-07
		`{"alg":"EdDSA","jku":"https://wiki.example.com/jwks"}`: false,
		`{"alg":"EdDSA","x5u":"https://wiki.example.com/jwks"}`: false,
		`{"alg":"EdDSA","crit":["b64"],"b64":false}`:            false, // JWT-08
		`{"alg":"EdDSA","zip":"DEF"}`:                           false,
		`{"alg":"none","alg":"EdDSA"}`:                          false,
	} {
		got, kind := w.ask(request(), asserts(w.key.sign(header, claims())))
		if (got == "keys") != ok || !ok && kind != fault.Denied {
			t.Errorf("%s: %q, %v", header, got, kind)
		}
		if got, kind := w.ask(request(), asserts(other.sign(header, claims()))); got != "" || kind != fault.Denied {
			t.Errorf("%s, signed by somebody else: %q, %v", header, got, kind)
		}
	}
}

// OAU-11: an assertion is worth one request, however many ask at once and
// however often, until it is expired; another client's jti is another one.
func TestAssertionOnce(t *testing.T) {
	for name, shorts := range stores(t) {
		w := newWorld(t, shorts)
		said := w.said("keys", "jti", "j", "exp", w.clock.Now().Add(5*time.Minute).Unix())
		p := w.assert(said)
		var won, lost atomic.Int32
		var all sync.WaitGroup
		for range 64 {
			all.Go(func() {
				switch _, err := w.Authenticate(request(), p); {
				case err == nil:
					won.Add(1)
				case fault.Is(err, fault.Denied):
					lost.Add(1)
				default:
					t.Errorf("%s: %v", name, err)
				}
			})
		}
		all.Wait()
		if won.Load() != 1 || lost.Load() != 63 {
			t.Errorf("%s: %d won, %d lost", name, won.Load(), lost.Load())
		}
		if got, _ := w.ask(request(), w.assert(w.said("bank", "jti", "j"))); got != "bank" {
			t.Errorf("%s: another client's jti is taken", name)
		}
		for range 14 { // beyond the end of the assertion, skew included
			w.clock.Add(30 * time.Second)
			if got, kind := w.ask(request(), p); got != "" || kind != fault.Denied {
				t.Errorf("%s: used again at %v", name, w.clock.Now())
			}
		}
	}
}

// broken is a store that can't keep anything.
type broken struct{ store.Shorts }

func (broken) Create(context.Context, store.Item) error {
	return fault.Wrap(fault.Unavailable, "test", errors.New("disk full"))
}

// A refused assertion is not remembered, and one that can't be remembered is
// not accepted.
func TestAssertionMarks(t *testing.T) {
	w := newWorld(t, inMemory)
	p := w.assert(w.said("keys", "nbf", w.clock.Now().Add(2*time.Minute).Unix(), "exp", w.clock.Now().Add(5*time.Minute).Unix()))
	if _, kind := w.ask(request(), p); kind != fault.Denied {
		t.Fatal(kind)
	}
	w.clock.Add(2 * time.Minute)
	if got, _ := w.ask(request(), p); got != "keys" {
		t.Error("an early attempt spent the assertion")
	}
	w.Shorts = broken{w.Shorts}
	if got, kind := w.ask(request(), w.assert(w.said("keys"))); got != "" || kind != fault.Unavailable {
		t.Errorf("without a store: %q, %v", got, kind)
	}
}

// FuzzAssertion: of all texts only the one that the client signed is accepted,
// and no text is our failure.
func FuzzAssertion(f *testing.F) {
	w := newWorld(f, inMemory)
	good := w.assert(w.said("keys")).Get("client_assertion")
	f.Add(good, "")
	f.Add(good, "keys")
	f.Add(w.assert(w.said("keys", "exp", 1)).Get("client_assertion"), "")
	f.Add(w.assert(w.said("keys", "aud", []any{1, nil})).Get("client_assertion"), "x")
	f.Add(w.key.sign(`{"alg":"none"}`, `{"sub":"keys"}`), "")
	f.Add(w.key.sign(`{"alg":"EdDSA","kid":["1"]}`, `{"sub":"keys","exp":1e999}`), "")
	f.Add("..", "")
	f.Add("", "")
	f.Fuzz(func(t *testing.T, text, id string) {
		w.Shorts = inMemory(w.clock.Now) // or the good one would be spent
		p := asserts(text)
		p.Set("client_id", id)
		c, err := w.Authenticate(request(), p)
		if err == nil && (text != good || id != "" && id != c.ID) {
			t.Fatalf("accepted %q for %q", text, id)
		}
		if err != nil && !fault.Is(err, fault.Denied) {
			t.Fatalf("%q: %v", text, err)
		}
	})
}
