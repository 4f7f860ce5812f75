package caddymodule

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gatehouse-auth/gatehouse/guard"
	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/internal/origin"
)

// howToHash ends messages about passwords.
const howToHash = "make a hash with: caddy hash-password --algorithm argon2id"

// isLine accepts text that can be shown on one line.
func isLine(s string) error {
	switch {
	case s == "" || strings.TrimSpace(s) != s:
		return errors.New("empty, or with spaces at its ends")
	case !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl):
		return errors.New("not plain text on one line")
	case len(s) > 512:
		return errors.New("longer than 512 bytes")
	}
	return nil
}

func isOrigin(s string) error {
	_, err := origin.Parse(s)
	return err
}

// isBase accepts an origin or an address below one, as an issuer in
// single-site mode is.
func isBase(s string) error {
	_, _, err := origin.Base(s)
	return err
}

// canonicalUser adds the name to the reason, which is safe here: whoever reads
// the configuration's errors wrote it.
func canonicalUser(s string) (string, error) {
	canonical, err := identity.Canonical(s)
	if err != nil {
		return "", fmt.Errorf("%q can't be a user name: %w", s, err)
	}
	return canonical, nil
}

func isGroup(s string) error { return identity.ValidGroup(s) }

func isEmail(s string) error {
	if _, err := identity.ValidEmail(s); err != nil {
		return fmt.Errorf("%q: %w", s, err)
	}
	return nil
}

// isPasswordHash knows the forms that accounts can check. It never repeats the
// value, which is a password if somebody got it wrong.
func isPasswordHash(s string) error {
	fields := strings.Split(s, "$")
	switch {
	case strings.HasPrefix(s, "$argon2id$v=19$") && len(fields) == 6 && fields[4] != "" && fields[5] != "":
		return nil
	case len(s) == 60 && slices.Contains([]string{"2a", "2b", "2y"}, fields[min(1, len(fields)-1)]):
		return nil
	}
	return errors.New("this is not a password hash ($argon2id$… or $2b$…); never write a password here, " + howToHash)
}

// isProviderName accepts what can stand in a path, in name@provider and in
// provider/group.
func isProviderName(s string) error {
	if s == identity.Local {
		return errors.New("'local' stands for local accounts and can't name a provider")
	}
	plain := func(r rune) bool { return r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-' || r == '_' }
	if s == "" || len(s) > 32 || strings.TrimFunc(s, plain) != "" || s[0] == '-' || s[0] == '_' {
		return fmt.Errorf("%q can't name a provider: 1 to 32 of a-z, 0-9, - and _, not beginning with a sign", s)
	}
	return nil
}

func isProviderOrLocal(s string) error {
	if s == identity.Local {
		return nil
	}
	return isProviderName(s)
}

// isProviderIssuer accepts the address of somebody else's issuer: its path and
// slashes are theirs (OpenID Connect Discovery, section 3).
func isProviderIssuer(s string) error {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.User != nil || strings.ContainsAny(s, "?# ") || isLine(s) != nil {
		return fmt.Errorf("%q is not an issuer: an https address without query and fragment", s)
	}
	_, err = origin.Parse(u.Scheme + "://" + u.Host)
	return err
}

// isCondition accepts what can follow a word in a rule.
func isCondition(word string) check {
	return func(s string) error {
		_, err := guard.ParseCondition(word, s)
		return err
	}
}

func isPublicPath(s string) error {
	_, err := guard.NewPublic([]string{s})
	return err
}

// isProviderSecret refuses what stands in manuals. Its length is the
// provider's affair.
func isProviderSecret(s string) error {
	if isExample(s) {
		return errors.New("a secret that everybody knows")
	}
	return isLine(s)
}
