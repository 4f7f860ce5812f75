package returnto_test

import (
	"errors"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/internal/returnto"
)

// RED-01, RED-02, RED-05
func TestRefused(t *testing.T) {
	for _, raw := range refused {
		if got, err := returnto.Clean(raw, sites); err == nil {
			t.Errorf("Clean(%q) = %q, want a refusal", raw, got)
		}
		// With nothing allowed, only paths may be left.
		if got, err := returnto.Clean(raw, nil); err == nil {
			t.Errorf("Clean(%q, nil) = %q, want a refusal", raw, got)
		}
	}
}

// RED-04, RED-05
func TestTaken(t *testing.T) {
	for raw, want := range taken {
		if got, err := returnto.Clean(raw, sites); err != nil || got != want {
			t.Errorf("Clean(%q) = %q, %v, want %q", raw, got, err, want)
		}
	}
}

func TestParts(t *testing.T) {
	a, err := returnto.Parse("https://good.example/a%2fb?x=1", sites)
	if err != nil || a != (returnto.Address{Origin: "https://good.example", Path: "/a%2fb", Query: "x=1"}) {
		t.Fatalf("Parse = %+v, %v", a, err)
	}
	if a.Target() != "/a%2fb?x=1" {
		t.Errorf("Target = %q", a.Target())
	}
}

// DOS-06
func TestTooLong(t *testing.T) {
	for _, raw := range []string{
		"/" + strings.Repeat("a", returnto.MaxLength),
		"/" + strings.Repeat("a", returnto.MaxLength) + "//evil.test",
		"/" + strings.Repeat("\u00e9", returnto.MaxLength/3),
	} {
		if _, err := returnto.Parse(raw, sites); !errors.Is(err, returnto.ErrLength) {
			t.Errorf("%d bytes: %v, want ErrLength", len(raw), err)
		}
	}
	if _, err := returnto.Parse("/"+strings.Repeat("a", returnto.MaxLength-1), sites); err != nil {
		t.Errorf("an address of the greatest length: %v", err)
	}
}

// TestModel holds the model itself against addresses whose meaning in a
// browser is known, so that the property below is not empty.
func TestModel(t *testing.T) {
	for location, want := range map[string]string{
		"/x": "https://good.example", "//evil.test/x": "https://evil.test", `/\evil.test`: "https://evil.test", "/\t/evil.test": "https://evil.test",
		`https:\\evil.test`: "https://evil.test", "https:evil.test": "https://good.example", "http:evil.test": "http://evil.test", "https:///evil.test": "https://evil.test",
		"https://good.example@evil.test": "https://evil.test", `https://evil.test\@good.example`: "https://evil.test", "https://evil.test?@good.example": "https://evil.test",
		"http://3627734734": "http://216.58.214.206", "http://0xd8.072.54990": "http://216.58.214.206", "https://good%2eexample/": "https://good.example", "HTTPS://Good.Example:443": "https://good.example",
		"/%2f%2fevil.test": "https://good.example", "javascript:alert(1)": "", "http://472.314.470.462": "",
	} {
		if got, _ := browserOrigin(location, "https://good.example"); got != want {
			t.Errorf("a browser would take %q to %q, the model says %q", location, want, got)
		}
	}
}

// RED-01, RED-05: a browser that is sent the address ends up at an allowed
// origin, and at the same one that it would have read in the raw address.
func FuzzClean(f *testing.F) {
	for _, raw := range refused {
		f.Add(raw)
	}
	for raw := range taken {
		f.Add(raw)
	}
	const own = "https://good.example"
	f.Fuzz(func(t *testing.T, raw string) {
		got, err := returnto.Clean(raw, sites)
		if err != nil {
			return
		}
		for i := range len(got) {
			if got[i] <= ' ' || got[i] >= 0x7f || strings.IndexByte("\\\"<>{}`#", got[i]) >= 0 {
				t.Fatalf("Clean(%q) = %q holds %q", raw, got, got[i])
			}
		}
		goes, ok := browserOrigin(got, own)
		if !ok || !slices.Contains(sites, goes) {
			t.Fatalf("Clean(%q) = %q, which a browser takes to %q", raw, got, goes)
		}
		if meant, ok := browserOrigin(raw, own); !ok || meant != goes {
			t.Fatalf("a browser takes %q to %q, but Clean's %q to %q", raw, meant, got, goes)
		}
		if u, err := url.Parse(got); err != nil || u.User != nil {
			t.Fatalf("net/url reads %q as %v, %v", got, u, err)
		}
		if again, err := returnto.Clean(got, sites); err != nil || again != got {
			t.Fatalf("Clean(%q) = %q, of that %q, %v", raw, got, again, err)
		}
	})
}
