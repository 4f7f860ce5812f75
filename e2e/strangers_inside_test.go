package e2e_test

import (
	"encoding/base64"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/internal/rig"
)

// FED-11: a client that registered itself can't have the house call what only
// its own network reaches, neither for its keys nor to be told of a logout,
// though the operator's own clients may be there.
func TestStrangersInside(t *testing.T) {
	var asked atomic.Int64
	inside := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	inside.Config.ErrorLog = log.New(io.Discard, "", 0)
	inside.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			asked.Add(1)
		}
	}
	inside.StartTLS()
	defer inside.Close()
	h := loginHost(t, "allow_private\nregistration", "")
	at, _ := discovery(t, h)["registration_endpoint"].(string)
	add := func(more string) string {
		body := fmt.Sprintf(`{"client_name":"Robot","redirect_uris":["http://localhost:1/callback"],"backchannel_logout_uri":"%s/out",%s}`, inside.URL, more)
		code, told := register(t, "POST", at, h.initialToken(t), body)
		if code != http.StatusCreated {
			t.Fatalf("%d, %v", code, told)
		}
		return told["client_id"].(string)
	}

	signing := newRelyingParty(t, h, add(fmt.Sprintf(`"token_endpoint_auth_method":"private_key_jwt","jwks_uri":"%s/keys"`, inside.URL)), "")
	assertion := "eyJhbGciOiJFUzI1NiJ9." + base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, `{"sub":%q}`, signing.id)) + ".AAAA"
	if code, no := signing.token(url.Values{
		"grant_type": {"refresh_token"}, "refresh_token": {"x"}, "client_assertion": {assertion},
		"client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
	}); code != http.StatusUnauthorized {
		t.Errorf("an assertion: %d, %v", code, no)
	}

	robot := newRelyingParty(t, h, add(`"token_endpoint_auth_method":"none"`), "")
	alice := rig.NewBrowser(t)
	if status, tokens := robot.redeem(robot.code(alice, "alice", map[string]string{"action": "allow"})); status != http.StatusOK {
		t.Fatalf("%d, %v", status, tokens)
	}
	alice.Submit(alice.Get(h.auth+"/"), map[string]string{"action": "everywhere"})
	const failed = `gatehouse_backchannel_logout_total{result="failed"} `
	_, metrics := h.Admin("/metrics")
	for deadline := time.Now().Add(15 * time.Second); strings.Contains(metrics, failed+"0") && time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		_, metrics = h.Admin("/metrics")
	}
	if strings.Contains(metrics, failed+"0") || !strings.Contains(h.Log(), "not a public one") || asked.Load() != 0 {
		t.Errorf("called %d times; %s", asked.Load(), h.Log())
	}
}
