package proof_test

import (
	"crypto/ed25519"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/proof"
	"github.com/gatehouse-auth/gatehouse/internal/seal"
	"github.com/gatehouse-auth/gatehouse/internal/secret"
	"github.com/gatehouse-auth/gatehouse/store"
	"github.com/gatehouse-auth/gatehouse/store/memory"
	"github.com/gatehouse-auth/gatehouse/store/sqlite"
	"github.com/gatehouse-auth/gatehouse/store/storetest"
)

const (
	endpoint = "https://auth.example.com/token"
	token    = "an-access-token"
)

func b64(raw []byte) string { return base64.RawURLEncoding.EncodeToString(raw) }

// signer is a client's Ed25519 key. It signs any header and claims; JWK in the
// header is its public key.
type signer struct{ private ed25519.PrivateKey }

func newSigner(t testing.TB) signer {
	t.Helper()
	_, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	return signer{private}
}

func (s signer) jwk() string {
	return `{"kty":"OKP","crv":"Ed25519","x":"` + b64(s.private.Public().(ed25519.PublicKey)) + `"}`
}

func (s signer) sign(header, payload string) string {
	text := b64([]byte(strings.ReplaceAll(header, "JWK", s.jwk()))) + "." + b64([]byte(payload))
	return text + "." + b64(ed25519.Sign(s.private, []byte(text)))
}

const good = `{"typ":"dpop+jwt","alg":"EdDSA","jwk":JWK}`

// world is a verifier, a clock and a client's key.
type world struct {
	*proof.Verifier
	t     testing.TB
	clock *storetest.Clock
	key   signer
}

func newWorld(t testing.TB, shorts func(now func() time.Time) store.Shorts) *world {
	t.Helper()
	w := &world{t: t, clock: storetest.NewClock(), key: newSigner(t)}
	w.Verifier = &proof.Verifier{Shorts: shorts(w.clock.Now), Now: w.clock.Now}
	return w
}

// nonces are those of one master key.
func (w *world) nonces(first byte) *proof.Nonces {
	w.t.Helper()
	master, err := seal.NewMaster([]byte(string(rune('a'+first)) + "123456789abcdefghijklmnopqrstuv"))
	if err != nil {
		w.t.Fatal(err)
	}
	return proof.NewNonces(master.Box("dpop nonce"), w.clock.Now)
}

func inMemory(now func() time.Time) store.Shorts {
	return memory.NewShorts(memory.Options{Now: now})
}

func stores(t testing.TB) map[string]func(func() time.Time) store.Shorts {
	return map[string]func(func() time.Time) store.Shorts{"memory": inMemory, "sqlite": func(now func() time.Time) store.Shorts {
		s, err := sqlite.OpenShorts(filepath.Join(t.TempDir(), "shorts.db"), sqlite.Options{Now: now})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		return s
	}}
}

// said gives the claims of a good proof; pairs change them, nil removes.
func (w *world) said(pairs ...any) string {
	w.t.Helper()
	c := map[string]any{"jti": secret.New(), "htm": "POST", "htu": endpoint, "iat": w.clock.Now().Unix()}
	for i := 0; i < len(pairs); i += 2 {
		if c[pairs[i].(string)] = pairs[i+1]; pairs[i+1] == nil {
			maps.DeleteFunc(c, func(name string, _ any) bool { return name == pairs[i] })
		}
	}
	raw, err := json.Marshal(c)
	if err != nil {
		w.t.Fatal(err)
	}
	return string(raw)
}

// proof signs the claims of a good proof as changed.
func (w *world) proof(pairs ...any) string { return w.key.sign(good, w.said(pairs...)) }

// request is a POST with these proofs.
func request(proofs ...string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "http://somewhere.else/", nil) // where it says it went doesn't count
	for _, p := range proofs {
		r.Header.Add("DPoP", p)
	}
	return r
}

// over puts a certificate onto the connection.
func over(r *http.Request, cert string) *http.Request {
	r.TLS = &tls.ConnectionState{HandshakeComplete: true, PeerCertificates: []*x509.Certificate{{Raw: []byte(cert)}}}
	return r
}

// code gives the code of a refusal, "" for success.
func code(t testing.TB, err error) string {
	t.Helper()
	if err == nil {
		return ""
	}
	e, ok := errors.AsType[*proof.Error](err)
	if !ok {
		t.Fatalf("not a refusal: %v", err)
	}
	return e.Code
}
