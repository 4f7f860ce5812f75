package sqlite

import (
	"context"
	"errors"
	"fmt"

	"github.com/gatehouse-auth/gatehouse/fault"
)

// Result codes of SQLite (sqlite.org/rescode.html); the low byte is the
// primary code.
const (
	codePerm      = 3
	codeBusy      = 5
	codeLocked    = 6
	codeNoMem     = 7
	codeReadOnly  = 8
	codeInterrupt = 9
	codeIOErr     = 10
	codeCorrupt   = 11
	codeFull      = 13
	codeCantOpen  = 14
	codeTooBig    = 18
	codeNotADB    = 26

	codeUnique     = 19 | 8<<8
	codePrimaryKey = 19 | 6<<8
	codeRowID      = 19 | 10<<8
)

// sentences say in plain words why the database can't be used.
var sentences = map[int]string{
	codePerm:      "the database may not be used by this user",
	codeBusy:      "another process has been writing to the database for too long",
	codeLocked:    "the database is in use",
	codeNoMem:     "there is not enough memory for the database",
	codeReadOnly:  "the database can't be written: the file, its directory or the disk is read-only",
	codeInterrupt: "the database operation was interrupted",
	codeIOErr:     "the disk failed while the database was read or written",
	codeCorrupt:   "the database file is damaged: restore a backup",
	codeFull:      "the disk is full: the database can't grow",
	codeCantOpen:  "the database file can't be opened",
	codeNotADB:    "the file is not a database",
}

var errClosed = errors.New("the store is closed")

// classify gives err the kind that callers act upon. Errors that have one
// already keep it.
func (f *file) classify(op string, err error) error {
	if err == nil {
		return nil
	}
	if fault.KindOf(err) != fault.Internal {
		return err
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, errClosed) {
		return fault.Wrap(fault.Unavailable, op, err)
	}
	if c, ok := code(err); ok {
		return fromCode(op, c, err)
	}
	select {
	case <-f.closed: // in the middle of it: database/sql has no error to compare with
		return fault.Wrap(fault.Unavailable, op, fmt.Errorf("%w: %w", errClosed, err))
	default:
		return err
	}
}

func fromCode(op string, c int, err error) error {
	switch c {
	case codeUnique, codePrimaryKey, codeRowID:
		return fault.Wrap(fault.Exists, op, err)
	}
	if c&0xff == codeTooBig {
		return fault.Wrap(fault.Invalid, op, err)
	}
	if s, ok := sentences[c&0xff]; ok {
		return fault.Wrap(fault.Unavailable, op, fmt.Errorf("%s: %w", s, err))
	}
	return err
}

// busy tells whether waiting may help.
func busy(err error) bool {
	c, ok := code(err)
	return ok && (c&0xff == codeBusy || c&0xff == codeLocked)
}
