package jose_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/internal/jose"
)

// forge makes tokens by hand that no library would make. Its signature is
// right whenever a private key can make one.
type forge struct {
	t   testing.TB
	key *jose.Key
}

func b64(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }

// token signs exactly this header and payload.
func (f forge) token(header, payload string) string {
	f.t.Helper()
	return jose.SignRaw(f.t, f.key, b64(header)+"."+b64(payload))
}

func (f forge) header(format string, args ...any) string {
	f.t.Helper()
	h := strings.NewReplacer("ALG", f.key.Alg(), "KID", f.key.ID()).Replace(fmt.Sprintf(format, args...))
	return f.token(h, `{"iss":"us"}`)
}

func expect(key *jose.Key) jose.Expect {
	return jose.Expect{Algs: []string{jose.RS256, jose.PS256, jose.ES256, jose.EdDSA}, Types: []string{"JWT"}, Keys: jose.NewSet(key.Public())}
}

const good = `{"alg":"ALG","kid":"KID","typ":"JWT"}`

func TestForgeIsRight(t *testing.T) {
	for _, alg := range allAlgs {
		key := generate(t, alg)
		if err := jose.Verify(forge{t, key}.header(good), expect(key), &claims{}); err != nil {
			t.Errorf("%s: the forge's own token is refused: %v", alg, err)
		}
	}
}

// hostileForms are no proper tokens, or not those that were signed.
func hostileForms(f forge, valid string) map[string]string {
	alg, key, parts := f.key.Alg(), f.key, strings.Split(valid, ".")
	return map[string]string{
		// JWT-02
		"empty":               "",
		"dots":                "..",
		"two parts":           parts[0] + "." + parts[1],
		"four parts":          valid + ".",
		"five parts":          valid + ".AAAA.AAAA", // JWT-08: the form of a JWE
		"empty signature":     parts[0] + "." + parts[1] + ".",
		"no payload":          parts[0] + ".." + parts[2],
		"changed payload":     parts[0] + "." + b64(`{"iss":"them"}`) + "." + parts[2],
		"changed header":      b64(`{"alg":"`+alg+`","kid":"`+key.ID()+`","typ":"JWT" }`) + "." + parts[1] + "." + parts[2],
		"cut signature":       valid[:len(valid)-4],
		"longer signature":    valid + "AAAA",
		"zero signature":      parts[0] + "." + parts[1] + "." + base64.RawURLEncoding.EncodeToString(make([]byte, len(decode(f.t, parts[2])))),
		"spaces":              " " + valid,
		"line break":          parts[0] + ".\n" + parts[1] + "." + parts[2],
		"padding":             parts[0] + "." + parts[1] + "." + parts[2] + "=",
		"standard alphabet":   parts[0] + "." + parts[1] + "." + strings.Repeat("+", len(parts[2])),
		"JSON form":           `{"payload":"` + parts[1] + `","protected":"` + parts[0] + `","signature":"` + parts[2] + `"}`,
		"no alg":              f.header(`{"kid":"KID","typ":"JWT"}`),
		"alg is a list":       f.header(`{"alg":["ALG"],"kid":"KID","typ":"JWT"}`),
		"alg is null":         f.header(`{"alg":null,"kid":"KID","typ":"JWT"}`),
		"alg in another case": f.header(`{"Alg":"ALG","kid":"KID","typ":"JWT"}`),
	}
}

// hostileTypes confuse algorithms or kinds of tokens.
func hostileTypes(t *testing.T, f forge) map[string]string {
	alg, key := f.key.Alg(), f.key
	return map[string]string{
		// JWT-03
		"HMAC with the public key": hmacToken(t, key, "HS256"),
		"HMAC called " + alg:       hmacToken(t, key, alg),
		// JWT-06
		"no typ":                 f.header(`{"alg":"ALG","kid":"KID"}`),
		"another typ":            f.header(`{"alg":"ALG","kid":"KID","typ":"at+jwt"}`),
		"typ is empty":           f.header(`{"alg":"ALG","kid":"KID","typ":""}`),
		"typ is a number":        f.header(`{"alg":"ALG","kid":"KID","typ":1}`),
		"typ with a Kelvin sign": f.header(`{"alg":"ALG","kid":"KID","typ":"ſWT"}`),
	}
}

// hostileHeaders bring keys along or change how a token is read.
func hostileHeaders(f forge, other *jose.Key, otherJWK []byte) map[string]string {
	alg, key := f.key.Alg(), f.key
	return map[string]string{
		// JWT-07
		"another kid":       f.header(`{"alg":"ALG","kid":"other","typ":"JWT"}`),
		"kid is empty":      f.header(`{"alg":"ALG","kid":"","typ":"JWT"}`),
		"kid is null":       f.header(`{"alg":"ALG","kid":null,"typ":"JWT"}`),
		"kid is a path":     f.header(`{"alg":"ALG","kid":"../../dev/null","typ":"JWT"}`),
		"another key":       forge{f.t, other}.header(good),
		"another key, kid":  forge{f.t, other}.token(`{"alg":"`+alg+`","kid":"`+key.ID()+`","typ":"JWT"}`, `{}`),
		"another key, jwk":  forge{f.t, other}.header(`{"alg":"ALG","kid":"%s","typ":"JWT","jwk":%s}`, key.ID(), otherJWK),
		"own key, jwk":      f.header(`{"alg":"ALG","kid":"KID","typ":"JWT","jwk":%s}`, otherJWK),
		"jku":               f.header(`{"alg":"ALG","kid":"KID","typ":"JWT","jku":"https://evil.example/jwks"}`),
		"x5u":               f.header(`{"alg":"ALG","kid":"KID","typ":"JWT","x5u":"https://evil.example/c"}`),
		"x5c":               f.header(`{"alg":"ALG","kid":"KID","typ":"JWT","x5c":["AAAA"]}`),
		"JKU in upper case": f.header(`{"alg":"ALG","kid":"KID","typ":"JWT","JKU":"https://evil.example/jwks"}`),
		"jwk is null":       f.header(`{"alg":"ALG","kid":"KID","typ":"JWT","jwk":null}`),
		// JWT-08
		"crit unknown": f.header(`{"alg":"ALG","kid":"KID","typ":"JWT","crit":["exp"],"exp":1}`),
		"crit empty":   f.header(`{"alg":"ALG","kid":"KID","typ":"JWT","crit":[]}`),
		"crit b64":     f.header(`{"alg":"ALG","kid":"KID","typ":"JWT","crit":["b64"],"b64":true}`),
		"b64 false":    jose.SignRaw(f.t, key, b64(`{"alg":"`+alg+`","kid":"`+key.ID()+`","typ":"JWT","b64":false}`)+`.{"iss":"us"}`),
		"zip":          f.header(`{"alg":"ALG","kid":"KID","typ":"JWT","zip":"DEF"}`),
		"enc":          f.header(`{"alg":"ALG","kid":"KID","typ":"JWT","enc":"A128GCM"}`),
		"PBES2":        f.header(`{"alg":"PBES2-HS256+A128KW","kid":"KID","typ":"JWT","p2c":2147483647,"p2s":"AAAA"}`),
		"p2c":          f.header(`{"alg":"ALG","kid":"KID","typ":"JWT","p2c":2147483647}`),
	}
}

// hostileJSON is read differently by different parsers, or costs too much.
func hostileJSON(f forge) map[string]string {
	key := f.key
	return map[string]string{
		// Members twice, odd JSON
		"alg twice":               f.header(`{"alg":"none","alg":"ALG","kid":"KID","typ":"JWT"}`),
		"alg twice by case":       f.header(`{"Alg":"none","alg":"ALG","kid":"KID","typ":"JWT"}`),
		"typ twice":               f.header(`{"alg":"ALG","kid":"KID","typ":"JWT","typ":"at+jwt"}`),
		"unknown twice":           f.header(`{"alg":"ALG","kid":"KID","typ":"JWT","x":1,"x":2}`),
		"twice by escape":         f.header(`{"alg":"ALG","kid":"KID","typ":"JWT","\u0061lg":"none"}`),
		"twice further down":      f.header(`{"alg":"ALG","kid":"KID","typ":"JWT","x":[{"y":1,"y":2}]}`),
		"something behind":        f.header(good + `{}`),
		"a header list":           f.header(`[]`),
		"a header text":           f.header(`"x"`),
		"a header null":           f.header(`null`),
		"a broken header":         f.header(`{"alg":"ALG","kid":"KID","typ":"JWT"`),
		"a comma too many":        f.header(`{"alg":"ALG","kid":"KID","typ":"JWT",}`),
		"not UTF-8":               f.header("{\"alg\":\"ALG\",\"kid\":\"KID\",\"typ\":\"JWT\",\"x\":\"\xff\"}"),
		"nested deep":             f.header(`{"alg":"ALG","kid":"KID","typ":"JWT","x":%s1%s}`, strings.Repeat("[", 5000), strings.Repeat("]", 5000)),
		"claims twice":            f.token(fill(good, key), `{"iss":"us","iss":"them"}`),
		"claims twice by case":    f.token(fill(good, key), `{"iss":"us","ISS":"them"}`),
		"claims twice by fold":    f.token(fill(good, key), `{"iss":"us","iſſ":"them"}`),
		"claims twice inside":     f.token(fill(good, key), `{"iss":"us","a":{"b":1,"b":2}}`),
		"claims list":             f.token(fill(good, key), `[1]`),
		"claims text":             f.token(fill(good, key), `us`),
		"claims null":             f.token(fill(good, key), `null`),
		"claims of other types":   f.token(fill(good, key), `{"iss":["us"]}`),
		"a huge exponent":         f.token(fill(good, key), `{"iss":"us","exp":1e999999999}`),
		"a fraction":              f.token(fill(good, key), `{"iss":"us","exp":1.5}`),
		"claims nested deep":      f.token(fill(good, key), `{"iss":"us","a":`+strings.Repeat(`{"a":`, 2000)+"1"+strings.Repeat("}", 2001)),
		"something behind claims": f.token(fill(good, key), `{"iss":"us"} x`),
		"too long":                f.token(fill(good, key), `{"iss":"`+strings.Repeat("u", jose.MaxToken)+`"}`),
	}
}

// TestHostile: nothing of this is accepted, whatever the algorithm.
func TestHostile(t *testing.T) {
	for _, alg := range allAlgs {
		key, other := generate(t, alg), generate(t, alg)
		f := forge{t, key}
		valid := f.header(good)
		otherJWK, err := json.Marshal(other.Public())
		if err != nil {
			t.Fatal(err)
		}
		hostile := map[string]string{}
		for _, table := range []map[string]string{
			hostileForms(f, valid), hostileTypes(t, f), hostileHeaders(f, other, otherJWK), hostileJSON(f),
		} {
			maps.Copy(hostile, table)
		}
		for _, none := range []string{"none", "None", "NONE", "nOnE", "none ", "", "HS256", "HS512", "RS1", "RSA1_5", "ES256K", "ML-DSA-44"} {
			h := strings.Replace(fill(good, key), alg, none, 1)
			hostile["alg "+none] = f.token(h, `{}`)
			hostile["alg "+none+" unsigned"] = b64(h) + "." + b64(`{}`) + "."
		}
		for name, token := range hostile {
			got := claims{}
			if err := jose.Verify(token, expect(key), &got); err == nil {
				t.Errorf("%s: accepted %s: %+v", alg, name, got)
			} else if len(token) > 100 && strings.Contains(err.Error(), token[40:80]) {
				t.Errorf("%s: the error for %s repeats the token", alg, name)
			}
		}
		if !errors.Is(jose.Verify(hostile["another kid"], expect(key), &claims{}), jose.ErrUnknownKey) {
			t.Error("an unknown kid is not called so")
		}
	}
}

func fill(header string, key *jose.Key) string {
	return strings.NewReplacer("ALG", key.Alg(), "KID", key.ID()).Replace(header)
}

// hmacToken uses what everybody may know as the secret.
func hmacToken(t *testing.T, key *jose.Key, alg string) string {
	public, err := json.Marshal(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	text := b64(`{"alg":"`+alg+`","kid":"`+key.ID()+`","typ":"JWT"}`) + "." + b64(`{"iss":"us"}`)
	mac := hmac.New(sha256.New, public)
	mac.Write([]byte(text))
	return text + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// TestEveryBit: a token with one other bit is another token.
func TestEveryBit(t *testing.T) {
	key := generate(t, jose.EdDSA)
	token := sign(t, key, "JWT", claims{Iss: "us"})
	for i := range token {
		for bit := range 8 {
			changed := []byte(token)
			changed[i] ^= 1 << bit
			if jose.Verify(string(changed), expect(key), &claims{}) == nil {
				t.Fatalf("bit %d of byte %d does not count", bit, i)
			}
		}
	}
}

func TestExpect(t *testing.T) {
	rs, es := generate(t, jose.RS256), generate(t, jose.ES256)
	set := jose.NewSet(rs.Public(), es.Public())
	token := sign(t, es, "JWT", claims{})
	unnamed := forge{t, es}.header(`{"alg":"ALG"}`)
	for _, c := range []struct {
		name  string
		token string
		e     jose.Expect
		ok    bool
	}{
		{"nothing allowed", token, jose.Expect{}, false},
		{"no algorithm", token, jose.Expect{Types: []string{"JWT"}, Keys: set}, false},
		{"another algorithm", token, jose.Expect{Algs: []string{jose.RS256}, Types: []string{"JWT"}, Keys: set}, false}, // JWT-02
		{"no type", token, jose.Expect{Algs: []string{jose.ES256}, Keys: set}, false},
		{"no keys", token, jose.Expect{Algs: []string{jose.ES256}, Types: []string{"JWT"}}, false},
		{"right", token, jose.Expect{Algs: []string{jose.ES256}, Types: []string{"JWT"}, Keys: set}, true},
		{"one of several types", token, jose.Expect{Algs: []string{jose.ES256}, Types: []string{"at+jwt", "application/jwt"}, Keys: set}, true},
		{"symmetric allowed", token, jose.Expect{Algs: []string{jose.ES256, "HS256"}, Types: []string{"JWT"}, Keys: set}, false}, // JWT-03
		{"none allowed", token, jose.Expect{Algs: []string{jose.ES256, "none"}, Types: []string{"JWT"}, Keys: set}, false},
		{"without typ and kid", unnamed, jose.Expect{Algs: []string{jose.ES256}, Types: []string{"", "JWT"}, Keys: set}, true},
		{"without kid, two keys", unnamed, jose.Expect{Algs: []string{jose.ES256}, Types: []string{""}, Keys: jose.NewSet(es.Public(), generate(t, jose.ES256).Public())}, false},
		{"typ needed", unnamed, jose.Expect{Algs: []string{jose.ES256}, Types: []string{"JWT"}, Keys: set}, false},
		{"the same key twice", token, jose.Expect{Algs: []string{jose.ES256}, Types: []string{"JWT"}, Keys: jose.NewSet(es.Public(), es.Public())}, false},
	} {
		if err := jose.Verify(c.token, c.e, &claims{}); (err == nil) != c.ok {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestParseSet(t *testing.T) {
	ec, err := json.Marshal(generate(t, jose.ES256).Public())
	if err != nil {
		t.Fatal(err)
	}
	private, err := generate(t, jose.ES256).MarshalPrivate()
	if err != nil {
		t.Fatal(err)
	}
	weak := `{"kty":"RSA","alg":"RS256","e":"AQAB","n":"` + base64.RawURLEncoding.EncodeToString(append([]byte{0x80}, make([]byte, 127)...)) + `"}`
	even := `{"kty":"RSA","alg":"RS256","e":"Ag","n":"` + base64.RawURLEncoding.EncodeToString(append([]byte{0x80}, make([]byte, 255)...)) + `"}`
	for _, c := range []struct {
		name, raw string
		keys      int // -1: refused
	}{
		{"one", `{"keys":[` + string(ec) + `]}`, 1},
		{"none", `{"keys":[]}`, 0},
		{"unknown ones are left out", `{"keys":[{"kty":"future"},{},1,` + string(ec) + `]}`, 1},
		{"for encryption", `{"keys":[` + strings.Replace(string(ec), `"sig"`, `"enc"`, 1) + `]}`, 0},
		{"of another algorithm", `{"keys":[` + strings.Replace(string(ec), "ES256", "RS256", 1) + `]}`, 0},
		{"weak", `{"keys":[` + weak + `,` + even + `]}`, 0}, // CRY-02
		{"private", `{"keys":[` + string(private) + `]}`, -1},
		{"symmetric", `{"keys":[{"kty":"oct","k":"c2VjcmV0","alg":"HS256"}]}`, -1}, // JWT-03
		{"twice", `{"keys":[],"keys":[` + string(ec) + `]}`, -1},
		{"no set", `{}`, -1},
		{"a list", `[]`, -1},
		{"empty", ``, -1},
		{"too long", `{"keys":[` + strings.Repeat(" ", 64<<10) + `]}`, -1},
		{"too many", `{"keys":[` + strings.Repeat("{},", 64) + `{}]}`, -1},
	} {
		set, err := jose.ParseSet([]byte(c.raw))
		if (err != nil) != (c.keys < 0) {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		raw, err := json.Marshal(set)
		if err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(string(raw), `"kty"`); c.keys >= 0 && n != c.keys {
			t.Errorf("%s: %d keys, want %d", c.name, n, c.keys)
		}
	}
}

// FuzzVerify: whatever is accepted was signed by the one key, with its one
// algorithm, for this type.
func FuzzVerify(f *testing.F) {
	key := jose.FixedKey(f)
	forge := forge{f, key}
	f.Add(sign(f, key, "JWT", claims{Iss: "us"}))
	for _, h := range []string{
		good, `{"alg":"none"}`, `{"alg":"ALG","kid":"KID","typ":"JWT","crit":["b64"],"b64":false}`,
		`{"alg":"HS256","kid":"KID","typ":"JWT"}`, `{"alg":"ALG","alg":"none","kid":"KID","typ":"JWT"}`,
	} {
		f.Add(forge.header("%s", h))
	}
	f.Add("..")
	f.Add("a.b.c")
	e := expect(key)
	f.Fuzz(func(t *testing.T, token string) {
		var c map[string]any
		if jose.Verify(token, e, &c) != nil {
			return
		}
		parts := strings.Split(token, ".")
		if len(parts) != 3 || jose.SignRaw(t, key, parts[0]+"."+parts[1]) != token {
			t.Fatalf("accepted what the key did not sign: %q", token)
		}
	})
}
