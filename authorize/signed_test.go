package authorize_test

import (
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/authorize"
	"github.com/gatehouse-auth/gatehouse/authorize/client"
)

// onlySigned is a house in which every client has to sign its requests.
func onlySigned(cfg *parts) {
	cfg.RequireSignedRequests = true
	for id, c := range static(cfg) {
		if !c.Signs() {
			delete(static(cfg), id)
		}
	}
	static(cfg)["device"] = &client.Client{ID: "device", Public: true, GrantTypes: []string{client.GrantDevice}}
}

// Where all requests must be signed discovery says so, and none is taken that is
// not, however it comes and whatever the client's own setting is (RFC 9101,
// section 10.5).
func TestEverybodySigns(t *testing.T) {
	w := newPushWorld(t, onlySigned)
	b := w.browser()
	b.signIn("alice", "local")
	if m := b.get(w.issuer + "/.well-known/openid-configuration").fields(t); m["require_signed_request_object"] != true { // OAU-40
		t.Errorf("discovery says %v", m["require_signed_request_object"])
	}
	for _, client := range []string{"signer", "bank"} {
		plain := request("client_id", client)
		if a := b.ask(plain); a.told() != "invalid_request" {
			t.Errorf("%s, plain: %d %v", client, a.StatusCode, a.to)
		}
		if a := b.push(plain); a.StatusCode != 400 || a.fields(t)["error"] != "invalid_request" {
			t.Errorf("%s, pushed and not signed: %d %s", client, a.StatusCode, a.body)
		}
		if b.code(b.pushed(wrapped(client, w.object(plain)))) == "" {
			t.Errorf("%s, pushed and signed: no code", client)
		}
	}
	if b.code(wrapped("signer", w.object(request("client_id", "signer")))) == "" {
		t.Error("signed: no code")
	}
	if a := b.ask(wrapped("bank", w.object(request("client_id", "bank")))); a.told() != "invalid_request" { // FAPI 2.0, section 5.3.2.2
		t.Errorf("the bank's, signed and not pushed: %d %v", a.StatusCode, a.to)
	}
}

// What was pushed before the demand came is judged as things are when it is
// brought.
func TestSignedMeanwhile(t *testing.T) {
	w := newPushWorld(t)
	b := w.browser()
	b.signIn("alice", "local")
	waiting := b.pushed(request("client_id", "signer"))
	w.clients["signer"].RequireSignedRequests = true
	if a := b.ask(waiting); a.told() != "invalid_request" {
		t.Errorf("%d %v", a.StatusCode, a.to)
	}
}

// A client that could never ask is found when the server is made.
func TestEverybodyNeedsKeys(t *testing.T) {
	_, err := authorize.New(authorize.Config{Issuer: "https://auth.example.com", RequireSignedRequests: true, Clients: clients(t)})
	if err == nil || !strings.Contains(err.Error(), `client "wiki": all requests must be signed`) {
		t.Errorf("%v", err)
	}
}
