package sqlite

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/gatehouse-auth/gatehouse/fault"
)

// private makes the file at path before SQLite does, because SQLite would make
// it readable for everybody; its companions (-wal, -shm) take over the mode.
// Missing directories are made for their owner alone. It returns the absolute
// path and what the file is.
func private(path string) (string, os.FileInfo, error) {
	const op = "sqlite.Open"
	path, err := filepath.Abs(path)
	if err != nil {
		return "", nil, fault.Wrap(fault.Unavailable, op, err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", nil, fault.Wrap(fault.Unavailable, op, fmt.Errorf("the directory of the database can't be made: %w", err))
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return "", nil, fault.Wrap(fault.Unavailable, op, fmt.Errorf("the database file can't be opened: %w", err))
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return "", nil, fault.Wrap(fault.Unavailable, op, err)
	}
	if !info.Mode().IsRegular() {
		return "", nil, fault.Wrap(fault.Unavailable, op, fmt.Errorf("%s is not a file", path))
	}
	if info.Mode().Perm()&0o077 != 0 {
		if err := f.Chmod(0o600); err != nil && !errors.Is(err, errors.ErrUnsupported) {
			return "", nil, fault.Wrap(fault.Unavailable, op, fmt.Errorf("others can read the database and its mode can't be changed: %w", err))
		}
	}
	return path, info, nil
}

// fresh makes an empty private file that must not be there yet.
func fresh(path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return fault.Wrap(fault.Exists, "sqlite.Backup", err)
	}
	if err != nil {
		return fault.Wrap(fault.Unavailable, "sqlite.Backup", err)
	}
	return f.Close()
}
