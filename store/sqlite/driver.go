package sqlite

import (
	"database/sql"
	"errors"
	"net/url"
	"path/filepath"
	"strings"

	driver "modernc.org/sqlite" // the only import of the driver
)

// walLimit is the size in bytes to which the write-ahead log is cut back after
// a burst of writes.
const walLimit = "16777216"

// walPages is after how many pages the write-ahead log of a file that is not
// synchronised at each commit is written back: four times SQLite's own 1000,
// and still within walLimit (a page has 4096 bytes and a header of 24). A page
// that changes again and again is so written back less often, and the disk
// waited for at a quarter of the times.
const walPages = "4000"

// settings say how one set of connections is opened.
type settings struct {
	path        string // "" for a database in memory
	synchronous string // FULL or NORMAL
	readOnly    bool
}

// connect prepares a set of connections; nothing is opened before their first
// use.
func connect(s settings) (*sql.DB, error) {
	return sql.Open("sqlite", s.dsn())
}

// dsn gives the address in the driver's syntax. A path may hold any character.
func (s settings) dsn() string {
	// secure_delete(fast) overwrites what is deleted where the page is written
	// anyway: no old password hash is left for who steals the file. The cost
	// can't be measured.
	q := url.Values{
		// A misspelt column in double quotes is an error, not a text.
		"_dqs":          {"0"},
		"_defensive":    {"1"},
		"_foreign_keys": {"1"},
		"_pragma":       {"trusted_schema(0)", "secure_delete(fast)"},
	}
	if s.readOnly {
		q.Set("_busy_timeout", "5000")
		q.Set("_query_only", "1")
	} else {
		// The driver can't be interrupted while it waits for a lock, so it
		// waits in short slices and [file.patiently] counts them.
		q.Set("_busy_timeout", "50")
		q.Set("_txlock", "immediate")
		q.Set("_synchronous", s.synchronous)
		q.Add("_pragma", "journal_size_limit("+walLimit+")")
		if s.synchronous == "NORMAL" {
			q.Add("_pragma", "wal_autocheckpoint("+walPages+")")
		}
	}
	if s.path == "" {
		return "file::memory:?" + q.Encode()
	}
	if !s.readOnly {
		q.Set("_journal_mode", "WAL")
	}
	p := filepath.ToSlash(s.path)
	if !strings.HasPrefix(p, "/") {
		p = "/" + p // a drive letter
	}
	return (&url.URL{Scheme: "file", Path: p, RawQuery: q.Encode()}).String()
}

// code gives SQLite's extended result code of an error, if it has one.
func code(err error) (int, bool) {
	if e, ok := errors.AsType[*driver.Error](err); ok {
		return e.Code(), true
	}
	return 0, false
}
