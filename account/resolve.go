package account

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/store"
)

// maxExternal is the most bytes of a provider's subject. OpenID Connect Core,
// section 2, says 255 characters; directories have longer names.
const maxExternal = 512

// Policy says what a login through a provider may do here.
type Policy struct {
	// Provision makes an account for somebody who has none.
	Provision bool
}

// Resolve gives the account of somebody a provider vouches for. The key is
// (provider, subject) and nothing else: an equal name or address never leads
// to an existing account (FED-06).
//
// An account made by a provider takes name and address from each login, and
// the groups of this provider are replaced, in one transaction; changes are
// published. Without an account, and if policy allows, one is made; its user
// name is the provider's, or name@provider, name@provider-2 … if that was ever
// used. Such an account is never an administrator, and closes setup (LGN-12).
//
// fault.Denied if there is no account and none may be made, or if it is
// disabled: no login re-enables (CVE-2026-58422). fault.Invalid if what the
// provider says identifies nobody.
func (a *Accounts) Resolve(ctx context.Context, ext identity.External, policy Policy) (*identity.User, error) {
	const op = "account.Resolve"
	ext, err := clean(ext)
	if err != nil {
		return nil, err
	}
	var user *identity.User
	var what string
	err = a.records.Update(ctx, func(tx store.Tx) error {
		sub, err := linked(tx, ext.Provider, ext.Subject)
		switch {
		case err == nil:
			user, what, err = a.known(tx, sub, ext)
		case errors.Is(err, sql.ErrNoRows) && policy.Provision:
			what = ChangeAdded
			user, err = a.provision(tx, ext)
		case errors.Is(err, sql.ErrNoRows):
			err = fault.New(fault.Denied, op, "There is no account here for this login. Please ask your administrator.")
		}
		return err
	})
	if err != nil {
		return nil, fault.At(op, err)
	}
	if what != "" {
		a.tell(Changed{Subject: user.Subject, Username: user.Username, What: what, By: "provider/" + ext.Provider})
	}
	return user, nil
}

// Linked gives the account that a provider's subject is linked to, whatever its
// state, or fault.NotFound.
func (a *Accounts) Linked(ctx context.Context, provider, subject string) (identity.Subject, error) {
	var sub identity.Subject
	err := a.records.View(ctx, func(tx store.Tx) (err error) {
		sub, err = linked(tx, provider, subject)
		return err
	})
	if errors.Is(err, sql.ErrNoRows) {
		err = fault.New(fault.NotFound, "account.Linked", "")
	}
	return sub, fault.At("account.Linked", err)
}

// linked reads the link; sql.ErrNoRows if there is none.
func linked(tx store.Tx, provider, subject string) (sub identity.Subject, err error) {
	err = tx.QueryRow(`SELECT subject FROM provider_links WHERE provider = $1 AND external = $2`, provider, subject).Scan(&sub)
	return sub, err
}

// known brings an account up to date with what its provider says. It tells what
// that changed, "" for nothing.
func (a *Accounts) known(tx store.Tx, sub identity.Subject, ext identity.External) (user *identity.User, what string, err error) {
	old, err := bySubject(tx, sub)
	if err != nil {
		return nil, "", err
	}
	if !old.enabled() {
		return nil, "", fault.New(fault.Denied, "account.Resolve", "This account is disabled.")
	}
	r := old
	if r.origin == OriginProvider { // a local account that was linked keeps what was entered here
		r.name, r.email, r.emailVerified = ext.Name, ext.Email, ext.EmailVerified
	}
	regrouped, err := setGroups(tx, sub, ext.Provider, ext.Groups)
	if err != nil {
		return nil, "", err
	}
	now := a.millis()
	if regrouped || r != old {
		r.changed, what = now, ChangeEdited
		if err := changed(tx, sub); err != nil {
			return nil, "", err
		}
	}
	r.lastLogin = now
	if err := r.save(tx); err != nil {
		return nil, "", err
	}
	user, err = r.user(tx)
	return user, what, err
}

// provision makes the account and its link.
func (a *Accounts) provision(tx store.Tx, ext identity.External) (*identity.User, error) {
	name, err := freeName(tx, ext)
	if err != nil {
		return nil, err
	}
	now := a.millis()
	r := row{
		subject: newSubject(), username: name, name: ext.Name, email: ext.Email, emailVerified: ext.EmailVerified,
		origin: OriginProvider, created: now, changed: now, lastLogin: now,
	}
	_, err = tx.Exec(`INSERT INTO provider_links (provider, external, subject, since) VALUES ($1, $2, $3, $4)`, ext.Provider, ext.Subject, string(r.subject), now)
	if err != nil {
		return nil, err
	}
	return create(tx, r, ext.Provider, ext.Groups)
}

// clean refuses what identifies nobody and bounds the rest (FED-12). A name or
// address that can't be used is dropped; so is a group that no rule could name
// (see [identity.ValidGroup]). Too many groups are refused, not cut: a deny
// rule might have meant one that was cut off.
func clean(ext identity.External) (identity.External, error) {
	const op = "account.Resolve"
	if ext.Provider == "" || ext.Provider == identity.Local {
		return ext, fault.New(fault.Invalid, op, "The login names no provider.")
	}
	if !validExternal(ext.Subject) {
		return ext, fault.New(fault.Invalid, op, "The provider did not say who you are.")
	}
	ext.Name = displayName(ext.Name)
	email, err := identity.ValidEmail(ext.Email)
	ext.Email, ext.EmailVerified = email, ext.EmailVerified && err == nil
	groups := slices.DeleteFunc(slices.Clone(ext.Groups), func(g string) bool { return identity.ValidGroup(g) != nil })
	if ext.Groups, err = validGroups(op, groups); err != nil {
		return ext, fault.New(fault.Denied, op, "Your account at the provider is in more groups than can be kept here.")
	}
	return ext, nil
}

// validExternal refuses a missing subject in all the guises in which sloppy
// code hands it over: a null subject once made one account of everybody
// (CVE-2026-82968).
func validExternal(sub string) bool {
	if sub == "" || len(sub) > maxExternal || !utf8.ValidString(sub) || strings.TrimSpace(sub) != sub {
		return false
	}
	if strings.ContainsFunc(sub, unicode.IsControl) {
		return false
	}
	switch strings.ToLower(sub) {
	case "0", "null", "nil", "<nil>", "undefined", "none", "false", "true", "[object object]":
		return false
	}
	structured := (sub[0] == '{' || sub[0] == '[' || sub[0] == '"') && json.Valid([]byte(sub))
	return !structured && !strings.HasPrefix(sub, "map[") && sub != "[]"
}

// displayName takes out what can't be shown and cuts what is too long.
func displayName(name string) string {
	name = strings.TrimSpace(strings.Map(func(r rune) rune {
		if r == utf8.RuneError || !plain(string(r)) {
			return -1
		}
		return r
	}, name))
	if utf8.RuneCountInString(name) > maxName {
		name = strings.TrimSpace(string([]rune(name)[:maxName]))
	}
	return name
}
