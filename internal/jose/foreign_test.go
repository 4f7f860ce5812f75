package jose_test

import (
	"crypto/ed25519"
	"encoding/json"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/internal/jose"
)

// The thumbprints that the RFCs compute.
func TestThumbprint(t *testing.T) {
	for _, c := range []struct{ jwk, want string }{
		{ // RFC 7638, section 3.1
			`{"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB","alg":"RS256","kid":"2011-04-29"}`,
			"NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs",
		},
		{ // RFC 8037, appendix A.3
			`{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}`,
			"kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k",
		},
	} {
		set, err := jose.ParseSet([]byte(`{"keys":[` + c.jwk + `]}`))
		if err != nil || len(jose.Publics(set)) != 1 {
			t.Fatal(err)
		}
		key := jose.Publics(set)[0]
		if got := key.Thumbprint(); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
		if !strings.Contains(c.jwk, `"kid"`) && key.ID() != c.want {
			t.Errorf("a key without an id is called %s", key.ID())
		}
	}
	if (jose.Public{}).Thumbprint() != "" {
		t.Error("no key has a thumbprint")
	}
}

// parseSet reads a set of the bare keys, each with more members.
func parseSet(t testing.TB, more string, keys ...*jose.Key) jose.Set {
	t.Helper()
	var texts []string
	for _, key := range keys {
		texts = append(texts, strings.TrimSuffix(bare(t, key), "}")+more+"}")
	}
	set, err := jose.ParseSet([]byte(`{"keys":[` + strings.Join(texts, ",") + `]}`))
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// A key without "alg" is one for the algorithms of its type, and of no other
// (JWT-03).
func TestKeyWithoutAlg(t *testing.T) {
	rsa, ec, ed := generate(t, jose.PS256), generate(t, jose.ES256), generate(t, jose.EdDSA)
	set := parseSet(t, "", rsa, ec, ed)
	for _, key := range []*jose.Key{rsa, ec, ed} {
		token := forge{t, key}.header(`{"alg":"ALG","typ":"JWT"}`)
		e := jose.Expect{Algs: allAlgs, Types: []string{"JWT"}, Keys: set}
		if err := jose.Verify(token, e, &claims{}); err != nil {
			t.Errorf("%s: %v", key.Alg(), err)
		}
		e.Keys = parseSet(t, `,"alg":"ES384"`, key) // said, and wrong
		if err := jose.Verify(token, e, &claims{}); err == nil {
			t.Errorf("%s: verified by a key for ES384", key.Alg())
		}
	}
	for _, c := range []struct {
		alg string
		key *jose.Key
	}{{"RS256", ec}, {"ES256", rsa}, {"EdDSA", rsa}, {"PS256", ed}, {"ES384", ec}} {
		token := forge{t, c.key}.token(`{"alg":"`+c.alg+`","typ":"JWT"}`, `{}`)
		e := jose.Expect{Algs: []string{c.alg}, Types: []string{"JWT"}, Keys: parseSet(t, "", c.key)}
		if err := jose.Verify(token, e, &claims{}); err == nil {
			t.Errorf("a %s key verified %s", c.key.Alg(), c.alg)
		}
	}
	raw, err := json.Marshal(set)
	if err != nil || strings.Contains(string(raw), `"alg"`) {
		t.Errorf("an alg nobody said: %s, %v", raw, err)
	}
	var again jose.Set
	if err := json.Unmarshal(raw, &again); err != nil || again.Len() != 3 {
		t.Errorf("read back %d keys, %v", again.Len(), err)
	}
	if json.Unmarshal([]byte(`{"keys":[{"kty":"oct","k":"AAAA"}]}`), &again) == nil || again.Len() != 3 {
		t.Error("a secret was read as a set")
	}
}

// RFC 9864 calls EdDSA Ed25519; a key that names the one does for the other,
// but an allow-list means what it says.
func TestEd25519(t *testing.T) {
	key := generate(t, jose.EdDSA)
	token := forge{t, key}.header(`{"alg":"Ed25519","typ":"JWT"}`)
	for name, c := range map[string]struct {
		set  jose.Set
		algs []string
		ok   bool
	}{
		"no alg":      {parseSet(t, "", key), []string{jose.Ed25519}, true},
		"EdDSA":       {parseSet(t, `,"alg":"EdDSA"`, key), []string{jose.Ed25519, jose.EdDSA}, true},
		"Ed25519":     {parseSet(t, `,"alg":"Ed25519"`, key), []string{jose.Ed25519}, true},
		"another key": {parseSet(t, "", generate(t, jose.EdDSA)), []string{jose.Ed25519}, false},
		"RSA":         {parseSet(t, "", generate(t, jose.RS256)), []string{jose.Ed25519}, false},
		"not allowed": {parseSet(t, "", key), []string{jose.EdDSA}, false},
	} {
		if err := jose.Verify(token, jose.Expect{Algs: c.algs, Types: []string{"JWT"}, Keys: c.set}, &claims{}); (err == nil) != c.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
	changed := []byte(token)
	changed[len(changed)-5] ^= 1
	if jose.Verify(string(changed), jose.Expect{Algs: []string{jose.Ed25519}, Types: []string{"JWT"}, Keys: parseSet(t, "", key)}, &claims{}) == nil {
		t.Error("a changed signature is accepted")
	}
}

func TestSetHolds(t *testing.T) {
	rsa, ec, ed := generate(t, jose.RS256), generate(t, jose.ES256), generate(t, jose.EdDSA)
	set := parseSet(t, "", rsa, ec, ed)
	for _, key := range []*jose.Key{rsa, ec, ed} {
		if !set.Holds(jose.CryptoPublic(key)) {
			t.Errorf("%s: not found", key.Alg())
		}
		if set.Holds(jose.CryptoPublic(generate(t, key.Alg()))) {
			t.Errorf("%s: another key is found", key.Alg())
		}
	}
	for name, key := range map[string]any{"nil": nil, "text": "key", "short": ed25519.PublicKey{1}} {
		if set.Holds(key) || (jose.Set{}).Holds(key) {
			t.Errorf("%s is found", name)
		}
	}
}

// Keys that say that they are for something else are left out.
func TestKeysForOtherUses(t *testing.T) {
	key := generate(t, jose.ES256)
	for more, n := range map[string]int{
		``: 1, `,"use":"sig"`: 1, `,"key_ops":["verify"]`: 1, `,"key_ops":["sign","verify"]`: 1, `,"key_ops":null`: 1,
		`,"use":"enc"`: 0, `,"use":""`: 0, `,"key_ops":["encrypt"]`: 0, `,"key_ops":[]`: 0, `,"key_ops":1`: 0, `,"use":1`: 0,
	} {
		if got := parseSet(t, more, key).Len(); got != n {
			t.Errorf("%s: %d keys", more, got)
		}
	}
}
