package authorize_test

import (
	"net/url"
	"testing"
)

// A code is bound to the key that the request names or that was shown when it
// was pushed, and is redeemed by that key alone (RFC 9449, sections 10 and
// 10.1; OAU-37).
func TestCodeIsBoundToAKey(t *testing.T) {
	w := newPushWorld(t)
	b := w.browser()
	b.signIn("alice", "local")
	me, thief := newProver(t, w), newProver(t, w)
	with := func(p *prover) string { return p.proof("POST", "/token", "") }
	named := func(client string) url.Values { return request("client_id", client, "dpop_jkt", me.thumbprint()) }
	for name, brings := range map[string]func() url.Values{
		"named at authorize": func() url.Values { return named("wiki") },
		"named and pushed":   func() url.Values { return b.pushed(named("wiki")) },
		"named and signed":   func() url.Values { return wrapped("signer", w.object(named("signer"))) },
		"shown when pushed": func() url.Values {
			return b.pushed(request(), header("DPoP", me.proof("POST", "/par", "")))
		},
		"named and shown": func() url.Values { return b.pushed(named("wiki"), header("DPoP", me.proof("POST", "/par", ""))) },
	} {
		for who, c := range map[string]struct{ proof, error string }{
			"me": {with(me), ""}, "a thief": {with(thief), "invalid_grant"}, "nobody": {"", "invalid_grant"},
		} {
			v := brings()
			held := as(v.Get("client_id"), redeem(b.code(v)))
			got := b.post("/token", held, header("DPoP", c.proof)).tokens(t)
			if got.Error != c.error || (got.Type == "DPoP") != (who == "me") {
				t.Errorf("%s, %s: %+v", name, who, got)
			}
		}
	}
}

// A proof that comes with a pushed request is judged as everywhere, costs
// nothing if the request is wrong, and is good once.
func TestProofWhenPushed(t *testing.T) {
	w := newPushWorld(t)
	b := w.browser()
	me, other := newProver(t, w), newProver(t, w)
	for name, c := range map[string]struct {
		v     url.Values
		proof string
		want  string
	}{
		"for another endpoint": {request(), me.proof("POST", "/token", ""), "invalid_dpop_proof"},
		"by another method":    {request(), me.proof("GET", "/par", ""), "invalid_dpop_proof"},
		"no proof":             {request(), "x.y.z", "invalid_dpop_proof"},
		"names another key":    {request("dpop_jkt", other.thumbprint()), me.proof("POST", "/par", ""), "invalid_request"}, // section 10.1
	} {
		if a := b.push(c.v, header("DPoP", c.proof)); a.StatusCode != 400 || a.fields(t)["error"] != c.want || a.Header.Get("DPoP-Nonce") == "" {
			t.Errorf("%s: %d %s", name, a.StatusCode, a.body)
		}
	}
	once := me.proof("POST", "/par", "")
	if a := b.push(request("scope", "admin"), header("DPoP", once)); a.fields(t)["error"] != "invalid_scope" {
		t.Errorf("%s", a.body)
	}
	if a := b.push(request(), header("DPoP", once)); a.StatusCode != 201 { // the wrong request did not use it up
		t.Errorf("%d %s", a.StatusCode, a.body)
	}
	if a := b.push(request(), header("DPoP", once)); a.fields(t)["error"] != "invalid_dpop_proof" {
		t.Errorf("twice: %d %s", a.StatusCode, a.body)
	}
}
