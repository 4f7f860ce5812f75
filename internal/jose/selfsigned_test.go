package jose_test

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/internal/jose"
)

// proofs is what a DPoP proof must be (RFC 9449, section 4.2).
func proofs() jose.Expect {
	return jose.Expect{Algs: append([]string{jose.Ed25519}, allAlgs...), Types: []string{"dpop+jwt"}}
}

// bare gives the JWK of a key without id, use and algorithm, as clients send
// it.
func bare(t testing.TB, key *jose.Key) string {
	t.Helper()
	raw, err := json.Marshal(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	var members map[string]string
	if err := json.Unmarshal(raw, &members); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"kid", "use", "alg"} {
		delete(members, name)
	}
	raw, err = json.Marshal(members)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// own signs a token whose header is that of a proof, with <JWK> replaced by
// the key's own: no key has these characters.
func (f forge) own(header string) string {
	f.t.Helper()
	h := strings.NewReplacer("<ALG>", f.key.Alg(), "<JWK>", bare(f.t, f.key)).Replace(header)
	return f.token(h, `{"iss":"us"}`)
}

const proofHeader = `{"typ":"dpop+jwt","alg":"<ALG>","jwk":<JWK>}`

func TestVerifySelfSigned(t *testing.T) { // OAU-37
	for _, alg := range allAlgs {
		f := forge{t, generate(t, alg)}
		own := bare(t, f.key)
		with := func(members string) string {
			return `{"typ":"dpop+jwt","alg":"<ALG>","jwk":` + own[:len(own)-1] + "," + members + "}}"
		}
		for name, header := range map[string]string{
			"bare":                  proofHeader,
			"from a browser":        with(`"ext":true,"key_ops":["verify"]`),
			"with alg and use":      with(`"alg":"<ALG>","use":"sig"`),
			"a kid that is ignored": `{"typ":"dpop+jwt","alg":"<ALG>","kid":"x","jwk":<JWK>}`,
			"an unknown member":     with(`"shoe":42`),
		} {
			var got claims
			key, err := jose.VerifySelfSigned(f.own(header), proofs(), &got)
			if err != nil || got.Iss != "us" {
				t.Errorf("%s, %s: %v, %+v", alg, name, err, got)
			} else if key.Thumbprint() != f.key.ID() || key.Thumbprint() != key.ID() {
				t.Errorf("%s, %s: thumbprint %s, want %s", alg, name, key.Thumbprint(), f.key.ID())
			}
		}
	}
}

// hostileKeys are headers with a key that is none, is not the signer's or is
// not public.
func hostileKeys(t *testing.T, f, other forge) map[string]string {
	own, private := bare(t, f.key), jose.Private(t, f.key)
	with := func(members string) string {
		return f.own(`{"typ":"dpop+jwt","alg":"<ALG>","jwk":` + own[:len(own)-1] + "," + members + "}}")
	}
	hostile := map[string]string{
		"no key":                  f.own(`{"typ":"dpop+jwt","alg":"<ALG>"}`),
		"null":                    f.own(`{"typ":"dpop+jwt","alg":"<ALG>","jwk":null}`),
		"a text":                  f.own(`{"typ":"dpop+jwt","alg":"<ALG>","jwk":"<JWK>"}`),
		"empty":                   f.own(`{"typ":"dpop+jwt","alg":"<ALG>","jwk":{}}`),
		"a list":                  f.own(`{"typ":"dpop+jwt","alg":"<ALG>","jwk":[<JWK>]}`),
		"a set":                   f.own(`{"typ":"dpop+jwt","alg":"<ALG>","jwk":{"keys":[<JWK>]}}`),
		"another's key":           f.own(strings.Replace(proofHeader, "<JWK>", bare(t, other.key), 1)),
		"private":                 f.own(strings.Replace(proofHeader, "<JWK>", private, 1)), // RFC 9449 4.3, check 7
		"symmetric":               f.own(`{"typ":"dpop+jwt","alg":"<ALG>","jwk":{"kty":"oct","k":"AAAA"}}`),
		"HMAC":                    f.own(`{"typ":"dpop+jwt","alg":"HS256","jwk":{"kty":"oct","k":"AAAA"}}`), // JWT-03
		"twice":                   f.own(`{"typ":"dpop+jwt","alg":"<ALG>","jwk":<JWK>,"jwk":<JWK>}`),
		"twice by case":           f.own(`{"typ":"dpop+jwt","alg":"<ALG>","jwk":<JWK>,"JWK":<JWK>}`),
		"in upper case":           f.own(`{"typ":"dpop+jwt","alg":"<ALG>","JWK":` + own + `}`),
		"member twice":            with(own[1 : len(own)-1]),
		"upper case member":       with(`"KTY":"RSA"`),
		"for another algorithm":   with(`"alg":"ES384"`),
		"alg in upper case":       with(`"Alg":"ES384"`),
		"for encryption":          with(`"use":"enc"`),
		"for signing only":        with(`"key_ops":["sign"]`),
		"ops of another type":     with(`"key_ops":"verify"`),
		"a certificate beside":    with(`"x5c":["AAAA"]`),
		"an address beside":       with(`"x5u":"https://evil.example/"`), // JWT-07
		"no typ":                  f.own(`{"alg":"<ALG>","jwk":<JWK>}`),
		"another typ":             f.own(`{"typ":"JWT","alg":"<ALG>","jwk":<JWK>}`), // JWT-06
		"none":                    f.own(`{"typ":"dpop+jwt","alg":"none","jwk":<JWK>}`),
		"no alg":                  f.own(`{"typ":"dpop+jwt","jwk":<JWK>}`),
		"another alg":             f.own(`{"typ":"dpop+jwt","alg":"ES512","jwk":<JWK>}`),
		"crit":                    f.own(`{"typ":"dpop+jwt","alg":"<ALG>","jwk":<JWK>,"crit":["x"],"x":1}`), // JWT-08
		"b64":                     f.own(`{"typ":"dpop+jwt","alg":"<ALG>","jwk":<JWK>,"crit":["b64"],"b64":false}`),
		"jku":                     f.own(`{"typ":"dpop+jwt","alg":"<ALG>","jwk":<JWK>,"jku":"https://evil.example/"}`), // JWT-07
		"x5c":                     f.own(`{"typ":"dpop+jwt","alg":"<ALG>","jwk":<JWK>,"x5c":["AAAA"]}`),
		"zip":                     f.own(`{"typ":"dpop+jwt","alg":"<ALG>","jwk":<JWK>,"zip":"DEF"}`),
		"unsigned":                strings.Join(strings.Split(f.own(proofHeader), ".")[:2], ".") + ".",
		"another's signature":     forge{t, other.key}.token(strings.NewReplacer("<ALG>", f.key.Alg(), "<JWK>", own).Replace(proofHeader), `{"iss":"us"}`),
		"a huge number as member": with(`"x":1e999999999`),
	}
	for _, name := range []string{"d", "p", "q", "dp", "dq", "qi", "oth", "k", "D", "priv"} {
		hostile["private member "+name] = with(`"` + name + `":"AAAA"`)
	}
	return hostile
}

// weakKeys have too few bits, senseless numbers or no point on the curve.
func weakKeys(f forge) map[string]string {
	number := func(head byte, zeros int) string {
		return base64.RawURLEncoding.EncodeToString(append([]byte{head}, make([]byte, zeros)...))
	}
	n := number(0xc0, 255)
	hostile := map[string]string{}
	for name, jwk := range map[string]string{
		"RSA of 1024 bits":      `{"kty":"RSA","e":"AQAB","n":"` + number(0xc0, 127) + `"}`, // CRY-02
		"RSA of 16384 bits":     `{"kty":"RSA","e":"AQAB","n":"` + number(0xc0, 2047) + `"}`,
		"exponent 1":            `{"kty":"RSA","e":"AQ","n":"` + n + `"}`,
		"exponent 2":            `{"kty":"RSA","e":"Ag","n":"` + n + `"}`,
		"exponent 0":            `{"kty":"RSA","e":"","n":"` + n + `"}`,
		"exponent of 33 bits":   `{"kty":"RSA","e":"AQAAAAE","n":"` + n + `"}`,
		"huge exponent":         `{"kty":"RSA","e":"` + n + `","n":"` + n + `"}`,
		"not on the curve":      `{"kty":"EC","crv":"P-256","x":"` + number(1, 31) + `","y":"` + number(1, 31) + `"}`,
		"the point at infinity": `{"kty":"EC","crv":"P-256","x":"` + number(0, 31) + `","y":"` + number(0, 31) + `"}`,
		"an unknown curve":      `{"kty":"EC","crv":"secp256k1","x":"` + number(1, 31) + `","y":"` + number(1, 31) + `"}`,
		"P-224":                 `{"kty":"EC","crv":"P-224","x":"` + number(1, 27) + `","y":"` + number(1, 27) + `"}`,
		"a low-order point":     `{"kty":"OKP","crv":"Ed25519","x":"` + number(1, 31) + `"}`,
		"Ed448":                 `{"kty":"OKP","crv":"Ed448","x":"` + number(1, 56) + `"}`,
		"a short Ed25519 key":   `{"kty":"OKP","crv":"Ed25519","x":"` + number(1, 30) + `"}`,
		"X25519":                `{"kty":"OKP","crv":"X25519","x":"` + number(1, 31) + `"}`,
		"a future kind":         `{"kty":"AKP","alg":"ML-DSA-44","pub":"AAAA"}`,
	} {
		for _, alg := range []string{"RS256", "PS256", "ES256", "EdDSA", "Ed25519"} {
			hostile[name+" as "+alg] = f.token(`{"typ":"dpop+jwt","alg":"`+alg+`","jwk":`+jwk+`}`, `{"iss":"us"}`)
		}
	}
	return hostile
}

func TestHostileSelfSigned(t *testing.T) {
	for _, alg := range allAlgs {
		f, other := forge{t, generate(t, alg)}, forge{t, generate(t, alg)}
		for name, token := range hostileKeys(t, f, other) {
			var got claims
			if _, err := jose.VerifySelfSigned(token, proofs(), &got); err == nil {
				t.Errorf("%s: accepted %s: %+v", alg, name, got)
			}
		}
		// A key in the header counts for nothing anywhere else (JWT-07).
		e := proofs()
		e.Keys = jose.NewSet(f.key.Public())
		if err := jose.Verify(f.own(proofHeader), e, &claims{}); err == nil {
			t.Errorf("%s: a token with a key in its header was verified", alg)
		}
		if err := jose.Unverified(f.own(proofHeader), &claims{}); err == nil {
			t.Errorf("%s: a token with a key in its header was read", alg)
		}
	}
}

// forgeries are signatures that anybody can make and that fit their key: the
// key alone gives them away.
func forgeries(t *testing.T) map[string]string {
	hostile := map[string]string{}
	add := func(name, alg, jwk string, sign func(text string) []byte) {
		text := b64(`{"typ":"dpop+jwt","alg":"`+alg+`","jwk":`+jwk+`}`) + "." + b64(`{"iss":"us"}`)
		hostile[name] = text + "." + base64.RawURLEncoding.EncodeToString(sign(text))
	}
	// With the identity as public key every signature of R = identity, S = 0
	// is right, whatever was signed.
	identity := append([]byte{1}, make([]byte, 31)...)
	for _, alg := range []string{jose.EdDSA, jose.Ed25519} {
		sig := append(append([]byte{}, identity...), make([]byte, 32)...)
		if !ed25519.Verify(identity, []byte("anything"), sig) {
			t.Fatal("the forgery does not fit")
		}
		add("the identity as "+alg, alg, `{"kty":"OKP","crv":"Ed25519","x":"`+base64.RawURLEncoding.EncodeToString(identity)+`"}`, func(string) []byte { return sig })
	}
	small, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	n := base64.RawURLEncoding.EncodeToString(small.N.Bytes())
	add("RSA of 1024 bits, signed", jose.RS256, `{"kty":"RSA","e":"AQAB","n":"`+n+`"}`, func(text string) []byte { // CRY-02
		sum := sha256.Sum256([]byte(text))
		sig, err := rsa.SignPKCS1v15(nil, small, crypto.SHA256, sum[:])
		if err != nil {
			t.Fatal(err)
		}
		return sig
	})
	// With the exponent 1 the signature is the padded hash itself.
	modulus := bytes.Repeat([]byte{0xff}, 256)
	add("the exponent 1, signed", jose.RS256, `{"kty":"RSA","e":"AQ","n":"`+base64.RawURLEncoding.EncodeToString(modulus)+`"}`, func(text string) []byte {
		sum := sha256.Sum256([]byte(text))
		info := append([]byte("\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20"), sum[:]...)
		padded := append([]byte{0, 1}, bytes.Repeat([]byte{0xff}, 256-3-len(info))...)
		return append(append(padded, 0), info...)
	})
	return hostile
}

func TestWeakSelfSigned(t *testing.T) { // CRY-02
	hostile := weakKeys(forge{t, generate(t, jose.EdDSA)})
	maps.Copy(hostile, forgeries(t))
	for name, token := range hostile {
		if _, err := jose.VerifySelfSigned(token, proofs(), &claims{}); err == nil {
			t.Errorf("accepted %s", name)
		}
	}
}

// FuzzVerifySelfSigned: whatever is accepted was signed by the key whose
// thumbprint is given.
func FuzzVerifySelfSigned(f *testing.F) {
	key := jose.FixedKey(f)
	forge := forge{f, key}
	for _, h := range []string{
		proofHeader, `{"typ":"dpop+jwt","alg":"<ALG>"}`, `{"typ":"dpop+jwt","alg":"none","jwk":<JWK>}`,
		`{"typ":"dpop+jwt","alg":"<ALG>","jwk":{"kty":"oct","k":"AAAA"}}`, `{"typ":"dpop+jwt","alg":"ES256","jwk":<JWK>}`,
	} {
		f.Add(forge.own(h))
	}
	f.Add("..")
	f.Fuzz(func(t *testing.T, token string) {
		var c map[string]any
		used, err := jose.VerifySelfSigned(token, proofs(), &c)
		if err != nil || used.Thumbprint() != key.ID() {
			return // refused, or signed by a key that the fuzzer found
		}
		parts := strings.Split(token, ".")
		if len(parts) != 3 || jose.SignRaw(t, key, parts[0]+"."+parts[1]) != token {
			t.Fatalf("accepted what the key did not sign: %q", token)
		}
	})
}
