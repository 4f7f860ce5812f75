package command

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"
)

func setupCommand(f *flags) *cobra.Command {
	return &cobra.Command{
		Use:   "setup",
		Short: "Prints the one-time link that makes the first account",
		Long: `Prints a link that makes the first account, an administrator. It is good for an
hour and for one account; looking at its page consumes nothing. As soon as there
is an account, however it was made, setup is closed for good: make further ones
with "caddy gatehouse user add".`,
		Args: cobra.NoArgs,
		RunE: begin(f, func(d *desk, _ []string) error {
			if d.Issuer == "" {
				if d.Problem != nil {
					return d.Problem
				}
				return errors.New("no site is protected yet: write `gatehouse` into one, or name the Caddyfile with --config")
			}
			token, err := d.rooms.Accounts.NewSetupLink(d.ctx)
			if err != nil {
				return err
			}
			d.rooms.Audit.SetupLinkMade("command")
			fmt.Fprintf(d.out, "%s/setup?token=%s\n", d.Issuer, token)
			return nil
		}),
	}
}
