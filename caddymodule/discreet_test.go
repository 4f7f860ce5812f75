package caddymodule_test

import (
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/caddymodule"
)

// TestNoAccessLog: where no access log is configured, or the request is left out
// of it, nothing takes the place of its entry (LOG-01).
func TestNoAccessLog(t *testing.T) {
	for name, c := range map[string]struct {
		site    string
		written bool
	}{
		"none":    {},
		"own":     {site: "log", written: true},
		"skipped": {site: "log\n\tlog_skip"},
	} {
		dir, port := t.TempDir(), freePort(t)
		path := dir + "/log"
		serve(t, fmt.Sprintf(`{
	admin off
	persist_config off
	log {
		output file %[1]s
	}
	gatehouse {
		store sqlite %[2]s/gatehouse.sqlite
		issuer http://localhost:%[3]d
	}
}
http://localhost:%[3]d {
	bind 127.0.0.1
	%[4]s
	gatehouse_portal
}
`, path, dir, port, c.site))
		resp, err := http.Get(fmt.Sprintf("http://localhost:%d/login?return_url=x", port))
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		proof, err := http.NewRequest(http.MethodPost, fmt.Sprintf("http://localhost:%d/token", port), nil)
		if err != nil {
			t.Fatal(err)
		}
		proof.Header.Set("DPoP", "canary.canary.canary")
		if resp, err = http.DefaultClient.Do(proof); err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		var text []byte
		for range 40 { // the entry is written after the answer
			if text, err = os.ReadFile(path); err != nil {
				t.Fatal(err)
			}
			if strings.Contains(string(text), `"path":"/token"`) {
				break
			}
			time.Sleep(5 * time.Millisecond)
		}
		if written := strings.Contains(string(text), "handled request"); written != c.written {
			t.Errorf("%s: written is %v\n%s", name, written, text)
		}
		if strings.Contains(string(text), "return_url") || strings.Contains(string(text), "canary") {
			t.Errorf("%s: the query, or the proof, is in the log", name)
		}
	}
}

func TestHostFits(t *testing.T) {
	for _, c := range []struct {
		host, pattern string
		want          bool
	}{
		{"a.example.com", "a.example.com", true},
		{"A.example.com", "a.Example.com", true},
		{"a.example.com", "*.example.com", true},
		{"a.b.example.com", "*.*.example.com", true},
		{"a.b.example.com", "*.example.com", false},
		{"example.com", "*.example.com", false},
		{"b.example.com", "a.example.com", false},
	} {
		if got := caddymodule.HostFits(c.host, c.pattern); got != c.want {
			t.Errorf("%s for %s: %v", c.pattern, c.host, got)
		}
	}
}
