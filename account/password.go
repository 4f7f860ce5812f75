package account

import (
	_ "embed" // the list of common passwords
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/gatehouse-auth/gatehouse/fault"
)

// MaxPassword is the most bytes a password may have. It is checked before any
// work is done (DOS-03) and far above the 64 characters that must be possible
// (LGN-03).
const MaxPassword = 1024

// MinPassword is the least number of characters of a new password, and the
// floor for [Options.MinPassword] (LGN-13).
const MinPassword = 8

//go:embed common.txt
var commonList string

// acceptable tells whether a password can be looked at at all. It depends on
// the password alone, so the answer says nothing about any account.
func acceptable(password string) bool {
	return password != "" && len(password) <= MaxPassword && utf8.ValidString(password) && !strings.ContainsRune(password, 0)
}

// checkNew applies the rules for new passwords (LGN-13): length and the list of
// common ones, no rules of composition. The sentences are for people.
func (a *Accounts) checkNew(username, password string) error {
	const op = "account.password"
	refuse := func(sentence string) error { return fault.New(fault.Invalid, op, sentence) }
	switch {
	case len(password) > MaxPassword:
		return refuse("The password is too long: it may have 1024 bytes.")
	case !utf8.ValidString(password) || strings.ContainsRune(password, 0):
		return refuse("The password has characters that can't be used.")
	}
	// Length is counted in characters as they are hashed.
	composed := norm.NFC.String(password)
	if utf8.RuneCountInString(composed) < a.minPassword {
		return refuse(fmt.Sprintf("The password is too short: it needs %d characters.", a.minPassword))
	}
	folded := strings.ToLower(composed)
	if common(folded) || ownName(folded, username) {
		return refuse("This password is too easy to guess.")
	}
	return nil
}

// common tells whether a lower-case password is on the list, or one of the
// patterns a list could not hold: one character repeated, or two in a password
// of less than 20, or characters in the order of the alphabet, the digits or a
// keyboard's row.
func common(password string) bool {
	if slices.Contains(strings.Fields(commonList), password) {
		return true
	}
	runes := []rune(password)
	distinct := slices.Compact(slices.Sorted(slices.Values(runes)))
	if len(distinct) == 1 || (len(distinct) == 2 && len(runes) < 20) {
		return true
	}
	for _, row := range []string{"abcdefghijklmnopqrstuvwxyz", "01234567890123456789", "qwertyuiopasdfghjklzxcvbnm", "qwertzuiopasdfghjklyxcvbnm", "1234567890qwertyuiop", "azertyuiopqsdfghjklmwxcvbn"} {
		if strings.Contains(row, password) || strings.Contains(reversed(row), password) {
			return true
		}
	}
	return false
}

// ownName tells whether a lower-case password is the user name, forwards or
// backwards, repeated or with digits and signs around it.
func ownName(password, username string) bool {
	core := strings.Trim(password, "0123456789!?.,;:-_@#$%&*+ ")
	for _, name := range []string{username, reversed(username)} {
		if name == "" {
			continue
		}
		if core == name || strings.ReplaceAll(password, name, "") == "" {
			return true
		}
	}
	return false
}

func reversed(s string) string {
	runes := []rune(s)
	slices.Reverse(runes)
	return string(runes)
}
