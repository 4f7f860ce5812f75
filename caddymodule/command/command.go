// Package command is `caddy gatehouse`: what an administrator does with
// accounts, sessions, applications and keys. It works on the stores themselves, whether a
// server is running or not; a running one notices within a second.
//
// It owns words, flags, questions and exit codes. It does not own what is done:
// that is in account, session, keys and the stores.
package command

import (
	"errors"
	"fmt"
	"os"
	"strings"

	caddycmd "github.com/caddyserver/caddy/v2/cmd"
	"github.com/spf13/cobra"

	"github.com/gatehouse-auth/gatehouse/fault"
)

func init() {
	caddycmd.RegisterCommand(caddycmd.Command{
		Name:  "gatehouse",
		Usage: "<setup|user|session|client|keys|backup|restore|doctor>",
		Short: "Manages accounts, sessions, applications and keys of Gatehouse",
		Long: `Manages what Gatehouse keeps. The command works on the database itself, with the
server up or down; a running server notices every change within a second.

The database is the one that the Caddyfile names: --config, else ./Caddyfile, else
/etc/caddy/Caddyfile. Without one it is gatehouse/gatehouse.sqlite in Caddy's data
directory. --data names another. Run the command as the user that the server
runs as; the first line it prints says which database it uses.

Exit status: 0 done, 1 refused (one line says why), 2 wrong usage.`,
		CobraFunc: configure,
	})
}

// configure builds the tree of sub-commands.
func configure(root *cobra.Command) {
	f := new(flags)
	root.PersistentFlags().StringVar(&f.config, "config", "", "the Caddyfile (default ./Caddyfile, then /etc/caddy/Caddyfile)")
	root.PersistentFlags().StringVar(&f.data, "data", "", "the database, instead of the Caddyfile's")
	root.PersistentFlags().StringVar(&f.envfile, "envfile", "", "a file with environment variables for the Caddyfile")
	root.RunE = usage(func(cmd *cobra.Command) error {
		return fmt.Errorf("a command is missing: %s; see %s --help", names(cmd), cmd.CommandPath())
	})
	root.Args = cobra.ArbitraryArgs
	root.SetHelpTemplate(helpTemplate)
	root.AddCommand(setupCommand(f), userCommand(f), sessionCommand(f), clientCommand(f), keysCommand(f), backupCommand(f), restoreCommand(f), doctorCommand(f))
	strict(root)
}

// helpTemplate is Caddy's, with the address of our documentation.
const helpTemplate = `{{with (or .Long .Short)}}{{. | trimTrailingWhitespaces}}

{{end}}{{.UsageString}}
Full documentation is available at:
https://github.com/gatehouse-auth/gatehouse/blob/main/docs/command.md
`

// needs demands one argument for each name.
func needs(names ...string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		switch {
		case len(args) < len(names):
			return fmt.Errorf("%s is missing", names[len(args)])
		case len(args) > len(names):
			return fmt.Errorf("%q is one argument too many", args[len(names)])
		}
		return nil
	}
}

// names lists the sub-commands of a command.
func names(cmd *cobra.Command) string {
	var all []string
	for _, sub := range cmd.Commands() {
		if sub.IsAvailableCommand() {
			all = append(all, sub.Name())
		}
	}
	return strings.Join(all, ", ")
}

// strict makes every mistake in usage exit with 2, in the whole tree.
func strict(cmd *cobra.Command) {
	cmd.SilenceUsage, cmd.SilenceErrors = true, true
	cmd.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return misused(err) })
	if check := cmd.Args; check != nil {
		cmd.Args = func(cmd *cobra.Command, args []string) error {
			if err := check(cmd, args); err != nil {
				return misused(fmt.Errorf("%w; see %s --help", err, cmd.CommandPath()))
			}
			return nil
		}
	}
	for _, sub := range cmd.Commands() {
		strict(sub)
	}
}

// misused prints the one line and gives the error that makes Caddy exit with 2.
func misused(err error) error {
	fmt.Fprintln(os.Stderr, "gatehouse:", err)
	return caddycmd.WrapCommandFuncForCobra(func(caddycmd.Flags) (int, error) { return 2, nil })(new(cobra.Command), nil)
}

// usage is the body of a command that only has sub-commands.
func usage(f func(*cobra.Command) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) > 0 {
			return misused(fmt.Errorf("unknown command %q; known are %s", args[0], names(cmd)))
		}
		return misused(f(cmd))
	}
}

// group is a command with sub-commands and nothing to do itself.
func group(use, short string, subs ...*cobra.Command) *cobra.Command {
	cmd := &cobra.Command{Use: use, Short: short, Args: cobra.ArbitraryArgs}
	cmd.RunE = usage(func(cmd *cobra.Command) error {
		return fmt.Errorf("what to do is missing: %s; see %s --help", names(cmd), cmd.CommandPath())
	})
	cmd.AddCommand(subs...)
	return cmd
}

// run makes the body of a command that works on the stores that are there. A
// refusal is one line and exit status 1.
func run(f *flags, body func(*desk, []string) error) func(*cobra.Command, []string) error {
	return on(f, false, body)
}

// begin does the same for a command that may be the first one, and makes the
// stores if they are not there.
func begin(f *flags, body func(*desk, []string) error) func(*cobra.Command, []string) error {
	return on(f, true, body)
}

func on(f *flags, make bool, body func(*desk, []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		d, err := f.open(cmd, make)
		if err != nil {
			return refused(err)
		}
		defer d.close()
		return refused(body(d, args))
	}
}

// refused prints err as one line. Caddy exits with 1 for any error.
func refused(err error) error {
	if err == nil {
		return nil
	}
	if wrong, ok := errors.AsType[usageError](err); ok {
		return misused(wrong.error)
	}
	text := fault.Public(err)
	if text == "" {
		text = cause(err)
	}
	fmt.Fprintln(os.Stderr, "gatehouse:", strings.TrimPrefix(text, "gatehouse: "))
	return err
}

// cause is what went wrong, without the names of our functions, which say
// nothing to whoever typed the command.
func cause(err error) string {
	at := err
	for {
		inner, ok := errors.AsType[*fault.Error](at)
		if !ok || inner.Err == nil {
			return at.Error()
		}
		at = inner.Err
	}
}

// usageError is a mistake in usage that is found while working.
type usageError struct{ error }
