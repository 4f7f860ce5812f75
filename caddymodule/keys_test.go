package caddymodule_test

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

// loginHost is a Caddyfile with a login host on a port and a word in its block.
func loginHost(dir string, port int, word, more string) string {
	return fmt.Sprintf(`{
	admin off
	persist_config off
	gatehouse {
		store sqlite %[1]s/gatehouse.sqlite
		issuer http://localhost:%[2]d
		%[3]s
	}
}
http://localhost:%[2]d {
	bind 127.0.0.1
	gatehouse_portal
}
%[4]s
`, dir, port, word, more)
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// published gives the algorithms of the published keys, and those that
// discovery names.
func published(t *testing.T, h http.Handler, port int) (listed, offered string) {
	t.Helper()
	get := func(path string, to any) {
		w := httptest.NewRecorder()
		r := httptest.NewRequest("GET", path, nil)
		r.Host, r.RequestURI = fmt.Sprintf("localhost:%d", port), path
		h.ServeHTTP(w, r)
		if err := json.Unmarshal(w.Body.Bytes(), to); err != nil {
			t.Fatalf("%s: %d %s", path, w.Code, w.Body)
		}
	}
	var set struct{ Keys []struct{ Alg string } }
	get("/jwks", &set)
	var algs []string
	for _, key := range set.Keys {
		algs = append(algs, key.Alg)
	}
	slices.Sort(algs)
	var meta struct {
		Algs []string `json:"id_token_signing_alg_values_supported"`
	}
	get("/.well-known/openid-configuration", &meta)
	return strings.Join(algs, " "), strings.Join(meta.Algs, " ")
}

// TestAlgorithms: a reload makes keys of algorithms that come, keeps those that
// go, and discovery says which sign (JWT-09, OAU-40).
func TestAlgorithms(t *testing.T) {
	dir, port := t.TempDir(), freePort(t)
	for _, step := range []struct{ algs, listed, offered string }{
		{"EdDSA ES256", "ES256 EdDSA", "EdDSA ES256"},
		{"ES256", "ES256 EdDSA", "ES256"},
		{"ES256 RS256", "ES256 EdDSA RS256", "ES256 RS256"},
	} {
		h := serve(t, loginHost(dir, port, "keys {\nalgorithms "+step.algs+"\n}", ""))
		if listed, offered := published(t, h, port); listed != step.listed || offered != step.offered {
			t.Errorf("%s: listed %s, offered %s", step.algs, listed, offered)
		}
	}
}
