package requestobject_test

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/authorize/clientauth"
	"github.com/gatehouse-auth/gatehouse/authorize/requestobject"
	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/internal/jose"
)

const issuer = "https://auth.example.com"

var now = time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)

// signer is a client's key. Unlike jose.Key it signs whatever it is given.
type signer struct{ private ed25519.PrivateKey }

func newSigner(seed byte) signer {
	return signer{ed25519.NewKeyFromSeed([]byte(strings.Repeat(string(rune('a'+seed)), ed25519.SeedSize)))}
}

func b64(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }

func (s signer) raw() string {
	return `{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"1","x":"` + b64(string(s.private.Public().(ed25519.PublicKey))) + `"}]}`
}

func (s signer) set(t testing.TB) jose.Set {
	set, err := jose.ParseSet([]byte(s.raw()))
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func (s signer) sign(header, payload string) string {
	text := b64(header) + "." + b64(payload)
	return text + "." + b64(string(ed25519.Sign(s.private, []byte(text))))
}

const header = `{"alg":"EdDSA","kid":"1","typ":"oauth-authz-req+jwt"}`

// claims are those of a good object; pairs change them, nil removes.
func claims(pairs ...any) string {
	c := map[string]any{
		"iss": "bank", "aud": issuer, "client_id": "bank", "exp": now.Add(time.Minute).Unix(), "nbf": now.Unix(), "jti": "1",
		"response_type": "code", "redirect_uri": "https://bank.example.com/cb", "scope": "openid", "state": "a b", "max_age": 60,
		"claims": map[string]any{"id_token": map[string]any{"sub": nil}}, "resource": []string{"https://a.example.com", "https://b.example.com"},
		"unknown": map[string]any{"x": 1}, "authorization_details": []any{1},
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		name := pairs[i].(string)
		if c[name] = pairs[i+1]; pairs[i+1] == nil {
			delete(c, name)
		}
	}
	raw, err := json.Marshal(c)
	if err != nil {
		panic(err)
	}
	return string(raw)
}

func reader() requestobject.Reader {
	return requestobject.Reader{Issuer: issuer, Parameters: []string{
		"client_id", "response_type", "redirect_uri", "scope", "state", "max_age", "claims", "resource", "prompt",
	}}
}

func bank(t testing.TB) *client.Client { return &client.Client{ID: "bank", JWKS: newSigner(0).set(t)} }

// A good object becomes the parameters that it says, and none of what it says
// about itself.
func TestOpen(t *testing.T) {
	got, err := reader().Open(t.Context(), bank(t), newSigner(0).sign(header, claims()), now)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"client_id": "bank", "response_type": "code", "redirect_uri": "https://bank.example.com/cb", "scope": "openid", "state": "a b", "max_age": "60",
		"claims": `{"id_token":{"sub":null}}`, "resource": "https://a.example.com",
	}
	for name, value := range want {
		if got.Get(name) != value {
			t.Errorf("%s is %q", name, got[name])
		}
	}
	if len(got) != len(want) || len(got["resource"]) != 2 {
		t.Errorf("there is more, or less: %v", got)
	}
}

// hostile are objects that must not be taken for the client's wish (OAU-21).
func hostile() map[string]string {
	s, at := newSigner(0), func(d time.Duration) int64 { return now.Add(d).Unix() }
	mac := hmac.New(sha256.New, []byte(s.raw()))
	text := b64(`{"alg":"HS256","kid":"1"}`) + "." + b64(claims())
	mac.Write([]byte(text))
	good := s.sign(header, claims())
	out := map[string]string{
		"empty": "", "dots": "..", "no JWT": "{}", "unsigned": b64(`{"alg":"none"}`) + "." + b64(claims()) + ".", // RFC 9101, section 10.1
		"alg none, signed": s.sign(`{"alg":"none","kid":"1"}`, claims()), "HMAC": text + "." + b64(string(mac.Sum(nil))), // JWT-03
		"another key": newSigner(1).sign(header, claims()), "another kid": s.sign(`{"alg":"EdDSA","kid":"2"}`, claims()),
		"changed": good[:len(good)-4] + "AAAA", "its own key": s.sign(`{"alg":"EdDSA","kid":"1","jwk":{}}`, claims()), "an address of keys": s.sign(`{"alg":"EdDSA","kid":"1","jku":"https://evil.example/"}`, claims()),
		"a proof of DPoP": s.sign(`{"alg":"EdDSA","kid":"1","typ":"dpop+jwt"}`, claims()), "an assertion by type": s.sign(`{"alg":"EdDSA","kid":"1","typ":"client-authentication+jwt"}`, claims()), // JWT-06
		"members twice": s.sign(header, `{"iss":"bank","iss":"bank"}`), "too long": s.sign(header, claims("state", strings.Repeat("x", requestobject.MaxBytes))),
		"a list": s.sign(header, `[]`),
	}
	for name, pairs := range map[string][]any{
		"no iss": {"iss", nil}, "another iss": {"iss", "wiki"}, "iss is a list": {"iss", []string{"bank"}},
		"no client_id": {"client_id", nil}, "another client_id": {"client_id", "wiki"}, // RFC 9101, section 6.3; wiki's object is not bank's
		"sub is the client": {"sub", "bank"}, // RFC 9101, section 10.8
		"no aud":            {"aud", nil}, "another aud": {"aud", "https://other.example.com"}, "aud is the endpoint": {"aud", issuer + "/authorize"},
		"no exp": {"exp", nil}, "expired": {"exp", at(-time.Minute)}, "long ago": {"exp", 0}, "exp too far": {"exp", at(11*time.Minute + time.Second)}, "exp is a text": {"exp", "x"},
		"nbf ahead": {"nbf", at(61 * time.Second)}, "iat ahead": {"iat", at(61 * time.Second)},
		"request in it": {"request", "x"}, "request_uri in it": {"request_uri", "urn:ietf:params:oauth:request_uri:x"}, // RFC 9101, section 4
		"prompt is null": {"prompt", json.RawMessage("null")}, "state is a list": {"state", []string{"a"}}, "scope is an object": {"scope", map[string]any{}},
		"resource is mixed": {"resource", []any{"a", 1}}, "claims is true": {"claims", true}, "state is true": {"state", true},
	} {
		out[name] = s.sign(header, claims(pairs...))
	}
	return out
}

func TestHostile(t *testing.T) {
	for name, text := range hostile() {
		got, err := reader().Open(t.Context(), bank(t), text, now)
		if got != nil || !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
		if err != nil && len(text) > 100 && strings.Contains(err.Error(), text[40:80]) {
			t.Errorf("%s: the error repeats the object", name)
		}
	}
}

// What is not usual, and right.
func TestAccepted(t *testing.T) {
	s := newSigner(0)
	at := func(d time.Duration) int64 { return now.Add(d).Unix() }
	for name, text := range map[string]string{
		"no typ": s.sign(`{"alg":"EdDSA","kid":"1"}`, claims()), "JWT": s.sign(`{"alg":"EdDSA","kid":"1","typ":"JWT"}`, claims()),
		"long typ": s.sign(`{"alg":"EdDSA","kid":"1","typ":"application/oauth-authz-req+jwt"}`, claims()), "Ed25519": s.sign(`{"alg":"Ed25519","kid":"1"}`, claims()),
		"aud is a list": s.sign(header, claims("aud", []string{"x", issuer})), "no nbf": s.sign(header, claims("nbf", nil)),
		"nbf 8 s ahead": s.sign(header, claims("nbf", at(8*time.Second))), "iat 10 s ahead": s.sign(header, claims("iat", at(10*time.Second))), // FAPI 2.0, section 5.3.2.1
		"ten minutes": s.sign(header, claims("exp", at(10*time.Minute))), "sub is somebody": s.sign(header, claims("sub", "alice")),
		"claims is a text": s.sign(header, claims("claims", "{}")), "one resource": s.sign(header, claims("resource", "https://a.example.com")),
	} {
		if _, err := reader().Open(t.Context(), bank(t), text, now); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A client's own settings narrow what is accepted (JWT-02).
func TestClients(t *testing.T) {
	good := newSigner(0).sign(header, claims())
	old := newSigner(0).sign(header, claims("nbf", now.Add(-2*time.Hour).Unix()))
	for name, c := range map[string]struct {
		change func(*client.Client)
		text   string
		ok     bool
	}{
		"its own algorithm":     {func(c *client.Client) { c.RequestObjectAlg = "EdDSA" }, good, true},
		"another algorithm":     {func(c *client.Client) { c.RequestObjectAlg = "ES256" }, good, false},
		"no keys":               {func(c *client.Client) { c.JWKS = jose.Set{} }, good, false},
		"keys nobody fetches":   {func(c *client.Client) { c.JWKS, c.JWKSURI = jose.Set{}, "https://bank.example.com/jwks" }, good, false},
		"another client":        {func(c *client.Client) { c.ID = "wiki" }, good, false},
		"old":                   {func(*client.Client) {}, old, true},
		"old under FAPI 2.0":    {func(c *client.Client) { c.StrictAssertions = true }, old, false},
		"strict":                {func(c *client.Client) { c.StrictAssertions = true }, good, true},
		"RS256 under FAPI, not": {func(c *client.Client) { c.StrictAssertions = true }, strings.Replace(good, b64(header), b64(`{"alg":"RS256","kid":"1"}`), 1), false},
	} {
		who := bank(t)
		c.change(who)
		if _, err := reader().Open(t.Context(), who, c.text, now); (err == nil) != c.ok || err != nil && !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The clock is that of the first sight, and none for a look that decides
// nothing.
func TestTime(t *testing.T) {
	text := newSigner(0).sign(header, claims())
	for at, ok := range map[time.Time]bool{
		now: true, now.Add(2*time.Minute - time.Second): true, now.Add(2 * time.Minute): false, now.Add(-62 * time.Second): false, {}: true,
	} {
		if _, err := reader().Open(t.Context(), bank(t), text, at); (err == nil) != ok {
			t.Errorf("%v: %v", at, err)
		}
	}
}

// web answers for a client's address of keys.
type web struct{ body string }

func (w web) Do(*http.Request) (*http.Response, error) {
	if w.body == "" {
		return nil, errors.New("nobody answers")
	}
	return &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(w.body))}, nil
}

// Keys are fetched; a client whose keys can't be had can't be told from one that
// did not sign.
func TestFetchedKeys(t *testing.T) {
	who := &client.Client{ID: "bank", JWKSURI: "https://bank.example.com/jwks"}
	for body, ok := range map[string]bool{newSigner(0).raw(): true, newSigner(1).raw(): false, "": false} {
		r := reader()
		r.Keys = clientauth.NewKeys(clientauth.KeysConfig{HTTP: func(*client.Client) clientauth.HTTP { return web{body} }, Now: func() time.Time { return now }})
		if _, err := r.Open(t.Context(), who, newSigner(0).sign(header, claims()), now); (err == nil) != ok || err != nil && !fault.Is(err, fault.Invalid) {
			t.Errorf("%.20s: %v", body, err)
		}
	}
}

// FuzzOpen: whatever stands under the client's signature, what comes out is for
// this client, from its parameters alone, and nothing is our fault.
func FuzzOpen(f *testing.F) {
	s, r := newSigner(0), reader()
	for _, text := range hostile() {
		if parts := strings.Split(text, "."); len(parts) == 3 {
			h, _ := base64.RawURLEncoding.DecodeString(parts[0])
			p, _ := base64.RawURLEncoding.DecodeString(parts[1])
			f.Add(string(h), string(p), true)
		}
		f.Add(text, "", false)
	}
	f.Add(header, claims(), true)
	who := bank(f)
	f.Fuzz(func(t *testing.T, head, payload string, signed bool) {
		text := head
		if signed {
			text = s.sign(head, payload)
		}
		got, err := r.Open(t.Context(), who, text, now)
		if err != nil {
			if got != nil || !fault.Is(err, fault.Invalid) {
				t.Fatalf("%v, %v", got, err)
			}
			return
		}
		if !signed && !strings.HasPrefix(text, b64(`{"alg":"EdDSA"`)[:16]) {
			t.Fatalf("unsigned: %q", text)
		}
		for name := range maps.Keys(got) {
			if len(got[name]) != 1 && name != "resource" {
				t.Fatalf("%s: %q", name, got[name])
			}
		}
		if got.Get("client_id") != "bank" || got.Has("request") || got.Has("request_uri") || got.Has("exp") {
			t.Fatalf("%v", got)
		}
	})
}
