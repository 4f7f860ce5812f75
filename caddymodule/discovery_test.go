package caddymodule_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
)

// Discovery of a whole house, letter by letter: what is wired is said, and what
// is not is not (OAU-40).
func TestDiscovery(t *testing.T) {
	dir, port := t.TempDir(), freePort(t)
	for name, words := range map[string]string{
		"plain":  "",
		"signed": "require_signed_requests",
		"create": "create_account https://accounts.example.com/new",
	} {
		h := serve(t, loginHost(dir, port, words, ""))
		w := httptest.NewRecorder()
		r := httptest.NewRequest("GET", "/.well-known/openid-configuration", nil)
		r.Host, r.RequestURI = fmt.Sprintf("localhost:%d", port), r.URL.Path
		h.ServeHTTP(w, r)
		var got bytes.Buffer
		if err := json.Indent(&got, w.Body.Bytes(), "", "\t"); err != nil {
			t.Fatalf("%s: %d %s", name, w.Code, w.Body)
		}
		text := strings.ReplaceAll(got.String(), fmt.Sprintf(":%d", port), "") + "\n"
		file := "testdata/discovery/" + name + ".json"
		if *update {
			if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if want, err := os.ReadFile(file); err != nil || string(want) != text {
			t.Errorf("%s differs (%v); look at the change, then run go test ./caddymodule -run Discovery -update:\n%s", name, err, text)
		}
	}
}
