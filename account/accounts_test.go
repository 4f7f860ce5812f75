package account_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/gatehouse-auth/gatehouse/account"
	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/identity"
)

func TestAdd(t *testing.T) {
	h := newHouse(t)
	user := must[*identity.User](t)(h.Add(t.Context(), account.NewAccount{
		Username: "Ａlice", Name: " Alice A ", Email: "Alice@EXAMPLE.com", Groups: []string{"staff", "admins", "staff"}, Password: good,
	}))
	if id, err := uuid.Parse(string(user.Subject)); err != nil || id.Version() != 4 {
		t.Errorf("subject %q", user.Subject)
	}
	if user.Username != "alice" || user.Name != "Alice A" || user.Email != "Alice@example.com" || user.EmailVerified || user.Admin ||
		!slices.Equal(user.Groups, []string{"admins", "staff"}) {
		t.Errorf("%+v", user)
	}
	again := must[*identity.User](t)(h.User(t.Context(), user.Subject))
	if fmt.Sprint(again) != fmt.Sprint(user) {
		t.Errorf("%+v, then %+v", user, again)
	}
	for _, name := range []string{"alice", "ALICE", "ａｌｉｃｅ"} { // LGN-05
		_, err := h.Add(t.Context(), account.NewAccount{Username: name})
		wantKind(t, name, err, fault.Exists)
		if found := must[*account.Account](t)(h.Find(t.Context(), name)); found.Subject != user.Subject {
			t.Errorf("%s finds %v", name, found)
		}
	}
}

func TestAddRefuses(t *testing.T) {
	h := newHouse(t)
	for what, n := range map[string]account.NewAccount{
		"no name":             {},
		"comma in the name":   {Username: "a,b"},
		"comma in a group":    {Username: "bob", Groups: []string{"x,admins"}}, // HDR-12
		"control in a group":  {Username: "bob", Groups: []string{"x\n"}},
		"control in the name": {Username: "bob", Name: "Bob\r\nX: y"},
		"bidi in the name":    {Username: "bob", Name: "Bob\u202e"},
		"name without end":    {Username: "bob", Name: strings.Repeat("x", 201)},
		"two addresses":       {Username: "bob", Email: "a@b@c"},
		"short":               {Username: "bob", Password: "x7!kQ2z"}, // LGN-13
		"short in characters": {Username: "bob", Password: "x7e\u0301e\u0301e\u0301e\u0301e\u0301"},
		"common":              {Username: "bob", Password: "Password123"},
		"common, keyboard":    {Username: "bob", Password: "qwertyui"},
		"common, digits":      {Username: "bob", Password: "34567890"},
		"common, alphabet":    {Username: "bob", Password: "hgfedcba"},
		"one character":       {Username: "bob", Password: strings.Repeat("x", 30)},
		"own name":            {Username: "bob.miller", Password: "Bob.Miller"},
		"own name with tail":  {Username: "bobmiller", Password: "bobmiller2026!"},
		"own name twice":      {Username: "bobby", Password: "bobbybobby"},
		"own name backwards":  {Username: "bobmiller", Password: "rellimbob"},
		"too long":            {Username: "bob", Password: strings.Repeat("long-", 300)}, // DOS-03
		"zero byte":           {Username: "bob", Password: good + "\x00"},                // LGN-02
		"not UTF-8":           {Username: "bob", Password: good + "\xff"},
	} {
		_, err := h.Add(t.Context(), n)
		wantKind(t, what, err, fault.Invalid)
		if fault.Public(err) == "" || (n.Password != "" && strings.Contains(err.Error(), n.Password)) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if h.hasher.Calls() != 0 {
		t.Error("hashed what was refused")
	}
	for _, password := range []string{"aaaaaaab-no rules", "xkcdxkcd", "zwölf monde", strings.Repeat("ab cd ", 20), "日本語日本国民だよ"} { // LGN-13: no composition rules
		if _, err := h.Add(t.Context(), account.NewAccount{Username: fmt.Sprint("u", len(password)), Password: password}); err != nil {
			t.Errorf("%q: %v", password, err)
		}
	}
}

func TestMinPassword(t *testing.T) {
	h := newHouse(t)
	strict := account.New(h.records, account.Options{Hasher: h.hasher, MinPassword: 15})
	_, err := strict.Add(t.Context(), account.NewAccount{Username: "bob", Password: "fourteen-chars"})
	wantKind(t, "14 of 15", err, fault.Invalid)
	lax := account.New(h.records, account.Options{Hasher: h.hasher, MinPassword: 1})
	_, err = lax.Add(t.Context(), account.NewAccount{Username: "bob", Password: "x7!kQ2z"}) // LGN-13
	wantKind(t, "7 of 1", err, fault.Invalid)
}

// TestChangesArePublished: whatever can end access is told (SES-16).
func TestChangesArePublished(t *testing.T) {
	h := newHouse(t)
	user := must[*identity.User](t)(h.Add(t.Context(), account.NewAccount{Username: "alice", Password: good, Groups: []string{"staff"}}))
	sub := user.Subject
	steps := []struct {
		what string
		do   func() error
	}{ // SES-16, PRX-05
		{"password", func() error { return h.SetPassword(t.Context(), sub, "other-vapour-92") }},
		{"groups", func() error { _, err := h.Edit(t.Context(), sub, account.Edit{Groups: new([]string(nil))}); return err }},
		{"admin", func() error { _, err := h.Edit(t.Context(), sub, account.Edit{Admin: new(true)}); return err }},
		{"disable", func() error { return h.Disable(t.Context(), sub) }},
		{"enable", func() error { return h.Enable(t.Context(), sub) }},
		{"delete", func() error { return h.Delete(t.Context(), sub) }},
	}
	for _, step := range steps {
		published := h.changes(t, func() {
			if err := step.do(); err != nil {
				t.Error(step.what, err)
			}
		})
		if !slices.Equal(published, []string{string(sub)}) {
			t.Errorf("%s published %v", step.what, published)
		}
		now, err := h.User(t.Context(), sub)
		switch step.what {
		case "groups":
			if len(now.Groups) != 0 {
				t.Errorf("groups are %v", now.Groups)
			}
		case "disable":
			wantKind(t, "User when disabled", err, fault.Denied)
		case "delete":
			wantKind(t, "User when deleted", err, fault.NotFound)
		default:
			if err != nil {
				t.Error(step.what, err)
			}
		}
	}
	wantKind(t, "a change of nobody", h.Disable(t.Context(), sub), fault.NotFound)
	_, err := h.Add(t.Context(), account.NewAccount{Username: "alice"}) // never given out twice
	wantKind(t, "the name of somebody deleted", err, fault.Exists)
}

func TestSetPassword(t *testing.T) {
	h := newHouse(t)
	user := must[*identity.User](t)(h.Add(t.Context(), account.NewAccount{Username: "alice", Password: good}))
	wantKind(t, "common", h.SetPassword(t.Context(), user.Subject, "password123"), fault.Invalid) // LGN-13
	wantKind(t, "empty", h.SetPassword(t.Context(), user.Subject, ""), fault.Invalid)
	wantKind(t, "nobody", h.SetPassword(t.Context(), "x", "other-vapour-92"), fault.NotFound)
	if err := h.SetPassword(t.Context(), user.Subject, "other-vapour-92"); err != nil {
		t.Fatal(err)
	}
	_, err := h.Authenticate(t.Context(), "alice", good)
	wantKind(t, "the old password", err, fault.Denied)
	if _, err := h.Authenticate(t.Context(), "alice", "other-vapour-92"); err != nil {
		t.Error(err)
	}
}

func TestList(t *testing.T) {
	h := newHouse(t)
	if err := h.Declare(t.Context(), []account.Declared{{Username: "zoe", Groups: []string{"b", "a"}, Hash: bcrypted(t, good, 4)}}); err != nil {
		t.Fatal(err)
	}
	must[*identity.User](t)(h.Resolve(t.Context(), identity.External{Provider: "work", Subject: "1", Username: "fed", Groups: []string{"work/x"}}, account.Policy{Provision: true}))
	for i := range 23 {
		must[*identity.User](t)(h.Add(t.Context(), account.NewAccount{Username: fmt.Sprintf("u%02d", i)}))
	}
	var names []string
	cursor := ""
	for pages := 0; ; pages++ {
		page, next, err := h.List(t.Context(), cursor, 10)
		if err != nil || len(page) > 10 || pages > 3 {
			t.Fatal(len(page), err)
		}
		for _, one := range page {
			names = append(names, one.Username)
			switch one.Username {
			case "zoe":
				if !slices.Equal(one.Groups, []string{"a", "b"}) || one.Origin != account.OriginCaddyfile || !one.Password {
					t.Errorf("%+v", one)
				}
			case "fed":
				if !slices.Equal(one.Providers, []string{"work"}) || one.Origin != account.OriginProvider || one.Password || one.LastLogin.IsZero() {
					t.Errorf("%+v", one)
				}
			}
		}
		text, err := json.Marshal(page)
		if err != nil || strings.Contains(string(text), "$2") || strings.Contains(string(text), "argon2") { // LOG-01
			t.Errorf("%s, %v", text, err)
		}
		if cursor = next; cursor == "" {
			break
		}
	}
	if len(names) != 25 || !slices.IsSorted(names) || len(slices.Compact(names)) != 25 {
		t.Errorf("%v", names)
	}
	for _, odd := range []string{"'; DROP TABLE accounts; --", "\x00", strings.Repeat("z", 1<<16)} { // LGN-06
		if _, _, err := h.List(t.Context(), odd, -5); err != nil {
			t.Errorf("%.20q: %v", odd, err)
		}
	}
}
