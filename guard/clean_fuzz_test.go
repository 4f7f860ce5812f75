package guard_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"unicode"

	"github.com/gatehouse-auth/gatehouse/guard"
)

// foldings is how gateways and languages turn the name of a header into the
// name of a variable that applications read.
var foldings = map[string]func(string) string{
	"CGI, WSGI, Rack": func(s string) string { // RFC 3875, section 4.1.18; PEP 3333
		return "HTTP_" + strings.ToUpper(strings.ReplaceAll(s, "-", "_"))
	},
	"PHP": func(s string) string { // main/php_variables.c: also dots and spaces
		return "HTTP_" + strings.ToUpper(strings.NewReplacer("-", "_", ".", "_", " ", "_").Replace(strings.TrimLeft(s, " ")))
	},
	"Apache httpd 2.2, lighttpd": func(s string) string { // everything else is an underscore
		return "HTTP_" + strings.Map(func(r rune) rune {
			if r < 0x80 && (unicode.IsLetter(r) || unicode.IsDigit(r)) {
				return unicode.ToUpper(r)
			}
			return '_'
		}, s)
	},
	"already in CGI form": func(s string) string { return strings.ToUpper(strings.ReplaceAll(s, "-", "_")) },
	"after a redirect": func(s string) string {
		return strings.TrimPrefix(strings.ToUpper(strings.ReplaceAll(s, "-", "_")), "REDIRECT_")
	},
	"case alone": strings.ToLower,
	"no separators": func(s string) string {
		return strings.ToLower(strings.NewReplacer("-", "", "_", "", ".", "").Replace(s))
	},
	"Node, white space": func(s string) string { return strings.ToLower(strings.TrimSpace(s)) },
}

// readAs names the folding under which an application would take name for one
// of our headers, or gives "".
func readAs(name string) string {
	for how, f := range foldings {
		for _, ours := range own.Headers {
			want := f(ours)
			if got := f(name); got == want || got == "HTTP_"+want || "HTTP_"+got == want {
				return how
			}
		}
	}
	return ""
}

// HDR-02, HDR-04, HDR-07
func FuzzClean(f *testing.F) {
	for _, name := range spellings {
		f.Add(name, "admin", "close, "+name, "websocket")
	}
	f.Add("connection", "Remote-User", "keep-alive", "h2c")
	f.Add("upgrade", "h2c", "upgrade\n\nupgrade", "WebSocket")
	c := guard.NewCleaner(own)
	f.Fuzz(func(t *testing.T, name, value, connection, upgrade string) {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header = http.Header{"Accept": {"*/*"}, "Connection": strings.Split(connection, "\n")}
		r.Header[name] = append(r.Header[name], value)
		if upgrade != "" {
			r.Header["Upgrade"] = strings.Split(upgrade, "\n")
		}
		err := c.Request(r)
		for left := range r.Header {
			if how := readAs(left); how != "" {
				t.Fatalf("%q survives, and %s reads it as ours", left, how)
			}
			for _, handled := range []string{"Connection", "Upgrade", "Trailer", "Proxy-Connection", "Http2-Settings"} {
				if strings.EqualFold(left, handled) && left != handled {
					t.Fatalf("%q survives beside %s", left, handled)
				}
			}
		}
		_, upgraded := r.Header["Upgrade"]
		if upgraded && (err != nil || r.Header.Get("Upgrade") != "websocket") {
			t.Fatalf("Upgrade %q is left, error %v", r.Header["Upgrade"], err)
		}
		for _, line := range r.Header["Connection"] {
			for token := range strings.SplitSeq(line, ",") {
				switch token = strings.ToLower(strings.TrimSpace(token)); {
				case token == "close", token == "keep-alive", token == "upgrade" && upgraded:
				default:
					t.Fatalf("Connection names %q", token)
				}
			}
		}
		if _, ok := r.Header["Accept"]; !ok {
			t.Fatal("a header of the application is gone")
		}
		again := r.Clone(r.Context())
		if err := c.Request(again); err != nil || len(again.Header) != len(r.Header) {
			t.Fatalf("cleaning a clean request: %v, %v, was %v", err, again.Header, r.Header)
		}
	})
}
