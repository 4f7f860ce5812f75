package caddymodule_test

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig"

	"github.com/gatehouse-auth/gatehouse/caddymodule"
)

var setupLink = regexp.MustCompile(`http[^" ]*/setup\?token=[A-Za-z0-9_-]+`)

// loadSite runs a guarded site on a port, with the log in a file, whose path it
// gives.
func loadSite(t *testing.T, port int) (log string, err error) {
	t.Helper()
	dir := t.TempDir()
	log = filepath.Join(dir, "log")
	config, _, err := caddyconfig.GetAdapter("caddyfile").Adapt(fmt.Appendf(nil, `{
	admin off
	persist_config off
	log {
		output file %[1]s/log
	}
	gatehouse {
		store sqlite %[1]s/gatehouse.sqlite
	}
}
http://localhost:%[2]d {
	bind 127.0.0.1
	gatehouse
	respond hello
}
`, dir, port), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { caddy.Stop() })
	return log, caddy.Load(config, true)
}

func readLog(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// LGN-12: the link of a loopback issuer stands in the log, and works when it
// does: not before http is served, and not at all if it can't be.
func TestSetupLinkWaitsForHTTP(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := taken.Addr().(*net.TCPAddr).Port
	// Apps start in no order: a link that did not wait would be there sometimes.
	for range 8 {
		log, err := loadSite(t, port)
		if err == nil {
			t.Fatal("a port that is taken was listened on")
		}
		if text := readLog(t, log); strings.Contains(text, "no account yet") {
			t.Fatalf("a link to nobody: %s", text)
		}
	}
	taken.Close()
	log, err := loadSite(t, port)
	if err != nil {
		t.Fatal(err)
	}
	link := setupLink.FindString(readLog(t, log))
	resp, err := http.Get(link)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Errorf("%s: %d", link, resp.StatusCode)
	}

	// LOG-01: on a terminal it stands there, and not in a log that goes to a
	// file.
	var terminal bytes.Buffer
	caddymodule.OfferSetup(t, &terminal)
	shown := setupLink.FindString(terminal.String())
	if text := readLog(t, log); shown == "" || strings.Contains(text, shown) || strings.Count(text, `"event":"setup.link_made"`) != 2 {
		t.Errorf("the terminal shows %q, the log\n%s", terminal.String(), text)
	}
}
