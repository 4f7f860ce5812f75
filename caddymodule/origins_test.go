package caddymodule_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/httpcaddyfile"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"

	"github.com/gatehouse-auth/gatehouse/caddymodule"
)

// probe stands where a guard could and notes what it can find out there.
type probe struct{ ID string }

var probed = map[string]string{}

func init() {
	caddy.RegisterModule(new(probe))
	httpcaddyfile.RegisterHandlerDirective("probe", func(h httpcaddyfile.Helper) (caddyhttp.MiddlewareHandler, error) {
		p := new(probe)
		h.Next()
		h.Args(&p.ID)
		return p, nil
	})
	httpcaddyfile.RegisterDirectiveOrder("probe", httpcaddyfile.After, "forward_auth")
}

func (*probe) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "http.handlers.probe", New: func() caddy.Module { return new(probe) }}
}

func (p *probe) Provision(ctx caddy.Context) error {
	origins, known, err := caddymodule.OriginsHere(ctx)
	switch {
	case err != nil:
		probed[p.ID] = "error: " + err.Error()
	case !known:
		probed[p.ID] = "unknown"
	default:
		slices.Sort(origins)
		probed[p.ID] = strings.Join(origins, " ")
	}
	return nil
}

func (*probe) ServeHTTP(_ http.ResponseWriter, _ *http.Request, _ caddyhttp.Handler) error {
	return nil
}

// httpApp is the HTTP app of a Caddyfile, as it was adapted.
func httpApp(t *testing.T, input string) *caddyhttp.App {
	t.Helper()
	config, err := adapt(input)
	if err != nil {
		t.Fatal(err)
	}
	var cfg struct {
		Apps struct {
			HTTP *caddyhttp.App `json:"http"`
		} `json:"apps"`
	}
	if err := json.Unmarshal(config, &cfg); err != nil {
		t.Fatal(err)
	}
	return cfg.Apps.HTTP
}

// What a site's address says about its origin, seen by a handler that is being
// provisioned and by doctor, which only adapts. FWD-02, FWD-06, CFG-01
var originForms = []struct {
	name, address, options, want string
}{
	{"host", "app.example.com", "", "https://app.example.com"},
	{"host in capitals", "APP.Example.com", "", "https://app.example.com"},
	{"host and port", "app.example.com:8443", "", "https://app.example.com:8443"},
	{"host and https port", "https://app.example.com:443", "", "https://app.example.com"},
	{"loopback http", "http://localhost:8080", "", "http://localhost:8080"},
	{"loopback http on port 80", "http://localhost", "", "http://localhost"},
	{"below localhost", "http://app.localhost:8080", "", "http://app.localhost:8080"},
	{"IPv4 loopback", "http://127.0.0.1:8080", "", "http://127.0.0.1:8080"},
	{"IPv6 loopback", "http://[::1]:8080", "", "http://[::1]:8080"},
	{"two hosts", "a.example.com, b.example.com", "", "https://a.example.com https://b.example.com"},
	{"other https port", "app.example.com", "https_port 8443", "https://app.example.com"},
	{"other http port", "http://localhost:8000", "http_port 8000", "http://localhost"},
	{"no automatic https", "app.example.com", "auto_https off", "https://app.example.com"},
	{"plain http", "http://app.example.com", "", "error: site app.example.com: http://app.example.com is plain http"},
	{"wildcard", "*.example.com", "", "error: site *.example.com: its origin can't be told, since '*.example.com' stands for many hosts"},
	{"wildcard among others", "example.com, *.example.com", "", "error: site *.example.com, example.com: its origin can't be told"},
	{"no host", ":8080", "", "error: site :8080: its origin can't be told, since it has no host"},
	{"both schemes", "http://app.example.com, https://app.example.com", "", "error: site app.example.com: http://app.example.com is plain http"},
}

func TestOriginForms(t *testing.T) {
	for _, form := range originForms {
		t.Run(form.name, func(t *testing.T) {
			global := "{\n\tadmin off\n\t" + form.options + "\n}\n"
			clear(probed)
			config, err := adapt(global + form.address + " {\n\tprobe here\n\trespond hello\n}\n")
			if err != nil {
				t.Fatal(err)
			}
			if err := validate(config); err != nil {
				t.Fatal(err)
			}
			if got := probed["here"]; !strings.HasPrefix(got, form.want) && form.name != "both schemes" {
				t.Errorf("while provisioning: got %s, want %s", got, form.want)
			}
			adapted, err := caddymodule.OriginsAdapted(httpApp(t, global+form.address+" {\n\tgatehouse\n}\n"))
			slices.Sort(adapted)
			got := strings.Join(adapted, " ")
			if err != nil {
				got = "error: " + err.Error()
			}
			if !strings.HasPrefix(got, form.want) {
				t.Errorf("adapted: got %s, want %s", got, form.want)
			}
		})
	}
}

// TestOriginPlaces: the site is known in every place but a named route.
func TestOriginPlaces(t *testing.T) {
	clear(probed)
	config, err := adapt(`{
	admin off
}
&(named) {
	probe named
}
a.example.com {
	probe top
	handle /x/* {
		probe handle
	}
	route /y {
		route {
			probe route
		}
	}
	invoke named
	handle_errors {
		probe errors
	}
}
b.example.com {
	probe second
	gatehouse {
		origin https://other.example.com
	}
	handle_errors {
		probe second_errors
	}
}
:8080 {
	probe /only/* hostless
	gatehouse {
		origin https://c.example.com https://d.example.com
	}
}
http://app.internal:9000 {
	probe inner
	gatehouse {
		origin https://outer.example.com
	}
}
auth.example.com {
	gatehouse_portal
}
`)
	if err != nil {
		t.Fatal(err)
	}
	config = []byte(strings.Replace(string(config), `"apps":{`, `"apps":{"gatehouse":{"issuer":"https://auth.example.com"},`, 1))
	if err := validate(config); err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]string{
		"top": "https://a.example.com", "handle": "https://a.example.com", "route": "https://a.example.com", "errors": "https://a.example.com",
		"named": "unknown", "second": "https://other.example.com", "second_errors": "https://other.example.com",
		"hostless": "https://c.example.com https://d.example.com", "inner": "https://outer.example.com",
	} {
		if probed[id] != want {
			t.Errorf("%s: got %s, want %s", id, probed[id], want)
		}
	}
}
