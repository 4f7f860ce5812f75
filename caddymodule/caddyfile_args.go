package caddymodule

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
)

// check looks at one value. Checks run twice: on the text in the Caddyfile, so
// that an error has a line, and again when the configuration is loaded.
type check func(string) error

// anything is the check of free text.
func anything(string) error { return nil }

// checked runs c unless the value is only known later.
func checked(d *caddyfile.Dispenser, c check) error {
	if d.Val() == "" {
		return d.Err("an empty value")
	}
	if hasPlaceholder(d.Val()) {
		return nil
	}
	if err := c(d.Val()); err != nil {
		return d.WrapErr(err)
	}
	return nil
}

// text is exactly one argument.
func text(to *string, c check) entry {
	return entry{parse: func(d *caddyfile.Dispenser) error {
		if !d.NextArg() {
			return d.ArgErr()
		}
		*to = d.Val()
		return checked(d, c)
	}}
}

// texts is one argument or more, on one line or on several.
func texts(to *[]string, c check) entry {
	return entry{many: true, parse: func(d *caddyfile.Dispenser) error {
		return appendArgs(d, to, c)
	}}
}

// textsOnce is one argument or more, on one line.
func textsOnce(to *[]string, c check) entry {
	return entry{parse: func(d *caddyfile.Dispenser) error { return appendArgs(d, to, c) }}
}

func appendArgs(d *caddyfile.Dispenser, to *[]string, c check) error {
	if !d.NextArg() {
		return d.ArgErr()
	}
	for more := true; more; more = d.NextArg() {
		if err := checked(d, c); err != nil {
			return err
		}
		for _, known := range *to {
			if known == d.Val() {
				return d.Errf("'%s' is given twice", d.Val())
			}
		}
		*to = append(*to, d.Val())
	}
	return nil
}

// flag is true by being there.
func flag(to *bool) entry {
	return entry{parse: func(*caddyfile.Dispenser) error {
		*to = true
		return nil
	}}
}

// duration is one length of time, as Caddy writes them: 90s, 15m, 30d.
func duration(to *caddy.Duration) entry {
	return entry{parse: func(d *caddyfile.Dispenser) error {
		if !d.NextArg() {
			return d.ArgErr()
		}
		v, err := parseDuration(d.Val())
		if err != nil {
			return d.WrapErr(err)
		}
		*to = v
		return nil
	}}
}

// durationOrOff is a duration or the word off, which becomes -1.
func durationOrOff(to *caddy.Duration) entry {
	longer := duration(to)
	return entry{parse: func(d *caddyfile.Dispenser) error {
		ahead := *d
		if ahead.NextArg() && ahead.Val() == "off" {
			d.NextArg()
			*to = -1
			return nil
		}
		return longer.parse(d)
	}}
}

func parseDuration(s string) (caddy.Duration, error) {
	v, err := caddy.ParseDuration(s)
	if err != nil {
		return 0, fmt.Errorf("'%s' is not a length of time such as 90s, 15m, 1h or 30d", s)
	}
	if v < time.Second {
		return 0, fmt.Errorf("'%s' is shorter than a second", s)
	}
	return caddy.Duration(v), nil
}

// number is one whole number above zero.
func number(to *int) entry {
	return entry{parse: func(d *caddyfile.Dispenser) error {
		if !d.NextArg() {
			return d.ArgErr()
		}
		v, err := strconv.Atoi(d.Val())
		if err != nil || v <= 0 {
			return d.Errf("'%s' is not a whole number above zero", d.Val())
		}
		*to = v
		return nil
	}}
}

// kibibytes is one amount of memory with its unit: 19MiB, 47104KiB, 1GiB.
func kibibytes(to *int) entry {
	return entry{parse: func(d *caddyfile.Dispenser) error {
		if !d.NextArg() {
			return d.ArgErr()
		}
		v, err := parseKibibytes(d.Val())
		if err != nil {
			return d.WrapErr(err)
		}
		*to = v
		return nil
	}}
}

func parseKibibytes(s string) (int, error) {
	digits := strings.TrimRight(s, "KMGiB")
	factor := map[string]int{"KiB": 1, "MiB": 1 << 10, "GiB": 1 << 20}[s[len(digits):]]
	v, err := strconv.Atoi(digits)
	if err != nil || factor == 0 || v <= 0 || v > 1<<20 {
		return 0, errors.New("'" + s + "' is not an amount of memory such as 19MiB")
	}
	return v * factor, nil
}
