package command_test

import (
	"strings"
	"testing"
)

// withKeys is a configuration with one algorithm.
const withKeys = `{
	gatehouse {
		issuer https://auth.example.com
		users
		keys {
			algorithms EdDSA
		}
	}
}
auth.example.com {
	gatehouse_portal
}
`

// TestKeys: the command works by the algorithms of the configuration, and makes
// no keys but those that it is asked for.
func TestKeys(t *testing.T) {
	o := newOffice(t, withKeys)
	o.must(t, "", "user", "add", "alice", "--no-password") // makes the database
	before := o.must(t, "", "keys", "list")
	if strings.Count(before, "EdDSA") != 1 || strings.Contains(before, "S256") {
		t.Errorf("listed\n%s", before)
	}
	o.refuses(t, []string{`no keys are kept for the algorithm "RS256"`, "has EdDSA"}, "keys", "rotate", "--alg", "RS256")
	if out := o.must(t, "", "keys", "rotate"); strings.Count(out, "rotated") != 1 || !strings.HasSuffix(out, "rotated EdDSA\n") {
		t.Errorf("rotate says %q", out)
	}
	after := o.must(t, "", "keys", "list")
	if strings.Count(after, "EdDSA") != 2 || !strings.Contains(after, "retired") || !strings.Contains(after, "active") {
		t.Errorf("listed\n%s", after)
	}

	add := []string{"client", "add", "wiki", "--redirect-uri", wikiURI}
	o.refuses(t, []string{"--id-token-alg: RS256, the default, is not among the algorithms of keys: EdDSA"}, add...)
	o.must(t, "", append(add, "--id-token-alg", "EdDSA")...)
	o.refuses(t, []string{"--userinfo-alg: ES256 is not among"}, "client", "set", "wiki", "--userinfo-alg", "ES256")
}
