package caddymodule

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/caddyserver/caddy/v2"
	"go.uber.org/zap"

	"github.com/gatehouse-auth/gatehouse/internal/house"
	"github.com/gatehouse-auth/gatehouse/store/memory"
	"github.com/gatehouse-auth/gatehouse/store/sqlite"
)

// RecordStore is what every module in the namespace gatehouse.stores is.
type RecordStore interface {
	// Address names the place: configurations with the same addresses share
	// what is open.
	Address() string
	// OpenRecords opens it. It is called once, not while provisioning.
	OpenRecords(ctx context.Context) (house.Records, error)
}

// SessionStore is what every module in the namespace gatehouse.sessions is.
type SessionStore interface {
	// Address names the place, as that of a RecordStore.
	Address() string
	// OpenShorts opens it. It is called once, not while provisioning.
	OpenShorts(ctx context.Context) (house.Shorts, error)
	// Private tells that what is opened is in this process alone. Commands then
	// leave it to the server to end sessions.
	Private() bool
}

// SQLiteStore keeps records in an SQLite database. One file, made at the first
// start with mode 0600; several processes on one machine may share it.
type SQLiteStore struct {
	// Path is the database file.
	// Example: "/var/lib/gatehouse/gatehouse.sqlite".
	// Default: gatehouse/gatehouse.sqlite below Caddy's data directory.
	Path string `json:"path,omitempty"`

	options sqlite.Options
}

// SQLiteSessions keeps short-lived things in an SQLite database of its own, so
// that notes of last use don't hold up accounts.
type SQLiteSessions struct {
	// Path is the database file.
	// Example: "/var/lib/gatehouse/sessions.sqlite".
	// Default: sessions.sqlite beside the store's database.
	Path string `json:"path,omitempty"`

	options sqlite.Options
}

// MemorySessions keeps short-lived things in the process: a restart logs
// everybody out, a reload does not.
type MemorySessions struct{}

// CaddyModule implements caddy.Module.
func (*SQLiteStore) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "gatehouse.stores.sqlite", New: func() caddy.Module { return new(SQLiteStore) }}
}

// CaddyModule implements caddy.Module.
func (*SQLiteSessions) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "gatehouse.sessions.sqlite", New: func() caddy.Module { return new(SQLiteSessions) }}
}

// CaddyModule implements caddy.Module.
func (*MemorySessions) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "gatehouse.sessions.memory", New: func() caddy.Module { return new(MemorySessions) }}
}

// Provision makes Path absolute. It touches no file.
func (s *SQLiteStore) Provision(ctx caddy.Context) error {
	s.options = loud(ctx.Logger())
	path, err := databasePath(s.Path, filepath.Join(DataDir(), "gatehouse.sqlite"))
	if err != nil {
		return fmt.Errorf("store sqlite: path: %w", err)
	}
	s.Path = path
	return nil
}

// Provision makes Path absolute if there is one: the default depends on the
// store. It touches no file.
func (s *SQLiteSessions) Provision(ctx caddy.Context) error {
	s.options = loud(ctx.Logger())
	path, err := databasePath(s.Path, "")
	if err != nil {
		return fmt.Errorf("sessions sqlite: path: %w", err)
	}
	s.Path = path
	return nil
}

// loud makes the log tell of a database that is not at its path any more: from
// then on nobody gets in.
func loud(log *zap.Logger) sqlite.Options {
	return sqlite.Options{Report: func(err error) { log.Error("the database is lost, everything is refused", zap.Error(err)) }}
}

// Address implements RecordStore.
func (s *SQLiteStore) Address() string { return s.Path }

// OpenRecords implements RecordStore.
func (s *SQLiteStore) OpenRecords(context.Context) (house.Records, error) {
	return sqlite.OpenRecords(s.Path, s.options)
}

// Address implements SessionStore.
func (s *SQLiteSessions) Address() string { return s.Path }

// OpenShorts implements SessionStore.
func (s *SQLiteSessions) OpenShorts(context.Context) (house.Shorts, error) {
	return sqlite.OpenShorts(s.Path, s.options)
}

// Address implements SessionStore.
func (*MemorySessions) Address() string { return "memory" }

// Private implements SessionStore.
func (*MemorySessions) Private() bool { return true }

// Private implements SessionStore.
func (*SQLiteSessions) Private() bool { return false }

// OpenShorts implements SessionStore.
func (*MemorySessions) OpenShorts(context.Context) (house.Shorts, error) {
	return memory.NewShorts(memory.Options{}), nil
}

// beside gives the sessions' default place, beside a store's database.
func beside(store string) string { return filepath.Join(filepath.Dir(store), "sessions.sqlite") }

// DataDir is the directory for everything Gatehouse keeps by default: below
// Caddy's own data directory, which follows XDG_DATA_HOME and HOME.
func DataDir() string { return filepath.Join(caddy.AppDataDir(), "gatehouse") }

// databasePath resolves placeholders in path, or takes def, and makes the
// result absolute, since it is the key under which processes and reloads
// recognise the database.
func databasePath(path, def string) (string, error) {
	path, err := caddy.NewReplacer().ReplaceOrErr(path, true, true)
	if err != nil {
		return "", err
	}
	if path == "" {
		path = def
	}
	if path == "" {
		return "", nil
	}
	return filepath.Abs(path)
}
