package command

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"
)

func keysCommand(f *flags) *cobra.Command {
	return group("keys", "The keys that sign tokens", keysList(f), keysRotate(f))
}

func keysList(f *flags) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{Use: "list", Short: "Lists signing keys; private parts are never shown", Args: cobra.NoArgs}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.RunE = run(f, func(d *desk, _ []string) error {
		all, err := d.rooms.Keys.List(d.ctx)
		if err != nil {
			return err
		}
		if asJSON {
			return d.json(all)
		}
		rows := [][]string{{"KEY", "ALGORITHM", "STATE", "SIGNS FROM", "REMOVED"}}
		for _, k := range all {
			rows = append(rows, []string{k.KID, k.Alg, string(k.State), stamp(k.Active), stamp(k.Removed)})
		}
		d.table(rows...)
		return nil
	})
	return cmd
}

func keysRotate(f *flags) *cobra.Command {
	var alg string
	cmd := &cobra.Command{
		Use:   "rotate",
		Short: "Makes new signing keys that sign from now on; the old ones still verify",
		Long: `Makes new signing keys that sign from now on. The old ones still verify what they
signed, and are removed later. Keys also rotate by themselves.`,
		Args: cobra.NoArgs,
	}
	cmd.Flags().StringVar(&alg, "alg", "", "of this algorithm only (RS256, ES256, EdDSA, PS256)")
	cmd.RunE = run(f, func(d *desk, _ []string) error {
		algs := []string{alg}
		if alg == "" {
			var err error
			if algs, err = d.rooms.Keys.InUse(d.ctx); err != nil {
				return err
			}
			if len(algs) == 0 {
				return errors.New("there are no keys yet: the server makes them, and so does --alg")
			}
		}
		for _, alg := range algs {
			if err := d.rooms.Keys.Rotate(d.ctx, alg); err != nil {
				return err
			}
			fmt.Fprintf(d.out, "rotated %s\n", alg)
		}
		return nil
	})
	return cmd
}
