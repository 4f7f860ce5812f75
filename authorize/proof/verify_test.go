package proof_test

import (
	"crypto/rand"
	"crypto/rsa"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/proof"
	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/store/storetest"
)

// The proofs that RFC 9449 prints in sections 4.1 and 7.1.
func TestExamplesOfTheRFC(t *testing.T) {
	const header = "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19"
	const atToken = header + ".eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0IjoxNTYyMjYyNjE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg"
	const atResource = header + ".eyJqdGkiOiJlMWozVl9iS2ljOC1MQUVCIiwiaHRtIjoiR0VUIiwiaHR1IjoiaHR0cHM6Ly9yZXNvdXJjZS5leGFtcGxlLm9yZy9wcm90ZWN0ZWRyZXNvdXJjZSIsImlhdCI6MTU2MjI2MjYxOCwiYXRoIjoiZlVIeU8ycjJaM0RaNTNFc05yV0JiMHhXWG9hTnk1OUlpS0NBcWtzbVFFbyJ9.2oW9RP35yRqzhrtNP86L-Ey71EOptxRimPPToA1plemAgR6pxHF8y6-yqyVnmcw6Fy1dqd-jfxSYoMxhAJpLjA"
	w := newWorld(t, inMemory)
	w.clock.Set(time.Unix(1562262617, 0))
	bound, err := w.Of(request(atToken), proof.At{URL: "https://server.example.com/token"})
	if err != nil || bound.JKT != "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I" {
		t.Fatalf("%v, %v", bound, err)
	}
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Header.Set("DPoP", atResource)
	at := proof.At{URL: "https://resource.example.org/protectedresource", Token: "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU"}
	if err := w.Use(r, at, "DPoP", bound); err != nil {
		t.Error(err)
	}
}

// What a proof must say (RFC 9449, section 4.3; OAU-37).
func TestProofClaims(t *testing.T) {
	w := newWorld(t, inMemory)
	in := func(d time.Duration) int64 { return w.clock.Now().Add(d).Unix() }
	for _, c := range []struct {
		name   string
		change []any
		want   string
	}{
		{"as it should be", nil, ""},
		{"a query and a fragment", []any{"htu", endpoint + "?x=1#y"}, ""},
		{"a default port", []any{"htu", "HTTPS://Auth.Example.com:443/token"}, ""},
		{"an ath that nobody needs", []any{"ath", "x"}, ""},
		{"a nonce that nobody needs", []any{"nonce", "x"}, ""},
		{"a fraction", []any{"iat", float64(in(0)) + 0.5}, ""},
		{"10 s ahead", []any{"iat", in(10 * time.Second)}, ""},
		{"two minutes old", []any{"iat", in(-119 * time.Second)}, ""},
		{"further claims", []any{"exp", 1, "nbf", 1e10, "shoe", 42}, ""},

		{"no jti", []any{"jti", nil}, proof.InvalidProof},
		{"empty jti", []any{"jti", ""}, proof.InvalidProof},
		{"jti is a number", []any{"jti", 1}, proof.InvalidProof},
		{"long jti", []any{"jti", strings.Repeat("j", 257)}, proof.InvalidProof},
		{"no htm", []any{"htm", nil}, proof.InvalidProof},
		{"another htm", []any{"htm", "GET"}, proof.InvalidProof},
		{"htm in lower case", []any{"htm", "post"}, proof.InvalidProof},
		{"no htu", []any{"htu", nil}, proof.InvalidProof},
		{"another path", []any{"htu", endpoint + "/"}, proof.InvalidProof},
		{"another host", []any{"htu", "https://other.example.com/token"}, proof.InvalidProof},
		{"another scheme", []any{"htu", "http://auth.example.com/token"}, proof.InvalidProof},
		{"where the request says it went", []any{"htu", "http://somewhere.else/"}, proof.InvalidProof},
		{"a path alone", []any{"htu", "/token"}, proof.InvalidProof},
		{"htu is a list", []any{"htu", []string{endpoint}}, proof.InvalidProof},
		{"no iat", []any{"iat", nil}, proof.InvalidProof},
		{"iat is a text", []any{"iat", "1"}, proof.InvalidProof},
		{"too old", []any{"iat", in(-2*time.Minute - time.Second)}, proof.InvalidProof},
		{"from the future", []any{"iat", in(62 * time.Second)}, proof.InvalidProof},
		{"from the far future", []any{"iat", 253402300799}, proof.InvalidProof},
		{"beyond the years", []any{"iat", 1e18}, proof.InvalidProof},
	} {
		got, err := w.Of(request(w.proof(c.change...)), proof.At{URL: endpoint})
		if code(t, err) != c.want || (err == nil) != (got.JKT != "") {
			t.Errorf("%s: %v, %v", c.name, got, err)
		}
	}
}

// Headers of the request and of the proof.
func TestProofHeaders(t *testing.T) {
	w := newWorld(t, inMemory)
	for name, c := range map[string]struct {
		proofs []string
		want   string
	}{
		"RFC 9864":        {[]string{w.key.sign(`{"typ":"dpop+jwt","alg":"Ed25519","jwk":JWK}`, w.said())}, ""},
		"two":             {[]string{w.proof(), w.proof()}, proof.InvalidProof}, // OAU-37
		"one twice":       {[]string{w.proof() + "," + w.proof()}, proof.InvalidProof},
		"empty":           {[]string{""}, proof.InvalidProof},
		"not a token":     {[]string{"x"}, proof.InvalidProof},
		"long":            {[]string{w.proof("shoe", strings.Repeat("x", 5000))}, proof.InvalidProof},
		"another typ":     {[]string{w.key.sign(`{"typ":"JWT","alg":"EdDSA","jwk":JWK}`, w.said())}, proof.InvalidProof}, // JWT-06
		"no typ":          {[]string{w.key.sign(`{"alg":"EdDSA","jwk":JWK}`, w.said())}, proof.InvalidProof},
		"none":            {[]string{w.key.sign(`{"typ":"dpop+jwt","alg":"none","jwk":JWK}`, w.said())}, proof.InvalidProof},  // JWT-02
		"HMAC":            {[]string{w.key.sign(`{"typ":"dpop+jwt","alg":"HS256","jwk":JWK}`, w.said())}, proof.InvalidProof}, // JWT-03
		"no key":          {[]string{w.key.sign(`{"typ":"dpop+jwt","alg":"EdDSA"}`, w.said())}, proof.InvalidProof},
		"another's key":   {[]string{w.key.sign(strings.Replace(good, "JWK", newSigner(t).jwk(), 1), w.said())}, proof.InvalidProof},
		"a private key":   {[]string{w.key.sign(strings.Replace(good, "JWK", strings.Replace(w.key.jwk(), "{", `{"d":"AAAA",`, 1), 1), w.said())}, proof.InvalidProof},
		"claims twice":    {[]string{w.key.sign(good, `{"jti":"a",`+w.said()[1:])}, proof.InvalidProof},
		"claims are none": {[]string{w.key.sign(good, `[]`)}, proof.InvalidProof},
	} {
		got, err := w.Of(request(c.proofs...), proof.At{URL: endpoint})
		if code(t, err) != c.want || (err == nil) != (got.JKT != "") {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	if got, err := w.Of(request(), proof.At{URL: endpoint}); err != nil || got.Bound() {
		t.Errorf("without a proof: %v, %v", got, err)
	}
}

// JWT-02: RS256 is for those who are not held to FAPI 2.0.
func TestStrict(t *testing.T) {
	if got := strings.Join(proof.Algs(), " "); got != "ES256 EdDSA Ed25519 PS256 RS256" {
		t.Errorf("announced are %s", got)
	}
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, inMemory)
	for _, c := range []struct {
		alg    string
		strict bool
		want   string
	}{{"RS256", false, ""}, {"RS256", true, proof.InvalidProof}, {"PS256", false, ""}, {"PS256", true, ""}, {"RS384", false, proof.InvalidProof}} {
		_, err := w.Check(request(rsaProof(t, key, c.alg, w.said())), proof.At{URL: endpoint, Strict: c.strict})
		if code(t, err) != c.want {
			t.Errorf("%s, strict %v: %v", c.alg, c.strict, err)
		}
	}
}

// OAU-37: a proof is worth one request, however many ask at once and however
// often, until it is too old; another key's jti is another one.
func TestProofOnce(t *testing.T) {
	for name, shorts := range stores(t) {
		w := newWorld(t, shorts)
		p := w.proof("jti", "j", "iat", w.clock.Now().Add(time.Minute).Unix())
		at := proof.At{URL: endpoint}
		var won, lost atomic.Int32
		var all sync.WaitGroup
		for range 64 {
			all.Go(func() {
				if _, err := w.Of(request(p), at); err == nil {
					won.Add(1)
				} else if fault.Is(err, fault.Denied) {
					lost.Add(1)
				} else {
					t.Errorf("%s: %v", name, err)
				}
			})
		}
		all.Wait()
		if won.Load() != 1 || lost.Load() != 63 {
			t.Errorf("%s: %d won, %d lost", name, won.Load(), lost.Load())
		}
		other := newSigner(t).sign(good, w.said("jti", "j"))
		if _, err := w.Of(request(other), at); err != nil {
			t.Errorf("%s: another key's jti is taken: %v", name, err)
		}
		for range 12 {
			if _, err := w.Of(request(p), at); code(t, err) != proof.InvalidProof {
				t.Errorf("%s: used again at %v", name, w.clock.Now())
			}
			w.clock.Add(20 * time.Second)
		}
	}
}

// Check remembers nothing: strangers can't fill the store.
func TestCheckStoresNothing(t *testing.T) {
	w := newWorld(t, inMemory)
	w.Shorts = nil // would panic
	r := request(w.proof())
	for range 2 {
		if _, err := w.Check(r, proof.At{URL: endpoint}); err != nil {
			t.Error(err)
		}
	}
	if got, err := w.Of(over(request(), "cert"), proof.At{URL: endpoint}); err != nil || got.X5TS256 == "" {
		t.Errorf("a certificate is stored: %v, %v", got, err)
	}
	w.Shorts = broken{}
	if got, err := w.Of(r, proof.At{URL: endpoint}); !fault.Is(err, fault.Unavailable) || got.Bound() {
		t.Errorf("without a store: %v, %v", got, err)
	}
}

// FuzzProof: a text that is accepted is a proof with a key of its own, for this
// endpoint; of the known key it is the one that was signed. None is our failure.
func FuzzProof(f *testing.F) {
	w := newWorld(f, inMemory)
	w.clock.Set(storetest.NewClock().Now())
	valid := w.proof()
	bound, err := w.Check(request(valid), proof.At{URL: endpoint})
	if err != nil {
		f.Fatal(err)
	}
	known := proof.BindingOf(bound).JKT
	f.Add(valid)
	f.Add(w.proof("htu", "https://x/%"))
	f.Add(w.proof("iat", nil))
	f.Add(w.key.sign(`{"typ":"dpop+jwt","alg":"EdDSA","jwk":{"kty":"OKP","crv":"Ed25519","x":1}}`, w.said()))
	f.Add(w.key.sign(`{"typ":"dpop+jwt","alg":"ES256","jwk":JWK}`, w.said("iat", -1)))
	f.Add("..")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := w.Check(request(text), proof.At{URL: endpoint})
		if err != nil {
			if c := code(t, err); c != proof.InvalidProof {
				t.Fatalf("%q: %s", text, c)
			}
			return
		}
		if jkt := proof.BindingOf(s).JKT; !proof.ValidThumbprint(jkt) || jkt == known && text != valid {
			t.Fatalf("accepted %q", text)
		}
	})
}
