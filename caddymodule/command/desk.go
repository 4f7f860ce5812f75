package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"go.uber.org/zap"

	"github.com/gatehouse-auth/gatehouse/caddymodule"
	"github.com/gatehouse-auth/gatehouse/internal/house"
)

// flags are common to all commands.
type flags struct{ config, data, envfile string }

// desk is where a command works: the configuration and the open stores.
type desk struct {
	*caddymodule.Inspection
	ctx      context.Context
	rooms    *house.Rooms
	database string
	in       io.Reader
	out      io.Writer
	close    func()
}

// open finds the configuration, makes sure that this user may touch the
// database, and opens it. Only with make may it be a new one: a list of nothing
// would hide a mistake in --data.
func (f *flags) open(cmd *cobra.Command, make bool) (*desk, error) {
	in, err := f.inspect()
	if err != nil {
		return nil, err
	}
	plan := in.App.Plan(zap.NewNop())
	database, _, _ := strings.Cut(plan.Address, "\x00")
	if err := mayTouch(database, os.Args); err != nil {
		return nil, err
	}
	if _, err := os.Stat(database); errors.Is(err, os.ErrNotExist) && !make {
		return nil, fmt.Errorf("there is no database at %s%s: the server makes it at its first start, and so do setup, user add and restore", database, f.origin(""))
	}
	fmt.Fprintln(cmd.ErrOrStderr(), "database:", database+f.origin(database))
	rooms, release, err := enter(cmd.Context(), plan)
	if err != nil {
		return nil, err
	}
	return &desk{
		Inspection: in, ctx: cmd.Context(), rooms: rooms, database: database,
		in: cmd.InOrStdin(), out: cmd.OutOrStdout(), close: release,
	}, nil
}

// origin says where the choice of the database comes from, and whether database
// is made now, which is how a mistake in --data or in the directory shows.
func (f *flags) origin(database string) string {
	var notes []string
	switch path := f.file(); {
	case f.data != "":
	case path == "":
		notes = append(notes, "the default: no Caddyfile here or in /etc/caddy, and no --config")
	default:
		notes = append(notes, "from "+path)
	}
	if _, err := os.Stat(database); database != "" && errors.Is(err, os.ErrNotExist) {
		notes = append(notes, "new")
	}
	if len(notes) == 0 {
		return ""
	}
	return " (" + strings.Join(notes, "; ") + ")"
}

// file is the configuration that is read, "" if there is none.
func (f *flags) file() string {
	if f.config != "" {
		return f.config
	}
	return firstFile("Caddyfile", "/etc/caddy/Caddyfile")
}

// enter opens what a plan names, and leaves what a server does in the
// background to the server.
func enter(ctx context.Context, plan house.Plan) (rooms *house.Rooms, release func(), err error) {
	plan.Visit = true
	h := house.New(plan)
	if rooms, err = h.Open(ctx); err != nil {
		h.Release()
		return nil, nil, err
	}
	return rooms, h.Release, nil
}

// inspect reads the configuration that the server would read.
func (f *flags) inspect() (*caddymodule.Inspection, error) {
	if err := loadEnv(f.envfile); err != nil {
		return nil, err
	}
	return caddymodule.Inspect(f.file(), f.databaseFile())
}

// databaseFile is what --data names, or means by a directory.
func (f *flags) databaseFile() string {
	if info, err := os.Stat(f.data); f.data != "" && err == nil && info.IsDir() {
		return filepath.Join(f.data, "gatehouse.sqlite")
	}
	return f.data
}

func firstFile(paths ...string) string {
	for _, path := range paths {
		if _, err := os.Stat(path); err == nil {
			return path
		}
	}
	return ""
}

// loadEnv sets the variables of an environment file, for {$VAR} and {env.VAR}.
func loadEnv(path string) error {
	if path == "" {
		return nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(text)) {
		line = strings.TrimPrefix(strings.TrimSpace(line), "export ")
		name, value, ok := strings.Cut(line, "=")
		if line == "" || line[0] == '#' || !ok {
			continue
		}
		if err := os.Setenv(strings.TrimSpace(name), strings.Trim(strings.TrimSpace(value), `"'`)); err != nil {
			return err
		}
	}
	return nil
}

// mayTouch refuses to work as another user than the database's owner: files
// that this user makes could not be read by the server afterwards, which is
// how people lock themselves out.
func mayTouch(database string, args []string) error {
	path := database
	info, err := os.Stat(path)
	for errors.Is(err, os.ErrNotExist) && path != filepath.Dir(path) {
		path = filepath.Dir(path)
		info, err = os.Stat(path)
	}
	if err != nil {
		return err
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok || int(stat.Uid) == os.Geteuid() {
		return nil
	}
	if path != database && os.Geteuid() != 0 {
		return nil // a new database below a directory of somebody else: the file system decides
	}
	owner := strconv.Itoa(int(stat.Uid))
	if u, err := user.LookupId(owner); err == nil {
		owner = u.Username
	}
	return fmt.Errorf("%s belongs to %s; run: sudo -u %s %s", path, owner, owner, strings.Join(args, " "))
}
