package command

import (
	"fmt"
	"strings"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/spf13/cobra"
)

// length is a flag for a length of time, as Caddy writes them: 90s, 15m, 30d.
// "" and 0 are none.
type length time.Duration

// lengthFlag adds one to a command.
func lengthFlag(cmd *cobra.Command, name string, value time.Duration, usage string) *time.Duration {
	d := value
	cmd.Flags().Var((*length)(&d), name, usage)
	return &d
}

// Set implements pflag.Value.
func (l *length) Set(text string) error {
	if text == "" {
		*l = 0
		return nil
	}
	d, err := caddy.ParseDuration(text)
	if err != nil || d < 0 {
		return fmt.Errorf("not a length of time such as 90s, 15m, 1h or 30d")
	}
	*l = length(d)
	return nil
}

// Type implements pflag.Value.
func (*length) Type() string { return "duration" }

// String implements pflag.Value: the shortest form that Set reads as the same.
func (l *length) String() string {
	const day = 24 * time.Hour
	switch d := time.Duration(*l); {
	case d == 0:
		return "0"
	case d%day == 0:
		return fmt.Sprintf("%dd", d/day)
	case d%time.Hour == 0:
		return fmt.Sprintf("%dh", d/time.Hour)
	case d%time.Minute == 0:
		return strings.TrimSuffix(d.String(), "0s")
	default:
		return d.String()
	}
}
