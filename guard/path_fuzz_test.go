package guard_test

import (
	"net/http"
	"net/url"
	"path"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"

	"github.com/gatehouse-auth/gatehouse/guard"
)

var (
	params  = regexp.MustCompile(`;[^/]*`)
	slashes = regexp.MustCompile(`/+`)
	control = regexp.MustCompile(`[\x00-\x1f\x7f]`)
	tails   = regexp.MustCompile(`[. ]+(/|$)`)
)

// once decodes as lenient software does: what is not an escape stays.
func once(s string) string {
	return regexp.MustCompile(`%[0-9A-Fa-f]{2}`).ReplaceAllStringFunc(s, func(e string) string {
		plain, _ := url.PathUnescape(e)
		return plain
	})
}

// normalisers are what proxies, frameworks and file systems do to a path
// before they decide what it is. Each gets a decoded or an escaped path.
var normalisers = map[string]func(string) string{
	"as it is":                  func(s string) string { return s },
	"path.Clean":                path.Clean,
	"decode once":               once,
	"decode twice":              func(s string) string { return once(once(s)) },
	"decode three times, clean": func(s string) string { return path.Clean(once(once(once(s)))) },
	"clean, decode, clean":      func(s string) string { return path.Clean(once(path.Clean(s))) },
	"strip ;parameters":         func(s string) string { return params.ReplaceAllString(s, "") },
	"strip ;parameters, clean":  func(s string) string { return path.Clean(params.ReplaceAllString(once(s), "")) },
	"cut at the first ;":        func(s string) string { s, _, _ = strings.Cut(s, ";"); return s },
	"backslash to slash, clean": func(s string) string { return path.Clean(strings.ReplaceAll(once(s), `\`, "/")) },
	"merge slashes":             func(s string) string { return slashes.ReplaceAllString(s, "/") },
	"decode, merge, clean":      func(s string) string { return path.Clean(slashes.ReplaceAllString(once(s), "/")) },
	"lower-case":                strings.ToLower,
	"cut at NUL":                func(s string) string { s, _, _ = strings.Cut(once(s), "\x00"); return s },
	"drop controls, clean":      func(s string) string { return path.Clean(control.ReplaceAllString(once(s), "")) },
	"Windows names, clean":      func(s string) string { return path.Clean(tails.ReplaceAllString(once(s), "$1")) },
	"decode, cut at ? and #":    func(s string) string { s = once(s); return s[:strings.IndexAny(s+"?", "?#")] },
	"NFC, clean":                func(s string) string { return path.Clean(norm.NFC.String(once(s))) },
	"NFKC, clean":               func(s string) string { return path.Clean(norm.NFKC.String(once(s))) },
	"NFKC, backslash, ;, clean": func(s string) string {
		return path.Clean(params.ReplaceAllString(strings.ReplaceAll(norm.NFKC.String(once(s)), `\`, "/"), ""))
	},
	"plus is a space": func(s string) string { return strings.ReplaceAll(s, "+", " ") },
	"net/url, resolved": func(s string) string {
		u, err := url.Parse("https://a.test" + s)
		if err != nil {
			return "/pub/"
		}
		return u.ResolveReference(&url.URL{}).Path
	},
	"net/http's ServeMux": func(s string) string {
		u, err := url.ParseRequestURI(s)
		if err != nil {
			return "/pub/"
		}
		return muxPath(u)
	},
	"Latin-1 for invalid UTF-8":  func(s string) string { return strings.ToValidUTF8(once(s), "/../") },
	"case, decode, clean, merge": func(s string) string { return path.Clean(strings.ToLower(once(slashes.ReplaceAllString(s, "/")))) },
}

// muxPath is where net/http would redirect or route a request to.
func muxPath(u *url.URL) string {
	mux := http.NewServeMux()
	seen := ""
	mux.HandleFunc("/", func(_ http.ResponseWriter, r *http.Request) { seen = r.URL.Path })
	h, _ := mux.Handler(&http.Request{Method: "GET", Host: "a.test", URL: u})
	rec := recorder{http.Header{}}
	h.ServeHTTP(rec, &http.Request{Method: "GET", Host: "a.test", URL: u})
	if to, err := url.Parse(rec.Header().Get("Location")); err == nil && to.Path != "" {
		return to.Path
	}
	return seen
}

type recorder struct{ header http.Header }

func (r recorder) Header() http.Header         { return r.header }
func (r recorder) Write(b []byte) (int, error) { return len(b), nil }
func (r recorder) WriteHeader(int)             {}

// PTH-01, PTH-03, AUZ-01: what is public to us is public to every application,
// however it reads the path.
func FuzzPublic(f *testing.F) {
	for _, target := range ambiguous {
		f.Add(target)
	}
	for target := range plain {
		f.Add(target)
		f.Add("/pub" + target)
	}
	public := publicOf(f, "/healthz", "/pub/*", "/b%C3%BCcher/x/*")
	under := func(s string) bool {
		s = once(s) // every application decodes once when it looks for a route
		return s == "/healthz" || strings.HasPrefix(s+"/", "/pub/") || strings.HasPrefix(norm.NFKC.String(s)+"/", "/b\u00fccher/x/")
	}
	f.Fuzz(func(t *testing.T, target string) {
		p := guard.ReadPath(target)
		if p.Ambiguity == "" && p.Decoded != once(target[:strings.IndexAny(target+"?", "?")]) {
			t.Fatalf("%q is read as %q", target, p.Decoded)
		}
		if !public.Match(p) {
			return
		}
		raw, _, _ := strings.Cut(target, "?")
		for name, f := range normalisers {
			for _, form := range []string{raw, p.Decoded, (&url.URL{Path: p.Decoded}).EscapedPath()} {
				if got := f(form); !under(got) {
					t.Fatalf("%q is public, but %s makes %q of it", target, name, got)
				}
			}
		}
		if p := guard.ReadPath((&url.URL{Path: p.Decoded}).EscapedPath()); !public.Match(p) {
			t.Fatalf("%q is public, but not in the form in which Go forwards it", target)
		}
	})
}

// FuzzReserved: no reading of a path that is forwarded is one of ours.
func FuzzReserved(f *testing.F) {
	for _, s := range []string{"/.gatehouse/x", "/x/../.gatehouse/", "/%2egatehouse", "//.gatehouse;/x", "/.GATEHOUSE"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, target string) {
		p := guard.ReadPath(target)
		if p.Reserved || p.Odd(false) || !strings.HasPrefix(target, "/") {
			return
		}
		raw, _, _ := strings.Cut(target, "?")
		for name, f := range normalisers {
			if name == "drop controls, clean" || strings.HasPrefix(name, "NFKC") || name == "Latin-1 for invalid UTF-8" {
				continue // only on paths that decide nothing, where these are the application's own business
			}
			if got := strings.ToLower(f(raw)); got == "/.gatehouse" || strings.HasPrefix(got, "/.gatehouse/") {
				t.Fatalf("%q is forwarded, but %s makes %q of it", target, name, got)
			}
		}
	})
}
