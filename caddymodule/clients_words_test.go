package caddymodule_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/caddymodule"
)

// Whatever is wrong with a client is said by the words of its block: every text
// in package client has them marked, and there is no other name in it.
func TestClientProblemsUseTheWords(t *testing.T) {
	files, err := filepath.Glob("../authorize/client/*.go")
	if err != nil || len(files) == 0 {
		t.Fatal(err)
	}
	known, texts := caddymodule.ClientWords(), 0
	said := regexp.MustCompile(`(?:wrong|NewProblem)\("((?:[^"\\]|\\.)*)"|// wrong|^\t\t\{.*, "((?:[^"\\]|\\.)*)"\},`)
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(source)) {
			m := said.FindStringSubmatch(line)
			if m == nil || strings.HasSuffix(file, "_test.go") || m[1]+m[2] == "" || m[1] == "{" {
				continue
			}
			text := m[1] + m[2]
			texts++
			for _, word := range regexp.MustCompile(`\{([a-z_]+)\}`).FindAllStringSubmatch(text, -1) {
				if !slices.Contains(known, word[1]) {
					t.Errorf("%s: %q: %s is no word of a client block", file, text, word[1])
				}
			}
			bare := regexp.MustCompile(`\{[a-z_]+\}`).ReplaceAllString(text, "")
			for _, name := range regexp.MustCompile(`[a-z]+(_[a-z]+)+`).FindAllString(bare, -1) {
				if !slices.Contains([]string{"private_key_jwt", "tls_client_auth", "self_signed_tls_client_auth"}, name) { // values
					t.Errorf("%s: %q: %s is not marked as a word", file, text, name)
				}
			}
		}
	}
	if texts < 55 {
		t.Errorf("only %d texts were found", texts)
	}
}

// The same as somebody reads it who wrote the block.
func TestClientProblemsInACaddyfile(t *testing.T) {
	const keys = "jwks_uri https://x.example/keys\n"
	for block, want := range map[string]string{
		"profile fapi2":         "profile fapi2: auth_method must be private_key_jwt",
		"profile fapi2\npublic": "profile fapi2: a public client",
		"profile fapi2\n" + keys + "id_token_alg RS256":               "profile fapi2: id_token_alg: must be PS256",
		"profile fapi2\n" + keys + "userinfo_alg RS256":               "profile fapi2: userinfo_alg: must be PS256",
		"profile fapi2\n" + keys + "assertion_alg RS256":              `assertion_alg "RS256": must be one of`,
		"profile fapi2\n" + keys + "request_alg RS256":                `request_alg "RS256": must be one of`,
		"profile fapi2\n" + keys + "insecure_pkce_optional":           "profile fapi2: insecure_pkce_optional: PKCE",
		"public\nrequire_signed_requests":                             "require_signed_requests: needs the client's public keys, or jwks_uri",
		"public\nauth_method tls_client_auth":                         "auth_method tls_client_auth: a public client has none",
		"auth_method tls_client_auth":                                 "exactly one of tls_subject_dn, tls_san_dns",
		"public\nsector_identifier x.example":                         "sector_identifier: means nothing without subject_type pairwise",
		"public\naccess_token_lifetime 2h":                            "access_token_lifetime: must be",
		"public\nconsent never":                                       "consent never: only a first_party client",
		"public\nclaim x\naccess_token opaque\naccess_token_claims x": "say access_token jwt",
		"public\nfrontchannel_logout_uri https://y.example/":          "of a redirect_uri",
		"public\ngrant_types client_credentials authorization_code":   "grant_types client_credentials: a public client",
		"public\nname \"\u3164\"":                                     "name: must be one line of which something can be seen",
	} {
		_, err := adapt("{\n gatehouse {\n issuer https://auth.example.com\n client x {\n redirect_uri https://x.example/\n" + block + "\n}\n}\n}\nauth.example.com {\n gatehouse_portal\n}\n")
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v; want %s", block, err, want)
		}
	}
}
