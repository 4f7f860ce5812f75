package command

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gatehouse-auth/gatehouse/audit"
	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/authorize/registry"
	"github.com/gatehouse-auth/gatehouse/fault"
)

func clientCommand(f *flags) *cobra.Command {
	return group("client", "Applications that ask Gatehouse who somebody is",
		clientAdd(f), clientSet(f), clientList(f), clientShow(f), clientRotate(f), clientDelete(f), clientToken(f))
}

func clientAdd(f *flags) *cobra.Command {
	var w wishes
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "add <id>",
		Short: "Registers an application",
		Long: `Registers an application, which a running server knows within a second. It says
what a client block of the Caddyfile says, in the same words, with lengths of time
such as 90s, 15m, 1h or 30d. The secret is made here and printed once; only its
hash is kept.`,
		Example: `  caddy gatehouse client add wiki --name "The Wiki" --redirect-uri https://wiki.example.com/callback
  caddy gatehouse client add phone --public --redirect-uri com.example.phone:/callback
  caddy gatehouse client add robot --grant-types client_credentials --scopes api.read`,
		Args: needs("<id>"),
	}
	w.register(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.RunE = run(f, func(d *desk, args []string) error {
		if err := d.notConfigured(f, args[0]); err != nil {
			return err
		}
		c := &client.Client{ID: args[0]}
		if err := w.apply(cmd, d, c); err != nil {
			return inFlags(err)
		}
		plain, err := d.rooms.Clients.Create(d.ctx, c)
		if err != nil {
			return inFlags(err)
		}
		d.rooms.Audit.ClientChanged(audit.Source{}, c.ID, "added")
		d.note(cmd, c)
		return d.handOver(asJSON, "added", c.ID, plain)
	})
	return cmd
}

func clientSet(f *flags) *cobra.Command {
	var w wishes
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "set <id>",
		Short: "Changes an application",
		Long: `Changes what is given and leaves the rest; a running server judges by it within a
second. A flag that may be repeated replaces all that was there. A client of the
Caddyfile is changed in the Caddyfile. An application that registered itself can't
change what was changed here, until that is left to it by --client-decides.`,
		Example: `  caddy gatehouse client set wiki --redirect-uri https://wiki.example.com/callback --redirect-uri https://wiki.example.org/callback
  caddy gatehouse client set wiki --allowed-origin "" --offline-access=false`,
	}
	w.register(cmd)
	leave := cmd.Flags().StringSlice(leaveFlag, nil, "a `setting` that an application which registered itself may say again; may be repeated")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		if err := needs("<id>")(cmd, args); err != nil {
			return err
		}
		if !w.any(cmd) && !cmd.Flags().Changed(leaveFlag) {
			return errors.New("nothing to change: give a flag")
		}
		return nil
	}
	cmd.RunE = run(f, func(d *desk, args []string) error {
		if err := d.notConfigured(f, args[0]); err != nil {
			return err
		}
		var changed client.Client
		plain, err := d.rooms.Clients.Update(d.ctx, args[0], func(c *client.Client) error {
			err := w.apply(cmd, d, c)
			if err == nil {
				err = w.settle(cmd, c, *leave)
			}
			changed = *c
			return err
		})
		if err != nil {
			return inFlags(err)
		}
		d.rooms.Audit.ClientChanged(audit.Source{}, args[0], "updated")
		d.note(cmd, &changed)
		return d.handOver(asJSON, "changed", args[0], plain)
	})
	return cmd
}

func clientRotate(f *flags) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "rotate-secret <id>", Short: "Gives an application a new secret", Args: needs("<id>"),
		Long: `Makes a new secret and prints it once. The old one ends at once, or with --keep
after a while, so that the application can be given the new one without a gap.`,
		Example: `  caddy gatehouse client rotate-secret wiki --keep 1d`,
	}
	keep := lengthFlag(cmd, "keep", 0, "how long the old secret goes on, at most 90d")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.RunE = run(f, func(d *desk, args []string) error {
		if err := d.notConfigured(f, args[0]); err != nil {
			return err
		}
		plain, err := d.rooms.Clients.RotateSecret(d.ctx, args[0], *keep)
		if err != nil {
			return err
		}
		d.rooms.Audit.ClientChanged(audit.Source{}, args[0], "secret")
		return d.handOver(asJSON, "changed the secret of", args[0], plain)
	})
	return cmd
}

func clientDelete(f *flags) *cobra.Command {
	return &cobra.Command{
		Use: "delete <id>", Short: "Deletes an application and all that was granted to it", Args: needs("<id>"),
		Long: `Deletes an application: it is unknown from the next request on, and so are its
tokens. What people allowed it is forgotten. It can't be taken back.`,
		RunE: run(f, func(d *desk, args []string) error {
			id := args[0]
			err := d.rooms.Registrations.Delete(d.ctx, id)
			if fault.Is(err, fault.NotFound) && d.notConfigured(f, id) != nil {
				return d.notConfigured(f, id)
			}
			if err != nil {
				return err
			}
			d.rooms.Audit.ClientChanged(audit.Source{}, id, "deleted")
			fmt.Fprintf(d.out, "deleted %s\n", id)
			return nil
		}),
	}
}

// notConfigured refuses to touch a client of the Caddyfile, which the one in
// the database can't replace.
func (d *desk) notConfigured(f *flags, id string) error {
	if d.App.Clients[id] == nil {
		return nil
	}
	return fmt.Errorf("the client %s is in %s: change it there", printable(id), f.file())
}

// inFlags names the settings that an error is about as they are given here.
func inFlags(err error) error {
	if problems, ok := errors.AsType[client.Problems](err); ok {
		return errors.New(problems.Named(flagOf))
	}
	return err
}

// flagOf is the flag for a word of a client block.
func flagOf(word string) string { return "--" + strings.ReplaceAll(word, "_", "-") }

// wordOf is the word of a client block for a flag.
func wordOf(flag string) string { return strings.ReplaceAll(flag, "-", "_") }

// handOver tells what was done, and the secret if there is a new one.
func (d *desk) handOver(asJSON bool, done, id, plain string) error {
	if asJSON {
		return d.json(struct {
			ID     string `json:"client_id"`
			Secret string `json:"client_secret,omitempty"`
			Issuer string `json:"issuer,omitempty"`
		}{id, plain, d.Issuer})
	}
	fmt.Fprintf(d.out, "%s %s\n", done, id)
	if plain == "" {
		return nil
	}
	rows := [][]string{{"client_id", id}, {"client_secret", plain}}
	if d.Issuer != "" {
		rows = append(rows, []string{"issuer", d.Issuer})
	}
	d.table(rows...)
	fmt.Fprintln(d.out, "The secret is shown this once: only its hash is kept.")
	return nil
}

// note warns of what is allowed and dangerous, or has no effect.
func (d *desk) note(cmd *cobra.Command, c *client.Client) {
	if c.InsecurePKCEOptional {
		fmt.Fprintln(cmd.ErrOrStderr(), "warning: --insecure-pkce-optional: a code that is stolen from this client can be used by the thief")
	}
	if c.InsecureNonceOptional {
		fmt.Fprintln(cmd.ErrOrStderr(), "warning: --insecure-nonce-optional: nothing ties an answer to the browser that asked for it")
	}
	if d.App.Issuer == "" {
		fmt.Fprintln(cmd.ErrOrStderr(), "note: clients need a login host; the configuration has no issuer, so nothing answers this one yet")
	}
}

// entries are all clients: those of the Caddyfile, then those in the database.
func (d *desk) entries() ([]registry.Entry, error) {
	all := d.configured()
	stored, err := pages(func(cursor string) ([]registry.Entry, string, error) {
		return d.rooms.Clients.List(d.ctx, cursor, registry.MaxPage)
	})
	return append(all, stored...), err
}
