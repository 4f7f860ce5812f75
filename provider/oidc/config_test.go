package oidc_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/provider/oidc"
)

// CFG-01: every mistake is named, all at once.
func TestConfigMistakes(t *testing.T) {
	for want, change := range map[string]func(*oidc.Config){
		"name \"Work\"":       func(c *oidc.Config) { c.Name = "Work" },
		"name \"../x\"":       func(c *oidc.Config) { c.Name = "../x" },
		"name \"local\"":      func(c *oidc.Config) { c.Name = "local" },
		"issuer \"http":       func(c *oidc.Config) { c.Issuer = "http://id.example.com" },
		"an issuer has no":    func(c *oidc.Config) { c.Issuer = "https://id.example.com?x" },
		"leave out":           func(c *oidc.Config) { c.Issuer = "https://id.example.com/.well-known/openid-configuration" },
		"client_id":           func(c *oidc.Config) { c.ClientID = "" },
		"auth_method \"jwt":   func(c *oidc.Config) { c.AuthMethod = "jwt" },
		"without client_sec":  func(c *oidc.Config) { c.AuthMethod, c.ClientSecret = "client_secret_post", "" },
		"scope \"a b\"":       func(c *oidc.Config) { c.Scopes = []string{"a b"} },
		"group_map":           func(c *oidc.Config) { c.GroupMap = map[string]string{"x": "a,b"} },
		"claim_map":           func(c *oidc.Config) { c.ClaimMap = map[string]string{"x": ""} },
		"\"amr\" can't be":    func(c *oidc.Config) { c.ClaimMap = map[string]string{"amr": "roles"} }, // MFA-10
		"\"Two words\" can't": func(c *oidc.Config) { c.ClaimMap = map[string]string{"Two words": "x"} },
		"tenant_parameter":    func(c *oidc.Config) { c.TenantParameter = "redirect_uri" },
		"\"a&b\" can't be":    func(c *oidc.Config) { c.TenantParameter = "a&b" },
	} {
		config := oidc.Config{Name: "work", Issuer: "https://id.example.com", ClientID: "x", ClientSecret: "sesame"}
		change(&config)
		_, err := oidc.New(config, oidc.Deps{})
		if !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "sesame") {
			t.Errorf("%s: %v", want, err)
		}
	}
	err := oidc.Config{}.Validate()
	for _, want := range []string{"name", "issuer", "client_id"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s is missing in %v", want, err)
		}
	}
	if _, err := oidc.New(oidc.Config{Name: "work", Issuer: "http://localhost:8080/realms/a", ClientID: "x"}, oidc.Deps{}); err != nil {
		t.Errorf("loopback: %v", err)
	}
}

// CFG-02, LOG-01
func TestSecretIsNeverPrinted(t *testing.T) {
	config := oidc.Config{ClientSecret: "sesame"}
	encoded, err := json.Marshal(config)
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "secret", config.ClientSecret, "config", config)
	for _, text := range []string{fmt.Sprintf("%v %+v %#v %s", config, config, config, config.ClientSecret), string(encoded), log.String()} {
		if strings.Contains(text, "sesame") || !strings.Contains(text, "REDACTED") {
			t.Error(text)
		}
	}
	var back oidc.Config
	if err := json.Unmarshal([]byte(`{"client_secret":"sesame"}`), &back); err != nil || string(back.ClientSecret) != "sesame" {
		t.Errorf("reading: %v", err)
	}
}
