// Command bench measures the budgets of Gatehouse against the same Caddy
// without it, in one run, and prints them. It judges nothing: what it prints is
// to be read.
//
// The measure is processor time of the Caddy process per request, in paired
// windows: bare and guarded take turns, and each pair gives one ratio, so that a
// busy machine disturbs both alike.
package main

import (
	"flag"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("bench: ")
	full := flag.String("caddy", "bin/bench-caddy", "Caddy with Gatehouse")
	plain := flag.String("plain", "bin/bench-plain", "Caddy without")
	pairs := flag.Int("pairs", 60, "paired windows; a quarter of them for the OpenID Provider")
	window := flag.Int("requests", 4000, "requests in a window")
	provider := flag.Bool("provider", false, "measure only the OpenID Provider, beside npm's oidc-provider")
	starts := flag.Bool("starts", false, "measure only the start")
	profiles := flag.String("profiles", "", "directory for processor profiles of the OpenID Provider's jobs, made after measuring")
	flag.Parse()
	b := &bench{pairs: *pairs, window: *window, profiles: *profiles}
	var err error
	// Absolute: each process runs in a directory of its own.
	if b.full, err = filepath.Abs(*full); err == nil {
		b.plain, err = filepath.Abs(*plain)
	}
	if err == nil && !*provider {
		err = b.run(*starts)
	}
	if err == nil && !*starts {
		err = b.providers()
	}
	if err != nil {
		log.Fatal(err)
	}
}

type bench struct {
	full, plain   string
	pairs, window int
	profiles      string // a directory, or ""
	app           *httptest.Server
}

// run measures everything but the OpenID Provider, or what a start costs alone.
func (b *bench) run(onlyStarts bool) error {
	body := []byte(strings.Repeat("x", 1024))
	b.app = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write(body) }))
	defer b.app.Close()
	if err := b.size(); err != nil {
		return err
	}
	if err := b.starts(); err != nil || onlyStarts {
		return err
	}
	return b.requests()
}

// size compares the binaries.
func (b *bench) size() error {
	full, err := os.Stat(b.full)
	if err != nil {
		return err
	}
	plain, err := os.Stat(b.plain)
	if err != nil {
		return err
	}
	fmt.Printf("binary                      %.1f MB, Caddy alone %.1f MB\n", mb(full.Size()), mb(plain.Size()))
	return nil
}

func mb(n int64) float64 { return float64(n) / 1e6 }

func (b *bench) caddyfile(port int, guarded bool) string {
	guard := ""
	if guarded {
		guard = "gatehouse"
	}
	return fmt.Sprintf("{\n\tadmin off\n\tpersist_config off\n\tlog {\n\t\tlevel ERROR\n\t}\n}\nhttp://localhost:%d {\n\t%s\n\treverse_proxy %s\n}\n",
		port, guard, strings.TrimPrefix(b.app.URL, "http://"))
}
