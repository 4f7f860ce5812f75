package caddymodule_test

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
	"github.com/caddyserver/caddy/v2/caddyconfig/httpcaddyfile"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"

	"github.com/gatehouse-auth/gatehouse/caddymodule"
)

// benchApp is what stands for the application in [BenchmarkServe].
type benchApp struct{}

func (benchApp) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "http.handlers.bench_app", New: func() caddy.Module { return new(benchApp) }}
}

func (benchApp) ServeHTTP(w http.ResponseWriter, r *http.Request, _ caddyhttp.Handler) error {
	w.Header()["Content-Type"] = []string{"text/plain"}
	w.WriteHeader(http.StatusOK)
	return nil
}

func init() {
	caddy.RegisterModule(benchApp{})
	httpcaddyfile.RegisterHandlerDirective("bench_app", func(httpcaddyfile.Helper) (caddyhttp.MiddlewareHandler, error) { return benchApp{}, nil })
}

// discard is a client that looks at nothing.
type discard struct{ h http.Header }

func (d discard) Header() http.Header         { return d.h }
func (d discard) Write(b []byte) (int, error) { return len(b), nil }
func (d discard) WriteHeader(int)             {}

// serve loads a Caddyfile and gives the server behind it.
func serve(tb testing.TB, text string) http.Handler {
	tb.Helper()
	adapter := caddyfile.Adapter{ServerType: httpcaddyfile.ServerType{}}
	config, _, err := adapter.Adapt([]byte(text), nil)
	if err != nil {
		tb.Fatal(err)
	}
	if err := caddy.Load(config, true); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = caddy.Stop() })
	app, err := caddy.ActiveContext().App("http")
	if err != nil {
		tb.Fatal(err)
	}
	for _, srv := range app.(*caddyhttp.App).Servers {
		return srv
	}
	return nil
}

// BenchmarkServe is a request through Caddy's server to an application that
// does nothing: alone, and with the guard before it. The difference is what the
// guard costs, without what five more headers cost on the wire.
func BenchmarkServe(b *testing.B) {
	const port = 39081 // written only, nobody connects
	for _, tt := range []struct {
		name, directive string
		signedIn        bool
	}{{"unguarded", "", false}, {"signed in", "gatehouse", true}, {"redirect", "gatehouse", false}} {
		b.Run(tt.name, func(b *testing.B) {
			handler := serve(b, fmt.Sprintf(benchSite, b.TempDir(), port, tt.directive))
			cookie := "lang=en"
			if tt.signedIn {
				cookie += "; " + caddymodule.SignIn(b)
			}
			b.ReportAllocs()
			for b.Loop() {
				handler.ServeHTTP(discard{http.Header{}}, &http.Request{
					Method: "GET", RequestURI: "/", URL: &url.URL{Path: "/"}, Host: fmt.Sprintf("localhost:%d", port),
					Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, RemoteAddr: "127.0.0.1:5000",
					Header: http.Header{"User-Agent": {"bench"}, "Accept": {"text/html"}, "Cookie": {cookie}},
				})
			}
		})
	}
}

const benchSite = `{
	admin off
	persist_config off
	order bench_app before respond
	log {
		level ERROR
	}
	gatehouse {
		store sqlite %s/db.sqlite
	}
}
http://localhost:%d {
	%s
	bench_app
}
`
