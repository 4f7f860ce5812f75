package identity_test

import (
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/identity"
)

func TestValidGroup(t *testing.T) {
	for _, name := range []string{"admins", "work/Admins", "Domain Users", "cn=x;ou=y", "Größe", strings.Repeat("g", 256)} {
		if err := identity.ValidGroup(name); err != nil {
			t.Errorf("ValidGroup(%q) = %v", name, err)
		}
	}
	for _, name := range []string{ // HDR-12
		"", "x,admins", ",", "a\nb", "a\r", "a\x00", "a\x7f", " a", "a ", "\u00a0a", "a\u200bb", "a\u202eb", "a\u2028b", "\xff",
		strings.Repeat("g", 257),
	} {
		if identity.ValidGroup(name) == nil {
			t.Errorf("ValidGroup(%q) accepts", name)
		}
	}
}

func TestValidEmail(t *testing.T) {
	good := map[string]string{
		"alice@example.com":       "alice@example.com",
		"Alice.B@EXAMPLE.Com":     "Alice.B@example.com",
		"a+tag@sub.example.com":   "a+tag@sub.example.com",
		"o'brien@example.com":     "o'brien@example.com",
		"root@localhost":          "root@localhost",
		"x@xn--bcher-kva.example": "x@xn--bcher-kva.example",
	}
	for typed, want := range good {
		if got, err := identity.ValidEmail(typed); err != nil || got != want {
			t.Errorf("ValidEmail(%q) = %q, %v; want %q", typed, got, err, want)
		}
	}
	for _, typed := range []string{ // CVE-2026-40574
		"", "@", "alice", "alice@", "@example.com", "a@evil@company.com", "a@evil.com@company.com", `"a@evil"@company.com`,
		`"a b"@company.com`, `a\@b@company.com`, "a@company.com.", "a@.company.com", "a@company..com", "a@company\u3002com",
		"a@comp\u0430ny.com", "a b@company.com", " a@company.com", "a@company.com ", "a@company.com\n", "a@company.com\r\nBcc: x@y",
		"a@comp any.com", "a\x00@company.com", "a@company.com\x00", ".a@company.com", "a.@company.com", "a..b@company.com",
		"a@-company.com", "a@company-.com", "a@[127.0.0.1]", "a(c)@company.com", "a@company.com(c)", "a,b@company.com", "<a@company.com>",
		"A <a@company.com>", "a@company.com,b@company.com", "a@company_x.com", "ä@company.com", "a@company.com/x", "a@company.com:25",
		strings.Repeat("a", 65) + "@company.com", "a@" + strings.Repeat("a", 64) + ".com", "a@" + strings.Repeat("a.", 130) + "com",
	} {
		if got, err := identity.ValidEmail(typed); err == nil || got != "" {
			t.Errorf("ValidEmail(%q) = %q, accepted", typed, got)
		}
	}
}
