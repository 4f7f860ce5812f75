package account_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"golang.org/x/crypto/bcrypt"

	"github.com/gatehouse-auth/gatehouse/account"
	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/store"
)

func TestAuthenticate(t *testing.T) {
	h := newHouse(t)
	long := strings.Repeat("äb", 100) // 200 characters, 300 bytes
	for name, password := range map[string]string{"alice": good, "lena": long, "carla": "caf\u00e9-horse-91", "sp": " " + good + " "} {
		if _, err := h.Add(t.Context(), account.NewAccount{Username: name, Password: password}); err != nil {
			t.Fatal(name, err)
		}
	}
	right := []struct{ typed, password, is string }{
		{"alice", good, "alice"},
		{"ALICE", good, "alice"}, // LGN-05
		{"Ａlice", good, "alice"},
		{"lena", long, "lena"},                    // LGN-03
		{"carla", "cafe\u0301-horse-91", "carla"}, // the one documented normalisation
		{"sp", " " + good + " ", "sp"},
	}
	for _, test := range right {
		user, err := h.Authenticate(t.Context(), test.typed, test.password)
		if err != nil || user.Username != test.is || user.Subject == "" {
			t.Errorf("%q: %v, %v", test.typed, user, err)
		}
	}
	wrong := []struct{ typed, password string }{
		{"alice", ""}, // LGN-01
		{"alice", "wrong"},
		{"alice", strings.ToUpper(good)}, // LGN-02
		{"alice", good + " "},
		{"alice", " " + good},
		{"alice", good + "\x00"},
		{"alice", "\x00" + good},
		{"alice", good + "\n"},
		{"alice", "ｈorse-vapour-91"},
		{"alice", good + "\xff"},
		{"sp", good},
		{"lena", long[:len(long)-1]}, // LGN-03
		{"lena", strings.TrimSuffix(long, "b") + "c"},
		{"alice", strings.Repeat("a", 1<<20)}, // DOS-03
		{"' OR 1=1 --", good},                 // LGN-06
		{"%", good},
		{"*", good},
		{"alice\x00", good},
		{"alice ", good},
		{"", good},
		{"nobody", good},
	}
	for _, test := range wrong {
		user, err := h.Authenticate(t.Context(), test.typed, test.password)
		if user != nil || !fault.Is(err, fault.Denied) {
			t.Errorf("%q with %.40q: %v, %v", test.typed, test.password, user, err)
		}
	}
}

// TestOneAnswer compares every way to fail, and the work it takes.
func TestOneAnswer(t *testing.T) {
	h := newHouse(t)
	add := must[*identity.User](t)
	add(h.Add(t.Context(), account.NewAccount{Username: "alice", Password: good}))
	off := add(h.Add(t.Context(), account.NewAccount{Username: "off", Password: good}))
	add(h.Add(t.Context(), account.NewAccount{Username: "bare"}))
	add(h.Resolve(t.Context(), identity.External{Provider: "work", Subject: "1", Username: "fed"}, account.Policy{Provision: true}))
	if err := h.Disable(t.Context(), off.Subject); err != nil {
		t.Fatal(err)
	}
	if err := h.Declare(t.Context(), []account.Declared{{Username: "gone", Hash: bcrypted(t, good, 4)}}); err != nil {
		t.Fatal(err)
	}
	if err := h.Declare(t.Context(), nil); err != nil {
		t.Fatal(err)
	}

	tests := []struct{ name, password, reason string }{ // ENU-01, ENU-02, ENU-04
		{"alice", "wrong-horse", "wrong_password"},
		{"nobody", good, "unknown"},
		{"no body", good, "unknown"},
		{"bare", good, "no_password"},
		{"fed", good, "no_password"},
		{"off", good, "disabled"},
		{"off", "wrong-horse", "disabled"},
		{"gone", good, "disabled"},
	}
	var first error
	for _, test := range tests {
		before := h.hasher.Calls()
		_, err := h.Authenticate(t.Context(), test.name, test.password)
		if n := h.hasher.Calls() - before; n != 1 {
			t.Errorf("%s: %d hashes, want 1", test.name, n)
		}
		if first == nil {
			first = err
		}
		if fault.KindOf(err) != fault.Denied || err.Error() != first.Error() || fault.Public(err) != fault.Public(first) || fault.Public(err) == "" {
			t.Errorf("%s: %v, while others get %v", test.name, err, first)
		}
		why, ok := errors.AsType[*account.Refusal](err)
		if !ok || why.Reason() != test.reason { // LOG-03
			t.Errorf("%s: reason %v, want %s", test.name, why, test.reason)
		}
		if sub, name := why.Account(); (test.reason == "unknown") != (sub == "" && name == "") {
			t.Errorf("%s: the log learns %q, %q", test.name, sub, name)
		}
	}
}

// TestNoAccounts: the work is the same in an empty house.
func TestNoAccounts(t *testing.T) {
	h := newHouse(t)
	_, err := h.Authenticate(t.Context(), "admin", "admin") // LGN-12
	wantKind(t, "empty house", err, fault.Denied)
	if h.hasher.Calls() != 1 { // ENU-02
		t.Errorf("%d hashes", h.hasher.Calls())
	}
}

func TestRehash(t *testing.T) {
	h := newHouse(t)
	user := must[*identity.User](t)(h.Add(t.Context(), account.NewAccount{Username: "alice", Password: good}))
	// What an importer would write.
	stored := func() (hash string) {
		t.Helper()
		err := h.records.View(t.Context(), func(tx store.Tx) error {
			return tx.QueryRow(`SELECT password FROM accounts WHERE subject = $1`, string(user.Subject)).Scan(&hash)
		})
		if err != nil {
			t.Fatal(err)
		}
		return hash
	}
	put := func(hash string) {
		t.Helper()
		err := h.records.Update(t.Context(), func(tx store.Tx) error {
			_, err := tx.Exec(`UPDATE accounts SET password = $1 WHERE subject = $2`, hash, string(user.Subject))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if hash := stored(); !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") { // LGN-04
		t.Fatalf("stored as %.40s", hash)
	}
	old := bcrypted(t, good, 4)
	put(old)
	if _, err := h.Authenticate(t.Context(), "alice", "wrong-horse"); err == nil || stored() != old {
		t.Fatal("a wrong password changed the hash")
	}
	if _, err := h.Authenticate(t.Context(), "alice", good); err != nil {
		t.Fatal(err)
	}
	if hash := stored(); !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") { // LGN-04
		t.Fatalf("not hashed anew: %.40s", hash)
	}
	again := stored()
	if _, err := h.Authenticate(t.Context(), "alice", good); err != nil || stored() != again {
		t.Fatalf("hashed anew without need, %v", err)
	}
	// Higher parameters from the next configuration on.
	dear, err := account.NewHasher(account.HasherOptions{Params: account.Params{Memory: 32 << 10, Time: 2, Threads: 2}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := account.New(h.records, account.Options{Hasher: dear}).Authenticate(t.Context(), "alice", good); err != nil {
		t.Fatal(err)
	}
	if hash := stored(); !strings.HasPrefix(hash, "$argon2id$v=19$m=32768,t=2,p=2$") { // LGN-04
		t.Fatalf("not hashed anew: %.40s", hash)
	}
	if found := must[*account.Account](t)(h.Find(t.Context(), "alice")); found.LastLogin.IsZero() {
		t.Error("the last login is not noted")
	}
}

// TestChangedMeanwhile: what happens between the check and its end counts.
func TestChangedMeanwhile(t *testing.T) {
	h := newHouse(t)
	user := must[*identity.User](t)(h.Add(t.Context(), account.NewAccount{Username: "alice", Password: good}))
	sub := user.Subject
	for _, test := range []struct {
		what         string
		change, undo func() error
	}{
		{
			"another password",
			func() error { return h.SetPassword(t.Context(), sub, "other-vapour-92") },
			func() error { return h.SetPassword(t.Context(), sub, good) },
		},
		{"disabled", func() error { return h.Disable(t.Context(), sub) }, func() error { return h.Enable(t.Context(), sub) }},
		{"deleted", func() error { return h.Delete(t.Context(), sub) }, func() error { return nil }},
	} {
		slow := &hooked{Records: h.records, update: func() {
			if err := test.change(); err != nil {
				t.Error(test.what, err)
			}
		}}
		got, err := account.New(slow, account.Options{Hasher: h.hasher}).Authenticate(t.Context(), "alice", good)
		if got != nil || !fault.Is(err, fault.Denied) || slow.update != nil { // PRX-02
			t.Errorf("%s: %v, %v", test.what, got, err)
		}
		if err := test.undo(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestBcryptCutsNothing(t *testing.T) {
	h := newHouse(t)
	p72 := strings.Repeat("x1-", 24)
	if err := h.Declare(t.Context(), []account.Declared{{Username: "old", Hash: bcrypted(t, p72, 4)}}); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Authenticate(t.Context(), "old", p72); err != nil {
		t.Error(err)
	}
	_, err := h.Authenticate(t.Context(), "old", p72+"more") // LGN-03
	wantKind(t, "73 bytes", err, fault.Denied)
	found := must[*account.Account](t)(h.Find(t.Context(), "old"))
	if found.Origin != account.OriginCaddyfile || !found.Password {
		t.Errorf("%+v", found)
	}
	// The hash of the Caddyfile stays as it was written.
	changes := h.changes(t, func() {
		if err := h.Declare(t.Context(), []account.Declared{{Username: "old", Hash: bcrypted(t, p72, 4)}}); err != nil {
			t.Error(err)
		}
	})
	if len(changes) != 1 { // another hash of the file is a change of password
		t.Errorf("published %v", changes)
	}
}

// TestErrorsKeepSecrets prints everything there is to print.
func TestErrorsKeepSecrets(t *testing.T) {
	for _, v := range []any{
		account.NewAccount{Username: "a", Password: good},
		&account.NewAccount{Username: "a", Password: good},
		account.Declared{Username: "a", Hash: "$argon2id$canary" + good},
		account.ValidHash("$argon2id$canary" + good),
	} {
		for _, text := range printed(v) { // LOG-01, CFG-02
			if strings.Contains(text, good) || strings.Contains(text, "canary") {
				t.Errorf("%T prints its secret: %s", v, text)
			}
		}
	}
	for field := range reflect.TypeFor[account.Account]().Fields() {
		if strings.Contains(strings.ToLower(field.Name), "hash") {
			t.Errorf("a listing has the field %s", field.Name)
		}
	}
}

func bcrypted(t *testing.T, password string, cost int) string {
	t.Helper()
	hash, err := bcrypt.GenerateFromPassword([]byte(password), cost)
	if err != nil {
		t.Fatal(err)
	}
	return string(hash)
}
