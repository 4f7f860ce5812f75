package proof_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/authorize/proof"
)

// RFC 3986, sections 6.2.2 and 6.2.3.
func TestTarget(t *testing.T) {
	for address, want := range map[string]string{ // "": refused
		"https://a.example/token":                        "https://a.example/token",
		"https://a.example":                              "https://a.example/",
		"https://a.example?x=%41":                        "https://a.example/",
		"https://a.example?x":                            "https://a.example/",
		"https://a.example/?x=1#y":                       "https://a.example/",
		"HTTPS://A.Example/Token":                        "https://a.example/Token",
		"https://a.example:443/x":                        "https://a.example/x",
		"https://a.example:/x":                           "https://a.example/x",
		"https://a.example:80/x":                         "https://a.example:80/x",
		"http://a.example:80/x":                          "http://a.example/x",
		"http://a.example:8080/x":                        "http://a.example:8080/x",
		"https://[::1]:443/x":                            "https://[::1]/x",
		"https://[2001:DB8::1]:8443/x":                   "https://[2001:db8::1]:8443/x",
		"https://a.example/%7ex/%c3%a4":                  "https://a.example/~x/%C3%A4",
		"https://a.example/%2f/%25":                      "https://a.example/%2F/%25",
		"https://a.example/a/./b/../c":                   "https://a.example/a/c",
		"https://a.example/a/b/..":                       "https://a.example/a/",
		"https://a.example/../../a":                      "https://a.example/a",
		"https://a.example/%2e%2e/a":                     "https://a.example/a",
		"https://a.example//a":                           "https://a.example//a",
		"https://a.example/a;b=c,d":                      "https://a.example/a;b=c,d",
		"https://a.example/a+b":                          "https://a.example/a+b",
		"":                                               "",
		"/token":                                         "",
		"a.example/token":                                "",
		"//a.example/token":                              "",
		"https:///token":                                 "",
		"https:token":                                    "",
		"https://:443/":                                  "",
		"ftp://a.example/":                               "",
		"javascript:alert(1)":                            "",
		"https://u@a.example/":                           "",
		"https://u:p@a.example/":                         "",
		"https://a.example\\@b.example/":                 "",
		"https://a.example/ x":                           "",
		"https://a.example/\x00":                         "",
		"https://a.example/ä":                            "",
		"https://a.example/%":                            "",
		"https://a%41.example/":                          "",
		"https://[::1%25eth0]/":                          "",
		"https://%c3%a4.example/":                        "",
		"https://a.example/%zz":                          "",
		"https://a.example:x/":                           "",
		"https://a.example/" + strings.Repeat("x", 2000): "",
	} {
		got, ok := proof.Target(address)
		if got != want || ok != (want != "") {
			t.Errorf("%s: %q, %v", address, got, ok)
		}
	}
}

// FuzzTarget: the form is the form of itself, and another parser finds the same
// host in it as in the address.
func FuzzTarget(f *testing.F) {
	for _, s := range []string{endpoint, "https://a.example:443/%7e/../x?y#z", "HTTP://[::1]:80//a/./b/..", "https://a%41.example/", "https://a:0443/%2E%2e/", "https://[::1%25eth0]/"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, address string) {
		form, ok := proof.Target(address)
		if !ok {
			return
		}
		again, ok := proof.Target(form)
		if !ok || again != form {
			t.Fatalf("%q became %q became %q", address, form, again)
		}
		before, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		after, err := url.Parse(form)
		if err != nil || !strings.EqualFold(before.Hostname(), after.Hostname()) || after.RawQuery != "" || after.Fragment != "" {
			t.Fatalf("%q became %q", address, form)
		}
	})
}
