package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/gatehouse-auth/gatehouse/session"
	"github.com/spf13/cobra"
	"go.uber.org/zap"
)

// backuper is a store that can be copied while it is in use.
type backuper interface {
	Backup(ctx context.Context, dst string) error
	Restore(ctx context.Context, src string) error
}

func backupCommand(f *flags) *cobra.Command {
	var withKey bool
	cmd := &cobra.Command{
		Use:   "backup <file>",
		Short: "Copies the database to a new file, also while the server runs",
		Long: `Copies accounts and keys to a new file that only its owner can read, also while
the server runs. Sessions are not in it: after a restore people sign in again.

The signing keys in it are sealed by the master key, which stays out: keep
that one elsewhere. --with-master-key copies it to <file>.key as well; whoever has
both files can sign tokens.`,
		Args: needs("<file>"),
	}
	cmd.Flags().BoolVar(&withKey, "with-master-key", false, "copy the master key to <file>.key as well")
	cmd.RunE = run(f, func(d *desk, args []string) error {
		store, ok := d.rooms.Records.(backuper)
		if !ok {
			return errors.New("this kind of store has its own tools for backups")
		}
		if _, err := os.Lstat(args[0]); err == nil {
			return fmt.Errorf("%s exists already; name a file that does not", args[0])
		}
		if err := store.Backup(d.ctx, args[0]); err != nil {
			return err
		}
		fmt.Fprintln(d.out, "wrote", args[0])
		if !withKey {
			return nil
		}
		if err := copyNew(d.App.MasterKeyPath(), args[0]+".key"); err != nil {
			return err
		}
		fmt.Fprintln(d.out, "wrote", args[0]+".key")
		return nil
	})
	return cmd
}

// copyNew copies a secret file and overwrites nothing. What is no file, such as
// a device without end, is refused.
func copyNew(src, dst string) (err error) {
	info, err := os.Stat(src)
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%s is not a file", src)
	}
	in, err := os.Open(src)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(dst, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	_, err = io.Copy(out, in)
	return err
}

func restoreCommand(f *flags) *cobra.Command {
	var yes bool
	cmd := &cobra.Command{
		Use:   "restore <file>",
		Short: "Replaces accounts and keys by those of a backup and ends all sessions",
		Long: `Replaces accounts and keys by those of a backup and ends all sessions, also while
the server runs. The master key must be the one that the backup was made with;
if it is not, nothing is changed.`,
		Args: needs("<file>"),
	}
	cmd.Flags().BoolVar(&yes, "yes", false, "really replace a database that has accounts")
	cmd.RunE = begin(f, func(d *desk, args []string) error {
		store, ok := d.rooms.Records.(backuper)
		if !ok {
			return errors.New("this kind of store has its own tools for backups")
		}
		needed, err := d.rooms.Accounts.NeedsSetup(d.ctx)
		if err != nil {
			return err
		}
		if !needed && !yes {
			return errors.New("this database has accounts; add --yes to replace them")
		}
		trial, remove, err := d.trial(f, args[0])
		if err != nil {
			return err
		}
		defer remove()
		if err := store.Restore(d.ctx, trial); err != nil {
			return err
		}
		n, err := d.endAll()
		if err != nil {
			return err
		}
		fmt.Fprintf(d.out, "restored %s and ended %s\n", args[0], counted(n, "session"))
		return nil
	})
	return cmd
}

// trial makes a copy of a backup, brings it up to date, and makes sure that its
// keys can be opened with this master key.
func (d *desk) trial(f *flags, backup string) (path string, remove func(), err error) {
	dir, err := os.MkdirTemp("", "gatehouse-restore")
	if err != nil {
		return "", nil, err
	}
	defer func() {
		if err != nil {
			os.RemoveAll(dir)
		}
	}()
	trial := *f
	trial.data = filepath.Join(dir, "gatehouse.sqlite")
	if err := errors.Join(copyNew(backup, trial.data), copyNew(d.App.MasterKeyPath(), filepath.Join(dir, "master.key"))); err != nil {
		return "", nil, err
	}
	in, err := trial.inspect()
	if err != nil {
		return "", nil, err
	}
	rooms, release, err := enter(d.ctx, in.App.Plan(zap.NewNop()))
	if err != nil {
		return "", nil, fmt.Errorf("%s can't be used here: %s", backup, cause(err))
	}
	defer release()
	if _, err := rooms.Keys.PublicSet(d.ctx); err != nil {
		return "", nil, err
	}
	return trial.data, func() { os.RemoveAll(dir) }, nil
}

// endAll ends every session.
func (d *desk) endAll() (int, error) {
	n := 0
	for {
		page, _, err := d.rooms.Sessions.List(d.ctx, "", "", 500)
		if err != nil || len(page) == 0 {
			return n, err
		}
		for _, s := range page {
			if err := d.rooms.Sessions.EndSession(d.ctx, s.SID, session.Revoked); err != nil {
				return n, err
			}
			n++
		}
	}
}
