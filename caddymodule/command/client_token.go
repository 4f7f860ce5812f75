package command

import (
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/gatehouse-auth/gatehouse/authorize/registration"
)

func clientToken(f *flags) *cobra.Command {
	return group("token", "Tokens by which applications register themselves", tokenAdd(f), tokenList(f), tokenDelete(f))
}

func tokenAdd(f *flags) *cobra.Command {
	var uses int
	var asJSON bool
	cmd := &cobra.Command{
		Use: "add [<name>]", Short: "Makes a token for one application, or for more", Args: cobra.MaximumNArgs(1),
		Long: `Makes an initial access token (RFC 7591, section 3): whoever has it can register
an application at the running server, if the Caddyfile says registration. It is
printed once; only its hash is kept. The name is a note for yourself.`,
		Example: `  caddy gatehouse client token add
  caddy gatehouse client token add lab --uses 20 --life 7d`,
	}
	cmd.Flags().IntVar(&uses, "uses", 1, "how many applications can be registered by it")
	life := lengthFlag(cmd, "life", 24*time.Hour, "how long it is good, at most 366d")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.RunE = run(f, func(d *desk, args []string) error {
		name := ""
		if len(args) > 0 {
			name = args[0]
		}
		plain, t, err := d.rooms.Registrations.AddToken(d.ctx, name, uses, *life)
		if err != nil {
			return err
		}
		if d.App.Registration == nil {
			fmt.Fprintln(cmd.ErrOrStderr(), "note: the configuration does not say registration, so nothing takes this token yet")
		}
		if asJSON {
			return d.json(struct {
				registration.Token
				Plain string `json:"token"`
			}{t, plain})
		}
		d.table([]string{"id", t.ID}, []string{"token", plain}, []string{"uses", strconv.Itoa(t.Uses)}, []string{"ends", stamp(t.Expires)})
		fmt.Fprintln(d.out, "The token is shown this once: only its hash is kept.")
		return nil
	})
	return cmd
}

func tokenList(f *flags) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{Use: "list", Short: "Lists the tokens that are good", Args: cobra.NoArgs}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.RunE = run(f, func(d *desk, _ []string) error {
		list, err := d.rooms.Registrations.Tokens(d.ctx)
		if err != nil {
			return err
		}
		if asJSON {
			return d.json(append([]registration.Token{}, list...))
		}
		rows := [][]string{{"TOKEN", "NAME", "USES LEFT", "CREATED", "ENDS"}}
		for _, t := range list {
			rows = append(rows, []string{t.ID, t.Name, strconv.Itoa(t.Uses), stamp(t.Created), stamp(t.Expires)})
		}
		d.table(rows...)
		return nil
	})
	return cmd
}

func tokenDelete(f *flags) *cobra.Command {
	return &cobra.Command{
		Use: "delete <id>", Short: "Ends a token; who registered by it stays", Args: needs("<id>"),
		RunE: run(f, func(d *desk, args []string) error {
			if err := d.rooms.Registrations.DeleteToken(d.ctx, args[0]); err != nil {
				return err
			}
			fmt.Fprintf(d.out, "deleted %s\n", args[0])
			return nil
		}),
	}
}
