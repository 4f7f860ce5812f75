package jose_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/gatehouse-auth/gatehouse/internal/jose"
)

type claims struct {
	Iss string `json:"iss"`
	Exp int64  `json:"exp"`
}

var allAlgs = []string{jose.RS256, jose.PS256, jose.ES256, jose.EdDSA}

// pool keeps keys for all tests, because making RSA keys takes its time. Within
// one test every key is another.
var pool = struct {
	sync.Mutex
	keys map[string][]*jose.Key
	used map[string]int
}{keys: map[string][]*jose.Key{}, used: map[string]int{}}

func generate(t testing.TB, alg string) *jose.Key {
	t.Helper()
	pool.Lock()
	defer pool.Unlock()
	n := pool.used[t.Name()+alg]
	pool.used[t.Name()+alg]++
	if n == len(pool.keys[alg]) {
		key, err := jose.Generate(alg)
		if err != nil {
			t.Fatal(err)
		}
		pool.keys[alg] = append(pool.keys[alg], key)
	}
	return pool.keys[alg][n]
}

func sign(t testing.TB, key *jose.Key, typ string, c any) string {
	t.Helper()
	token, err := key.Sign(typ, c)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func TestSignAndVerify(t *testing.T) {
	for _, alg := range allAlgs { // JWT-01, CRY-02
		key := generate(t, alg)
		token := sign(t, key, "at+jwt", claims{Iss: "us", Exp: 5})
		raw, err := json.Marshal(jose.NewSet(generate(t, alg).Public(), key.Public()))
		if err != nil {
			t.Fatal(err)
		}
		set, err := jose.ParseSet(raw)
		if err != nil {
			t.Fatal(err)
		}
		var got claims
		if err := jose.Verify(token, jose.Expect{Algs: []string{alg}, Types: []string{"at+jwt"}, Keys: set}, &got); err != nil {
			t.Errorf("%s: %v", alg, err)
		}
		if got != (claims{Iss: "us", Exp: 5}) {
			t.Errorf("%s: got %+v", alg, got)
		}
		var header map[string]any
		first, _, _ := strings.Cut(token, ".")
		if err := json.Unmarshal(decode(t, first), &header); err != nil {
			t.Fatal(err)
		}
		want := map[string]any{"alg": alg, "kid": key.ID(), "typ": "at+jwt"}
		if fmt.Sprint(header) != fmt.Sprint(want) {
			t.Errorf("%s: header %v", alg, header)
		}
	}
}

// Every signature is of the length that its algorithm has, also where a number
// begins with zeros, and the library takes it.
func TestSignatureLength(t *testing.T) {
	for alg, size := range map[string]int{jose.ES256: 64, jose.EdDSA: 64, jose.RS256: 256, jose.PS256: 256} {
		key, rounds := generate(t, alg), 4
		if alg == jose.ES256 {
			rounds = 600 // one in 128 begins with a zero byte
		}
		e := jose.Expect{Algs: allAlgs, Types: []string{"JWT"}, Keys: jose.NewSet(key.Public())}
		for n := range rounds {
			token := sign(t, key, "JWT", claims{Exp: int64(n)})
			if got := len(decode(t, token[strings.LastIndexByte(token, '.')+1:])); got != size {
				t.Fatalf("%s: a signature of %d bytes", alg, got)
			}
			if err := jose.Verify(token, e, &claims{}); err != nil {
				t.Fatalf("%s: %v", alg, err)
			}
		}
	}
}

func TestSignRefuses(t *testing.T) {
	key := generate(t, jose.EdDSA)
	for name, c := range map[string]any{"list": []int{1}, "text": "x", "null": nil, "function": func() {}} {
		if _, err := key.Sign("JWT", c); err == nil {
			t.Errorf("%s was signed", name)
		}
	}
	if _, err := key.Sign("", claims{}); err == nil {
		t.Error("a token without a type was signed")
	}
	for _, alg := range []string{"", "none", "HS256", "RS1", "rs256"} {
		if _, err := jose.Generate(alg); err == nil {
			t.Errorf("a key for %q was made", alg)
		}
	}
}

func TestPrivateRoundTrip(t *testing.T) {
	for _, alg := range allAlgs {
		key := generate(t, alg)
		raw, err := key.MarshalPrivate()
		if err != nil {
			t.Fatal(err)
		}
		again, err := jose.ParsePrivate(raw)
		if err != nil {
			t.Fatal(err)
		}
		if again.ID() != key.ID() || again.Alg() != alg {
			t.Errorf("%s: read back as %s %s", alg, again.Alg(), again.ID())
		}
		e := jose.Expect{Algs: allAlgs, Types: []string{"JWT"}, Keys: jose.NewSet(key.Public())}
		if err := jose.Verify(sign(t, again, "JWT", claims{}), e, &claims{}); err != nil {
			t.Errorf("%s: %v", alg, err)
		}
		// A kid that is not the thumbprint, a public key, a broken key.
		public, err := json.Marshal(key.Public())
		if err != nil {
			t.Fatal(err)
		}
		for _, bad := range [][]byte{
			bytes.Replace(raw, []byte(key.ID()), []byte("other"), 1), public, raw[:len(raw)/2], nil, []byte(`{"kty":"oct","k":"AAAA","alg":"HS256"}`),
			bytes.Replace(raw, []byte(alg), []byte("HS256"), 1),
		} {
			_, err := jose.ParsePrivate(bad)
			if err == nil {
				t.Errorf("%s: accepted %d bytes", alg, len(bad))
			} else if leaks(err.Error(), raw) {
				t.Errorf("%s: the error tells the key", alg)
			}
		}
	}
}

// A key that was read is as ready to sign as one that was made: RSA keys are
// checked and prepared once.
func TestParsedKeySignsAsCheaply(t *testing.T) {
	made := generate(t, "RS256")
	raw, err := made.MarshalPrivate()
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := jose.ParsePrivate(raw)
	if err != nil {
		t.Fatal(err)
	}
	cost := func(k *jose.Key) float64 {
		return testing.AllocsPerRun(5, func() { sign(t, k, "JWT", map[string]any{"a": 1}) })
	}
	if m, p := cost(made), cost(parsed); p > m+10 {
		t.Errorf("%.0f allocations with the parsed key, %.0f with the made one", p, m)
	}
}

// leaks tells whether text holds a piece of the private members of a JWK.
func leaks(text string, private []byte) bool {
	var members map[string]string
	if json.Unmarshal(private, &members) != nil {
		return true
	}
	for _, name := range []string{"d", "p", "q", "dp", "dq", "qi"} {
		value := members[name]
		if len(value) < 20 {
			continue
		}
		raw, err := base64.RawURLEncoding.DecodeString(value)
		if err != nil {
			return true
		}
		head := raw[:6]
		for _, form := range []string{
			value[:12], fmt.Sprint(head), strings.Trim(fmt.Sprint(head), "[]"), fmt.Sprintf("%x", head), fmt.Sprintf("%X", head),
			base64.StdEncoding.EncodeToString(raw)[:8], strings.Trim(fmt.Sprintf("%#v", head), "[]byte{}"), string(head),
		} {
			if strings.Contains(text, form) {
				return true
			}
		}
	}
	return false
}

// TestUnprintable: a private key shows in no output (JWT-04, JWT-09).
func TestUnprintable(t *testing.T) {
	for _, alg := range allAlgs {
		key := generate(t, alg)
		raw, err := key.MarshalPrivate()
		if err != nil {
			t.Fatal(err)
		}
		type holder struct {
			Shown  jose.Key
			hidden jose.Key
			ptr    *jose.Key
			list   []jose.Key
			named  map[string]*jose.Key
		}
		h := holder{*key, *key, key, []jose.Key{*key}, map[string]*jose.Key{"k": key}}
		var out bytes.Buffer
		for _, v := range []any{key, *key, h, &h, []*jose.Key{key}, key.Public(), jose.NewSet(key.Public())} {
			for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
				fmt.Fprintf(&out, verb+"\n", v)
			}
			encoded, err := json.Marshal(v)
			if err != nil {
				t.Fatal(err)
			}
			out.Write(encoded)
			slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "k", v)
			slog.New(slog.NewTextHandler(&out, nil)).Info("x", "k", v)
		}
		if leaks(out.String(), raw) {
			t.Errorf("%s: the private key shows", alg)
		}
		if !leaks(fmt.Sprintf("%v", must(raw)), raw) {
			t.Fatalf("%s: this test finds nothing", alg)
		}
	}
}

// must gives the bytes of the private member "d".
func must(private []byte) []byte {
	var members map[string]string
	_ = json.Unmarshal(private, &members)
	d, _ := base64.RawURLEncoding.DecodeString(members["d"])
	return d
}

func TestSetIsPublic(t *testing.T) { // JWT-04
	var keys []jose.Public
	for _, alg := range allAlgs {
		keys = append(keys, generate(t, alg).Public())
	}
	raw, err := json.Marshal(jose.NewSet(keys...))
	if err != nil {
		t.Fatal(err)
	}
	var set struct{ Keys []map[string]string }
	if err := json.Unmarshal(raw, &set); err != nil {
		t.Fatal(err)
	}
	allowed := []string{"kty", "kid", "alg", "use", "n", "e", "crv", "x", "y"}
	for _, key := range set.Keys {
		for name := range key {
			if !slices.Contains(allowed, name) {
				t.Errorf("member %q in a public key", name)
			}
		}
		if key["kid"] == "" || key["use"] != "sig" || key["alg"] == "" {
			t.Errorf("a key without kid, use or alg: %v", key)
		}
	}
	if empty, err := json.Marshal(jose.Set{}); err != nil || string(empty) != `{"keys":[]}` {
		t.Errorf("the empty set is %s, %v", empty, err)
	}
}

func decode(t testing.TB, text string) []byte {
	t.Helper()
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}
