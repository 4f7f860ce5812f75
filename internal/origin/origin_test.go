package origin_test

import (
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/internal/origin"
)

func TestParseGivesOneSpelling(t *testing.T) {
	for raw, want := range map[string]string{
		"https://app.example.com":        "https://app.example.com",
		"https://app.example.com/":       "https://app.example.com",
		"HTTPS://App.Example.COM":        "https://app.example.com",
		"https://app.example.com:443":    "https://app.example.com",
		"https://app.example.com:8443":   "https://app.example.com:8443",
		"https://app.example.com:80":     "https://app.example.com:80",
		"http://localhost":               "http://localhost",
		"http://localhost:80":            "http://localhost",
		"http://localhost:8080":          "http://localhost:8080",
		"http://app.localhost:8080":      "http://app.localhost:8080",
		"http://127.0.0.1:9000":          "http://127.0.0.1:9000",
		"http://127.8.9.1":               "http://127.8.9.1",
		"http://[::1]:9000":              "http://[::1]:9000",
		"https://[2001:DB8:0:0:0:0:0:1]": "https://[2001:db8::1]",
		"https://xn--bcher-kva.example":  "https://xn--bcher-kva.example",
		"https://my_nas":                 "https://my_nas",
		"https://4chan.example":          "https://4chan.example",
	} {
		got, err := origin.Parse(raw)
		if err != nil || got != want {
			t.Errorf("Parse(%q) = %q, %v, want %q", raw, got, err, want)
		}
		if again, err := origin.Parse(got); err != nil || again != got {
			t.Errorf("Parse(%q) of its own result = %q, %v", got, again, err)
		}
	}
}

// CFG-01, FWD-06
func TestParseSaysWhatIsWrong(t *testing.T) {
	for raw, hint := range map[string]string{
		"":                            "https://",
		"app.example.com":             "https://",
		"//app.example.com":           "https://",
		"https:/app.example.com":      "https://",
		"ftp://app.example.com":       "scheme",
		"javascript://app":            "scheme",
		"http://app.example.com":      "loopback",
		"http://localhost.evil.test":  "loopback",
		"http://127.0.0.1.evil.test":  "loopback",
		"http://10.0.0.1":             "loopback",
		"http://0.0.0.0":              "loopback",
		"https://app.example.com/x":   "only scheme and host, here https://app.example.com",
		"https://app.example.com?x":   "query",
		"https://app.example.com/#x":  "fragment",
		"https://app.example.com\\x":  "backslash",
		"https://alice@example.com":   "user name",
		"https://:@example.com":       "user name",
		"https://":                    "missing",
		"https://:443":                "missing",
		"https://app.example.com:":    "port",
		"https://app.example.com:x":   "port",
		"https://app.example.com:0":   "port",
		"https://app.example.com:08":  "port",
		"https://app.example.com:+80": "port",
		"https://app.example.com:1:2": "port",
		"https://a.example:65536":     "port",
		"https://[::1]x":              "port",
		"https://[::1":                "']'",
		"https://[fe80::1%25eth0]":    "IPv6",
		"https://[::ffff:127.0.0.1]":  "IPv6",
		"https://[127.0.0.1]":         "IPv6",
		"https://app.example.com.":    "dot",
		"https://app..example.com":    "between two dots",
		"https://.example.com":        "between two dots",
		"https://*.example.com":       "wildcard",
		"https://b\u00fccher.example": "ASCII",
		"https://\u0435xample.com":    "ASCII",
		"https://app%2eexample.com":   "'%'",
		"https://app example.com":     "' '",
		"https://app.example.com\n":   `'\n'`,
		"https://{env.HOST}":          "'{'",
		"https://3627734734":          "number",
		"https://0xd8.072.54990":      "number",
		"https://127.1":               "number",
		"https://a.0x7f":              "number",
		"https://0177.0.0.1":          "number",
	} {
		got, err := origin.Parse(raw)
		if err == nil {
			t.Errorf("Parse(%q) = %q, want an error", raw, got)
		} else if !strings.Contains(err.Error(), hint) {
			t.Errorf("Parse(%q): %v, want a hint at %q", raw, err, hint)
		}
	}
}

func TestBase(t *testing.T) {
	for raw, want := range map[string][2]string{
		"https://Auth.example.com":              {"https://auth.example.com", "https://auth.example.com"},
		"https://auth.example.com/":             {"https://auth.example.com", "https://auth.example.com"},
		"https://app.example.com/.gatehouse":    {"https://app.example.com/.gatehouse", "https://app.example.com"},
		"https://app.example.com:443/Sign/in-1": {"https://app.example.com/Sign/in-1", "https://app.example.com"},
		"http://localhost:9080/realm/":          {"http://localhost:9080/realm", "http://localhost:9080"},
	} {
		base, org, err := origin.Base(raw)
		if err != nil || base != want[0] || org != want[1] {
			t.Errorf("Base(%q) = %q, %q, %v", raw, base, org, err)
		}
	}
	for _, raw := range []string{
		"http://auth.example.com", "https://a.example?x", "https://a.example#x", "https://a.example//",
		"https://a.example/x//y", "https://a.example/../x", "https://a.example/%61", "https://a.example/a;b", "https://a.example/a b", "auth",
	} {
		if base, _, err := origin.Base(raw); err == nil {
			t.Errorf("Base(%q) = %q, want an error", raw, base)
		}
	}
}

// PRX-14
func TestMatchHost(t *testing.T) {
	for _, c := range []struct {
		org, host string
		want      bool
	}{
		{"https://app.example.com", "app.example.com", true},
		{"https://app.example.com", "APP.example.COM", true},
		{"https://app.example.com", "app.example.com.", true},
		{"https://app.example.com", "app.example.com:443", true},
		{"https://app.example.com", "app.example.com.:443", true},
		{"https://app.example.com", "app.example.com..", false},
		{"https://app.example.com", "app.example.com:80", false},
		{"https://app.example.com", "app.example.com:", false},
		{"https://app.example.com", "app.example.com:x", false},
		{"https://app.example.com", "app.example.com:0443", false},
		{"https://app.example.com", "app.example.com:443:443", false},
		{"https://app.example.com", "xapp.example.com", false},
		{"https://app.example.com", "app.example.com.evil.test", false},
		{"https://app.example.com", "", false},
		{"https://app.example.com", ".", false},
		{"https://app.example.com", "user@app.example.com", false},
		{"https://app.example.com", " app.example.com", false},
		{"https://kiosk.example", "\u212aiosk.example", false},
		{"https://app.example.com:8443", "app.example.com:8443", true},
		{"https://app.example.com:8443", "app.example.com", false},
		{"https://app.example.com:8443", "app.example.com:443", false},
		{"http://localhost", "localhost:80", true},
		{"http://localhost:8080", "localhost:8080", true},
		{"http://[::1]:8080", "[::1]:8080", true},
		{"https://[2001:db8::1]", "[2001:DB8::1]", true},
		{"https://[2001:db8::1]", "[2001:db8::1]:443", true},
		{"", "", false},
	} {
		if got := origin.MatchHost(c.org, c.host); got != c.want {
			t.Errorf("MatchHost(%q, %q) = %v, want %v", c.org, c.host, got, c.want)
		}
	}
	if n := testing.AllocsPerRun(100, func() { origin.MatchHost("https://app.example.com", "app.example.com:443") }); n != 0 {
		t.Errorf("MatchHost allocates %v times", n)
	}
}

func TestLoopbackAndHost(t *testing.T) {
	for org, want := range map[string]bool{
		"http://localhost:8080": true, "https://a.localhost": true, "http://127.0.0.1": true, "http://[::1]:80": true,
		"https://app.example.com": false, "https://localhost.example.com": false, "https://[2001:db8::1]": false,
	} {
		if got := origin.Loopback(org); got != want {
			t.Errorf("Loopback(%q) = %v", org, got)
		}
	}
	for org, want := range map[string][3]string{ // Host, Hostname, Port
		"https://app.example.com":      {"app.example.com", "app.example.com", "443"},
		"http://localhost":             {"localhost", "localhost", "80"},
		"http://localhost:8080":        {"localhost:8080", "localhost", "8080"},
		"https://[2001:db8::1]":        {"[2001:db8::1]", "[2001:db8::1]", "443"},
		"https://[2001:db8::1]:8443":   {"[2001:db8::1]:8443", "[2001:db8::1]", "8443"},
		"https://app.example.com:8443": {"app.example.com:8443", "app.example.com", "8443"},
	} {
		if got := [3]string{origin.Host(org), origin.Hostname(org), origin.Port(org)}; got != want {
			t.Errorf("%s: %q, want %q", org, got, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"https://app.example.com", "HTTP://LocalHost:80/", "https://[::1]:8443", "https://127.1", "https://a@b", "https://\u00fc"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		org, err := origin.Parse(raw)
		if err != nil {
			return
		}
		again, err := origin.Parse(org)
		if err != nil || again != org {
			t.Fatalf("Parse(%q) = %q, of that %q, %v", raw, org, again, err)
		}
		if !origin.MatchHost(org, origin.Host(org)) {
			t.Fatalf("%q does not match its own host", org)
		}
	})
}
