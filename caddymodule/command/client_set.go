package command

import (
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/caddymodule"
	"github.com/gatehouse-auth/gatehouse/internal/jose"
	"github.com/gatehouse-auth/gatehouse/internal/suggest"
)

// maxKeyFile bounds what is read as a key set, in bytes.
const maxKeyFile = 64 << 10

// wishes are the flags that say what a client is to be: each has the name of
// the word in a client block of the Caddyfile.
type wishes struct{ list []wish }

// wish is one flag: what it does to a client, and what a client has of it, in the
// form in which the flag takes it. Nothing is the default.
type wish struct {
	flag string
	set  func(*desk, *client.Client) error
	say  func(*client.Client) []string
}

// any tells whether one was given.
func (w *wishes) any(cmd *cobra.Command) bool {
	return slices.ContainsFunc(w.list, func(one wish) bool { return cmd.Flags().Changed(one.flag) })
}

// apply does what was given.
func (w *wishes) apply(cmd *cobra.Command, d *desk, c *client.Client) error {
	for _, one := range w.list {
		if !cmd.Flags().Changed(one.flag) {
			continue
		}
		if err := one.set(d, c); err != nil {
			return fmt.Errorf("--%s: %w", one.flag, err)
		}
	}
	whole := *c
	whole.ApplyProfile()
	return d.App.KeysFor(&whole)
}

func (w *wishes) add(flag string, say func(*client.Client) []string, set func(*desk, *client.Client) error) {
	w.list = append(w.list, wish{flag, set, say})
}

// said is what a client has, a row for each flag that would have to be given.
func (w *wishes) said(c *client.Client) [][]string {
	var rows [][]string
	for _, one := range w.list {
		for _, value := range one.say(c) {
			rows = append(rows, []string{one.flag, value})
		}
	}
	return rows
}

// single is a value, or none if it is the default.
func single(value string) []string {
	if value == "" {
		return nil
	}
	return []string{value}
}

// yes is a value if is.
func yes(is bool) []string {
	if !is {
		return nil
	}
	return []string{"true"}
}

// commas is several values as one, as flags for words take them; "" is none.
func commas(values []string) string {
	if len(values) == 0 {
		return ""
	}
	var b strings.Builder
	w := csv.NewWriter(&b)
	w.Write(values) //nolint:errcheck // into memory
	w.Flush()
	return strings.TrimSuffix(b.String(), "\n")
}

// texts are things that write themselves.
func texts[T fmt.Stringer](list []T) (values []string) {
	for _, one := range list {
		values = append(values, one.String())
	}
	return values
}

// text is a flag for one value; "" is the default.
func (w *wishes) text(cmd *cobra.Command, flag, usage string, field func(*client.Client) *string) {
	v := cmd.Flags().String(flag, "", usage)
	w.add(flag, func(c *client.Client) []string { return single(*field(c)) }, func(_ *desk, c *client.Client) error { *field(c) = *v; return nil })
}

// texts is a flag for several values, which may hold commas; "" is none.
func (w *wishes) texts(cmd *cobra.Command, flag, usage string, field func(*client.Client) *[]string) {
	v := cmd.Flags().StringArray(flag, nil, usage+"; may be repeated")
	w.add(flag, func(c *client.Client) []string { return *field(c) }, func(_ *desk, c *client.Client) error { *field(c) = given(*v); return nil })
}

// words is a flag for several words, with commas between them; "" is the
// default.
func (w *wishes) words(cmd *cobra.Command, flag, usage string, field func(*client.Client) *[]string) {
	v := cmd.Flags().StringSlice(flag, nil, usage+"; may be repeated")
	w.add(flag, func(c *client.Client) []string { return single(commas(*field(c))) }, func(_ *desk, c *client.Client) error { *field(c) = given(*v); return nil })
}

// given leaves empty values out; without any it is nil, which is the default.
func given(values []string) []string {
	var list []string
	for _, v := range values {
		if v != "" {
			list = append(list, v)
		}
	}
	return list
}

func (w *wishes) yes(cmd *cobra.Command, flag, usage string, field func(*client.Client) *bool) {
	v := cmd.Flags().Bool(flag, false, usage)
	w.add(flag, func(c *client.Client) []string { return yes(*field(c)) }, func(_ *desk, c *client.Client) error { *field(c) = *v; return nil })
}

// span is a flag for a length of time; "" is the default.
func (w *wishes) span(cmd *cobra.Command, flag, usage string, field func(*client.Client) *time.Duration) {
	v := lengthFlag(cmd, flag, 0, usage)
	w.add(flag, func(c *client.Client) []string {
		if *field(c) == 0 {
			return nil
		}
		return []string{(*length)(field(c)).String()}
	}, func(_ *desk, c *client.Client) error { *field(c) = *v; return nil })
}

// claims is a flag for several claims; "" is none.
func (w *wishes) claims(cmd *cobra.Command, flag, usage string) {
	v := cmd.Flags().StringArray(flag, nil, usage+"; may be repeated")
	w.add(flag, func(c *client.Client) []string { return texts(c.Claims) }, func(_ *desk, c *client.Client) error {
		c.Claims = nil
		for _, text := range given(*v) {
			claim, err := client.ParseClaim(strings.SplitN(text, " ", 3)...)
			if err != nil {
				return err
			}
			c.Claims = append(c.Claims, claim)
		}
		return nil
	})
}

// rules is a flag for several rules about who may use it; "" is none.
func (w *wishes) rules(cmd *cobra.Command, flag, usage string, field func(*client.Client) *[]client.Rule) {
	v := cmd.Flags().StringArray(flag, nil, usage+"; may be repeated")
	w.add(flag, func(c *client.Client) []string { return texts(*field(c)) }, func(d *desk, c *client.Client) error {
		var list []client.Rule
		for _, text := range given(*v) {
			rule, err := caddymodule.ClientRule(flag, text, d.ProviderNames())
			if err != nil {
				return err
			}
			list = append(list, rule)
		}
		*field(c) = list
		return nil
	})
}

// keys is a flag for a file with public keys; "" is none.
func (w *wishes) keys(cmd *cobra.Command, flag, usage string) {
	path := cmd.Flags().String(flag, "", usage)
	w.add(flag, func(c *client.Client) []string {
		if c.JWKS.Len() == 0 {
			return nil
		}
		return []string{counted(c.JWKS.Len(), "key")}
	}, func(_ *desk, c *client.Client) (err error) {
		if *path == "" {
			c.JWKS = jose.Set{}
			return nil
		}
		c.JWKS, err = readKeys(*path)
		return err
	})
}

func readKeys(path string) (jose.Set, error) {
	file, err := os.Open(path)
	if err != nil {
		return jose.Set{}, err
	}
	defer file.Close()
	raw, err := io.ReadAll(io.LimitReader(file, maxKeyFile+1))
	if err != nil {
		return jose.Set{}, err
	}
	set, err := jose.ParseSet(raw)
	if err == nil && set.Len() == 0 {
		err = fmt.Errorf("%s has no key that can be used", path)
	}
	return set, err
}

// providers is a flag for names of providers, which must be known: with a
// mistyped one nobody could sign in.
func (w *wishes) providers(cmd *cobra.Command, flag, usage string) {
	v := cmd.Flags().StringSlice(flag, nil, usage+"; may be repeated")
	w.add(flag, func(c *client.Client) []string { return single(commas(c.Providers)) }, func(d *desk, c *client.Client) error {
		known := d.ProviderNames()
		for _, name := range given(*v) {
			if slices.Contains(known, name) {
				continue
			}
			if near := suggest.Nearest(name, known); near != "" {
				return fmt.Errorf("there is no provider %q; did you mean %s?", name, near)
			}
			return fmt.Errorf("there is no provider %q in the configuration", name)
		}
		c.Providers = given(*v)
		return nil
	})
}
