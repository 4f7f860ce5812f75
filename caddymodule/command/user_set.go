package command

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/gatehouse-auth/gatehouse/account"
	"github.com/gatehouse-auth/gatehouse/session"
)

// wanted is what the flags of `user set` say.
type wanted struct {
	name, email             string
	groups                  []string
	admin, noAdmin, noGroup bool
}

func userSet(f *flags) *cobra.Command {
	var w wanted
	cmd := &cobra.Command{
		Use:   "set <name>",
		Short: "Changes the name, address, groups or rights of an account",
		Long: `Changes what is given and leaves the rest, also while the person is signed in: a
running server judges by it within a second. If a group or the administrator's
right is taken away, the account's sessions end, on every site, and with them what
is open: WebSockets and event streams too.

--group replaces the groups that were given here. Groups from a provider stay, and
the name and address of a person from a provider can only be changed there. A user
of the Caddyfile is changed in the Caddyfile.`,
		Example: `  caddy gatehouse user set alice --name "Alice B" --email alice@example.com
  caddy gatehouse user set alice --group staff --group admins
  caddy gatehouse user set alice --no-group --no-admin`,
	}
	cmd.Flags().StringVar(&w.name, "name", "", "what pages and applications call the person; \"\" for nothing")
	cmd.Flags().StringVar(&w.email, "email", "", "the address; \"\" for none")
	cmd.Flags().StringSliceVar(&w.groups, "group", nil, "a group the account is in, instead of those before; may be repeated")
	cmd.Flags().BoolVar(&w.noGroup, "no-group", false, "take all groups away")
	cmd.Flags().BoolVar(&w.admin, "admin", false, "make the account an administrator")
	cmd.Flags().BoolVar(&w.noAdmin, "no-admin", false, "make the account no administrator")
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		if err := needs("<name>")(cmd, args); err != nil {
			return err
		}
		return w.check(cmd)
	}
	cmd.RunE = run(f, func(d *desk, args []string) error {
		found, err := d.rooms.Accounts.Find(d.ctx, args[0])
		if err != nil {
			return err
		}
		reduced, err := d.rooms.Accounts.Edit(d.ctx, found.Subject, w.edit(cmd))
		if err != nil {
			return err
		}
		if !reduced {
			fmt.Fprintf(d.out, "changed %s\n", found.Username)
			return nil
		}
		n, err := d.rooms.EndSessions(d.ctx, found.Subject, session.AccountChanged)
		if err != nil {
			return err
		}
		fmt.Fprintf(d.out, "changed %s and %s\n", found.Username, d.ended(n))
		return nil
	})
	return cmd
}

// check refuses what says nothing, or two things.
func (w *wanted) check(cmd *cobra.Command) error {
	given := cmd.Flags().Changed
	switch {
	case given("group") && given("no-group"):
		return errors.New("--group and --no-group contradict each other")
	case given("admin") && given("no-admin"):
		return errors.New("--admin and --no-admin contradict each other")
	case w.edit(cmd) == account.Edit{}:
		return errors.New("nothing to change: give --name, --email, --group, --no-group, --admin or --no-admin")
	}
	return nil
}

// edit is what was given; what was not stays.
func (w *wanted) edit(cmd *cobra.Command) account.Edit {
	var e account.Edit
	given := cmd.Flags().Changed
	if given("name") {
		e.Name = &w.name
	}
	if given("email") {
		e.Email = &w.email
	}
	if given("group") {
		e.Groups = &w.groups
	}
	if w.noGroup {
		e.Groups = new([]string)
	}
	if given("admin") {
		e.Admin = &w.admin
	}
	if given("no-admin") {
		e.Admin = new(!w.noAdmin)
	}
	return e
}
