package caddymodule_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/caddymodule"
)

func inspect(t *testing.T, name, text, database string) (*caddymodule.Inspection, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return caddymodule.Inspect(path, database)
}

func TestInspect(t *testing.T) {
	in, err := inspect(t, "Caddyfile", `{
	admin unix//run/caddy/admin.sock
	gatehouse {
		issuer https://auth.example.com
		provider oidc work {
			issuer https://id.example.com
			client_id x
			client_secret 0123456789abcdef0123456789abcdef
		}
	}
}
auth.example.com {
	gatehouse_portal
}
app.example.com {
	gatehouse
	reverse_proxy localhost:9090 10.0.0.7:80
}
`, "")
	if err != nil {
		t.Fatal(err)
	}
	if in.Problem != nil || in.Issuer != "https://auth.example.com" || !slices.Equal(in.Origins, []string{"https://app.example.com"}) {
		t.Errorf("%v, issuer %q, origins %q", in.Problem, in.Issuer, in.Origins)
	}
	if !slices.Equal(in.Upstreams, []string{"10.0.0.7:80", "localhost:9090"}) || in.AdminTCP || !slices.Equal(in.ProviderNames(), []string{"work"}) {
		t.Errorf("upstreams %q, admin on TCP %v, providers %q", in.Upstreams, in.AdminTCP, in.ProviderNames())
	}
	if all := strings.Join(in.Warnings, "\n"); !strings.Contains(all, "secret") || strings.Contains(all, "0123456789abcdef") {
		t.Errorf("warnings %q", in.Warnings) // CFG-02
	}
	if err := in.TryProvider(t.Context(), "nobody"); err != nil {
		t.Errorf("a provider that is not there: %v", err)
	}
}

// What would stop the load is told, and the rest goes as far as it can: doctor
// is for configurations that don't work.
func TestInspectTellsTheProblem(t *testing.T) {
	in, err := inspect(t, "Caddyfile", "{\n\tgatehouse\n}\na.example.com {\n\tgatehouse\n}\nb.example.com {\n\tgatehouse\n}\n", "")
	if err != nil {
		t.Fatal(err)
	}
	if in.Problem == nil || !in.AdminTCP || len(in.Origins) != 2 {
		t.Errorf("%v, admin on TCP %v, origins %q", in.Problem, in.AdminTCP, in.Origins)
	}
}

func TestInspectSources(t *testing.T) {
	database := filepath.Join(t.TempDir(), "other.sqlite")
	for name, open := range map[string]func() (*caddymodule.Inspection, error){
		"nothing": func() (*caddymodule.Inspection, error) { return caddymodule.Inspect("", database) },
		"JSON": func() (*caddymodule.Inspection, error) {
			return inspect(t, "caddy.json", `{"apps":{"gatehouse":{"store":{"type":"sqlite","path":"/var/lib/x"}}}}`, database)
		},
	} {
		in, err := open()
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := in.App.Plan(nil).Address; !strings.HasPrefix(got, database+"\x00") {
			t.Errorf("%s: the database is %q", name, got)
		}
		if in.App.MasterKeyPath() != filepath.Join(filepath.Dir(database), "master.key") {
			t.Errorf("%s: the master key is %s", name, in.App.MasterKeyPath())
		}
	}
	if _, err := os.Stat(database); !os.IsNotExist(err) {
		t.Errorf("looking made a file: %v", err)
	}
	for name, text := range map[string]string{"Caddyfile": "app.example.com {\n\tgatehouse {\n", "caddy.json": `{"apps":{"gatehouse":{"isuer":"x"}}}`, "bad.json": "{"} {
		if _, err := inspect(t, name, text, ""); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
