package clientauth_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/authorize/clientauth"
	"github.com/gatehouse-auth/gatehouse/authorize/internal/ration"
	"github.com/gatehouse-auth/gatehouse/fault"
)

// everywhere is a network in which every address but those of broken hosts has
// one key set.
type everywhere struct {
	set    string
	asked  map[string]int
	broken map[string]bool
}

func (e *everywhere) Do(r *http.Request) (*http.Response, error) {
	if e.asked[r.URL.String()]++; e.broken[r.URL.Host] {
		return nil, errors.New("connection refused")
	}
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(e.set))}, nil
}

// newCrowd is a world whose clients come by themselves, each with keys at an
// address, from the network that who names.
func newCrowd(t *testing.T) (w *world, web *everywhere, who *string) {
	w, web, who = newWorld(t, inMemory), nil, new(string)
	web = &everywhere{set: `{"keys":[` + w.key.jwk("1") + `]}`, asked: map[string]int{}, broken: map[string]bool{}}
	w.Keys = clientauth.NewKeys(clientauth.KeysConfig{
		HTTP:  func(*client.Client) clientauth.HTTP { return web },
		Asker: func(context.Context) string { return *who }, Now: w.clock.Now,
	})
	return w, web, who
}

// comes has a client with keys at an address ask; stranger says how it came.
func (w *world) comes(address string, stranger bool) error {
	c := &client.Client{ID: "robot", Dynamic: stranger, JWKSURI: address, TokenEndpointAuthMethod: client.AuthPrivateKey}
	w.clients[c.ID] = c
	_, err := w.Authenticate(request(), w.assert(w.said(c.ID)))
	return err
}

// DOS-05: a flood of clients with keys somewhere costs the network that it comes
// from, and neither those who are at work nor the operator's clients.
func TestFloodOfKeys(t *testing.T) {
	const honest = "https://agent.example.com/keys"
	w, web, who := newCrowd(t)
	*who = "the office"
	if err := w.comes(honest, true); err != nil {
		t.Fatal(err)
	}
	*who = "flooder"
	got := 0
	for i := range 100 {
		switch err := w.comes(fmt.Sprintf("https://agent.example.com/%d", i), true); {
		case err == nil:
			got++
		case !fault.Is(err, fault.Throttled):
			t.Fatalf("%v", err)
		}
	}
	if strange, known := clientauth.Addresses(w.Keys); got != ration.PerAsker || strange != got+1 || known != 0 {
		t.Errorf("one network got %d; %d are remembered, and %d of others", got, strange, known)
	}
	if err := w.comes("https://agent.example.com/mine", false); err != nil {
		t.Errorf("the operator's: %v", err)
	}
	*who = "somebody"
	if err := w.comes("https://agent.example.com/theirs", true); err != nil {
		t.Errorf("somebody else: %v", err)
	}
	for i := range 100 { // now from everywhere
		*who = fmt.Sprint("botnet", i)
		w.comes(fmt.Sprintf("https://agent.example.com/all%d", i), true)
	}
	w.clock.Add(10 * time.Minute) // the keys are due
	for i := range 100 {
		*who = fmt.Sprint("botnet", i)
		w.comes(fmt.Sprintf("https://agent.example.com/more%d", i), true)
	}
	if err := w.comes(honest, true); err != nil || web.asked[honest] != 2 {
		t.Errorf("who is at work: %v after %d requests", err, web.asked[honest])
	}
}

// What proved something is remembered before what did not, and strangers push out
// nobody else.
func TestFloodPushesOutNoKeys(t *testing.T) {
	const honest, mine = "https://agent.example.com/keys", "https://wiki.example.com/keys"
	w, web, who := newCrowd(t)
	for address, stranger := range map[string]bool{honest: true, mine: false} {
		if err := w.comes(address, stranger); err != nil {
			t.Fatal(err)
		}
	}
	web.set = `{"keys":[` + newSigner(t).jwk("1") + `]}` // good sets that prove nothing
	for i := range 1500 {
		if i%300 == 0 {
			w.clock.Add(time.Minute)
		}
		*who = fmt.Sprint("botnet", i/ration.PerAsker)
		if err := w.comes(fmt.Sprintf("https://flood-%d.example/keys", i), true); !fault.Is(err, fault.Denied) {
			t.Fatalf("%d: %v", i, err)
		}
	}
	web.broken["agent.example.com"], web.broken["wiki.example.com"] = true, true
	for address, stranger := range map[string]bool{honest: true, mine: false} {
		if err := w.comes(address, stranger); err != nil || web.asked[address] != 1 {
			t.Errorf("%s: %v after %d requests", address, err, web.asked[address])
		}
	}
	if strange, known := clientauth.Addresses(w.Keys); strange != 1000 || known != 1 {
		t.Errorf("%d and %d are remembered", strange, known)
	}
}

// A failure is remembered for its minute, also when a flood of failures follows;
// and what one kind of client reaches is not what the other gets.
func TestStrangersKeysApart(t *testing.T) {
	const address = "https://inside.example.com/keys"
	w, web, _ := newCrowd(t)
	web.broken["down.example.com"] = true
	for range 20 {
		if err := w.comes("https://down.example.com/keys", true); !fault.Is(err, fault.Denied) {
			t.Errorf("%v", err)
		}
	}
	if n := web.asked["https://down.example.com/keys"]; n != 1 {
		t.Errorf("asked %d times", n)
	}
	if err := w.comes(address, false); err != nil {
		t.Fatal(err)
	}
	web.broken["inside.example.com"] = true // as it is for strangers
	if err := w.comes(address, true); !fault.Is(err, fault.Denied) || web.asked[address] != 2 {
		t.Errorf("%v after %d requests", err, web.asked[address])
	}
}

// A client with a document can't keep one that registered itself from keys that
// only that one can reach.
func TestDocumentsKeysApart(t *testing.T) {
	const id, address = "https://agent.example.com/client", "https://inside.example.com/keys"
	w, web, _ := newCrowd(t)
	web.broken["inside.example.com"] = true // as it is for clients with documents
	w.clients[id] = &client.Client{ID: id, Dynamic: true, JWKSURI: address, TokenEndpointAuthMethod: client.AuthPrivateKey}
	if _, err := w.Authenticate(request(), w.assert(w.said(id))); !fault.Is(err, fault.Denied) || web.asked[address] != 1 {
		t.Errorf("%v after %d requests", err, web.asked[address])
	}
	web.broken["inside.example.com"] = false
	if err := w.comes(address, true); err != nil {
		t.Error(err)
	}
}
