package caddymodule

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/caddyserver/caddy/v2"
)

// Secret is a secret that was read from where the configuration says. However
// it is printed, encoded or logged, it does not show itself: the value stands
// behind a pointer, which fmt does not follow even where it can't call String.
type Secret struct{ value *string }

// NewSecret wraps a value.
func NewSecret(value string) Secret { return Secret{value: &value} }

// Reveal gives the value, for the one place that uses it.
func (s Secret) Reveal() string {
	if s.value == nil {
		return ""
	}
	return *s.value
}

// String implements fmt.Stringer without giving the value away.
func (Secret) String() string { return "REDACTED" }

// GoString does the same for %#v.
func (Secret) GoString() string { return "REDACTED" }

// MarshalText does the same for encoders.
func (Secret) MarshalText() ([]byte, error) { return []byte("REDACTED"), nil }

// hasPlaceholder tells whether a value is only known when it is loaded.
func hasPlaceholder(s string) bool { return strings.ContainsAny(s, "{}") }

// errMixed is for secrets that are neither of the two.
var errMixed = errors.New("a secret is either one placeholder, {file./path} or {env.NAME}, or text without braces")

// secretPlaceholder gives the name inside a value that is exactly one
// placeholder of a file or of the environment; "" for text without braces.
// Anything else is refused before Caddy's replacer sees it: its messages repeat
// what stands between braces, and that may be the secret.
func secretPlaceholder(raw string) (string, error) {
	if !hasPlaceholder(raw) {
		return "", nil
	}
	name, ok := strings.CutPrefix(raw, "{")
	name, ok2 := strings.CutSuffix(name, "}")
	known := strings.HasPrefix(name, "file.") || strings.HasPrefix(name, "env.")
	if !ok || !ok2 || !known || hasPlaceholder(name) || strings.Contains(name, "\\") {
		return "", errMixed
	}
	return name, nil
}

// placeholderFile gives the path in a {file.…} placeholder. The file's owner
// and mode are to be looked at, so its contents alone are not enough.
func placeholderFile(raw string) (string, error) {
	name, err := secretPlaceholder(raw)
	path, ok := strings.CutPrefix(name, "file.")
	if err != nil || !ok || path == "" {
		return "", errors.New("a master key is read from a file of its own: master_key {file./path}")
	}
	return filepath.Abs(path)
}

// examples are secrets that stand in somebody's manual (CFG-01).
var examples = []string{"changeme", "change-me", "change_me", "secret", "password", "example", "replaceme", "replace-me", "insecure_secret", "your-secret", "your_secret", "client-secret", "client_secret"}

// isExample tells whether a secret is one that everybody knows.
func isExample(secret string) bool {
	secret = strings.ToLower(strings.Trim(secret, "<>[]\"'"))
	return slices.Contains(examples, secret)
}

// resolver reads placeholders and gathers what is wrong.
type resolver struct {
	repl *caddy.Replacer
	problems
}

func newResolver() *resolver { return &resolver{repl: caddy.NewReplacer()} }

// text replaces the placeholders of a value that is no secret. One that is
// missing or empty is a problem of the field.
func (r *resolver) text(field string, values ...*string) {
	for _, v := range values {
		out, err := r.repl.ReplaceOrErr(*v, true, true)
		if err != nil {
			r.add(field, "%v", err)
			continue
		}
		*v = out
	}
}

// texts does the same for each value of a list.
func (r *resolver) texts(field string, values []string) {
	for i := range values {
		r.text(field, &values[i])
	}
}

// secret reads a secret. The problem names block, field and placeholder, never
// the value (CFG-02). literal tells that the value stands in the configuration
// itself.
func (r *resolver) secret(field, raw string) (secret Secret, literal bool) {
	name, err := secretPlaceholder(raw)
	if err != nil {
		r.add(field, "%v", err)
		return Secret{}, false
	}
	if name == "" {
		return NewSecret(raw), raw != ""
	}
	value, err := r.repl.ReplaceOrErr(raw, true, true)
	if err != nil || value == "" {
		r.add(field, "%s is missing or empty", raw)
		return Secret{}, false
	}
	return NewSecret(value), false
}

// problems gathers everything that is wrong, so that it is told at once.
type problems struct{ list []string }

// add notes a problem. where is the block and the field, or empty.
func (p *problems) add(where, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if where != "" {
		text = where + ": " + text
	}
	p.list = append(p.list, text)
}

// check notes err as a problem; nil is none.
func (p *problems) check(where string, err error) {
	if err != nil {
		p.add(where, "%v", err)
	}
}

// err is nil if nothing is wrong.
func (p *problems) err() error {
	if len(p.list) == 0 {
		return nil
	}
	return errors.New(strings.Join(p.list, "; "))
}
