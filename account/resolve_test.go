package account_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/gatehouse-auth/gatehouse/account"
	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/identity"
)

var provision = account.Policy{Provision: true}

func TestResolve(t *testing.T) {
	h := newHouse(t)
	ext := identity.External{
		Provider: "work", Subject: "0815", Username: "Alice", Name: "Alice A", Email: "alice@acme.test", EmailVerified: true,
		Groups: []string{"work/staff", "admins", "work/staff", "x,admins", "a\nb"},
	}
	_, err := h.Resolve(t.Context(), ext, account.Policy{})
	wantKind(t, "without provisioning", err, fault.Denied)

	user := must[*identity.User](t)(h.Resolve(t.Context(), ext, provision))
	if user.Username != "alice" || user.Name != "Alice A" || !user.EmailVerified || user.Admin || // LGN-12
		!slices.Equal(user.Groups, []string{"admins", "work/staff"}) { // HDR-12
		t.Errorf("%+v", user)
	}
	if again := must[*identity.User](t)(h.Resolve(t.Context(), ext, account.Policy{})); again.Subject != user.Subject {
		t.Errorf("a second login is somebody else: %+v", again)
	}
	// What the provider says now is what counts; its name for the person is not ours.
	ext.Username, ext.Name, ext.Email, ext.Groups = "alina", "Alina B", "", []string{"work/sales"}
	if _, err := h.Edit(t.Context(), user.Subject, account.Edit{Groups: &[]string{"here"}}); err != nil {
		t.Fatal(err)
	}
	var now *identity.User
	published := h.changes(t, func() { now = must[*identity.User](t)(h.Resolve(t.Context(), ext, account.Policy{})) })
	if now.Subject != user.Subject || now.Username != "alice" || now.Name != "Alina B" || now.Email != "" || now.EmailVerified ||
		!slices.Equal(now.Groups, []string{"here", "work/sales"}) {
		t.Errorf("%+v", now)
	}
	if !slices.Equal(published, []string{string(user.Subject)}) { // PRX-05
		t.Errorf("published %v", published)
	}
	if published := h.changes(t, func() { must[*identity.User](t)(h.Resolve(t.Context(), ext, provision)) }); len(published) != 0 {
		t.Errorf("a login that changed nothing published %v", published)
	}
}

// TestNeverMerges: an equal name or address leads to an account of one's own.
func TestNeverMerges(t *testing.T) {
	h := newHouse(t)
	local := must[*identity.User](t)(h.Add(t.Context(), account.NewAccount{Username: "alice", Email: "alice@acme.test", Password: good, Admin: true}))
	seen := map[identity.Subject]string{local.Subject: "alice"}
	for _, test := range []struct{ provider, subject, username, want string }{ // FED-06
		{"work", "1", "alice", "alice@work"},
		{"work", "2", "ALICE", "alice@work-2"},
		{"work", "3", "ａlice", "alice@work-3"},
		{"home", "1", "alice", "alice@home"}, // the same subject elsewhere is somebody else
		{"work", "Admin", "root", "root"},
		{"work", "admin", "root", "root@work"}, // subjects are compared exactly
		{"work", "4", "not a name!", "alice@work-4"},
		{"home", "5", "", "alice@home-2"},
	} {
		user, err := h.Resolve(t.Context(), identity.External{
			Provider: test.provider, Subject: test.subject, Username: test.username, Email: "alice@acme.test", EmailVerified: true,
		}, provision)
		if err != nil || user.Username != test.want || user.Admin || seen[user.Subject] != "" {
			t.Errorf("%v: %+v, %v", test, user, err)
			continue
		}
		seen[user.Subject] = user.Username
	}
	if now := must[*identity.User](t)(h.User(t.Context(), local.Subject)); now.Username != "alice" || !now.Admin {
		t.Errorf("%+v", now)
	}
	if _, err := h.Authenticate(t.Context(), "alice", good); err != nil { // CVE-2026-44166: the owner is not locked out
		t.Error(err)
	}
	// A deleted person's name and subject come back to nobody.
	first := must[*account.Account](t)(h.Find(t.Context(), "alice@work"))
	if err := h.Delete(t.Context(), first.Subject); err != nil {
		t.Fatal(err)
	}
	back := must[*identity.User](t)(h.Resolve(t.Context(), identity.External{Provider: "work", Subject: "1", Username: "alice"}, provision))
	if back.Subject == first.Subject || seen[back.Subject] != "" || back.Username == "alice@work" {
		t.Errorf("%+v", back)
	}
}

func TestResolveNames(t *testing.T) {
	h := newHouse(t)
	long := strings.Repeat("n", 64)
	for i := range 60 {
		user, err := h.Resolve(t.Context(), identity.External{Provider: "work", Subject: fmt.Sprint("s", i), Username: long}, provision)
		if err != nil {
			t.Fatal(i, err)
		}
		if name, err := identity.Canonical(user.Username); err != nil || name != user.Username {
			t.Errorf("%q: %v", user.Username, err)
		}
	}
	user := must[*identity.User](t)(h.Resolve(t.Context(), identity.External{Provider: "work", Subject: "nameless", Username: "\u202e", Name: "A\u202e\r\nB" + strings.Repeat("ä", 300)}, provision))
	if !strings.HasPrefix(user.Username, "user-") || !strings.HasPrefix(user.Name, "ABä") || len([]rune(user.Name)) != 200 {
		t.Errorf("%+v", user)
	}
}

func TestResolveRefuses(t *testing.T) {
	h := newHouse(t)
	for _, subject := range []string{ // CVE-2026-82968: empty, null, 0, array
		"", " ", "\t", " 1", "1 ", "0", "null", "NULL", "<nil>", "undefined", "None", "[object Object]", "[]", "{}", `["1"]`, `{"sub":"1"}`, `"1"`,
		"map[sub:1]", "a\x00b", "a\nb", "\xff", strings.Repeat("s", 513),
	} {
		_, err := h.Resolve(t.Context(), identity.External{Provider: "work", Subject: subject, Username: "eve"}, provision)
		wantKind(t, fmt.Sprintf("subject %.20q", subject), err, fault.Invalid) // FED-12
	}
	for _, provider := range []string{"", identity.Local} {
		_, err := h.Resolve(t.Context(), identity.External{Provider: provider, Subject: "1"}, provision)
		wantKind(t, "provider "+provider, err, fault.Invalid)
	}
	many := make([]string, 9000)
	for i := range many {
		many[i] = fmt.Sprintf("work/%04d", i)
	}
	_, err := h.Resolve(t.Context(), identity.External{Provider: "work", Subject: "1", Username: "eve", Groups: many}, provision)
	wantKind(t, "too many groups", err, fault.Denied) // FED-12
	if _, err := h.Find(t.Context(), "eve"); !fault.Is(err, fault.NotFound) {
		t.Errorf("somebody was made: %v", err)
	}
}

// TestDisabledStaysDisabled is CVE-2026-58422.
func TestDisabledStaysDisabled(t *testing.T) {
	h := newHouse(t)
	ext := identity.External{Provider: "work", Subject: "1", Username: "alice"}
	user := must[*identity.User](t)(h.Resolve(t.Context(), ext, provision))
	if err := h.Disable(t.Context(), user.Subject); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		ext.Groups = append(ext.Groups, "work/new")
		_, err := h.Resolve(t.Context(), ext, provision)
		wantKind(t, "a disabled account", err, fault.Denied)
	}
	found := must[*account.Account](t)(h.Find(t.Context(), "alice"))
	if !found.Disabled || len(found.Groups) != 0 {
		t.Errorf("%+v", found)
	}
}

// TestParallelFirstLogins: one person in many tabs is one account.
func TestParallelFirstLogins(t *testing.T) {
	h := newHouse(t)
	var mu sync.Mutex
	got := map[identity.Subject]int{}
	var all sync.WaitGroup
	for range 32 {
		all.Go(func() {
			user, err := h.Resolve(t.Context(), identity.External{Provider: "work", Subject: "1", Username: "alice"}, provision)
			if err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			got[user.Subject]++
		})
	}
	all.Wait()
	if len(got) != 1 { // FED-06
		t.Errorf("%v", got)
	}
}
