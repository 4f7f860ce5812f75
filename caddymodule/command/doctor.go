package command

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"go.uber.org/zap"

	"github.com/gatehouse-auth/gatehouse/caddymodule"
	"github.com/gatehouse-auth/gatehouse/internal/house"
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
is wrong or dangerous and what to do about it, as far as it can also if the
configuration would not load. It makes no file. Exit status 1 if there is a problem;
warnings alone give 0.`,
		Args: cobra.NoArgs,
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		e, err := f.examine(cmd.Context())
		if err == nil {
			err = e.print(cmd, asJSON)
		}
		return refused(err)
	}
	return cmd
}

const (
	fine    = "ok"
	warning = "warning"
	problem = "problem"
)

// examination is what doctor looks at, and what it found.
type examination struct {
	*caddymodule.Inspection
	ctx   context.Context
	now   func() time.Time
	file  string // of the configuration, "" if there is none
	plan  house.Plan
	found []finding
}

// examine goes through everything, also after a problem.
func (f *flags) examine(ctx context.Context) (*examination, error) {
	if err := loadEnv(f.envfile); err != nil {
		return nil, err
	}
	e := &examination{ctx: ctx, now: time.Now, file: f.file()}
	e.Inspection = caddymodule.Examine(e.file, f.databaseFile())
	e.plan = e.App.Plan(zap.NewNop())
	e.examineSites()
	e.examineFiles()
	for _, name := range e.ProviderNames() {
		ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
		if err := e.TryProvider(ctx, name); err != nil {
			e.add(problem, "provider %s: %v", name, err)
		} else {
			e.add(fine, "provider %s answers", name)
		}
		cancel()
	}
	return e, nil
}

func (e *examination) add(level, format string, args ...any) {
	e.found = append(e.found, finding{level, fmt.Sprintf(format, args...)})
}

// print says what was found. A problem is an error.
func (e *examination) print(cmd *cobra.Command, asJSON bool) error {
	d := &desk{out: cmd.OutOrStdout()}
	if asJSON {
		if err := d.json(e.found); err != nil {
			return err
		}
	}
	bad := false
	for _, one := range e.found {
		bad = bad || one.Level == problem
		if !asJSON {
			fmt.Fprintf(d.out, "%-8s %s\n", one.Level, printable(one.Text))
		}
	}
	if bad {
		return errors.New("problems were found, see above")
	}
	return nil
}

func (e *examination) examineSites() {
	if e.Problem != nil {
		e.add(problem, "%s would not load: %v", e.file, e.Problem)
	}
	for _, text := range e.Warnings {
		e.add(warning, "%s", text)
	}
	if e.Issuer == "" && e.Problem != nil {
		return // what it would have said about sites is not known
	}
	if e.Issuer == "" {
		e.add(warning, "no site is protected: write `gatehouse` into one, or name the Caddyfile with --config")
		return
	}
	e.add(fine, "issuer %s, protected: %s", e.Issuer, strings.Join(e.Origins, ", "))
	if e.App.Issuer == "" {
		e.add(warning, "single-site mode trusts the application as much as the login, since both share an origin: a login host (issuer) is better for everything but trying out")
	}
	for _, upstream := range e.Upstreams {
		host, _, err := net.SplitHostPort(upstream)
		if err != nil {
			continue
		}
		ip := net.ParseIP(host)
		if host != "localhost" && (ip == nil || !ip.IsLoopback()) {
			e.add(warning, "the application at %s is reached over the network: make sure that nobody else can reach it, since it believes its headers", upstream) // PRX-12
		}
	}
	if e.AdminTCP {
		e.add(warning, "Caddy's admin endpoint listens on TCP, where an application on this machine can reach it: write `admin unix//run/caddy/admin.sock`, or `admin off`")
	}
}
