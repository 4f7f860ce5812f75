package authorize_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/authorize/grant"
	"github.com/gatehouse-auth/gatehouse/authorize/pushed"
	"github.com/gatehouse-auth/gatehouse/internal/secret"
)

// fapiWorld is the bank, which says `profile fapi2` and its keys, and a person.
type fapiWorld struct {
	*world
	*browser
	me *prover
}

// asserted sends a form to an endpoint with an assertion whose claims are
// changed.
func (w *fapiWorld) asserted(path string, v url.Values, pairs ...any) answer {
	now := w.clock.Now()
	claims := map[string]any{"iss": "bank", "sub": "bank", "aud": w.issuer, "jti": secret.New(), "exp": now.Add(time.Minute).Unix()}
	for i := 0; i+1 < len(pairs); i += 2 {
		claims[pairs[i].(string)] = pairs[i+1]
	}
	text, err := theKey(w.world.t).Sign("JWT", claims)
	if err != nil {
		w.world.t.Fatal(err)
	}
	for name, value := range assertedBy(text) {
		v[name] = value
	}
	return w.post(path, v)
}

// redeem redeems a code of the bank's with a proof.
func (w *fapiWorld) redeem(code, proof string, pairs ...string) answer {
	return w.post("/token", w.proves("bank", redeem(code, append([]string{"client_secret", ""}, pairs...)...)), header("DPoP", proof))
}

// brought is the answer at authorize to a request that was pushed.
func (w *fapiWorld) brought(pairs ...string) answer {
	return w.ask(w.pushed(request(append([]string{"client_id", "bank", "scope", "openid offline_access"}, pairs...)...)))
}

// bankCode is a code for the bank.
func (w *fapiWorld) bankCode() string { return w.brought().to.Query().Get("code") }

// FAPI 2.0 Security Profile (final), section by section: what it demands of an
// authorization server, of a client that says `profile fapi2` and nothing else.
// The forms of assertions and proofs are held in detail by packages clientauth
// and proof.
func TestFAPI2(t *testing.T) {
	bad := func(a answer, status int, code string) bool {
		return a.StatusCode == status && a.fields(t)["error"] == code
	}
	registered := func(change func(*client.Client)) error {
		c := &client.Client{ID: "x", Profile: client.ProfileFAPI2, JWKS: keysOf(t), RedirectURIs: []string{wikiURI}}
		change(c)
		c.ApplyProfile()
		return c.Validate()
	}
	w := newPushWorld(t)
	b := w.browser()
	b.signIn("alice", "local")
	bank := &fapiWorld{w, b, newProver(t, w)}
	for _, row := range []struct {
		section, demand string
		holds           func(*fapiWorld) bool
	}{
		{"5.3.2.1", "shall reject requests using the resource owner password credentials grant", func(w *fapiWorld) bool { // OAU-13
			return bad(w.post("/token", w.proves("bank", url.Values{"grant_type": {"password"}}), header("DPoP", w.me.proof("POST", "/token", ""))), 400, "unsupported_grant_type")
		}},
		{"5.3.2.1", "shall only support confidential clients", func(*fapiWorld) bool {
			return registered(func(c *client.Client) { c.Public = true }) != nil
		}},
		{"5.3.2.1", "shall only issue sender-constrained access tokens", func(w *fapiWorld) bool { // OAU-37
			return bad(w.redeem(w.bankCode(), ""), 400, "invalid_dpop_proof")
		}},
		{"5.3.2.1", "shall use ... MTLS ... or DPoP", func(w *fapiWorld) bool {
			return w.redeem(w.bankCode(), w.me.proof("POST", "/token", "")).tokens(t).Type == "DPoP" && w.clients["held"].CertificateBoundTokens
		}},
		{"5.3.2.1", "shall authenticate clients using ... MTLS ... or private_key_jwt", func(w *fapiWorld) bool { // OAU-11
			return bad(w.post("/token", redeem(w.bankCode(), "client_id", "bank")), 401, "invalid_client") &&
				registered(func(c *client.Client) { c.TokenEndpointAuthMethod = client.AuthBasic }) != nil
		}},
		{"5.3.2.1", "shall not expose open redirectors", func(w *fapiWorld) bool { // OAU-01
			return w.ask(request("client_id", "bank", "redirect_uri", "https://evil.example/")).shown()
		}},
		{"5.3.2.1", "shall accept its issuer identifier value ... as a string in the aud claim", func(w *fapiWorld) bool {
			return w.asserted("/par", request("client_id", "bank")).StatusCode == http.StatusCreated
		}},
		{"5.3.2.1", "shall only accept its issuer identifier value", func(w *fapiWorld) bool {
			for _, aud := range []any{w.issuer + "/par", w.issuer + "/token", []string{w.issuer}, []string{w.issuer, "x"}} {
				if !bad(w.asserted("/par", request("client_id", "bank"), "aud", aud), 401, "invalid_client") {
					return false
				}
			}
			return true
		}},
		{"5.3.2.1", "shall not use refresh token rotation", func(w *fapiWorld) bool { // OAU-31
			first := w.redeem(w.bankCode(), w.me.proof("POST", "/token", "")).tokens(t)
			again := w.post("/token", w.proves("bank", url.Values{"grant_type": {"refresh_token"}, "refresh_token": {first.Refresh}}), header("DPoP", w.me.proof("POST", "/token", ""))).tokens(t)
			return first.Refresh != "" && again.Refresh == first.Refresh && again.Type == "DPoP"
		}},
		{"5.3.2.1", "shall accept JWTs with an iat or nbf timestamp between 0 and 10 seconds in the future", func(w *fapiWorld) bool {
			soon := w.clock.Now().Add(10 * time.Second).Unix()
			return w.asserted("/par", request("client_id", "bank"), "iat", soon, "nbf", soon).StatusCode == http.StatusCreated
		}},
		{"5.3.2.1", "shall reject JWTs with an iat or nbf timestamp greater than 60 seconds in the future", func(w *fapiWorld) bool {
			late := w.clock.Now().Add(61 * time.Second).Unix()
			return bad(w.asserted("/par", request("client_id", "bank"), "nbf", late), 401, "invalid_client") &&
				bad(w.asserted("/par", request("client_id", "bank"), "iat", late), 401, "invalid_client")
		}},
		{"5.3.2.2", "shall require the value of response_type ... to be code", func(w *fapiWorld) bool { // OAU-12
			return bad(w.push(request("client_id", "bank", "response_type", "code id_token")), 400, "unsupported_response_type")
		}},
		{"5.3.2.2", "shall support client-authenticated pushed authorization requests", func(w *fapiWorld) bool { return w.bankCode() != "" }},
		{"5.3.2.2", "shall reject authorization requests sent without [them]", func(w *fapiWorld) bool { // OAU-26
			return w.ask(request("client_id", "bank")).told() == "invalid_request"
		}},
		{"5.3.2.2", "shall reject pushed authorization requests without client authentication", func(w *fapiWorld) bool {
			return bad(w.post("/par", request("client_id", "bank")), 401, "invalid_client")
		}},
		{"5.3.2.2", "shall require PKCE ... with S256", func(w *fapiWorld) bool { // OAU-05
			return bad(w.push(request("client_id", "bank", "code_challenge", "", "code_challenge_method", "")), 400, "invalid_request") &&
				bad(w.push(request("client_id", "bank", "code_challenge_method", "plain")), 400, "invalid_request") &&
				registered(func(c *client.Client) { c.InsecurePKCEOptional = true }) != nil
		}},
		{"5.3.2.2", "shall require the redirect_uri parameter in pushed authorization requests", func(w *fapiWorld) bool {
			return bad(w.push(request("client_id", "bank", "redirect_uri", "")), 400, "invalid_request")
		}},
		{"5.3.2.2", "shall return an iss parameter in the authorization response", func(w *fapiWorld) bool { // OAU-20
			return w.brought().to.Query().Get("iss") == w.issuer && w.brought("prompt", "none", "max_age", "0").to.Query().Get("iss") == w.issuer
		}},
		{"5.3.2.2", "shall not transmit authorization responses over unencrypted network connections ... http", func(*fapiWorld) bool {
			return registered(func(c *client.Client) { c.RedirectURIs = []string{"http://127.0.0.1/cb"} }) != nil
		}},
		{"5.3.2.2", "shall only issue authorization codes with a maximum lifetime of 60 seconds", func(w *fapiWorld) bool { // OAU-03
			code := w.bankCode()
			w.clock.pass(time.Minute)
			return grant.CodeLife <= time.Minute && bad(w.redeem(code, w.me.proof("POST", "/token", "")), 400, "invalid_grant")
		}},
		{"5.3.2.2", "shall support server-provided nonces [of DPoP] and Authorization Code Binding to DPoP Key", func(w *fapiWorld) bool {
			v := w.pushed(request("client_id", "bank"), header("DPoP", w.me.proof("POST", "/par", "")))
			other := newProver(t, w.world)
			a := w.redeem(w.code(v), other.proof("POST", "/token", ""))
			return bad(a, 400, "invalid_grant") && a.Header.Get("DPoP-Nonce") != ""
		}},
		{"5.3.2.2", "shall issue pushed authorization requests' request_uri with expires_in values of less than 600 seconds", func(*fapiWorld) bool {
			return pushed.Life < 600*time.Second
		}},
		{"5.3.2.2", "shall not use the HTTP 307 status code", func(w *fapiWorld) bool { return w.brought().StatusCode == http.StatusSeeOther }}, // RED-06
		{"5.3.2.2", "should ... [allow] a reload ... before [the] authorization [is] complete", func(w *fapiWorld) bool {
			v, nobody := w.pushed(request("client_id", "bank")), w.world.browser()
			_, first := nobody.ask(v).atLogin(w.world)
			_, second := nobody.ask(v).atLogin(w.world)
			return first && second
		}},
		{"5.4.1", "shall adhere to [PS256, ES256, EdDSA]", func(w *fapiWorld) bool { // JWT-02
			c := w.clients["bank"]
			algs := slices.Concat(c.AssertionAlgs(), c.RequestAlgs(), []string{c.Alg()})
			return !slices.ContainsFunc(algs, func(alg string) bool { return !slices.Contains([]string{"PS256", "ES256", "EdDSA", "Ed25519"}, alg) })
		}},
		{"5.4.1", "shall not use or accept the none algorithm", func(w *fapiWorld) bool { // JWT-03
			text := "eyJhbGciOiJub25lIn0." + strings.Split(w.object(request("client_id", "bank")), ".")[1] + "."
			return bad(w.push(wrapped("bank", text)), 400, "invalid_request_object")
		}},
	} {
		t.Run(row.section+" "+row.demand, func(t *testing.T) {
			if !row.holds(bank) {
				t.Error("it does not hold")
			}
		})
	}
}
