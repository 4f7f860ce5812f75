package e2e_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/internal/rig"
)

// initialToken makes one by the command.
func (h *house) initialToken(t *testing.T) string {
	t.Helper()
	var made struct{ Token string }
	out := h.must("", "gatehouse", "client", "token", "add", "--json")
	out = out[strings.Index(out, "{"):] // after which database it is
	if err := json.Unmarshal([]byte(out), &made); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return made.Token
}

// register sends a request of RFC 7591 or RFC 7592.
func register(t *testing.T, method, address, token, body string) (int, map[string]any) {
	t.Helper()
	req, err := http.NewRequest(method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Content-Type", "application/json")
	return answer(t, req)
}

func discovery(t *testing.T, h *house) map[string]any {
	t.Helper()
	req, err := http.NewRequest(http.MethodGet, h.auth+"/.well-known/openid-configuration", nil)
	if err != nil {
		t.Fatal(err)
	}
	_, meta := answer(t, req)
	return meta
}

// OAU-42: a client registers itself with a token of the command, is asked for
// each time (OAU-41), and takes back what it registered.
func TestRegistration(t *testing.T) {
	h := loginHost(t, "registration", "")
	at, _ := discovery(t, h)["registration_endpoint"].(string)
	const body = `{"client_name":"Robot","redirect_uris":["http://localhost:1/callback"],"grant_types":["authorization_code","refresh_token"]}`
	if code, no := register(t, "POST", at, "x", body); code != http.StatusUnauthorized {
		t.Errorf("without a token: %d, %v", code, no)
	}
	token := h.initialToken(t)
	code, told := register(t, "POST", at, token, body)
	if code != http.StatusCreated {
		t.Fatalf("%d, %v", code, told)
	}
	if code, no := register(t, "POST", at, token, body); code != http.StatusUnauthorized {
		t.Errorf("the token again: %d, %v", code, no)
	}
	robot := newRelyingParty(t, h, told["client_id"].(string), told["client_secret"].(string))
	if out := h.must("", "gatehouse", "client", "list"); !strings.Contains(out, "Robot") || !strings.Contains(out, "itself") {
		t.Errorf("client list: %s", out)
	}

	alice := rig.NewBrowser(t)
	status, tokens := robot.redeem(robot.code(alice, "alice", map[string]string{"action": "allow"}))
	if status != http.StatusOK {
		t.Fatalf("%d, %v", status, tokens)
	}
	if p := robot.visit(alice, robot.ask()); p.URL.Path != "/consent" || strings.Contains(p.Body, `name="remember"`) {
		t.Errorf("the second time led to %s", p.URL)
	}
	manage, key := told["registration_client_uri"].(string), told["registration_access_token"].(string)
	if status, _ := register(t, "DELETE", manage, key, ""); status != http.StatusNoContent {
		t.Errorf("delete: %d", status)
	}
	if !robot.unknown() { // at once: it was this process that deleted it
		t.Error("a deleted client is known")
	}
	if status, no := robot.refresh(tokens["refresh_token"]); status != http.StatusUnauthorized {
		t.Errorf("refresh after deletion: %d, %v", status, no)
	}
}

// OAU-42, OAU-40: there is no registration unless the Caddyfile says so.
func TestNoRegistrationByDefault(t *testing.T) {
	h := loginHost(t, "", "")
	if at := discovery(t, h)["registration_endpoint"]; at != nil {
		t.Errorf("discovery names %v", at)
	}
	resp := status(rig.NewBrowser(t), http.MethodPost, h.auth+"/register", map[string]string{"Authorization": "Bearer " + h.initialToken(t)})
	if resp.StatusCode != http.StatusNotFound {
		t.Errorf("%d", resp.StatusCode)
	}
}
