package command

import (
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/authorize/registry"
)

func clientList(f *flags) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{Use: "list", Short: "Lists applications, those of the Caddyfile too", Args: cobra.NoArgs}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.RunE = run(f, func(d *desk, _ []string) error {
		all, err := d.entries()
		if err != nil {
			return err
		}
		if asJSON {
			return d.json(all)
		}
		rows := [][]string{{"CLIENT", "NAME", "FROM", "PROVES ITSELF BY", "CHANGED", "STATE"}}
		for _, e := range all {
			rows = append(rows, []string{e.ID, entryName(e), d.source(e), entryMethod(e), entryChanged(e), d.standing(e)})
		}
		d.table(rows...)
		return nil
	})
	return cmd
}

func clientShow(f *flags) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "show <id>", Short: "Shows an application", Args: needs("<id>"),
		Long: `Shows an application: what differs from the defaults, by the flags of client add
and in the form in which they take it. Secrets are never shown.`,
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.RunE = run(f, func(d *desk, args []string) error {
		e, err := d.entry(args[0])
		if err != nil {
			return err
		}
		if asJSON {
			return d.json(e)
		}
		rows := [][]string{{"client_id", e.ID}, {"from", d.source(e)}, {"state", d.standing(e)}, {"proves itself by", entryMethod(e)}}
		for _, s := range e.Secrets {
			rows = append(rows, []string{"secret", "made " + stamp(s.Created) + ", ends " + stamp(s.Expires)})
		}
		if e.Source == registry.Database {
			rows = append(rows, []string{"created", stamp(e.Created)}, []string{"changed", stamp(e.Changed)})
		}
		if e.Client != nil {
			var w wishes
			w.register(new(cobra.Command))
			rows = append(rows, w.said(e.Client)...)
			for _, word := range e.Client.Settled {
				rows = append(rows, []string{"decided here", strings.TrimPrefix(flagOf(word), "--")})
			}
		}
		d.table(rows...)
		return nil
	})
	return cmd
}

// configured are the clients of the Caddyfile, by id.
func (d *desk) configured() []registry.Entry {
	var list []registry.Entry
	for _, id := range slices.Sorted(maps.Keys(d.App.Clients)) {
		c, err := d.App.Clients[id].Build(id)
		if err != nil {
			list = append(list, registry.Entry{ID: id, Source: registry.Configured, Problem: err})
			continue
		}
		list = append(list, registry.Describe(c))
	}
	return list
}

// entry finds one client. That of the Caddyfile is the one that counts.
func (d *desk) entry(id string) (registry.Entry, error) {
	for _, e := range d.configured() {
		if e.ID == id {
			return e, nil
		}
	}
	e, err := d.rooms.Clients.Find(d.ctx, id)
	if err != nil {
		return registry.Entry{}, err
	}
	return *e, nil
}

func (d *desk) source(e registry.Entry) string {
	switch {
	case e.Source == registry.Configured:
		return "Caddyfile"
	case e.Client != nil && e.Client.Dynamic:
		return "itself"
	}
	return string(e.Source)
}

// standing tells whether a client is one for the server.
func (d *desk) standing(e registry.Entry) string {
	switch {
	case e.Problem != nil:
		if e.Source == registry.Database {
			return "refused: " + cause(inFlags(e.Problem))
		}
		return "refused: " + cause(e.Problem)
	case e.Source == registry.Database && d.App.Clients[e.ID] != nil:
		return "hidden by the one in the Caddyfile"
	default:
		return "active"
	}
}

func entryName(e registry.Entry) string {
	if e.Client == nil {
		return ""
	}
	return e.Client.DisplayName()
}

func entryMethod(e registry.Entry) string {
	switch {
	case e.Client == nil:
		return ""
	case e.Client.AuthMethod() == client.AuthNone:
		return "nothing: public"
	default:
		return string(e.Client.AuthMethod())
	}
}

func entryChanged(e registry.Entry) string {
	if e.Changed.IsZero() {
		return ""
	}
	return stamp(e.Changed)
}
