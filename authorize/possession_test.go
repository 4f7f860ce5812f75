package authorize_test

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/token"
	"github.com/gatehouse-auth/gatehouse/internal/seal"
	"github.com/gatehouse-auth/gatehouse/internal/secret"
)

// prover is a client's key for DPoP.
type prover struct {
	w       *world
	private ed25519.PrivateKey
	nonce   string
}

func newProver(t testing.TB, w *world) *prover {
	_, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &prover{w: w, private: private}
}

// proof makes a proof for a request; token is empty at the token endpoint.
func (p *prover) proof(method, path, token string) string {
	b64 := base64.RawURLEncoding.EncodeToString
	claims := map[string]any{"jti": secret.New(), "htm": method, "htu": p.w.issuer + path, "iat": p.w.clock.Now().Unix()}
	if p.nonce != "" {
		claims["nonce"] = p.nonce
	}
	if token != "" {
		sum := sha256.Sum256([]byte(token))
		claims["ath"] = b64(sum[:])
	}
	body, _ := json.Marshal(claims)
	head := `{"typ":"dpop+jwt","alg":"EdDSA","jwk":{"kty":"OKP","crv":"Ed25519","x":"` + b64(p.private.Public().(ed25519.PublicKey)) + `"}}`
	text := b64([]byte(head)) + "." + b64(body)
	return text + "." + b64(ed25519.Sign(p.private, []byte(text)))
}

// thumbprint is the key's (RFC 7638, RFC 8037).
func (p *prover) thumbprint() string {
	b64 := base64.RawURLEncoding.EncodeToString
	sum := sha256.Sum256([]byte(`{"crv":"Ed25519","kty":"OKP","x":"` + b64(p.private.Public().(ed25519.PublicKey)) + `"}`))
	return b64(sum[:])
}

func withPossession(cfg *parts) {
	master, err := seal.NewMaster([]byte("0123456789abcdefghijklmnopqrstuv"))
	if err != nil {
		panic(err)
	}
	cfg.Proofs = token.Possession(cfg.Shorts, master.Box("dpop nonce"), cfg.Now)
}

// DPoP from end to end (RFC 9449; OAU-37): tokens bound to a key, the key
// demanded at userinfo and at every refresh, each proof good once.
func TestDPoP(t *testing.T) {
	for _, client := range []string{"jot", "phone", "agent"} {
		w, _ := newTokenWorld(t, inMemory, withPossession)
		b := w.browser()
		b.signIn("alice", "local")
		me, thief := newProver(t, w), newProver(t, w)
		v := as(client, redeem(b.code(request("client_id", client, "redirect_uri", uriOf(client), "scope", "openid offline_access")), "redirect_uri", uriOf(client)))
		for name, bad := range map[string]string{"made for another address": me.proof("POST", "/revoke", ""), "garbage": "x.y.z"} {
			if a := b.post("/token", v, header("DPoP", bad)); a.StatusCode != 400 || a.tokens(t).Error != "invalid_dpop_proof" || a.Header.Get("DPoP-Nonce") == "" {
				t.Errorf("%s, %s: %d %s", client, name, a.StatusCode, a.body)
			}
		}
		first := b.post("/token", v, header("DPoP", me.proof("POST", "/token", "")))
		got := first.tokens(t) // none of that spent the code
		if got.Type != "DPoP" || got.Refresh == "" {
			t.Fatalf("%s: %s", client, first.body)
		}
		if client == "jot" {
			if cnf, _ := part(t, got.Access, 1)["cnf"].(map[string]any); cnf["jkt"] != me.thumbprint() {
				t.Errorf("cnf is %v", cnf)
			}
		}
		me.nonce = first.Header.Get("DPoP-Nonce")
		use := func(scheme, proof string) answer {
			r, _ := http.NewRequest(http.MethodGet, w.issuer+"/userinfo", nil)
			r.Header.Set("Authorization", scheme+" "+got.Access)
			header("DPoP", proof)(r)
			return b.do(r)
		}
		once := me.proof("GET", "/userinfo", got.Access)
		for _, c := range []struct {
			name, scheme, proof string
			status              int
			error               string
		}{
			{"good", "DPoP", once, 200, ""},
			{"used before", "DPoP", once, 401, "invalid_dpop_proof"},
			{"no proof", "DPoP", "", 401, "invalid_token"},
			{"as a bearer token", "Bearer", "", 401, "invalid_token"},
			{"as a bearer token with a proof", "Bearer", me.proof("GET", "/userinfo", got.Access), 401, "invalid_token"},
			{"another key", "DPoP", thief.proof("GET", "/userinfo", got.Access), 401, "invalid_token"},
			{"another token", "DPoP", me.proof("GET", "/userinfo", got.Access+"x"), 401, "invalid_dpop_proof"},
			{"another method", "DPoP", me.proof("POST", "/userinfo", got.Access), 401, "invalid_dpop_proof"},
		} {
			a := use(c.scheme, c.proof)
			if a.StatusCode != c.status || c.error != "" && !strings.Contains(a.Header.Get("WWW-Authenticate"), c.scheme+` realm="gatehouse", error="`+c.error+`"`) {
				t.Errorf("%s, %s: %d %v", client, c.name, a.StatusCode, a.Header)
			}
		}
		renew := func(proof string) tokens {
			return b.post("/token", form(client, "grant_type", "refresh_token", "refresh_token", got.Refresh), header("DPoP", proof)).tokens(t)
		}
		if a := renew(""); a.Error != "invalid_grant" {
			t.Errorf("%s: without a key: %+v", client, a)
		}
		proof := me.proof("POST", "/token", "")
		if a := renew(proof); a.Refresh != got.Refresh || a.Type != "DPoP" {
			t.Errorf("%s: %+v", client, a)
		}
		if a := renew(proof); a.Error != "invalid_dpop_proof" {
			t.Errorf("%s: a proof was used twice: %+v", client, a)
		}
		w.clock.pass(6 * time.Minute)
		if a := renew(me.proof("POST", "/token", "")); a.Error != "use_dpop_nonce" {
			t.Errorf("%s: an old nonce: %+v", client, a)
		}
	}
}

// Discovery says so where it is offered, and else does not (OAU-40).
func TestDiscoveryOfPossession(t *testing.T) {
	with, _ := newTokenWorld(t, inMemory, withPossession)
	without, _ := newTokenWorld(t, inMemory)
	for _, name := range []string{"dpop_signing_alg_values_supported", "tls_client_certificate_bound_access_tokens"} {
		if with.browser().get(with.issuer + "/.well-known/openid-configuration").fields(t)[name] == nil {
			t.Errorf("%s is not said", name)
		}
		if without.browser().get(without.issuer + "/.well-known/openid-configuration").fields(t)[name] != nil {
			t.Errorf("%s is said", name)
		}
	}
}

// Who sends no proof gets a bearer token as before.
func TestNoDPoP(t *testing.T) {
	w, _ := newTokenWorld(t, inMemory, withPossession)
	b := w.browser()
	b.signIn("alice", "local")
	if got := b.login("agent"); got.Type != "Bearer" || b.userinfo(got.Access).StatusCode != 200 {
		t.Errorf("%+v", got)
	}
}
