package proof_test

import (
	"crypto/sha256"
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/proof"
	"github.com/gatehouse-auth/gatehouse/fault"
)

func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return b64(sum[:])
}

// What may be used with which token (RFC 9449, section 7; RFC 8705, section 3).
func TestUse(t *testing.T) {
	w := newWorld(t, inMemory)
	at := proof.At{URL: endpoint, Token: token}
	ath := hash(token)
	mine, err := w.Of(request(w.proof()), proof.At{URL: endpoint})
	if err != nil {
		t.Fatal(err)
	}
	cert := proof.Binding{X5TS256: hash("cert")}
	both := proof.Binding{JKT: mine.JKT, X5TS256: cert.X5TS256}
	other := newSigner(t)
	for _, c := range []struct {
		name   string
		proof  string
		cert   string
		scheme string
		bound  proof.Binding
		want   string
	}{
		{"bearer", "", "", "Bearer", proof.Binding{}, ""},
		{"bearer, scheme in lower case", "", "", "bearer", proof.Binding{}, ""},
		{"bearer beside a certificate", "", "cert", "Bearer", proof.Binding{}, ""},
		{"bearer beside a proof of something", "x", "", "Bearer", proof.Binding{}, ""},
		{"bearer token as DPoP", w.proof("ath", ath), "", "DPoP", proof.Binding{}, proof.InvalidToken},
		{"basic", "", "", "Basic", proof.Binding{}, proof.InvalidToken},

		{"DPoP", w.proof("ath", ath), "", "DPoP", mine, ""},
		{"DPoP, scheme in lower case", w.proof("ath", ath), "", "dpop", mine, ""},
		{"bound token as bearer", w.proof("ath", ath), "", "Bearer", mine, proof.InvalidToken}, // OAU-37
		{"bound token, no proof", "", "", "DPoP", mine, proof.InvalidProof},
		{"another key", other.sign(good, w.said("ath", ath)), "", "DPoP", mine, proof.InvalidToken},
		{"no ath", w.proof(), "", "DPoP", mine, proof.InvalidProof},
		{"ath of another token", w.proof("ath", hash("another")), "", "DPoP", mine, proof.InvalidProof},
		{"a broken proof", "x", "", "DPoP", mine, proof.InvalidProof},

		{"certificate", "", "cert", "Bearer", cert, ""},
		{"another certificate", "", "forged", "Bearer", cert, proof.InvalidToken},
		{"no certificate", "", "", "Bearer", cert, proof.InvalidToken},
		{"certificate as DPoP", w.proof("ath", ath), "cert", "DPoP", cert, proof.InvalidToken},

		{"both", w.proof("ath", ath), "cert", "DPoP", both, ""},
		{"both, no certificate", w.proof("ath", ath), "", "DPoP", both, proof.InvalidToken},
		{"both, no proof", "", "cert", "DPoP", both, proof.InvalidProof},
	} {
		r := request()
		if c.proof != "" {
			r.Header.Set("DPoP", c.proof)
		}
		if c.cert != "" {
			over(r, c.cert)
		}
		if got := code(t, w.Use(r, at, c.scheme, c.bound)); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	again := w.proof("ath", ath)
	for i, want := range []string{"", proof.InvalidProof} {
		if got := code(t, w.Use(request(again), at, "DPoP", mine)); got != want {
			t.Errorf("use %d of one proof: %q", i+1, got)
		}
	}
	if err := w.Use(request(), proof.At{URL: endpoint}, "Bearer", proof.Binding{}); !fault.Is(err, fault.Internal) {
		t.Errorf("no token: %v", err)
	}
}

// A proof that is refused for the token it came with is not used up, and early
// data proves no certificate (PRX-13).
func TestNothingIsProvedTooEarly(t *testing.T) {
	w := newWorld(t, inMemory)
	p := w.proof("ath", hash(token))
	at := proof.At{URL: endpoint, Token: token}
	if code(t, w.Use(request(p), at, "DPoP", proof.Binding{JKT: hash("another")})) != proof.InvalidToken {
		t.Error("another key's token was used")
	}
	if _, err := w.Of(request(p), at); err != nil {
		t.Errorf("the proof is used up: %v", err)
	}
	early := over(request(), "cert")
	early.TLS.HandshakeComplete = false
	if got, err := w.Of(early, proof.At{URL: endpoint}); err != nil || got.Bound() {
		t.Errorf("early data: %v, %v", got, err)
	}
}

func TestBinding(t *testing.T) {
	b := proof.Binding{JKT: "k", X5TS256: "c"}
	for _, c := range []struct {
		bound, shown proof.Binding
		want         bool
	}{
		{proof.Binding{}, proof.Binding{}, true},
		{proof.Binding{}, b, true},
		{b, b, true},
		{b, proof.Binding{}, false},
		{b, proof.Binding{JKT: "k"}, false},
		{b, proof.Binding{X5TS256: "c"}, false},
		{b, proof.Binding{JKT: "c", X5TS256: "k"}, false},
		{proof.Binding{JKT: "k"}, b, true},
		{proof.Binding{X5TS256: "c"}, b, true},
	} {
		if c.bound.Matches(c.shown) != c.want {
			t.Errorf("%v matches %v: %v", c.bound, c.shown, !c.want)
		}
	}
	raw, err := json.Marshal(b)
	if err != nil || string(raw) != `{"jkt":"k","x5t#S256":"c"}` { // RFC 7800, RFC 8705 3.1
		t.Errorf("%s, %v", raw, err)
	}
	var again proof.Binding
	if err := json.Unmarshal(raw, &again); err != nil || again != b {
		t.Errorf("read back as %v, %v", again, err)
	}
	if b.TokenType() != "DPoP" || (proof.Binding{X5TS256: "c"}).TokenType() != "Bearer" || (proof.Binding{}).TokenType() != "Bearer" {
		t.Error("the token type is wrong")
	}
	if !proof.ValidThumbprint(hash("x")) || proof.ValidThumbprint("") || proof.ValidThumbprint(hash("x")+"=") || proof.ValidThumbprint(strings.Repeat("!", 43)) {
		t.Error("the form of a thumbprint is judged wrongly")
	}
}

// Nonces date proofs without a clock of the client's and without a record
// (RFC 9449, section 8; OAU-37).
func TestNonces(t *testing.T) {
	w := newWorld(t, inMemory)
	w.Nonces = w.nonces(0)
	if one, other := w.Nonces.New(), w.Nonces.New(); one == other {
		t.Error("two nonces are equal")
	}
	now, foreign := w.Nonces.New(), w.nonces(1).New()
	w.clock.Add(-5 * time.Minute)
	old := w.Nonces.New()
	w.clock.Add(time.Millisecond)
	aging := w.Nonces.New()
	w.clock.Add(5*time.Minute + 6*time.Second)
	future := w.Nonces.New()
	w.clock.Add(-6*time.Second - time.Millisecond)
	for name, c := range map[string]struct {
		nonce    any
		demanded bool
		want     string
	}{
		"one of ours":          {now, true, ""},
		"one, not demanded":    {now, false, ""},
		"almost old":           {aging, true, ""},
		"old":                  {old, true, proof.UseNonce},
		"from the future":      {future, true, proof.UseNonce},
		"of another key":       {foreign, true, proof.UseNonce},
		"made up":              {"x", true, proof.UseNonce},
		"made up, no demand":   {"x", false, proof.UseNonce},
		"changed":              {now[:len(now)-2] + "AA", true, proof.UseNonce},
		"none":                 {nil, true, proof.UseNonce},
		"none, not demanded":   {nil, false, ""},
		"not a text":           {1, true, proof.InvalidProof},
		"empty":                {"", true, proof.UseNonce},
		"empty, not demanded":  {"", false, ""},
		"of another process":   {w.nonces(0).New(), true, ""},
		"with something after": {now + "A", true, proof.UseNonce},
	} {
		_, err := w.Of(request(w.proof("nonce", c.nonce)), proof.At{URL: endpoint, Nonce: c.demanded})
		if code(t, err) != c.want {
			t.Errorf("%s: %v", name, err)
		}
	}
	// A nonce that is missing is asked for only if all else is right, the
	// clock excepted: whoever gets one can come back with it.
	_, err := w.Of(request(w.proof("htm", "GET")), proof.At{URL: endpoint, Nonce: true})
	if code(t, err) != proof.InvalidProof {
		t.Errorf("a wrong proof without a nonce: %v", err)
	}
	rec := httptest.NewRecorder()
	w.Offer(rec.Header())
	if _, err := w.Of(request(w.proof("nonce", rec.Header().Get("DPoP-Nonce"))), proof.At{URL: endpoint, Nonce: true}); err != nil {
		t.Errorf("the offered nonce is refused: %v", err)
	}
	w.Nonces = nil
	rec = httptest.NewRecorder()
	if w.Offer(rec.Header()); len(rec.Header()) != 0 {
		t.Errorf("a nonce of nobody: %v", rec.Header())
	}
}

func TestErrors(t *testing.T) {
	w := newWorld(t, inMemory)
	_, err := w.Of(request(w.proof("htu", "https://canary.example.com/")), proof.At{URL: endpoint})
	e, ok := err.(*proof.Error)
	if !ok || !fault.Is(err, fault.Denied) || strings.Contains(err.Error(), "canary") { // LOG-01
		t.Fatal(err)
	}
	want := `DPoP error="invalid_dpop_proof", error_description="the DPoP proof is not valid", algs="ES256 EdDSA Ed25519 PS256 RS256"`
	if got := proof.Challenge(e); got != want {
		t.Errorf("got %s", got)
	}
	if got := proof.Challenge(nil); got != `DPoP algs="ES256 EdDSA Ed25519 PS256 RS256"` {
		t.Errorf("got %s", got)
	}
}
