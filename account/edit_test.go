package account_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/account"
	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/identity"
)

// PRX-05: what an edit says is what the next question is answered with, and
// each edit says whether it took something away.
func TestEdit(t *testing.T) {
	h := newHouse(t)
	user := must[*identity.User](t)(h.Add(t.Context(), account.NewAccount{Username: "alice", Name: "Alice", Email: "a@example.com", EmailVerified: true, Groups: []string{"staff"}}))
	for _, step := range []struct {
		what    string
		edit    account.Edit
		want    string // name, address, groups
		admin   bool
		reduced bool
	}{
		{"nothing", account.Edit{}, "Alice/a@example.com/staff", false, false},
		{"the name", account.Edit{Name: new(" Alice A ")}, "Alice A/a@example.com/staff", false, false},
		{"a group more", account.Edit{Groups: &[]string{"staff", "admins", "staff"}}, "Alice A/a@example.com/admins,staff", false, false},
		{"a group less", account.Edit{Groups: &[]string{"admins"}}, "Alice A/a@example.com/admins", false, true},
		{"another group", account.Edit{Groups: &[]string{"staff"}}, "Alice A/a@example.com/staff", false, true},
		{"up", account.Edit{Admin: new(true)}, "Alice A/a@example.com/staff", true, false},
		{"down", account.Edit{Admin: new(false)}, "Alice A/a@example.com/staff", false, true},
		{"several", account.Edit{Name: new(""), Email: new("A@B.example"), Admin: new(true)}, "/A@b.example/staff", true, false},
		{"all away", account.Edit{Email: new(""), Groups: new([]string(nil)), Admin: new(false)}, "//", false, true},
	} {
		var reduced bool
		published := h.changes(t, func() { reduced = must[bool](t)(h.Edit(t.Context(), user.Subject, step.edit)) })
		now := must[*identity.User](t)(h.User(t.Context(), user.Subject))
		got := now.Name + "/" + now.Email + "/" + strings.Join(now.Groups, ",")
		if got != step.want || now.Admin != step.admin || now.EmailVerified != (now.Email != "") || reduced != step.reduced {
			t.Errorf("%s: %s, admin %v, took away %v", step.what, got, now.Admin, reduced)
		}
		if !slices.Equal(published, []string{string(user.Subject)}) {
			t.Errorf("%s published %v", step.what, published)
		}
	}
}

// What is refused changes nothing.
func TestEditRefuses(t *testing.T) {
	h := newHouse(t)
	user := must[*identity.User](t)(h.Add(t.Context(), account.NewAccount{Username: "alice", Name: "Alice"}))
	if err := h.Declare(t.Context(), []account.Declared{{Username: "zoe", Hash: bcrypted(t, good, 4)}}); err != nil {
		t.Fatal(err)
	}
	zoe := must[*account.Account](t)(h.Find(t.Context(), "zoe"))
	fed := must[*identity.User](t)(h.Resolve(t.Context(), identity.External{Provider: "work", Subject: "1", Username: "fed", Groups: []string{"work/x"}}, account.Policy{Provision: true}))
	for what, c := range map[string]struct {
		sub  identity.Subject
		edit account.Edit
		kind fault.Kind
		says string
	}{
		"control in the name":   {user.Subject, account.Edit{Name: new("x\r\nX: y")}, fault.Invalid, "name"},
		"no address":            {user.Subject, account.Edit{Name: new("other"), Email: new("a@b@c")}, fault.Invalid, "address"},
		"comma in a group":      {user.Subject, account.Edit{Groups: &[]string{"x,admins"}}, fault.Invalid, "group"}, // HDR-12
		"nobody":                {"x", account.Edit{Name: new("y")}, fault.NotFound, "no such account"},
		"declared":              {zoe.Subject, account.Edit{Groups: &[]string{"staff"}}, fault.Invalid, "users block"},
		"a provider's name":     {fed.Subject, account.Edit{Name: new("y")}, fault.Invalid, "provider"},
		"a provider's address":  {fed.Subject, account.Edit{Email: new("y@example.com")}, fault.Invalid, "provider"},
		"groups and an address": {fed.Subject, account.Edit{Email: new(""), Groups: &[]string{"staff"}}, fault.Invalid, "provider"},
	} {
		_, err := h.Edit(t.Context(), c.sub, c.edit)
		wantKind(t, what, err, c.kind)
		if !strings.Contains(fault.Public(err), c.says) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if now := must[*identity.User](t)(h.User(t.Context(), user.Subject)); now.Name != "Alice" || len(now.Groups) != 0 {
		t.Errorf("%+v", now)
	}
	// What no provider says can be given to a person of a provider.
	if _, err := h.Edit(t.Context(), fed.Subject, account.Edit{Groups: &[]string{"staff"}, Admin: new(true)}); err != nil {
		t.Error(err)
	}
	if now := must[*identity.User](t)(h.User(t.Context(), fed.Subject)); !now.Admin || !slices.Equal(now.Groups, []string{"staff", "work/x"}) {
		t.Errorf("%+v", now)
	}
}
