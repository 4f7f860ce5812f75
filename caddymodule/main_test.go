package caddymodule_test

import (
	"flag"
	"os"
	"testing"

	"github.com/caddyserver/caddy/v2"
	_ "github.com/caddyserver/caddy/v2/modules/standard"

	_ "github.com/gatehouse-auth/gatehouse"
)

var update = flag.Bool("update", false, "write the JSON of golden files anew")

// TestMain keeps what Caddy itself stores (its local certificate authority)
// out of the home directory.
func TestMain(m *testing.M) {
	flag.Parse()
	dir, err := os.MkdirTemp("", "caddymodule")
	if err != nil {
		panic(err)
	}
	os.Setenv("XDG_DATA_HOME", dir)
	caddy.DefaultStorage.Path = dir
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}
