package command

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// finding is one line of what doctor says.
type finding struct {
	Level string `json:"level"` // ok, warning, problem
	Text  string `json:"text"`
}

func doctorCommand(f *flags) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Looks for what is wrong or dangerous, and says what to do",
		Long: `Looks at the configuration, the database, the keys and the providers, and says what
is wrong or dangerous and what to do about it. It changes nothing. Exit status 1
if there is a problem; warnings alone give 0.`,
		Args: cobra.NoArgs,
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.RunE = run(f, func(d *desk, _ []string) error {
		found := d.examine()
		if asJSON {
			if err := d.json(found); err != nil {
				return err
			}
		} else {
			for _, one := range found {
				fmt.Fprintf(d.out, "%-8s %s\n", one.Level, printable(one.Text))
			}
		}
		for _, one := range found {
			if one.Level == problem {
				return errors.New("problems were found, see above")
			}
		}
		return nil
	})
	return cmd
}

const (
	fine    = "ok"
	warning = "warning"
	problem = "problem"
)

// examine goes through everything, also after a problem.
func (d *desk) examine() []finding {
	var found []finding
	add := func(level, format string, args ...any) {
		found = append(found, finding{level, fmt.Sprintf(format, args...)})
	}
	if d.Problem != nil {
		add(problem, "the configuration would not load: %v", d.Problem)
	}
	for _, text := range d.Warnings {
		add(warning, "%s", text)
	}
	d.examineSites(add)
	d.examineStores(add)
	for _, name := range d.ProviderNames() {
		ctx, cancel := context.WithTimeout(d.ctx, 10*time.Second)
		if err := d.TryProvider(ctx, name); err != nil {
			add(problem, "provider %s: %v", name, err)
		} else {
			add(fine, "provider %s answers", name)
		}
		cancel()
	}
	return found
}

func (d *desk) examineSites(add func(level, format string, args ...any)) {
	if d.Issuer == "" && d.Problem == nil {
		add(warning, "no site is protected: write `gatehouse` into one, or name the Caddyfile with --config")
		return
	}
	add(fine, "issuer %s, protected: %s", d.Issuer, strings.Join(d.Origins, ", "))
	if d.App.Issuer == "" {
		add(warning, "single-site mode trusts the application as much as the login, since both share an origin: a login host (issuer) is better for everything but trying out")
	}
	for _, upstream := range d.Upstreams {
		host, _, err := net.SplitHostPort(upstream)
		if err != nil {
			continue
		}
		ip := net.ParseIP(host)
		if host != "localhost" && (ip == nil || !ip.IsLoopback()) {
			add(warning, "the application at %s is reached over the network: make sure that nobody else can reach it, since it believes its headers", upstream) // PRX-12
		}
	}
	if d.AdminTCP {
		add(warning, "Caddy's admin endpoint listens on TCP, where an application on this machine can reach it: write `admin unix//run/caddy/admin.sock`, or `admin off`")
	}
}

func (d *desk) examineStores(add func(level, format string, args ...any)) {
	type checker interface{ Check(context.Context) error }
	for i, store := range []any{d.rooms.Records, d.rooms.Shorts} {
		name := []string{"the database of accounts and keys", "the database of sessions"}[i]
		c, ok := store.(checker)
		if !ok {
			continue
		}
		if err := c.Check(d.ctx); err != nil {
			add(problem, "%s: %v", name, err)
		} else {
			add(fine, "%s is sound", name)
		}
	}
	if keys, err := d.rooms.Keys.List(d.ctx); err != nil {
		add(problem, "signing keys: %v", err)
	} else {
		add(fine, "%d signing keys can be read with the master key", len(keys))
	}
	if info, err := os.Stat(d.App.MasterKeyPath()); err == nil && info.Mode().Perm()&0o077 != 0 {
		add(problem, "%s can be read by others: chmod 600", d.App.MasterKeyPath())
	}
}
