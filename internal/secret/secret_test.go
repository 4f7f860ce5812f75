package secret_test

import (
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/internal/secret"
)

// SES-02, OAU-03: values have 256 bits and never repeat.
func TestNewNeverRepeats(t *testing.T) {
	seen := make(map[string]bool)
	for range 100_000 {
		s := secret.New()
		if seen[s] || !secret.Valid(s) || s[0] == '-' {
			t.Fatalf("%q repeated, not valid, or an option of a command", s)
		}
		seen[s] = true
	}
}

func TestValidAcceptsOneForm(t *testing.T) {
	good := secret.New()
	for name, bad := range map[string]string{
		"empty": "", "cut": good[1:], "longer": good + "A", "padded": good + "=",
		"odd character": "!" + good[1:], "space": " " + good[1:], "line break": good[:42] + "\n",
		"loose trailing bits": strings.Repeat("A", 42) + "B",
	} {
		if secret.Valid(bad) {
			t.Errorf("%s: %q accepted", name, bad)
		}
	}
}

func TestHashKeepsPartsApart(t *testing.T) {
	if secret.Hash("a", "bc") == secret.Hash("ab", "c") {
		t.Error("parts run into one another")
	}
	if secret.Hash("a") == secret.Hash("a", "") {
		t.Error("an empty part makes no difference")
	}
}

// CRY-03
func TestEqual(t *testing.T) {
	if !secret.Equal("abc", "abc") || secret.Equal("abc", "abd") || secret.Equal("abc", "ab") {
		t.Error("Equal is wrong")
	}
}
