package conformance_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/internal/rig"
)

// The files for the Foundation's own suite are a Caddyfile that loads, and
// configurations that name its clients with their secrets.
func TestSuiteFiles(t *testing.T) {
	t.Setenv("CONFORMANCE_HOST", "auth.example.com")
	caddyfile, err := os.ReadFile("../../docs/conformance/Caddyfile")
	if err != nil {
		t.Fatal(err)
	}
	c := rig.Prepare(t, string(caddyfile))
	if out, err := c.Run("", "validate", "--config", "Caddyfile"); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, name := range []string{"config.json", "oidcc.json"} {
		raw, err := os.ReadFile("../../docs/conformance/" + name)
		if err != nil {
			t.Fatal(err)
		}
		var suite struct {
			Alias  string
			Server struct{ DiscoveryURL string }
			Client struct {
				ID     string `json:"client_id"`
				Secret string `json:"client_secret"`
			}
			Client2 struct {
				ID     string `json:"client_id"`
				Secret string `json:"client_secret"`
			}
		}
		if err := json.Unmarshal(raw, &suite); err != nil || suite.Alias != "gatehouse" {
			t.Fatalf("%s: %v", name, err)
		}
		if suite.Server.DiscoveryURL != "https://auth.example.com/.well-known/openid-configuration" {
			t.Errorf("%s: %s", name, suite.Server.DiscoveryURL)
		}
		for id, secret := range map[string]string{suite.Client.ID: suite.Client.Secret, suite.Client2.ID: suite.Client2.Secret} {
			block := "client " + id + " {\n\t\t\tfirst_party\n\t\t\tsecret " + secret + "\n"
			if id != "" && !strings.Contains(string(caddyfile), block) {
				t.Errorf("%s: client %s is not in the Caddyfile with that secret", name, id)
			}
		}
	}
}
