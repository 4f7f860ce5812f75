package caddymodule_test

import (
	"fmt"
	"net"
	"testing"

	"github.com/caddyserver/caddy/v2"

	"github.com/gatehouse-auth/gatehouse/caddymodule"
)

// stopped loads a configuration that another app stops from starting, often
// enough for gatehouse to have started before: apps start in no order.
func stopped(t *testing.T, text func(more string) string) {
	t.Helper()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	config, err := adapt(text(fmt.Sprintf("http://localhost:%d {\n\tbind 127.0.0.1\n\trespond hello\n}\n", taken.Addr().(*net.TCPAddr).Port)))
	if err != nil {
		t.Fatal(err)
	}
	for range 8 {
		if err := caddy.Load(config, true); err == nil {
			t.Fatal("a port that is taken was listened on")
		}
	}
}

// TestReloadThatFails: a reload that another app stops leaves the keys and the
// people of the configuration that stays as they are (SES-09, JWT-09).
func TestReloadThatFails(t *testing.T) {
	dir, port := t.TempDir(), freePort(t)
	h := serve(t, loginHost(dir, port, "users {\nalice {\npassword_hash "+hash+"\n}\n}\nkeys {\nalgorithms EdDSA\n}", ""))
	if !caddymodule.MayEnter(t, "alice") {
		t.Fatal("a declared user is unknown")
	}
	stopped(t, func(more string) string {
		return loginHost(dir, port, "users {\nbob {\npassword_hash "+hash+"\n}\n}\nkeys {\nalgorithms ES256\n}", more)
	})
	if listed, offered := published(t, h, port); listed != "EdDSA" || offered != "EdDSA" {
		t.Errorf("listed %s, offered %s", listed, offered)
	}
	if !caddymodule.MayEnter(t, "alice") || caddymodule.MayEnter(t, "bob") {
		t.Error("users are those of a configuration that never was at work")
	}
	serve(t, loginHost(dir, port, "users {\nbob {\npassword_hash "+hash+"\n}\n}", ""))
	if caddymodule.MayEnter(t, "alice") || !caddymodule.MayEnter(t, "bob") {
		t.Error("users are not those of the configuration")
	}
}

// TestStartThatFails: an issuer that never was at work is not remembered, so
// that a corrected one is not refused.
func TestStartThatFails(t *testing.T) {
	dir, wrong := t.TempDir(), freePort(t)
	stopped(t, func(more string) string { return loginHost(dir, wrong, "", more) })
	serve(t, loginHost(dir, freePort(t), "", ""))
}
