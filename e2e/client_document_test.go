package e2e_test

import (
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/gatehouse-auth/gatehouse/internal/rig"
)

// agent is a client that is described by a document on a server of its own, which
// the Caddys of this test trust.
type agent struct {
	server *httptest.Server
	asked  atomic.Int64
}

func newAgent(t *testing.T) *agent {
	t.Helper()
	a := new(agent)
	a.server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a.asked.Add(1)
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"client_id":%q,"client_name":"Agent Smith","redirect_uris":["http://127.0.0.1/callback"],"grant_types":["authorization_code","refresh_token"]}`, a.id())
	}))
	a.server.Config.ErrorLog = log.New(io.Discard, "", 0)
	a.server.StartTLS()
	t.Cleanup(a.server.Close)
	file := filepath.Join(t.TempDir(), "ca.pem")
	raw := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.server.Certificate().Raw})
	if err := os.WriteFile(file, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("SSL_CERT_FILE", file)
	return a
}

func (a *agent) id() string { return a.server.URL + "/agent.json" }

// OAU-41: an agent that nobody registered signs a person in, who sees its host
// and that it is on their own device, each time.
func TestClientByDocument(t *testing.T) {
	a := newAgent(t)
	host := strings.TrimPrefix(a.server.URL, "https://")
	h := loginHost(t, "client_id_metadata "+host+" {\nallow_private\n}", "")
	if discovery(t, h)["client_id_metadata_document_supported"] != true {
		t.Error("discovery is silent")
	}
	smith := newRelyingParty(t, h, a.id(), "")
	smith.redirectURI = "http://127.0.0.1:1/callback"
	alice := rig.NewBrowser(t)
	p := smith.submit(alice, smith.visit(alice, smith.ask()), map[string]string{"username": "alice", "password": password})
	if p.URL.Path != "/consent" || !strings.Contains(p.Body, "It comes from "+host) || !strings.Contains(p.Body, "Agent Smith") ||
		!strings.Contains(p.Body, "program on this device") || strings.Contains(p.Body, `name="remember"`) {
		t.Fatalf("%s: %.3000s", p.URL, p.Body)
	}
	back := smith.submit(alice, p, map[string]string{"action": "allow"})
	status, tokens := smith.redeem(back.URL.Query().Get("code"))
	if status != http.StatusOK || tokens["id_token"] == nil {
		t.Fatalf("%d, %v", status, tokens)
	}
	if status, claims := smith.userinfo(tokens["access_token"]); status != http.StatusOK || claims["email"] == nil {
		t.Errorf("userinfo: %d, %v", status, claims)
	}
	if status, again := smith.refresh(tokens["refresh_token"]); status != http.StatusOK {
		t.Errorf("refresh: %d, %v", status, again)
	}
	if p := smith.visit(alice, smith.ask()); p.URL.Path != "/consent" {
		t.Errorf("the second time led to %s", p.URL)
	}
	if n := a.asked.Load(); n != 1 {
		t.Errorf("the document was fetched %d times", n)
	}
}

// OAU-02, as amended: while nobody is signed in an error is shown here, with a
// link, and not sent to a client that nobody vouches for.
func TestErrorsForStrangersAreShown(t *testing.T) {
	a := newAgent(t)
	h := loginHost(t, "client_id_metadata {\nallow_private\n}", "")
	smith := newRelyingParty(t, h, a.id(), "")
	smith.redirectURI = "http://127.0.0.1:1/callback"
	p := rig.NewBrowser(t).Step(smith.ask() + "&prompt=none")
	if p.Status != http.StatusForbidden || p.Header.Get("Location") != "" || !strings.Contains(p.Body, `href="http://127.0.0.1:1/callback?error=login_required`) || !strings.Contains(p.Body, "Agent Smith") {
		t.Errorf("%d to %q: %.3000s", p.Status, p.Header.Get("Location"), p.Body)
	}
}

// FED-11: nobody has us fetch what is not public, nor anything where documents
// are not taken or of hosts that are not.
func TestDocumentsThatAreNotFetched(t *testing.T) {
	a := newAgent(t)
	for what, global := range map[string]string{
		"private": "client_id_metadata", "permitted to others": "allow_private\nclient_id_metadata\nregistration {\nallow_private\n}",
		"another host": "client_id_metadata agent.example.com {\nallow_private\n}", "off": "allow_private",
	} {
		h := loginHost(t, global, "")
		if !newRelyingParty(t, h, a.id(), "").unknown() || a.asked.Load() != 0 {
			t.Errorf("%s: the client is known, or was asked for", what)
		}
		h.Stop()
	}
}

// DOS-05: one network has a few documents fetched in a minute and no more, which
// is said in the protocol's words; what people use is not touched by that. An
// address from which nothing is heard is no failure of ours.
func TestFloodOfDocuments(t *testing.T) {
	a := newAgent(t)
	h := loginHost(t, "client_id_metadata {\nallow_private\n}", "")
	smith := newRelyingParty(t, h, a.id(), "")
	smith.redirectURI = "http://127.0.0.1:1/callback"
	alice := rig.NewBrowser(t)
	status, tokens := smith.redeem(smith.code(alice, "alice", map[string]string{"action": "allow"}))
	if status != http.StatusOK {
		t.Fatalf("%d, %v", status, tokens)
	}
	silent := newRelyingParty(t, h, "https://nobody.invalid/client.json", "")
	if p := rig.NewBrowser(t).Get(silent.ask()); p.Status != http.StatusBadRequest || !strings.Contains(p.Body, "be reached") {
		t.Errorf("a silent address: %d, %.2000s", p.Status, p.Body)
	}
	if status, no := silent.refresh("x"); status != http.StatusBadRequest || no["error"] != "temporarily_unavailable" {
		t.Errorf("a silent address, token: %d, %v", status, no)
	}
	var last *rig.Page
	for i := range 20 {
		last = rig.NewBrowser(t).Get(newRelyingParty(t, h, fmt.Sprint(a.server.URL, "/", i), "").ask())
		if last.Status != http.StatusBadRequest && last.Status != http.StatusTooManyRequests {
			t.Errorf("%d: %d", i, last.Status)
		}
	}
	if last.Status != http.StatusTooManyRequests || !strings.Contains(last.Body, "wait a minute") || a.asked.Load() > 10 {
		t.Errorf("%d after %d: %.2000s", last.Status, a.asked.Load(), last.Body)
	}
	if status, no := newRelyingParty(t, h, a.server.URL+"/more", "").refresh("x"); status != http.StatusTooManyRequests || no["error"] != "temporarily_unavailable" {
		t.Errorf("one too many, token: %d, %v", status, no)
	}
	if status, again := smith.refresh(tokens["refresh_token"]); status != http.StatusOK {
		t.Errorf("what is used: %d, %v", status, again)
	}
}
