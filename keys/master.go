package keys

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/internal/seal"
)

// maxMasterFile bounds what is read, in bytes: a key has 45 with its line break.
const maxMasterFile = 256

// EnsureMaster loads the master key at path and makes it first if the file is
// not there: 32 random bytes in base64, readable by their owner alone. If
// several processes do so at once all get the same key. The errors are those
// of [LoadMaster].
func EnsureMaster(path string) (*seal.Master, error) {
	m, err := LoadMaster(path)
	if !fault.Is(err, fault.NotFound) {
		return m, err
	}
	if err := makeMaster(path); err != nil {
		return nil, fault.Wrap(fault.Unavailable, "keys.EnsureMaster", fmt.Errorf("the master key can't be made: %w", err))
	}
	return LoadMaster(path)
}

// makeMaster writes the whole file under another name and then gives it its
// own by a link, which fails if somebody else was quicker: nobody ever sees a
// half-written key, and no key is ever replaced.
func makeMaster(path string) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, ".master-*") // 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	defer f.Close()
	var key [seal.KeySize]byte
	rand.Read(key[:]) // never fails: crypto/rand ends the program instead
	if _, err := f.WriteString(base64.StdEncoding.EncodeToString(key[:]) + "\n"); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if err := os.Link(f.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return syncDir(dir)
}

// syncDir makes the new name survive a loss of power, where directories can be
// synced.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

// LoadMaster reads the master key at path. fault.NotFound: there is no file.
// fault.Invalid: others may read it, or it holds no key of 32 random bytes in
// base64 (COO-12). fault.Unavailable: it can't be read. The text says what to
// do, and never what the file holds.
func LoadMaster(path string) (*seal.Master, error) {
	const op = "keys.LoadMaster"
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.Wrap(fault.NotFound, op, fmt.Errorf("there is no master key at %s", path))
	}
	if err != nil {
		return nil, fault.Wrap(fault.Unavailable, op, fmt.Errorf("the master key can't be read: %w", err))
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, fault.Wrap(fault.Unavailable, op, err)
	}
	if !info.Mode().IsRegular() {
		return nil, fault.Wrap(fault.Invalid, op, fmt.Errorf("the master key %s is not a file", path))
	}
	if loose := info.Mode().Perm() & 0o077; loose != 0 && runtime.GOOS != "windows" {
		return nil, fault.Wrap(fault.Invalid, op, fmt.Errorf("others may read the master key: chmod 600 %s", path))
	}
	text, err := io.ReadAll(io.LimitReader(f, maxMasterFile+1))
	if err != nil {
		return nil, fault.Wrap(fault.Unavailable, op, fmt.Errorf("the master key can't be read: %w", err))
	}
	m, err := ParseMaster(string(text))
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, op, fmt.Errorf("the master key in %s is of no use: %w", path, err))
	}
	return m, nil
}

// ParseMaster reads a master key from its text form, for one that is not kept
// in a file of ours. Its errors are one line and hold no part of the key.
func ParseMaster(text string) (*seal.Master, error) {
	const form = "it must be 32 random bytes in base64"
	if len(text) > maxMasterFile {
		return nil, errors.New(form)
	}
	text = strings.TrimRight(strings.TrimSpace(text), "=")
	raw, err := base64.RawStdEncoding.Strict().DecodeString(text)
	if err != nil {
		raw, err = base64.RawURLEncoding.Strict().DecodeString(text)
	}
	if err != nil || strings.ContainsAny(text, "\r\n") {
		return nil, errors.New(form)
	}
	m, err := seal.NewMaster(raw)
	if err != nil {
		return nil, fmt.Errorf("%w: %s", err, form)
	}
	return m, nil
}
