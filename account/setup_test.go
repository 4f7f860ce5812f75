package account_test

import (
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/account"
	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/internal/secret"
	"github.com/gatehouse-auth/gatehouse/store"
	"github.com/gatehouse-auth/gatehouse/store/sqlite"
)

func TestSetup(t *testing.T) {
	h := newHouse(t)
	if needs, err := h.NeedsSetup(t.Context()); !needs || err != nil { // LGN-12
		t.Fatal(needs, err)
	}
	token := must[string](t)(h.NewSetupLink(t.Context()))
	other := must[string](t)(h.NewSetupLink(t.Context()))
	if !secret.Valid(token) || token == other {
		t.Errorf("token %q", token)
	}
	var kept int
	err := h.records.View(t.Context(), func(tx store.Tx) error {
		return tx.QueryRow(`SELECT count(*) FROM setup_links WHERE hash = $1`, token).Scan(&kept)
	})
	if err != nil || kept != 0 { // SES-18
		t.Errorf("the token itself is stored: %d, %v", kept, err)
	}
	for range 3 { // REC-03
		if err := h.SetupOpen(t.Context(), token); err != nil {
			t.Fatal(err)
		}
	}
	for _, wrong := range []string{"", "x", token[:42], token + "A", secret.New()} {
		before := h.hasher.Calls()
		_, err := h.Setup(t.Context(), wrong, account.NewAccount{Username: "eve", Password: good})
		wantKind(t, "token "+wrong, err, fault.NotFound)
		if h.hasher.Calls() != before { // DOS-04
			t.Error("a stranger's post cost a hash")
		}
	}
	_, err = h.Setup(t.Context(), token, account.NewAccount{Username: "root"})
	wantKind(t, "without a password", err, fault.Invalid)
	_, err = h.Setup(t.Context(), token, account.NewAccount{Username: "root", Password: "password1"})
	wantKind(t, "with a common password", err, fault.Invalid)

	user := must[*identity.User](t)(h.Setup(t.Context(), token, account.NewAccount{Username: "root", Password: good}))
	if !user.Admin {
		t.Error("the first account is no administrator")
	}
	if _, err := h.Authenticate(t.Context(), "root", good); err != nil {
		t.Error(err)
	}
	closed(t, h.Accounts, token, other)
}

// closed checks that no link opens anything any more (LGN-12).
func closed(t *testing.T, a *account.Accounts, tokens ...string) {
	t.Helper()
	for _, token := range tokens {
		wantKind(t, "SetupOpen", a.SetupOpen(t.Context(), token), fault.Spent)
		_, err := a.Setup(t.Context(), token, account.NewAccount{Username: "second", Password: good})
		wantKind(t, "Setup", err, fault.Spent)
	}
	_, err := a.NewSetupLink(t.Context())
	wantKind(t, "NewSetupLink", err, fault.Spent)
	if needs, err := a.NeedsSetup(t.Context()); needs || err != nil {
		t.Error(needs, err)
	}
}

func TestSetupLinkExpires(t *testing.T) {
	h := newHouse(t)
	token := must[string](t)(h.NewSetupLink(t.Context()))
	h.advance(account.SetupLife - time.Millisecond)
	if err := h.SetupOpen(t.Context(), token); err != nil {
		t.Error(err)
	}
	h.advance(time.Millisecond) // CVE-2025-64708: the exact moment is too late
	wantKind(t, "after an hour", h.SetupOpen(t.Context(), token), fault.NotFound)
	_, err := h.Setup(t.Context(), token, account.NewAccount{Username: "root", Password: good})
	wantKind(t, "after an hour", err, fault.NotFound)
}

// TestSetupClosedByAnyAccount: whatever made the first account, setup is over,
// also when it is deleted (LGN-12).
func TestSetupClosedByAnyAccount(t *testing.T) {
	for what, first := range map[string]func(h *house) (identity.Subject, error){
		"added": func(h *house) (identity.Subject, error) {
			user, err := h.Add(t.Context(), account.NewAccount{Username: "x"})
			if err != nil {
				return "", err
			}
			return user.Subject, nil
		},
		"declared": func(h *house) (identity.Subject, error) {
			if err := h.Declare(t.Context(), []account.Declared{{Username: "x"}}); err != nil {
				return "", err
			}
			found, err := h.Find(t.Context(), "x")
			if err != nil {
				return "", err
			}
			return found.Subject, h.Declare(t.Context(), nil)
		},
		"from a provider": func(h *house) (identity.Subject, error) {
			user, err := h.Resolve(t.Context(), identity.External{Provider: "work", Subject: "1", Username: "x"}, provision)
			if err != nil || user.Admin {
				return "", fmt.Errorf("administrator %v, %w", user, err)
			}
			return user.Subject, nil
		},
	} {
		t.Run(what, func(t *testing.T) {
			h := newHouse(t)
			token := must[string](t)(h.NewSetupLink(t.Context()))
			sub, err := first(h)
			if err != nil {
				t.Fatal(err)
			}
			closed(t, h.Accounts, token)
			if err := h.Delete(t.Context(), sub); err != nil {
				t.Fatal(err)
			}
			closed(t, h.Accounts, token)
		})
	}
}

// TestParallelSetup: 50 posts, one account, and closed after a restart too.
func TestParallelSetup(t *testing.T) {
	path := filepath.Join(t.TempDir(), "records.db")
	hasher, err := account.NewHasher(account.HasherOptions{Params: cheap, Queue: 100})
	if err != nil {
		t.Fatal(err)
	}
	open := func() (*sqlite.Records, *account.Accounts) {
		records, err := sqlite.OpenRecords(path, sqlite.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := records.Migrate(t.Context(), account.Migrations()); err != nil {
			t.Fatal(err)
		}
		return records, account.New(records, account.Options{Hasher: hasher})
	}
	records, a := open()
	token := must[string](t)(a.NewSetupLink(t.Context()))
	var won, lost atomic.Int64
	var all sync.WaitGroup
	for i := range 50 {
		all.Go(func() {
			_, err := a.Setup(t.Context(), token, account.NewAccount{Username: fmt.Sprint("root", i), Password: good})
			switch {
			case err == nil:
				won.Add(1)
			case fault.Is(err, fault.Spent):
				lost.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	all.Wait()
	list, _, err := a.List(t.Context(), "", 0)
	if won.Load() != 1 || lost.Load() != 49 || len(list) != 1 || err != nil { // LGN-12
		t.Fatalf("%d won, %d lost, %d accounts, %v", won.Load(), lost.Load(), len(list), err)
	}
	if err := a.Delete(t.Context(), list[0].Subject); err != nil {
		t.Fatal(err)
	}
	if err := records.Close(); err != nil {
		t.Fatal(err)
	}
	records, a = open()
	defer records.Close()
	closed(t, a, token)
}
