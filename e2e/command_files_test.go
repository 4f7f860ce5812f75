//go:build unix

package e2e_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// COO-12, JWT-09: whatever the command makes is for its owner alone, also
// under a loose umask; it follows no link and overwrites nothing.
func TestFilesOfTheCommand(t *testing.T) {
	h := singleSite(t, "")
	h.Stop()
	old := syscall.Umask(0)
	defer syscall.Umask(old)
	at := func(name string) string { return filepath.Join(h.Dir, name) }
	h.addUser("bob")
	h.must("", "gatehouse", "backup", "--with-master-key", at("copy"))
	err := filepath.WalkDir(filepath.Join(h.Dir, "caddy", "gatehouse"), func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s is %v", path, info.Mode())
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	for _, name := range []string{"copy", "copy.key"} {
		if info, err := os.Stat(at(name)); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", name, info, err)
		}
	}
	if err := os.WriteFile(at("precious"), []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	for link, target := range map[string]string{"link": at("precious"), "dangling": at("nowhere")} {
		if err := os.Symlink(target, at(link)); err != nil {
			t.Fatal(err)
		}
		if out, err := h.Run("", "gatehouse", "backup", at(link)); err == nil {
			t.Errorf("a backup through a link: %s", out)
		}
	}
	if text, _ := os.ReadFile(at("precious")); string(text) != "precious" {
		t.Error("a backup overwrote a file")
	}
	if _, err := os.Lstat(at("nowhere")); err == nil {
		t.Error("a backup followed a link")
	}
	for _, source := range []string{"/dev/zero", at("precious"), h.Dir, at("missing")} {
		if out, err := h.Run("", "gatehouse", "restore", "--yes", source); err == nil {
			t.Errorf("restored %s: %s", source, out)
		}
	}
	if out := h.must("", "gatehouse", "user", "list"); !strings.Contains(out, "bob") {
		t.Errorf("a restore that failed changed something: %s", out)
	}
}
