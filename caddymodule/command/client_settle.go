package command

import (
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
)

// leaveFlag leaves settings to a client that registered itself.
const leaveFlag = "client-decides"

// settle notes what was given as decided about a client that registered itself,
// and what is left to it as not.
func (w *wishes) settle(cmd *cobra.Command, c *client.Client, leave []string) error {
	for _, flag := range leave {
		if !slices.ContainsFunc(w.list, func(one wish) bool { return one.flag == flag }) {
			return fmt.Errorf("--%s: there is no setting %q", leaveFlag, flag)
		}
	}
	if !c.Dynamic {
		return nil
	}
	settled := slices.Clone(c.Settled)
	for _, one := range w.list {
		if cmd.Flags().Changed(one.flag) {
			settled = append(settled, wordOf(one.flag))
		}
	}
	settled = slices.DeleteFunc(settled, func(word string) bool {
		return slices.ContainsFunc(leave, func(flag string) bool { return wordOf(flag) == word })
	})
	slices.Sort(settled)
	c.Settled = slices.Compact(settled)
	return nil
}
