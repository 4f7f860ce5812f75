package account_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/account"
	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/identity"
)

func TestDeclare(t *testing.T) {
	h := newHouse(t)
	alice := account.Declared{Username: "Alice", Name: "Alice A", Email: "a@acme.test", Groups: []string{"staff"}, Hash: bcrypted(t, good, 4)}
	bob := account.Declared{Username: "bob", Admin: true}
	declare := func(users ...account.Declared) []string {
		t.Helper()
		return h.changes(t, func() {
			t.Helper()
			if err := h.Declare(t.Context(), users); err != nil {
				t.Error(err)
			}
		})
	}
	declare(alice, bob)
	user, err := h.Authenticate(t.Context(), "alice", good)
	if err != nil || !user.EmailVerified || !slices.Equal(user.Groups, []string{"staff"}) {
		t.Fatal(user, err)
	}
	if published := declare(alice, bob); len(published) != 0 { // CFG-03
		t.Errorf("a reload published %v", published)
	}
	// Gone from the file, and back.
	if published := declare(bob); !slices.Equal(published, []string{string(user.Subject)}) {
		t.Errorf("published %v", published)
	}
	_, err = h.User(t.Context(), user.Subject)
	wantKind(t, "gone from the file", err, fault.Denied)
	_, err = h.Authenticate(t.Context(), "alice", good)
	wantKind(t, "gone from the file", err, fault.Denied)
	wantKind(t, "enabled by hand", h.Enable(t.Context(), user.Subject), fault.Invalid)
	if published := declare(alice, bob); !slices.Equal(published, []string{string(user.Subject)}) {
		t.Errorf("published %v", published)
	}
	if again, err := h.Authenticate(t.Context(), "alice", good); err != nil || again.Subject != user.Subject {
		t.Errorf("back in the file: %v, %v", again, err)
	}
	// Disabled by hand stays disabled.
	if err := h.Disable(t.Context(), user.Subject); err != nil {
		t.Fatal(err)
	}
	declare(alice, bob)
	_, err = h.User(t.Context(), user.Subject)
	wantKind(t, "disabled, then a reload", err, fault.Denied)

	wantKind(t, "a password by hand", h.SetPassword(t.Context(), user.Subject, "other-vapour-92"), fault.Invalid)
	_, err = h.Edit(t.Context(), user.Subject, account.Edit{Groups: new([]string(nil))})
	wantKind(t, "groups by hand", err, fault.Invalid)
	wantKind(t, "deleting", h.Delete(t.Context(), user.Subject), fault.Invalid)
	declare(bob)
	if err := h.Delete(t.Context(), user.Subject); err != nil { // out of the file it can be deleted
		t.Error(err)
	}
	err = h.Declare(t.Context(), []account.Declared{alice})
	if !fault.Is(err, fault.Exists) || !strings.Contains(fault.Public(err), `"alice"`) {
		t.Errorf("a deleted name: %v", err)
	}
}

func TestDeclareRefuses(t *testing.T) {
	h := newHouse(t)
	must[*identity.User](t)(h.Add(t.Context(), account.NewAccount{Username: "local"}))
	must[*identity.User](t)(h.Resolve(t.Context(), identity.External{Provider: "work", Subject: "1", Username: "fed"}, provision))
	tests := []struct {
		what  string
		users []account.Declared
		kind  fault.Kind
		names string
	}{
		{"a local name", []account.Declared{{Username: "LOCAL"}}, fault.Exists, `"local"`},
		{"a provider's name", []account.Declared{{Username: "fed"}}, fault.Exists, `"fed"`},
		{"twice", []account.Declared{{Username: "a"}, {Username: "A"}}, fault.Invalid, `"a"`},
		{"no name", []account.Declared{{}}, fault.Invalid, `""`},
		{"a bad name", []account.Declared{{Username: "a b"}}, fault.Invalid, `"a b"`},
		{"a bad group", []account.Declared{{Username: "a", Groups: []string{"x,y"}}}, fault.Invalid, `"a"`},
		{"a bad address", []account.Declared{{Username: "a", Email: "x"}}, fault.Invalid, `"a"`},
		{"a plain password", []account.Declared{{Username: "a", Hash: good}}, fault.Invalid, `"a"`}, // CFG-01
	}
	for _, test := range tests {
		err := h.Declare(t.Context(), test.users)
		wantKind(t, test.what, err, test.kind)
		if text := fault.Public(err); !strings.Contains(text, test.names) || strings.Contains(text, good) {
			t.Errorf("%s: %s", test.what, text)
		}
	}
}
