package command_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	caddycmd "github.com/caddyserver/caddy/v2/cmd"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	_ "github.com/gatehouse-auth/gatehouse/caddymodule/command"
)

var update = flag.Bool("update", false, "write docs/command.md anew")

const (
	page   = "../../docs/command.md"
	marker = "<!-- From here on: go test ./caddymodule/command -update -->\n"
)

// TestPageIsTheHelp: docs/command.md ends with what --help says, for every
// command and flag.
func TestPageIsTheHelp(t *testing.T) {
	root := &cobra.Command{Use: "caddy"}
	gatehouse, ok := caddycmd.Commands()["gatehouse"]
	if !ok {
		t.Fatal("caddy gatehouse is not registered")
	}
	top := &cobra.Command{Use: gatehouse.Name, Short: gatehouse.Short, Long: gatehouse.Long}
	gatehouse.CobraFunc(top)
	root.AddCommand(top)
	var want strings.Builder
	describe(&want, top)

	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	head, got, found := strings.Cut(string(text), marker)
	if !found {
		t.Fatalf("%s has no line %s", page, marker)
	}
	if *update {
		if err := os.WriteFile(page, []byte(head+marker+want.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if got != want.String() {
		t.Errorf("%s is not what --help says; write it anew with -update", page)
	}
	if n := strings.Count(want.String(), "\n## "); n < 17 {
		t.Errorf("only %d commands were found", n)
	}
}

// describe writes a command, then those below it.
func describe(out *strings.Builder, cmd *cobra.Command) {
	path := cmd.CommandPath()
	fmt.Fprintf(out, "\n## %s\n\n", path)
	if text := cmd.Long; text != "" {
		fmt.Fprintf(out, "%s\n", text)
	} else {
		fmt.Fprintf(out, "%s.\n", cmd.Short)
	}
	if !cmd.HasSubCommands() {
		fmt.Fprintf(out, "\n```sh\n%s\n", strings.TrimSuffix(cmd.UseLine(), " [flags]"))
		if cmd.Example != "" {
			fmt.Fprintf(out, "\n%s\n", strings.ReplaceAll(strings.TrimPrefix(cmd.Example, "  "), "\n  ", "\n"))
		}
		fmt.Fprint(out, "```\n")
	}
	var flags []string
	cmd.NonInheritedFlags().VisitAll(func(f *pflag.Flag) {
		kind, text := pflag.UnquoteUsage(f)
		if f.Name != "help" {
			flags = append(flags, fmt.Sprintf("| `%s` | %s |", strings.TrimSpace("--"+f.Name+" "+kind), text))
		}
	})
	if len(flags) > 0 {
		fmt.Fprintf(out, "\n| flag | |\n|---|---|\n%s\n", strings.Join(flags, "\n"))
	}
	for _, sub := range cmd.Commands() {
		describe(out, sub)
	}
}
