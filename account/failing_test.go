package account_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"github.com/gatehouse-auth/gatehouse/account"
	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/store"
)

// hooked is a real store with something happening before the first Update, or
// failing at the nth transaction.
type hooked struct {
	store.Records
	update func()
	failAt int
	calls  int
}

var errDisk = fault.New(fault.Unavailable, "test", "")

func (h *hooked) View(ctx context.Context, f func(store.Tx) error) error {
	if h.calls++; h.calls == h.failAt {
		return errDisk
	}
	return h.Records.View(ctx, f)
}

func (h *hooked) Update(ctx context.Context, f func(store.Tx) error) error {
	if h.calls++; h.calls == h.failAt {
		return errDisk
	}
	if h.update != nil {
		h.update()
		h.update = nil
	}
	return h.Records.Update(ctx, f)
}

// TestStoreFails fails each transaction in turn: no answer is ever a user.
func TestStoreFails(t *testing.T) {
	h := newHouse(t)
	user := must[*identity.User](t)(h.Add(t.Context(), account.NewAccount{Username: "alice", Password: good}))
	ext := identity.External{Provider: "work", Subject: "7", Username: "fed"}
	for n := 1; n <= 2; n++ { // PRX-02
		broken := &hooked{Records: h.records, failAt: n}
		a := account.New(broken, account.Options{Hasher: h.hasher})
		if got, err := a.Authenticate(t.Context(), "alice", good); got != nil || !fault.Is(err, fault.Unavailable) {
			t.Errorf("Authenticate, failing at %d: %v, %v", n, got, err)
		}
	}
	first := func() *account.Accounts {
		return account.New(&hooked{Records: h.records, failAt: 1}, account.Options{Hasher: h.hasher})
	}
	got, err := first().User(t.Context(), user.Subject) // PRX-05
	if got != nil || !fault.Is(err, fault.Unavailable) {
		t.Errorf("User: %v, %v", got, err)
	}
	got, err = first().Resolve(t.Context(), ext, account.Policy{Provision: true})
	if got != nil || !fault.Is(err, fault.Unavailable) {
		t.Errorf("Resolve: %v, %v", got, err)
	}
	if needs, err := first().NeedsSetup(t.Context()); needs || !fault.Is(err, fault.Unavailable) {
		t.Errorf("NeedsSetup: %v, %v", needs, err)
	}
}

// TestUserChangesAreAtomic: a failed change changes nothing and says nothing.
func TestUserChangesAreAtomic(t *testing.T) {
	h := newHouse(t)
	must[*identity.User](t)(h.Add(t.Context(), account.NewAccount{Username: "bob"}))
	published := h.changes(t, func() {
		err := h.Declare(t.Context(), []account.Declared{{Username: "new"}, {Username: "bob"}})
		wantKind(t, "Declare", err, fault.Exists)
	})
	if _, err := h.Find(t.Context(), "new"); !fault.Is(err, fault.NotFound) || len(published) != 0 {
		t.Errorf("half a declaration was kept: %v, %v", err, published)
	}
}

func printed(v any) []string {
	out := []string{fmt.Sprint(v), fmt.Sprintf("%+v", v), fmt.Sprintf("%#v", v)}
	if data, err := json.Marshal(v); err == nil {
		if _, isError := v.(error); !isError {
			out = append(out, string(data))
		}
	}
	if err, ok := v.(error); ok {
		for ; err != nil; err = errors.Unwrap(err) {
			out = append(out, err.Error())
		}
	}
	return out
}
