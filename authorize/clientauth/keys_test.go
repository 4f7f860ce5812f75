package clientauth_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/authorize/clientauth"
	"github.com/gatehouse-auth/gatehouse/fault"
)

// host is where a client publishes its keys.
type host struct {
	*httptest.Server
	mu    sync.Mutex
	body  string
	code  int
	asked atomic.Int32
	hold  chan struct{} // requests wait for it, if there is one
}

func newHost(t testing.TB) *host {
	h := &host{code: http.StatusOK}
	h.Server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.asked.Add(1)
		if h.hold != nil {
			<-h.hold
		}
		h.mu.Lock()
		defer h.mu.Unlock()
		if r.Header.Get("Accept") != "application/jwk-set+json, application/json" {
			t.Errorf("asked for %q", r.Header.Get("Accept"))
		}
		w.WriteHeader(h.code)
		_, _ = io.WriteString(w, h.body)
	}))
	t.Cleanup(h.Close)
	return h
}

func (h *host) publish(code int, jwks ...string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.code, h.body = code, `{"keys":[`+strings.Join(jwks, ",")+`]}`
}

// remoteWorld has a client "remote" whose keys are at the host.
func remoteWorld(t testing.TB) (*world, *host) {
	w, h := newWorld(t, inMemory), newHost(t)
	w.Keys = clientauth.NewKeys(clientauth.KeysConfig{HTTP: func(*client.Client) clientauth.HTTP { return h.Client() }, Now: w.clock.Now})
	w.clients["remote"] = &client.Client{ID: "remote", JWKSURI: h.URL + "/jwks", TokenEndpointAuthMethod: client.AuthPrivateKey}
	h.publish(http.StatusOK, w.key.jwk("1"))
	return w, h
}

// remote asks as the remote client and tells whether it got in.
func (w *world) remote() bool {
	w.t.Helper()
	got, kind := w.ask(request(), w.assert(w.said("remote")))
	if got == "" && kind != fault.Denied {
		w.t.Errorf("kind %v", kind)
	}
	return got == "remote"
}

// Keys are fetched when they are needed, remembered, and fetched again for an
// unknown key, once a minute at most (FED-11).
func TestRemoteKeys(t *testing.T) {
	w, h := remoteWorld(t)
	step := func(name string, ok bool, asked int32) {
		t.Helper()
		if got := w.remote(); got != ok || h.asked.Load() != asked {
			t.Errorf("%s: %v after %d requests, want %v after %d", name, got, h.asked.Load(), ok, asked)
		}
	}
	if h.asked.Load() != 0 {
		t.Error("keys were fetched for nobody")
	}
	step("first", true, 1)
	step("again", true, 1)
	h.publish(http.StatusOK, newSigner(t).jwk("2"))
	step("rotated there, remembered here", true, 1)
	w.clock.Add(10 * time.Minute)
	step("remembered for ten minutes", false, 2)
	h.publish(http.StatusOK, w.key.jwk("1"))
	step("an unknown key within the minute", false, 2)
	w.clock.Add(59 * time.Second)
	step("an unknown key after 59 s", false, 2)
	w.clock.Add(time.Second)
	step("an unknown key after a minute", true, 3)
	h.publish(http.StatusInternalServerError)
	w.clock.Add(10 * time.Minute)
	step("the host is down", true, 4)
	step("and still", true, 4)
	w.clock.Add(49 * time.Minute)
	step("for an hour almost", true, 5)
	w.clock.Add(time.Minute)
	step("for an hour", false, 6)
	h.publish(http.StatusOK, w.key.jwk("1"))
	step("up again, within the pause", false, 6)
	w.clock.Add(time.Minute)
	step("up again", true, 7)
}

// What a host may answer and gets nobody in.
func TestRemoteKeysHostile(t *testing.T) {
	for name, body := range map[string]string{
		"nothing": "", "HTML": "<html>", "no set": "{}", "no keys": `{"keys":[]}`,
		"a private key": `{"keys":[{"kty":"OKP","crv":"Ed25519","x":"AAAA","d":"AAAA"}]}`, "a secret": `{"keys":[{"kty":"oct","k":"AAAA"}]}`,
		"too much": `{"keys":[` + strings.Repeat(" ", 70<<10) + `]}`, "deep": strings.Repeat("[", 60<<10),
	} {
		w, h := remoteWorld(t)
		h.mu.Lock()
		h.body = body
		h.mu.Unlock()
		if w.remote() {
			t.Errorf("%s: got in", name)
		}
	}
	w, h := remoteWorld(t)
	h.publish(http.StatusFound, w.key.jwk("1"))
	if w.remote() {
		t.Error("keys of an answer that is no success")
	}
	h.Close()
	w.clock.Add(time.Minute)
	if w.remote() {
		t.Error("keys of nobody")
	}
	if w.Keys = nil; w.remote() {
		t.Error("keys without a way to fetch them")
	}
}

// Many at once ask the host once; who goes away spoils nothing for the others.
func TestRemoteKeysTogether(t *testing.T) {
	w, h := remoteWorld(t)
	h.hold = make(chan struct{})
	var in atomic.Int32
	var all sync.WaitGroup
	for range 16 {
		p := w.assert(w.said("remote"))
		all.Go(func() {
			if c, err := w.Authenticate(request(), p); err == nil && c.ID == "remote" {
				in.Add(1)
			}
		})
	}
	close(h.hold)
	all.Wait()
	if in.Load() != 16 || h.asked.Load() != 1 {
		t.Errorf("%d of 16 got in after %d requests", in.Load(), h.asked.Load())
	}
}

// DOS-05: addresses of clients that anybody can make up don't pile up.
func TestRemoteKeysBound(t *testing.T) {
	w, h := remoteWorld(t)
	if !w.remote() {
		t.Fatal("not in")
	}
	w.Keys.Use(nowhere{})
	for i := range 1000 {
		w.clock.Add(time.Millisecond)
		w.clients["remote"].JWKSURI = fmt.Sprint(h.URL, "/", i)
		w.remote()
	}
	if _, n := clientauth.Addresses(w.Keys); n != 1000 {
		t.Errorf("%d addresses are remembered", n)
	}
	w.clients["remote"].JWKSURI = h.URL + "/jwks"
	if !w.remote() {
		t.Error("what is used was forgotten for what never brought a key")
	}
}

// nowhere is a network without hosts.
type nowhere struct{}

func (nowhere) Do(*http.Request) (*http.Response, error) { return nil, errors.New("no route") }
