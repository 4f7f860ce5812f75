package command

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gatehouse-auth/gatehouse/account"
	"github.com/gatehouse-auth/gatehouse/internal/house"
	"github.com/gatehouse-auth/gatehouse/session"
)

func userCommand(f *flags) *cobra.Command {
	return group("user", "Local accounts and people from providers",
		userAdd(f), userSet(f), userList(f), userShow(f), userPassword(f),
		userChange(f, "disable <name>", "Refuses a user from the next request on, until enabled again",
			"Refuses a user from the next request on, on every site, until enabled again. What\nis open ends: WebSockets and event streams too.",
			(*house.Rooms).Disable, "disabled"),
		userChange(f, "enable <name>", "Lets a disabled user in again", "Lets a disabled user in again, with the same password, groups and links to providers.",
			(*house.Rooms).Enable, "enabled"),
		userChange(f, "delete <name>", "Deletes a user; the name is never given to anybody else",
			"Deletes an account and ends its sessions on every site. It can't be taken back, and\nthe name is never given to anybody else; to keep somebody out, disable is enough.",
			(*house.Rooms).Delete, "deleted"))
}

func userAdd(f *flags) *cobra.Command {
	var n account.NewAccount
	var stdin, none bool
	cmd := &cobra.Command{
		Use:   "add <name>",
		Short: "Makes a local account",
		Long: `Makes a local account. The password is asked for on the terminal, or read as one
line with --password-stdin; never give it as an argument, which others on the
machine can read.`,
		Example: `  caddy gatehouse user add alice --name "Alice A" --email alice@example.com --group staff
  pass show alice | caddy gatehouse user add alice --password-stdin`,
		Args: needs("<name>"),
	}
	cmd.Flags().StringVar(&n.Name, "name", "", "what pages and applications call the person (without it there is no Remote-Name)")
	cmd.Flags().StringVar(&n.Email, "email", "", "the address")
	cmd.Flags().StringSliceVar(&n.Groups, "group", nil, "a group the account is in; may be repeated")
	cmd.Flags().BoolVar(&n.Admin, "admin", false, "make the account an administrator")
	cmd.Flags().BoolVar(&stdin, "password-stdin", false, "read the password from standard input")
	cmd.Flags().BoolVar(&none, "no-password", false, "make an account that nobody can sign in to with a password")
	cmd.RunE = begin(f, func(d *desk, args []string) (err error) {
		n.Username, n.EmailVerified = args[0], n.Email != ""
		if !none {
			if n.Password, err = d.newPassword(stdin); err != nil {
				return err
			}
		}
		user, err := d.rooms.Accounts.Add(d.ctx, n)
		if err != nil {
			return err
		}
		fmt.Fprintf(d.out, "added %s (%s)\n", user.Username, user.Subject)
		return nil
	})
	return cmd
}

func userPassword(f *flags) *cobra.Command {
	var stdin bool
	cmd := &cobra.Command{
		Use: "set-password <name>", Short: "Sets a password and ends the user's sessions", Args: needs("<name>"),
		Long: `Sets the password of a local account and ends its sessions on every site: what to
do for a person who forgot it. The account keeps its name, groups and state.`,
	}
	cmd.Flags().BoolVar(&stdin, "password-stdin", false, "read the password from standard input")
	cmd.RunE = run(f, func(d *desk, args []string) error {
		found, err := d.rooms.Accounts.Find(d.ctx, args[0])
		if err != nil {
			return err
		}
		password, err := d.newPassword(stdin)
		if err != nil {
			return err
		}
		if err := d.rooms.Accounts.SetPassword(d.ctx, found.Subject, password); err != nil {
			return err
		}
		n, err := d.rooms.SignOut(d.ctx, found.Subject, session.AccountChanged) // SES-16
		if err != nil {
			return err
		}
		fmt.Fprintf(d.out, "changed the password of %s and %s\n", found.Username, d.ended(n))
		return nil
	})
	return cmd
}

// userChange is a command that does one thing to one account.
func userChange(f *flags, use, short, long string, change changeFunc, done string) *cobra.Command {
	return &cobra.Command{Use: use, Short: short, Long: long, Args: needs("<name>"), RunE: run(f, func(d *desk, args []string) error {
		found, err := d.rooms.Accounts.Find(d.ctx, args[0])
		if err != nil {
			return err
		}
		if err := change(d.rooms, d.ctx, found.Subject); err != nil {
			return err
		}
		fmt.Fprintf(d.out, "%s %s\n", done, found.Username)
		return nil
	})}
}

func userShow(f *flags) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{Use: "show <name>", Short: "Shows an account", Args: needs("<name>")}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.RunE = run(f, func(d *desk, args []string) error {
		found, err := d.rooms.Accounts.Find(d.ctx, args[0])
		if err != nil {
			return err
		}
		if asJSON {
			return d.json(found)
		}
		d.table([]string{"subject", string(found.Subject)}, []string{"user name", found.Username}, []string{"name", found.Name},
			[]string{"e-mail", found.Email}, []string{"groups", strings.Join(found.Groups, ", ")}, []string{"state", state(*found)},
			[]string{"comes from", string(found.Origin)}, []string{"providers", strings.Join(found.Providers, ", ")},
			[]string{"created", stamp(found.Created)}, []string{"last login", stamp(found.LastLogin)})
		return nil
	})
	return cmd
}

func userList(f *flags) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{Use: "list", Short: "Lists accounts", Args: cobra.NoArgs}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.RunE = run(f, func(d *desk, _ []string) error {
		all, err := pages(func(cursor string) ([]account.Account, string, error) {
			return d.rooms.Accounts.List(d.ctx, cursor, account.MaxPage)
		})
		if err != nil {
			return err
		}
		if asJSON {
			return d.json(all)
		}
		rows := [][]string{{"USER NAME", "NAME", "E-MAIL", "GROUPS", "STATE", "LAST LOGIN"}}
		for _, a := range all {
			rows = append(rows, []string{a.Username, a.Name, a.Email, strings.Join(a.Groups, ","), state(a), stamp(a.LastLogin)})
		}
		d.table(rows...)
		return nil
	})
	return cmd
}

func state(a account.Account) string {
	var words []string
	if a.Disabled {
		words = append(words, "disabled")
	}
	if a.Admin {
		words = append(words, "administrator")
	}
	if len(words) == 0 {
		return "active"
	}
	return strings.Join(words, ", ")
}
