package caddymodule

import (
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
)

// parseUsers reads
//
//	users
//
// or
//
//	users {
//		<name> <password hash>
//		<name> {
//			password_hash <password hash>
//			name          <display name>
//			email         <address>
//			group         <group>…
//			admin
//		}
//	}
func (a *App) parseUsers(d *caddyfile.Dispenser) error {
	a.Users = new(LocalUsers)
	if d.NextArg() {
		return d.Errf("unexpected argument '%s': users takes a block", d.Val())
	}
	known := map[string]string{}
	for nesting := d.Nesting(); d.NextBlock(nesting); {
		if err := a.Users.parseAccount(d, known); err != nil {
			return err
		}
	}
	return nil
}

// parseAccount reads one account. known maps canonical names to written ones.
func (u *LocalUsers) parseAccount(d *caddyfile.Dispenser, known map[string]string) error {
	name := d.Val()
	canonical, err := canonicalUser(name)
	if err != nil {
		return d.WrapErr(err)
	}
	if other, taken := known[canonical]; taken {
		return d.Errf("user '%s' is already given, as '%s'", name, other)
	}
	known[canonical] = name
	account := new(Account)
	if d.NextArg() {
		account.PasswordHash = d.Val()
		if err := checked(d, isPasswordHash); err != nil {
			return err
		}
		if err := lineEnds(d, name); err != nil {
			return err
		}
	} else if err := account.parse(d, "user "+name); err != nil {
		return err
	}
	if u.Accounts == nil {
		u.Accounts = map[string]*Account{}
	}
	u.Accounts[name] = account
	return nil
}

func (a *Account) parse(d *caddyfile.Dispenser, where string) error {
	begin := *d
	err := parseBlock(d, where, grammar{
		"password_hash": text(&a.PasswordHash, isPasswordHash),
		"name":          text(&a.Name, isLine),
		"email":         text(&a.Email, isEmail),
		"group":         texts(&a.Groups, isGroup),
		"admin":         flag(&a.Admin),
	})
	if err != nil {
		return err
	}
	if a.PasswordHash == "" {
		return begin.Errf("%s needs password_hash; %s", where, howToHash)
	}
	return lineEnds(d, where)
}
