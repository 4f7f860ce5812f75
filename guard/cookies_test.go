package guard_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/guard"
)

const mine = "__Host-Http-gatehouse=0123456789012345678901234567890123456789012"

// HDR-08
func TestCookies(t *testing.T) {
	for _, c := range []struct{ lines, want []string }{
		{[]string{"a=1; b=2"}, []string{"a=1; b=2"}},
		{[]string{mine}, nil},
		{[]string{mine + "; a=1"}, []string{"a=1"}},
		{[]string{"a=1; " + mine}, []string{"a=1"}},
		{[]string{"a=1; " + mine + "; b=2"}, []string{"a=1; b=2"}},
		{[]string{"a=1;" + mine + ";b=2"}, []string{"a=1;b=2"}},
		{[]string{mine + "; " + mine}, nil},
		{[]string{mine + "; a=1; " + mine + "; b=2; " + mine}, []string{"a=1; b=2"}},
		{[]string{"a=1; __Host-Http-gatehouse-binder=x; b=2; __Host-Http-gatehouse-login=y"}, []string{"a=1; b=2"}},
		{[]string{"  __Host-Http-gatehouse =x;a=1", mine, "b=2"}, []string{"a=1", "b=2"}},
		{[]string{"__Host-Http-gatehouse"}, nil},
		{[]string{"__Host-Http-gatehouse="}, nil},
		// not ours
		{[]string{"__Host-Http-gatehouse2=x"}, []string{"__Host-Http-gatehouse2=x"}},
		{[]string{"gatehouse=x; x__Host-Http-gatehouse=y"}, []string{"gatehouse=x; x__Host-Http-gatehouse=y"}},
		{[]string{"__host-http-gatehouse=x"}, []string{"__host-http-gatehouse=x"}},
		{[]string{"a=__Host-Http-gatehouse=x"}, []string{"a=__Host-Http-gatehouse=x"}},
		// malformed ones stay as they are
		{[]string{";;  =; a=\"b;c\"; \x01=\xff ;" + mine + ";;z "}, []string{";;  =; a=\"b;c\"; \x01=\xff ;;z "}},
		{[]string{"", mine}, []string{""}},
		{[]string{"novalue"}, []string{"novalue"}},
	} {
		h := http.Header{"Cookie": slices.Clone(c.lines)}
		guard.NewCleaner(own).Cookies(h)
		if got := h["Cookie"]; !slices.Equal(got, c.want) {
			t.Errorf("%q\nbecame %q,\nwant   %q", c.lines, got, c.want)
		}
		if _, ok := h["Cookie"]; ok != (c.want != nil) {
			t.Errorf("%q: an empty header is left", c.lines)
		}
	}
	guard.NewCleaner(own).Cookies(http.Header{})
}

// HDR-08, COO-10: other cookies come through in their order, byte for byte.
func FuzzCookies(f *testing.F) {
	f.Add("a=1; " + mine + "; b=2")
	f.Add(";; " + mine + " ;\t=;" + mine)
	f.Add(strings.Repeat("__Host-Http-gatehouse-x=1;a=2;", 8))
	c := guard.NewCleaner(own)
	ours := func(piece string) bool {
		name, _, _ := strings.Cut(piece, "=")
		name = strings.Trim(name, " \t")
		return name == own.Cookies[0] || strings.HasPrefix(name, own.CookiePrefixes[0])
	}
	f.Fuzz(func(t *testing.T, line string) {
		var want []string
		for piece := range strings.SplitSeq(line, ";") {
			if !ours(piece) {
				want = append(want, piece)
			}
		}
		h := http.Header{"Cookie": {line}}
		c.Cookies(h)
		got := strings.Join(h["Cookie"], "\n")
		if joined := strings.Join(want, ";"); strings.TrimLeft(got, " \t") != strings.TrimLeft(joined, " \t") {
			t.Fatalf("%q\nbecame %q,\nwant   %q", line, got, joined)
		}
		if len(want) == strings.Count(line, ";")+1 && got != line {
			t.Fatalf("%q without a cookie of ours became %q", line, got)
		}
		for piece := range strings.SplitSeq(got, ";") {
			if ours(piece) {
				t.Fatalf("%q survives in %q", piece, got)
			}
		}
	})
}

// COO-10
func TestManyCookies(t *testing.T) {
	h := http.Header{"Cookie": {strings.Repeat("__Host-Http-gatehouse-x=1; a=2; ", 8000)}}
	guard.NewCleaner(own).Cookies(h)
	if got := h.Get("Cookie"); got != strings.Repeat("a=2; ", 8000) {
		t.Errorf("%d bytes are left, beginning with %.40q", len(got), got)
	}
}
