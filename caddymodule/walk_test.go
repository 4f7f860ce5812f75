package caddymodule_test

import (
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/caddymodule"
)

const (
	portalSite      = "auth.example.com {\n\tgatehouse_portal\n}\n"
	certificateSite = "mtls.example.com {\n\ttls {\n\t\tclient_auth {\n\t\t\tmode request\n\t\t}\n\t}\n\tgatehouse_portal\n}\n"
)

// CFG-04: what a configuration leaves open or makes unreachable is found when
// it is loaded.
var walks = []struct {
	name, issuer, input string
	certificates        string
	wrong               string // part of the error; empty if none
	warning             string // part of a warning; empty if none
}{
	{name: "one site", input: "app.example.com {\n\tgatehouse\n\treverse_proxy localhost:1\n}\n"},
	{name: "nothing guarded", input: "app.example.com {\n\treverse_proxy localhost:1\n}\n"},
	{
		name: "two sites without issuer", input: "a.example.com {\n\tgatehouse\n}\nb.example.com {\n\tgatehouse\n}\n",
		wrong: "without an issuer, gatehouse protects exactly one site with one host, and there are https://a.example.com, https://b.example.com: set `issuer https://auth.example.com`",
	},
	{name: "two hosts without issuer", input: "a.example.com, b.example.com {\n\tgatehouse\n}\n", wrong: "exactly one site with one host"},
	{name: "wildcard without issuer", input: "*.example.com {\n\tgatehouse\n}\n", wrong: "write `origin https://app.example.com` in the gatehouse block"},
	{name: "hostless with origin", input: ":8080 {\n\tgatehouse {\n\t\torigin https://app.example.com\n\t}\n}\n"},
	{name: "hostless with two origins", input: ":8080 {\n\tgatehouse {\n\t\torigin https://a.example.com https://b.example.com\n\t}\n}\n", wrong: "exactly one site"},
	{name: "portal without issuer", input: portalSite, wrong: "gatehouse_portal needs an issuer"},
	{
		name: "matcher in single-site mode", input: "app.example.com {\n\tgatehouse /admin/*\n\treverse_proxy localhost:1\n}\n",
	},
	{
		name:  "handle hides the pages",
		input: "app.example.com {\n\thandle /admin/* {\n\t\tgatehouse\n\t\treverse_proxy localhost:1\n\t}\n\trespond hello\n}\n",
		wrong: "the login's page /.gatehouse/login does not reach gatehouse",
	},
	{name: "catch-all handle", input: "app.example.com {\n\thandle {\n\t\tgatehouse\n\t\treverse_proxy localhost:1\n\t}\n}\n"},
	{name: "route", input: "app.example.com {\n\troute {\n\t\tgatehouse\n\t\treverse_proxy localhost:1\n\t}\n}\n"},
	{
		name:  "route in the wrong order",
		input: "app.example.com {\n\troute {\n\t\treverse_proxy localhost:1\n\t\tgatehouse\n\t}\n}\n",
		wrong: "does not reach gatehouse",
	},
	{
		name:  "catch-all handle after another",
		input: "app.example.com {\n\thandle /open/* {\n\t\trespond open\n\t}\n\thandle {\n\t\tgatehouse\n\t\treverse_proxy localhost:1\n\t}\n}\n",
	},
	{
		name:    "proxy beside a guard",
		input:   "app.example.com {\n\thandle /api/* {\n\t\treverse_proxy localhost:1\n\t}\n\thandle {\n\t\tgatehouse\n\t\treverse_proxy localhost:2\n\t}\n}\n",
		warning: "site app.example.com: a reverse_proxy at /api/* is not behind gatehouse",
	},
	{
		name:  "guards in every handle",
		input: "app.example.com {\n\thandle /api/* {\n\t\tgatehouse\n\t\treverse_proxy localhost:1\n\t}\n\thandle {\n\t\tgatehouse\n\t\treverse_proxy localhost:2\n\t}\n}\n",
	},
	{
		name:  "guards in every handle, proxy behind",
		input: "app.example.com {\n\thandle /api/* {\n\t\tgatehouse\n\t}\n\thandle {\n\t\tgatehouse\n\t}\n\treverse_proxy localhost:2\n}\n",
	},
	{name: "forward_auth beside a guard", input: "app.example.com {\n\tforward_auth localhost:3 {\n\t\turi /verify\n\t}\n\tgatehouse\n\treverse_proxy localhost:1\n}\n"},
	{
		name:    "guard before a route that invokes a proxy",
		input:   "&(app) {\n\treverse_proxy localhost:1\n}\napp.example.com {\n\troute {\n\t\tinvoke app\n\t\tgatehouse\n\t}\n\tgatehouse\n}\n",
		warning: "",
	},
	{
		name:  "error route proxies",
		input: "app.example.com {\n\tgatehouse\n\treverse_proxy localhost:1\n\thandle_errors {\n\t\treverse_proxy localhost:2\n\t}\n}\n",
		wrong: "handle_errors proxies without gatehouse",
	},
	{
		name:  "error route proxies behind a guard",
		input: "app.example.com {\n\tgatehouse\n\treverse_proxy localhost:1\n\thandle_errors {\n\t\tgatehouse\n\t\treverse_proxy localhost:2\n\t}\n}\n",
	},
	{
		name:  "error route of another site",
		input: "app.example.com {\n\tgatehouse\n\treverse_proxy localhost:1\n}\nother.example.com {\n\treverse_proxy localhost:1\n\thandle_errors {\n\t\treverse_proxy localhost:2\n\t}\n}\n",
	},
	{
		name:  "hostless neighbour",
		input: "app.example.com {\n\treverse_proxy localhost:1\n}\n:443 {\n\tgatehouse {\n\t\torigin https://x.example.com\n\t}\n\treverse_proxy localhost:1\n}\n",
	},
	{name: "login host", issuer: "https://auth.example.com", input: portalSite + "a.example.com, b.example.com {\n\tgatehouse\n}\n*.example.org {\n\tgatehouse {\n\t\torigin https://c.example.org\n\t}\n}\n"},
	{name: "issuer without portal", issuer: "https://auth.example.com", input: "a.example.com {\n\tgatehouse\n}\n", wrong: "no site serves the login pages of issuer https://auth.example.com: write a site auth.example.com { gatehouse_portal }"},
	{name: "portal elsewhere", issuer: "https://login.example.com", input: portalSite, wrong: "gatehouse_portal stands here, but the issuer is https://login.example.com"},
	{name: "portal behind a terminator", issuer: "https://auth.example.com", input: ":8080 {\n\tgatehouse_portal\n}\n"},
	{name: "portal with TLS, issuer without", issuer: "http://auth.localhost:8080", input: "auth.localhost:8080 {\n\tgatehouse_portal\n}\n", wrong: "the site is served with TLS, but the issuer is http://auth.localhost:8080"},
	{name: "portal on loopback", issuer: "http://auth.localhost:8080", input: "http://auth.localhost:8080 {\n\tgatehouse_portal\n}\n"},
	{
		name: "portal below a path", issuer: "https://auth.example.com",
		input: "auth.example.com {\n\thandle /login* {\n\t\tgatehouse_portal\n\t}\n}\n", wrong: "/ does not reach gatehouse_portal",
	},
	{
		name: "portal hidden in part", issuer: "https://auth.example.com",
		input: "auth.example.com {\n\thandle /login* {\n\t\trespond mine\n\t}\n\thandle {\n\t\tgatehouse_portal\n\t}\n}\n", wrong: "/login does not reach gatehouse_portal",
	},
	{
		name: "portal behind an answer", issuer: "https://auth.example.com",
		input: "auth.example.com {\n\troute {\n\t\trespond mine\n\t\tgatehouse_portal\n\t}\n}\n", wrong: "/ does not reach gatehouse_portal",
	},
	{
		name: "portal after a redirect of one path", issuer: "https://auth.example.com",
		input: "auth.example.com {\n\tredir /old /\n\tencode\n\tlog\n\tgatehouse_portal\n}\n",
	},
	{
		name: "portal for some addresses", issuer: "https://auth.example.com",
		input: "auth.example.com {\n\t@inside client_ip private_ranges\n\thandle @inside {\n\t\tgatehouse_portal\n\t}\n}\n",
	},
	{
		name: "application on the login host", issuer: "https://auth.example.com",
		input: "auth.example.com {\n\tgatehouse_portal\n\treverse_proxy localhost:1\n}\n", wrong: "reverse_proxy stands beside gatehouse_portal",
	},
	{
		name: "files on the login host", issuer: "https://auth.example.com",
		input: "auth.example.com {\n\tgatehouse_portal\n\tfile_server\n}\n", wrong: "file_server stands beside gatehouse_portal",
	},
	{
		name: "guard on the login host", issuer: "https://auth.example.com",
		input: "auth.example.com {\n\tgatehouse\n\tgatehouse_portal\n}\n", wrong: "gatehouse stands beside gatehouse_portal",
	},
	{
		name: "errors on the login host", issuer: "https://auth.example.com",
		input: "auth.example.com {\n\tgatehouse_portal\n\thandle_errors {\n\t\treverse_proxy localhost:1\n\t}\n}\n", wrong: "reverse_proxy stands beside gatehouse_portal",
	},
	{
		name: "two portals", issuer: "https://auth.example.com",
		input: portalSite + ":8080 {\n\tgatehouse_portal\n}\n", wrong: "gatehouse_portal stands in more than one site",
	},
	{
		name: "host for certificates", issuer: "https://auth.example.com", certificates: "https://mtls.example.com",
		input: portalSite + certificateSite,
	},
	{
		name: "port for certificates", issuer: "https://auth.example.com", certificates: "https://auth.example.com:8443",
		input: portalSite + strings.Replace(certificateSite, "mtls.example.com", "auth.example.com:8443", 1),
	},
	{
		name: "nobody asks for certificates", issuer: "https://auth.example.com", certificates: "https://mtls.example.com",
		input: portalSite + "mtls.example.com {\n\tgatehouse_portal\n}\n", wrong: "its TLS asks nobody for a certificate",
	},
	{
		name: "no host for certificates", issuer: "https://auth.example.com", certificates: "https://mtls.example.com",
		input: portalSite, wrong: "no site serves certificate_base https://mtls.example.com: write a site mtls.example.com {",
	},
	{
		name: "application on the host for certificates", issuer: "https://auth.example.com", certificates: "https://mtls.example.com",
		input: portalSite + strings.Replace(certificateSite, "\tgatehouse_portal", "\tgatehouse_portal\n\treverse_proxy localhost:1", 1), wrong: "reverse_proxy stands beside gatehouse_portal",
	},
	{
		name: "host for certificates hidden in part", issuer: "https://auth.example.com", certificates: "https://mtls.example.com",
		input: portalSite + strings.Replace(certificateSite, "\tgatehouse_portal", "\thandle /par {\n\t\trespond mine\n\t}\n\thandle {\n\t\tgatehouse_portal\n\t}", 1), wrong: "/par does not reach gatehouse_portal",
	},
	{
		name: "certificates and no login host", issuer: "https://auth.example.com", certificates: "https://mtls.example.com",
		input: certificateSite, wrong: "no site serves the login pages of issuer",
	},
	{
		name: "second portal without certificates", issuer: "https://auth.example.com",
		input: portalSite + certificateSite, wrong: "gatehouse_portal stands here, but the issuer is https://auth.example.com",
	},
	{
		name: "one cookie jar", issuer: "https://auth.example.com",
		input: portalSite + "app.example.com {\n\tgatehouse\n}\napp.example.com:8443 {\n\tgatehouse\n}\n",
		wrong: "https://app.example.com and https://app.example.com:8443 differ by their port only",
	},
	{
		name: "issuer's host on another port", issuer: "https://auth.example.com",
		input: portalSite + "auth.example.com:8443 {\n\tgatehouse\n}\n", wrong: "differ by their port only",
	},
	{
		name: "issuer guarded through origin", issuer: "https://auth.example.com",
		input: portalSite + ":8080 {\n\tgatehouse {\n\t\torigin https://auth.example.com\n\t}\n}\n", wrong: "is also a guarded site",
	},
	{
		name: "guard inside handle with a login host", issuer: "https://auth.example.com",
		input: portalSite + "app.example.com {\n\thandle /admin/* {\n\t\tgatehouse\n\t\treverse_proxy localhost:1\n\t}\n}\n",
	},
}

func TestWalk(t *testing.T) {
	for _, w := range walks {
		t.Run(w.name, func(t *testing.T) {
			survey, err := caddymodule.Walk(httpApp(t, w.input), w.issuer, w.certificates)
			checkWalk(t, w.wrong, w.warning, survey.Warnings, err)
			// The same, as Caddy itself loads it: routes are half decoded then.
			config, err := adapt("{\n\tadmin off\n\tgatehouse" + issuerBlock(w.issuer, w.certificates) + "\n}\n" + w.input)
			if err != nil {
				t.Fatal(err)
			}
			err = validate(config)
			if (w.wrong == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), w.wrong) {
				t.Errorf("loading: got error %v, want %q", err, w.wrong)
			}
		})
	}
}

func issuerBlock(issuer, certificates string) string {
	if issuer == "" {
		return ""
	}
	block := " {\n\t\tissuer " + issuer + "\n"
	if certificates != "" {
		block += "\t\tcertificate_base " + certificates + "\n"
	}
	return block + "\t}"
}

func checkWalk(t *testing.T, wrong, warning string, warnings []string, err error) {
	t.Helper()
	if (wrong == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), wrong) {
		t.Errorf("got error %v, want %q", err, wrong)
	}
	if err != nil {
		return
	}
	all := strings.Join(warnings, "\n")
	if (warning == "") != (all == "") || !strings.Contains(all, warning) {
		t.Errorf("got warnings %q, want %q", all, warning)
	}
}

func TestSingleSiteIssuer(t *testing.T) {
	survey, err := caddymodule.Walk(httpApp(t, "app.example.com {\n\tgatehouse\n}\n"), "", "")
	if err != nil || survey.Issuer != "https://app.example.com/.gatehouse" {
		t.Errorf("got %q, %v", survey.Issuer, err)
	}
}
