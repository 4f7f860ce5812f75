package account_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/account"
	"github.com/gatehouse-auth/gatehouse/identity"
)

// LOG-03, SES-16: whatever changes an account is told once, with who did it, and
// of the Caddyfile's changes which must end what is open.
func TestChangedIsTold(t *testing.T) {
	h := newHouse(t)
	var heard []string
	accounts := account.New(h.records, account.Options{Now: h.clock, Hasher: h.hasher, Changed: func(c account.Changed) {
		said := []string{c.Username, c.What}
		if c.By != "" {
			said = append(said, "by "+c.By)
		}
		if c.Reduced {
			said = append(said, "reduced")
		}
		heard = append(heard, strings.Join(said, " "))
	}})
	ctx := t.Context()
	var alice *identity.User
	declare := func(users ...account.Declared) func() error {
		return func() error { return accounts.Declare(ctx, users) }
	}
	zoe := account.Declared{Username: "zoe", Groups: []string{"staff"}}
	login := func(groups ...string) func() error {
		return func() error {
			_, err := accounts.Resolve(ctx, identity.External{Provider: "work", Subject: "1", Username: "bob", Groups: groups}, account.Policy{Provision: true})
			return err
		}
	}
	for _, step := range []struct {
		name string
		do   func() error
		want []string
	}{
		{"setup", func() (err error) {
			token := must[string](t)(accounts.NewSetupLink(ctx))
			alice, err = accounts.Setup(ctx, token, account.NewAccount{Username: "alice", Password: good})
			return err
		}, []string{"alice added by setup"}},
		{"add", func() error { _, err := accounts.Add(ctx, account.NewAccount{Username: "carl"}); return err }, []string{"carl added"}},
		{"password", func() error { return accounts.SetPassword(ctx, alice.Subject, "vapour-horse-92") }, []string{"alice password"}},
		{"edit", func() error { _, err := accounts.Edit(ctx, alice.Subject, account.Edit{Name: new("A")}); return err }, []string{"alice edited"}},
		{"disable", func() error { return accounts.Disable(ctx, alice.Subject) }, []string{"alice disabled"}},
		{"enable", func() error { return accounts.Enable(ctx, alice.Subject) }, []string{"alice enabled"}},
		{"delete", func() error { return accounts.Delete(ctx, alice.Subject) }, []string{"alice deleted"}},
		{"declared", declare(zoe), []string{"zoe added by caddyfile"}},
		{"the same", declare(zoe), nil},
		{"only checked", func() error { return accounts.CheckDeclared(ctx, nil) }, nil},
		{"named", declare(account.Declared{Username: "zoe", Name: "Zoe", Groups: []string{"staff"}}), []string{"zoe edited by caddyfile"}},
		{"group gone", declare(account.Declared{Username: "zoe", Name: "Zoe", Admin: true}), []string{"zoe edited by caddyfile reduced"}},
		{"right gone", declare(account.Declared{Username: "zoe", Name: "Zoe"}), []string{"zoe edited by caddyfile reduced"}},
		{"password in the file", declare(account.Declared{Username: "zoe", Name: "Zoe", Hash: bcrypted(t, good, 4)}), []string{"zoe edited by caddyfile reduced"}},
		{"gone from the file", declare(), []string{"zoe withdrawn by caddyfile reduced"}},
		{"through a provider", login("a"), []string{"bob added by provider/work"}},
		{"again", login("a"), nil},
		{"with other groups", login("b"), []string{"bob edited by provider/work"}},
	} {
		heard = nil
		if err := step.do(); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		if !slices.Equal(heard, step.want) {
			t.Errorf("%s: told %q, want %q", step.name, heard, step.want)
		}
	}
	heard = nil
	if accounts.SetPassword(ctx, "nobody", good) == nil || accounts.Disable(ctx, alice.Subject) == nil || accounts.Delete(ctx, "nobody") == nil || heard != nil {
		t.Errorf("what failed was told: %q", heard)
	}
}
