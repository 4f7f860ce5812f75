package caddymodule_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/gatehouse-auth/gatehouse/caddymodule"
)

const goodSecret = "b7gWc0mR2yXq5tN8vK1sLz4hJ6dFpA9e"

// TestSecretDoesNotPrint: however it is printed, encoded or logged. CFG-02
func TestSecretDoesNotPrint(t *testing.T) {
	secret := caddymodule.NewSecret(goodSecret)
	holder := struct{ hidden caddymodule.Secret }{secret}
	encoded, err := json.Marshal(map[string]any{"s": secret, "p": &secret})
	if err != nil {
		t.Fatal(err)
	}
	core, logs := observer.New(zap.DebugLevel)
	zap.New(core).Info("x", zap.Any("secret", secret), zap.Stringer("s", secret), zap.Reflect("r", secret))
	for _, text := range []string{
		fmt.Sprint(secret), fmt.Sprintf("%v %+v %#v %s %q %x", secret, secret, secret, secret, secret, secret),
		fmt.Sprintf("%v %+v %#v", holder, holder, holder), string(encoded), fmt.Sprint(logs.All()),
	} {
		if strings.Contains(text, goodSecret) || strings.Contains(text, fmt.Sprintf("%x", goodSecret)) {
			t.Errorf("it shows itself in %s", text)
		}
	}
	if secret.Reveal() != goodSecret {
		t.Error("it can't be read back")
	}
}

// secretFile writes a file and gives its placeholder.
func secretFile(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return "{file." + path + "}"
}

// Secrets as they are read when a configuration is loaded: where they may come
// from, and what the error says, which is never the value. CFG-01, CFG-02, OAU-11
func TestClientSecrets(t *testing.T) {
	t.Setenv("GOOD", goodSecret)
	t.Setenv("EMPTY", "")
	for name, c := range map[string]struct{ secret, wrong string }{
		"environment":         {"{env.GOOD}", ""},
		"file":                {secretFile(t, goodSecret+"\n"), ""},
		"in the text":         {goodSecret, ""},
		"missing environment": {"{env.GATEHOUSE_NOWHERE}", "client wiki: secret: {env.GATEHOUSE_NOWHERE} is missing or empty"},
		"empty environment":   {"{env.EMPTY}", "client wiki: secret: {env.EMPTY} is missing or empty"},
		"missing file":        {"{file./nowhere/at/all}", "client wiki: secret: {file./nowhere/at/all} is missing or empty"},
		"empty file":          {secretFile(t, "\n"), "is missing or empty"},
		"short file":          {secretFile(t, "hunter2hunter2"), "client wiki: secret: a client secret must have 32 to 512 characters"},
		"one letter":          {strings.Repeat("s", 32), "client wiki: secret: a client secret must be random"},
		"manual":              {"changeme", "client wiki: secret: a secret that everybody knows"},
		"braces":              {"hunter2{hunter2}hunter2hunter2hunter2", "client wiki: secret: a secret is either one placeholder"},
		"other placeholder":   {"{http.request.host}", "a secret is either one placeholder"},
		"mixed":               {"x{env.GOOD}", "a secret is either one placeholder"},
		"none":                {"", "client wiki: secret: a confidential client needs one"},
	} {
		t.Run(name, func(t *testing.T) {
			app := &caddymodule.App{Issuer: "https://auth.example.com", Clients: map[string]*caddymodule.Client{
				"wiki": {Secret: c.secret, RedirectURIs: []string{"https://wiki.example.com/cb"}},
			}}
			err := caddymodule.CheckApp(app)
			if (err == nil) != (c.wrong == "") || err != nil && !strings.Contains(err.Error(), c.wrong) {
				t.Fatalf("got %v, want %q", err, c.wrong)
			}
			if err != nil {
				if strings.Contains(err.Error(), "hunter2") {
					t.Errorf("the error tells the secret: %v", err)
				}
				return
			}
			if got := caddymodule.ClientSecret(app, "wiki").Reveal(); got != goodSecret {
				t.Errorf("got %q", got)
			}
			if app.Clients["wiki"].Secret != c.secret {
				t.Error("the secret was written into the configuration")
			}
			if warned := len(app.Warnings()) > 0; warned != (c.secret == goodSecret) {
				t.Errorf("warnings: %v", app.Warnings())
			}
		})
	}
}

// TestConfigurationKeepsPlaceholders: what Caddy shows at /config is what was
// adapted, and that holds placeholders. CFG-02, JWT-09
func TestConfigurationKeepsPlaceholders(t *testing.T) {
	t.Setenv("GOOD", goodSecret)
	config, err := adapt(`{
	admin off
	gatehouse {
		issuer https://auth.example.com
		provider oidc work {
			issuer https://id.acme.test
			client_id gatehouse
			client_secret {env.GOOD}
		}
		client wiki {
			secret {env.GOOD}
			redirect_uri https://wiki.example.com/cb
		}
	}
}

auth.example.com {
	gatehouse_portal
}
`)
	if err != nil {
		t.Fatal(err)
	}
	if err := validate(config); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(config), goodSecret) || strings.Count(string(config), "{env.GOOD}") != 2 {
		t.Errorf("the configuration is %s", config)
	}
}
