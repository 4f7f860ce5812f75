package e2e_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/internal/rig"
)

// A backup is made and restored while the server runs: accounts are those of
// the backup, everybody signs in again.
func TestBackupAndRestore(t *testing.T) {
	h := loginHost(t, "", "")
	backup := filepath.Join(h.Dir, "backup.sqlite")
	h.must("", "gatehouse", "backup", backup)
	if info, err := os.Stat(backup); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the backup: %v, %v", info, err)
	}
	h.addUser("bob")
	b := rig.NewBrowser(t)
	h.login(t, b, h.site+"/", "bob")
	wantUser(t, b, b.Get(h.site+"/"), "bob")

	if out, err := h.Run("", "gatehouse", "restore", backup); err == nil || !strings.Contains(out, "--yes") {
		t.Errorf("without --yes: %v\n%s", err, out)
	}
	wantUser(t, b, b.Get(h.site+"/"), "bob")

	h.must("", "gatehouse", "restore", "--yes", backup)
	if users := h.must("", "gatehouse", "user", "list"); strings.Contains(users, "bob") || !strings.Contains(users, "alice") {
		t.Errorf("after the restore there are\n%s", users)
	}
	for restored := time.Now(); status(b, http.MethodGet, h.site+"/", nil).StatusCode != http.StatusUnauthorized; time.Sleep(50 * time.Millisecond) {
		if time.Since(restored) > 2*time.Second {
			t.Fatal("two seconds later bob is still signed in")
		}
	}
	alice := rig.NewBrowser(t)
	h.login(t, alice, h.site+"/", "alice")
	wantUser(t, alice, alice.Get(h.site+"/"), "alice")
}

// Keys that another master key sealed would be lost, so such a backup is
// refused and changes nothing.
func TestRestoreWithAnotherMasterKey(t *testing.T) {
	other, h := loginHost(t, "", ""), loginHost(t, "", "")
	h.addUser("bob")
	backup := filepath.Join(h.Dir, "other.sqlite")
	other.must("", "gatehouse", "backup", backup)
	if out, err := h.Run("", "gatehouse", "restore", "--yes", backup); err == nil {
		t.Errorf("it was restored:\n%s", out)
	}
	if users := h.must("", "gatehouse", "user", "list"); !strings.Contains(users, "bob") {
		t.Errorf("after the refusal there are\n%s", users)
	}
}
