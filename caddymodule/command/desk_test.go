package command_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	caddycmd "github.com/caddyserver/caddy/v2/cmd"
	"github.com/spf13/cobra"
	"go.uber.org/zap"

	"github.com/gatehouse-auth/gatehouse/caddymodule"
	"github.com/gatehouse-auth/gatehouse/internal/house"
)

// office is a directory with a database, in which commands are typed.
type office struct {
	dir, database string
}

// newOffice is an office whose database is not made yet. Commands find the
// Caddyfile, if text is not empty.
func newOffice(t *testing.T, text string) *office {
	t.Helper()
	o := &office{dir: t.TempDir()}
	o.database = filepath.Join(o.dir, "caddy", "gatehouse", "gatehouse.sqlite")
	t.Setenv("HOME", o.dir)
	t.Setenv("XDG_DATA_HOME", o.dir)
	t.Chdir(o.dir)
	if text != "" {
		o.write(t, "Caddyfile", text)
	}
	return o
}

func (o *office) write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(o.dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// run types `caddy gatehouse` with args and gives what is printed, the error
// stream included, and the error.
func (o *office) run(t *testing.T, input string, args ...string) (string, error) {
	t.Helper()
	registered, ok := caddycmd.Commands()["gatehouse"]
	if !ok {
		t.Fatal("caddy gatehouse is not registered")
	}
	root := &cobra.Command{Use: registered.Name}
	registered.CobraFunc(root)
	var out bytes.Buffer
	root.SetIn(strings.NewReader(input))
	root.SetOut(&out)
	root.SetErr(&out)
	root.SetArgs(args)
	err := root.ExecuteContext(t.Context())
	return out.String(), err
}

func (o *office) must(t *testing.T, input string, args ...string) string {
	t.Helper()
	out, err := o.run(t, input, args...)
	if err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return out
}

// refuses runs what has to fail, and wants every text in what is said.
func (o *office) refuses(t *testing.T, texts []string, args ...string) {
	t.Helper()
	out, err := o.run(t, "", args...)
	if err == nil {
		t.Errorf("%s: done\n%s", strings.Join(args, " "), out)
		return
	}
	for _, text := range texts {
		if !strings.Contains(out+err.Error(), text) {
			t.Errorf("%s: %q is not in %v\n%s", strings.Join(args, " "), text, err, out)
		}
	}
}

// misuse tells whether Caddy exits with 2 for err.
func misuse(err error) bool {
	return err != nil && strings.Contains(fmt.Sprintf("%#v", err), "ExitCode:2")
}

// server opens the same stores as another process would.
func (o *office) server(t *testing.T) *house.Rooms {
	t.Helper()
	in, err := caddymodule.Inspect("", "")
	if err != nil {
		t.Fatal(err)
	}
	h := house.New(in.App.Plan(zap.NewNop()))
	t.Cleanup(h.Release)
	rooms, err := h.Open(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return rooms
}
