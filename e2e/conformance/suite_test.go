package conformance_test

import (
	"crypto/tls"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/internal/rig"
)

// suiteFile is what is held of a configuration for the Foundation's own suite.
type suiteFile struct {
	Alias   string
	Server  struct{ DiscoveryURL string }
	Client  suiteClient
	Client2 suiteClient
	MTLS    suiteCertificate
	MTLS2   suiteCertificate
}

type suiteClient struct {
	ID     string `json:"client_id"`
	Secret string `json:"client_secret"`
	JWKS   struct{ Keys []map[string]string }
}

type suiteCertificate struct{ Cert, Key string }

// The files for the Foundation's own suite are a Caddyfile that loads, and
// configurations that name its clients with their secrets, keys and
// certificates.
func TestSuiteFiles(t *testing.T) {
	t.Setenv("CONFORMANCE_HOST", "auth.example.com")
	files := suiteFiles(t)
	c := rig.Prepare(t, files["Caddyfile"])
	for name, content := range files {
		if name != "Caddyfile" {
			if err := os.WriteFile(filepath.Join(c.Dir, name), []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	if out, err := c.Run("", "validate", "--config", "Caddyfile"); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	plans := 0
	for name, content := range files {
		if filepath.Ext(name) != ".json" {
			continue
		}
		plans++
		var suite suiteFile
		if err := json.Unmarshal([]byte(content), &suite); err != nil || suite.Alias != "gatehouse" {
			t.Fatalf("%s: %v", name, err)
		}
		if suite.Server.DiscoveryURL != "https://auth.example.com/.well-known/openid-configuration" {
			t.Errorf("%s: %s", name, suite.Server.DiscoveryURL)
		}
		suite.Client.hold(t, files, suite.MTLS)
		suite.Client2.hold(t, files, suite.MTLS2)
		if !strings.Contains(closing, name) {
			t.Errorf("%s: the document does not say what it is for", name)
		}
	}
	if plans != 4 {
		t.Errorf("%d configurations", plans)
	}
}

// suiteFiles reads the directory.
func suiteFiles(t *testing.T) map[string]string {
	t.Helper()
	const dir = "../../docs/conformance"
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, f := range list {
		raw, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		files[f.Name()] = string(raw)
	}
	return files
}

// hold holds a client against its block of the Caddyfile.
func (c suiteClient) hold(t *testing.T, files map[string]string, m suiteCertificate) {
	t.Helper()
	if c.ID == "" {
		return
	}
	_, block, found := strings.Cut(files["Caddyfile"], "client "+c.ID+" {\n")
	block, _, _ = strings.Cut(block, "\n\t\t}\n")
	lines := strings.Split(strings.ReplaceAll(block, "\t", ""), "\n")
	switch {
	case !found || !slices.Contains(lines, "first_party"):
		t.Errorf("%s is not in the Caddyfile", c.ID)
	case c.Secret != "":
		if !slices.Contains(lines, "secret "+c.Secret) {
			t.Errorf("%s has another secret", c.ID)
		}
	case len(c.JWKS.Keys) > 0:
		var public struct{ Keys []map[string]string }
		if err := json.Unmarshal([]byte(files[c.ID+".jwks"]), &public); err != nil {
			t.Fatal(err)
		}
		if !slices.Contains(lines, "jwks {file."+c.ID+".jwks}") || public.Keys[0]["x"] != c.JWKS.Keys[0]["x"] || public.Keys[0]["d"] != "" {
			t.Errorf("%s has another key", c.ID)
		}
	default:
		pair, err := tls.X509KeyPair([]byte(m.Cert), []byte(m.Key))
		if err != nil || !slices.Contains(lines, `tls_subject_dn "`+pair.Leaf.Subject.String()+`"`) {
			t.Errorf("%s has another certificate: %v", c.ID, err)
		}
	}
}
