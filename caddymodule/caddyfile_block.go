package caddymodule

import (
	"maps"
	"slices"

	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
)

// entry is one subdirective. Its parse function stands on the name and takes
// the arguments, and the block if there is one; whatever it leaves is an error.
type entry struct {
	parse func(d *caddyfile.Dispenser) error
	many  bool // may be given more than once
}

// grammar is what may stand in one block.
type grammar map[string]entry

// parseBlock reads the block that opens at the end of the current line, if
// any. where names it in messages: "client wiki".
func parseBlock(d *caddyfile.Dispenser, where string, g grammar) error {
	given := map[string]bool{}
	for nesting := d.Nesting(); d.NextBlock(nesting); {
		if err := g.line(d, where, given); err != nil {
			return err
		}
	}
	return nil
}

// line reads the subdirective on which d stands.
func (g grammar) line(d *caddyfile.Dispenser, where string, given map[string]bool) error {
	name := d.Val()
	e, ok := g[name]
	if !ok {
		return d.Errf("unrecognized subdirective '%s' in %s%s", name, where, didYouMean(name, slices.Collect(maps.Keys(g))))
	}
	if given[name] && !e.many {
		return d.Errf("'%s' is already given in %s", name, where)
	}
	given[name] = true
	if err := e.parse(d); err != nil {
		return err
	}
	return lineEnds(d, name)
}

// lineEnds refuses arguments and blocks that nobody asked for. It does not
// repeat the argument: it may be the second half of a secret.
func lineEnds(d *caddyfile.Dispenser, name string) error {
	if d.NextArg() {
		return d.Errf("too many arguments after '%s'", name)
	}
	if opensBlock(d) {
		return d.Errf("'%s' takes no block", name)
	}
	return nil
}

// opensBlock tells whether the next token opens a block on this line. It looks
// ahead on a copy, since NextBlock can't be taken back.
func opensBlock(d *caddyfile.Dispenser) bool {
	ahead := *d
	if ahead.NextArg() {
		return false
	}
	ahead = *d
	if ahead.NextLine() {
		return false
	}
	return ahead.Next() && ahead.Val() == "{"
}
