package guard_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/guard"
)

// unescape decodes every escape once.
func unescape(s string) (string, bool) {
	plain, err := url.PathUnescape(s)
	return plain, err == nil
}

// ambiguous are targets that some application reads as another path.
var ambiguous = []string{
	"", "*", "x", "admin", "http://app.example.com/pub/x", "app.example.com:443",
	"/.", "/..", "/./x", "/../x", "/pub/.", "/pub/..", "/pub/../admin", "/admin/../pub/x", "/pub/./x", "/pub/...", "/pub/.../x", "/pub/.. /x", "/pub/..%20/x", "/pub/. ./x", "/pub/%20/x",
	"/%2e%2e/x", "/pub/%2e%2e/admin", "/pub/%2E./admin", "/pub/.%2e/admin", "/admin/%2e%2e/pub/x", "/pub/x%2ey", "/%2e",
	"//", "//pub/x", "/pub//x", "/pub//", "///", "//evil.test/pub", "/pub/..;/admin", "/pub;/x", "/pub/;x", "/pub/x;v=1", "/pub/%3bx", "/;/pub/x",
	`/pub\x`, `/pub/..\admin`, "/pub/..%5cadmin", "/pub%5c", "/pub/%5C..%5Cadmin", `\pub\x`, `/\evil.test`,
	"/pub%2fx", "/pub/..%2fadmin", "/pub%2F..%2Fadmin", "/pub/%00", "/pub/%00/admin", "/pub/x%00.css", "/pub/%0a", "/pub/%0d%0aX:y", "/pub/%09", "/pub/%7f", "/pub/x\x00", "/pub/x\ty", "/pub/\x7f",
	"/pub/%", "/pub/%2", "/pub/%zz", "/pub/%u002f", "/pub/%c0%af", "/pub/%c0%ae%c0%ae/admin", "/pub/%ff", "/pub/\xff", "/pub/%ed%a0%80",
	"/pub/%252e%252e/admin", "/pub/%25", "/pub/%2525252e", "/pub/100%25",
	"/pub/..#00", "/pub/..%23x", "/pub/..%3fx", "/pub/.%20%3f", "/pub/%23x", "/x#/pub/", "/#",
	"/pub/%ef%bc%8e%ef%bc%8e/admin", "/pub/..%ef%bc%8fadmin", "/pub/%e2%80%a5/admin", "/pub/%e2%88%95admin", "/pub/%c2%85", "/pub/%cd%be",
}

// plain are targets that everybody reads alike, with their decoded form.
var plain = map[string]string{
	"/": "/", "/x": "/x", "/x/": "/x/", "/pub/x?y=/../z;a//b%2f": "/pub/x", "/?": "/", "/.well-known/x": "/.well-known/x", "/..x/x../a..b": "/..x/x../a..b", "/%70ub/x": "/pub/x", "/caf%c3%a9": "/caf\u00e9", "/caf\u00e9": "/caf\u00e9",
	"/a%20b": "/a b", "/a+b": "/a+b", "/%7ealice/@x:y,z=(1)!$&'*": "/~alice/@x:y,z=(1)!$&'*", "/a%3fb%23c": "/a?b#c", "/.hidden": "/.hidden",
	"/%e6%96%87%ef%bc%88%ef%bc%89": "/\u6587\uff08\uff09", "/wait\u2026.txt": "/wait\u2026.txt",
}

// PTH-01, PTH-08
func TestReadPath(t *testing.T) {
	for _, target := range ambiguous {
		if p := guard.ReadPath(target); p.Ambiguity == "" || p.Decoded != "" {
			t.Errorf("%q is read as %q", target, p.Decoded)
		} else if !p.Odd(true) || p.Odd(false) {
			t.Errorf("%q: refused where a path decides: %v, where none does: %v", target, p.Odd(true), p.Odd(false))
		}
	}
	for target, want := range plain {
		if p := guard.ReadPath(target); p.Decoded != want || p.Ambiguity != "" || p.Odd(true) {
			t.Errorf("%q is read as %+v, want %q", target, p, want)
		}
	}
}

// PTH-01, PTH-04: what is ours is never the application's.
func TestReserved(t *testing.T) {
	for target, want := range map[string]struct{ reserved, odd bool }{
		"/.gatehouse/":                         {true, false},
		"/.gatehouse/session":                  {true, false},
		"/.gatehouse":                          {true, false},
		"/.gatehouse?x":                        {true, false},
		"/.GateHouse/session":                  {true, false},
		"/.g%61tehouse/session":                {true, false},
		"/.gatehouses":                         {false, false},
		"/.gatehouse-x/":                       {false, false},
		"/x/.gatehouse/":                       {false, false},
		"/gatehouse/":                          {false, false},
		"/x?/.gatehouse/":                      {false, false},
		"/.gatehouse/../x":                     {true, true},
		"/.gatehouse/%2e%2e/x":                 {true, true},
		"/x/../.gatehouse/session":             {true, true},
		"//.gatehouse/session":                 {true, true},
		"/.gatehouse;x/session":                {true, true},
		"/.gatehouse%2fsession":                {true, true},
		"/%2egatehouse/session":                {true, true},
		"/%252egatehouse/session":              {true, true},
		"/%25252e%67atehouse/x":                {true, true},
		"/%252525252525252egatehouse":          {true, true},
		`/.gatehouse\session`:                  {true, true},
		"/a%2fb":                               {false, false},
		"/a;b":                                 {false, false},
		"http://app.example.com/.gatehouse/ok": {true, true},
	} {
		p := guard.ReadPath(target)
		if p.Reserved != want.reserved || p.Odd(false) != want.odd {
			t.Errorf("%q: reserved %v, refused everywhere %v, want %v", target, p.Reserved, p.Odd(false), want)
		}
	}
}

func publicOf(t testing.TB, patterns ...string) guard.Public {
	t.Helper()
	p, err := guard.NewPublic(patterns)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// PTH-02, PTH-03, PTH-04, PTH-05: only the path of the request line is looked
// at, whole segments, case by case.
func TestPublic(t *testing.T) {
	p := publicOf(t, "/healthz", "/pub/*", "/Case/*", "/b%C3%BCcher/*", "/caf\u00e9", "/dir/")
	for target, want := range map[string]bool{
		"/healthz": true, "/healthz?x=1": true, "/%68ealthz": true, "/pub/": true, "/pub/x": true, "/pub/x/y": true, "/pub/x?/../y": true, "/Case/x": true,
		"/b\u00fccher/x": true, "/b%c3%bccher/x": true, "/caf%C3%A9": true, "/dir/": true,
		"/": false, "/pub": false, "/public": false, "/pubsecret": false, "/healthz/": false, "/healthz/x": false, "/healthzz": false, "/HEALTHZ": false, "/PUB/x": false, "/case/x": false, "/dir": false, "/dir/x": false,
		"/admin?x=/healthz": false, "/admin?/pub/": false, "/admin/pub/x": false, "/admin%3f/pub/": false, "/secret%23/pub/x": false, "/x#/pub/": false,
		"/pub/*": true, "/*": false,
	} {
		if got := p.Match(guard.ReadPath(target)); got != want {
			t.Errorf("%q is public: %v", target, got)
		}
	}
	for _, target := range ambiguous {
		if p.Match(guard.ReadPath(target)) {
			t.Errorf("the ambiguous %q is public", target)
		}
	}
	if !(guard.Public{}).Empty() || p.Empty() || (guard.Public{}).Match(guard.ReadPath("/")) {
		t.Error("the empty set")
	}
}

// PTH-09, PTH-02, CFG-01
func TestPublicPatternsThatAreRefused(t *testing.T) {
	for pattern, hint := range map[string]string{
		"": "slash", "pub/*": "slash", "*": "slash", "^/pub": "slash", "https://app/pub": "slash", "/*": "whole site", "/pub*": "'*'", "/*/x": "'*'", "/pub/**": "'*'", "/pub/*.css": "'*'", "/a*/*": "'*'",
		"/pub?x=1": "query", "/pub#x": "query", "/{env.PUB}/*": "placeholders", "/pub/../x": "dot segment", "/pub//*": "empty segment", "/pub/%2f/*": "escaped", "/pub;x": "parameter", "/pub%": "invalid escape",
		`/pub\*`: "'*'", `/pub\x`: "backslash", "/pub/a%3f/*": "'?'", "/pub/a%23": "'?'", "/pub/%2a": "'?'", "/.gatehouse/*": "reserved", "/.Gatehouse/x": "reserved", "/.gatehouse": "reserved",
	} {
		_, err := guard.NewPublic([]string{"/ok", pattern})
		if err == nil || !strings.Contains(err.Error(), hint) || !strings.Contains(err.Error(), "public path") {
			t.Errorf("%q: %v, want a hint at %q", pattern, err, hint)
		}
	}
}
