package command

import (
	"github.com/spf13/cobra"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
)

// Said is what client show says of a client's settings.
func Said(c *client.Client) [][]string {
	var w wishes
	w.register(new(cobra.Command))
	return w.said(c)
}
