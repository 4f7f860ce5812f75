package keys_test

import (
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/keys"
)

func write(t *testing.T, text string, mode os.FileMode) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "master.key")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
	return path
}

func random() []byte {
	return []byte("\x01\xffQ\x93\x07m\x22\xd8gk\xee\x10C\x9a\x00\xf3\xb7\x2e\x81\x5c\xd0\x19\x64\xab\x3f\xf8\x77\x0d\xc6\x55\x98\xe1")
}

func TestLoadMaster(t *testing.T) {
	std, url := base64.StdEncoding.EncodeToString(random()), base64.RawURLEncoding.EncodeToString(random())
	sample := base64.StdEncoding.EncodeToString(make([]byte, 32))
	for _, c := range []struct { // COO-12, JWT-09
		name, text string
		mode       os.FileMode
		kind       fault.Kind
		says       string
	}{
		{"right", std + "\n", 0o600, 0, ""},
		{"read-only", std, 0o400, 0, ""},
		{"for addresses, no padding", url, 0o600, 0, ""},
		{"spaces around", "  " + std + "\r\n\n", 0o600, 0, ""},
		{"group may read", std, 0o640, fault.Invalid, "chmod 600"},
		{"all may read", std, 0o644, fault.Invalid, "chmod 600"},
		{"all may write", std, 0o602, fault.Invalid, "chmod 600"},
		{"empty", "", 0o600, fault.Invalid, "32 random bytes"},
		{"short", base64.StdEncoding.EncodeToString(random()[:31]), 0o600, fault.Invalid, "32 bytes"},
		{"long", base64.StdEncoding.EncodeToString(append(random(), 1)), 0o600, fault.Invalid, "32 bytes"},
		{"all zero", sample, 0o600, fault.Invalid, "random"},
		{"all the same", base64.StdEncoding.EncodeToString([]byte(strings.Repeat("A", 32))), 0o600, fault.Invalid, "random"},
		{"a sample", "changeme", 0o600, fault.Invalid, "32"},
		{"not base64", strings.Repeat("!", 44), 0o600, fault.Invalid, "base64"},
		{"two lines", std[:20] + "\n" + std[20:], 0o600, fault.Invalid, "base64"},
		{"huge", strings.Repeat("A", 1<<20), 0o600, fault.Invalid, "base64"},
	} {
		m, err := keys.LoadMaster(write(t, c.text, c.mode))
		if c.says == "" {
			if err != nil || m == nil {
				t.Errorf("%s: %v", c.name, err)
			}
			continue
		}
		if !fault.Is(err, c.kind) || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", c.name, err)
		}
		if len(c.text) > 20 && c.says != "" && strings.Contains(err.Error(), strings.TrimSpace(c.text)[:12]) {
			t.Errorf("%s: the error tells the key: %v", c.name, err)
		}
	}
	if _, err := keys.LoadMaster(filepath.Join(t.TempDir(), "absent")); !fault.Is(err, fault.NotFound) {
		t.Errorf("absent: %v", err)
	}
	if _, err := keys.LoadMaster(t.TempDir()); err == nil {
		t.Error("a directory is a master key")
	}
}

func TestEnsureMaster(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "dir", "master.key")
	const starters = 16
	var sealed [starters]string
	var wg sync.WaitGroup
	for i := range starters {
		wg.Go(func() {
			m, err := keys.EnsureMaster(path)
			if err != nil {
				t.Error(err)
				return
			}
			sealed[i] = m.Box("test").Seal([]byte("x"))
		})
	}
	wg.Wait()
	m, err := keys.LoadMaster(path)
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range sealed {
		if _, err := m.Box("test").Open(s); err != nil {
			t.Errorf("starter %d got another key", i)
		}
	}
	for p, want := range map[string]os.FileMode{path: 0o600, filepath.Dir(path): 0o700} {
		if info, err := os.Stat(p); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s has mode %v, error %v", p, info.Mode(), err)
		}
	}
	if left, err := os.ReadDir(filepath.Dir(path)); err != nil || len(left) != 1 {
		t.Errorf("%d files are left, error %v", len(left), err)
	}
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if raw, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(before))); err != nil || len(raw) != 32 {
		t.Errorf("the file holds %d bytes, error %v", len(raw), err)
	}
	if _, err := keys.EnsureMaster(path); err != nil {
		t.Error(err)
	}
	if after, err := os.ReadFile(path); err != nil || string(after) != string(before) {
		t.Error("the key was replaced")
	}
	bad := write(t, "changeme", 0o600)
	if _, err := keys.EnsureMaster(bad); !fault.Is(err, fault.Invalid) {
		t.Errorf("a bad key: %v", err)
	}
	if text, err := os.ReadFile(bad); err != nil || string(text) != "changeme" {
		t.Error("a bad key was replaced")
	}
}
