package identity_test

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/gatehouse-auth/gatehouse/identity"
)

func TestCanonical(t *testing.T) {
	tests := []struct{ typed, want string }{ // LGN-05
		{"alice", "alice"},
		{"Alice", "alice"},
		{"ALICE", "alice"},
		{"ＡＬＩＣＥ", "alice"},          // full width
		{"\u212Aarl", "karl"},       // KELVIN SIGN
		{"Jose\u0301", "jos\u00e9"}, // decomposed
		{"JOS\u00c9", "jos\u00e9"},  //
		{"Müller", "müller"},        //
		{"straße", "straße"},        // not folded to ss
		{"ﾀﾅｶ", "タナカ"},              // half width
		{"Иван", "иван"},            //
		{"מיכל", "מיכל"},            // right to left as a whole
		{"alice@Example.COM", "alice@example.com"},
		{"o'brien", "o'brien"},
		{"first.last-2_x+tag", "first.last-2_x+tag"},
		{"_svc", "_svc"},
		{"host$", "host$"},
		{"ανδρέας@acme", "ανδρέας@acme"}, // scripts differ between words only
		{strings.Repeat("a", 64), strings.Repeat("a", 64)},
		{strings.Repeat("e\u0301", 64), strings.Repeat("é", 64)},
	}
	for _, test := range tests {
		got, err := identity.Canonical(test.typed)
		if err != nil || got != test.want {
			t.Errorf("Canonical(%q) = %q, %v; want %q", test.typed, got, err, test.want)
		}
	}
}

func TestCanonicalRefuses(t *testing.T) {
	tests := []struct { // LGN-05, HDR-12
		typed string
		want  error
	}{
		{"", identity.ErrUsernameEmpty},
		{strings.Repeat("a", 65), identity.ErrUsernameLong},
		{strings.Repeat("a", 1<<20), identity.ErrUsernameLong},
		{" alice", identity.ErrUsernameChars},
		{"alice ", identity.ErrUsernameChars},
		{"alice\u3000", identity.ErrUsernameChars}, // becomes a space when folded
		{"\u00a0alice", identity.ErrUsernameChars},
		{"ali ce", identity.ErrUsernameChars},
		{"alice\x00", identity.ErrUsernameChars},
		{"alice\r\nX: y", identity.ErrUsernameChars},
		{"ali\tce", identity.ErrUsernameChars},
		{"ali\u200bce", identity.ErrUsernameChars}, // zero width space
		{"ali\u200dce", identity.ErrUsernameChars},
		{"\u0915\u094d\u200d\u0937", identity.ErrUsernameChars}, // a joiner where RFC 5892 admits one
		{"ali\u00adce", identity.ErrUsernameChars},              // soft hyphen
		{"ali\u034fce", identity.ErrUsernameChars},
		{"ali\ufe0fce", identity.ErrUsernameChars},
		{"ali\u3164ce", identity.ErrUsernameChars},
		{"ali\u2800ce", identity.ErrUsernameChars},
		{"\u202ealice", identity.ErrUsernameChars}, // bidi override
		{"alice\u2066", identity.ErrUsernameChars},
		{"aliceמ", identity.ErrUsernameChars}, // Bidi Rule
		{"\U000e0041lice", identity.ErrUsernameChars},
		{"alice,admins", identity.ErrUsernameChars},
		{"alice，admins", identity.ErrUsernameChars}, // folds to a comma
		{"a:b", identity.ErrUsernameChars},
		{"a;b", identity.ErrUsernameChars},
		{`a"b`, identity.ErrUsernameChars},
		{`acme\alice`, identity.ErrUsernameChars},
		{"a/b", identity.ErrUsernameChars},
		{"..", identity.ErrUsernameChars},
		{".hidden", identity.ErrUsernameChars},
		{"-rf", identity.ErrUsernameChars},
		{"@alice", identity.ErrUsernameChars},
		{"{env.SECRET}", identity.ErrUsernameChars}, // HDR-09
		{"*", identity.ErrUsernameChars},            // LGN-06
		{"*)(uid=*", identity.ErrUsernameChars},
		{"<b>", identity.ErrUsernameChars},
		{"a%00", identity.ErrUsernameChars},
		{"\u0301alice", identity.ErrUsernameChars},
		{"ﬁn", identity.ErrUsernameChars}, // ligature: a compatibility character
		{"x²", identity.ErrUsernameChars},
		{"alice\xff", identity.ErrUsernameChars},
		{"🙂", identity.ErrUsernameChars},
		{"\u0430lice", identity.ErrUsernameMixed}, // Cyrillic а
		{"alic\u03b5", identity.ErrUsernameMixed},
	}
	for _, test := range tests {
		if got, err := identity.Canonical(test.typed); !errors.Is(err, test.want) || got != "" {
			t.Errorf("Canonical(%.40q) = %q, %v; want %v", test.typed, got, err, test.want)
		}
	}
}

func FuzzCanonical(f *testing.F) {
	for _, seed := range []string{
		"alice", "ＡＬＩＣＥ", "Jose\u0301", "ſ", "İ", "ΣΑΣ", "alice,admins", "a\u200db", "\u212A", "ﾊﾟ", "مريم", "a\x00", "\xff",
		"e\u0301\u0323", "ǅ", "ᾈ", "\u1e9e", "a~'b", "\u0390", "\u0f73\u0f75",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, typed string) { // LGN-05
		name, err := identity.Canonical(typed)
		if err != nil {
			if name != "" {
				t.Fatalf("refused %q but returned %q", typed, name)
			}
			return
		}
		again, err := identity.Canonical(name)
		if err != nil || again != name {
			t.Fatalf("%q became %q, then %q, %v", typed, name, again, err)
		}
		if !norm.NFKC.IsNormalString(name) {
			t.Fatalf("%q became %q, which NFKC changes", typed, name)
		}
		if n := utf8.RuneCountInString(name); n == 0 || n > identity.MaxUsername {
			t.Fatalf("%q became %d characters", typed, n)
		}
		for _, r := range name {
			if r <= ' ' || r == 0x7f || r == utf8.RuneError || strings.ContainsRune(",:;\"\\/<>{}()*%=?&|`", r) {
				t.Fatalf("%q became %q, which is not safe in a header", typed, name)
			}
		}
		if err := identity.ValidGroup(name); err != nil {
			t.Fatalf("%q is a name that could not stand in a list: %v", name, err)
		}
	})
}
