package command

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/session"
)

func sessionCommand(f *flags) *cobra.Command {
	return group("session", "Who is signed in", sessionList(f), sessionRevoke(f))
}

func sessionList(f *flags) *cobra.Command {
	var asJSON bool
	var name string
	cmd := &cobra.Command{Use: "list", Short: "Lists sessions", Args: cobra.NoArgs}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.Flags().StringVar(&name, "user", "", "of this user only")
	cmd.RunE = run(f, func(d *desk, _ []string) error {
		if !d.rooms.Sees() {
			return errors.New("sessions are in the memory of the server (sessions memory), where no command can look")
		}
		sub, err := d.subject(name)
		if err != nil {
			return err
		}
		all, err := pages(func(cursor string) ([]session.Info, string, error) {
			return d.rooms.Sessions.List(d.ctx, sub, cursor, 500)
		})
		if err != nil {
			return err
		}
		if asJSON {
			return d.json(all)
		}
		rows := [][]string{{"SID", "USER", "THROUGH", "BEGAN", "LAST USED", "ENDS"}}
		for _, s := range all {
			rows = append(rows, []string{s.SID, d.username(s.Subject), s.Login.IDP, stamp(s.Began), stamp(s.Used), stamp(s.Expires)})
		}
		d.table(rows...)
		return nil
	})
	return cmd
}

func sessionRevoke(f *flags) *cobra.Command {
	var name string
	cmd := &cobra.Command{
		Use: "revoke [<sid>]", Short: "Ends a session, or all of a user's, on every site at once", Args: cobra.MaximumNArgs(1),
		Long: `Ends one session, by the SID that "session list" shows, or with --user all of a
user's. It ends on every site at once, with its WebSockets and event streams.`,
	}
	cmd.Flags().StringVar(&name, "user", "", "all sessions of this user")
	cmd.RunE = run(f, func(d *desk, args []string) error {
		if (len(args) == 1) == (name != "") {
			return usageError{errors.New("give one SID (see caddy gatehouse session list), or --user <name>")}
		}
		if name == "" {
			if _, err := d.rooms.Sessions.Find(d.ctx, args[0]); err != nil && d.rooms.Sees() {
				return fmt.Errorf("there is no session %s", printable(args[0]))
			}
			if err := d.rooms.EndSession(d.ctx, args[0], session.Revoked); err != nil {
				return err
			}
			fmt.Fprintln(d.out, d.ended(1))
			return nil
		}
		sub, err := d.subject(name)
		if err != nil {
			return err
		}
		n, err := d.rooms.SignOut(d.ctx, sub, session.Revoked)
		if err != nil {
			return err
		}
		fmt.Fprintln(d.out, d.ended(n))
		return nil
	})
	return cmd
}

// ended says what became of sessions.
func (d *desk) ended(n int) string {
	if !d.rooms.Sees() {
		return "told the server to end what it has of it: sessions are in its memory (sessions memory)"
	}
	return "ended " + counted(n, "session")
}

// subject finds the subject of a user name; "" is everybody.
func (d *desk) subject(name string) (identity.Subject, error) {
	if name == "" {
		return "", nil
	}
	found, err := d.rooms.Accounts.Find(d.ctx, name)
	if err != nil {
		return "", err
	}
	return found.Subject, nil
}

// username is the name to a subject, or the subject if it has no account now.
func (d *desk) username(sub identity.Subject) string {
	if user, err := d.rooms.Accounts.User(d.ctx, sub); err == nil {
		return user.Username
	}
	return string(sub)
}
