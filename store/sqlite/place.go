package sqlite

import (
	"fmt"
	"os"
)

// inPlace makes sure that the open file is still the one at its path. Whoever
// deletes, renames or replaces it under a running process would not be seen
// otherwise: SQLite goes on with the file that has lost its name, commits go
// where nobody else looks, and other processes share nothing with it but a
// write-ahead log that is not theirs. So it ends here: every method is refused
// and the feed falls silent until the same file is back. It costs one stat and
// is asked by the feed, which polls anyway.
func (f *file) inPlace() error {
	if f.path == "" {
		return nil
	}
	info, err := os.Stat(f.path)
	if err == nil && os.SameFile(info, f.opened) {
		f.misplaced.Store(nil)
		return nil
	}
	how := "was replaced by another file"
	switch {
	case os.IsNotExist(err):
		how = "was deleted or renamed"
	case err != nil:
		how = "can't be looked at any more: " + err.Error()
	}
	lost := fmt.Errorf("the database %s %s while it was in use; nothing can be read or written: put it back, or restore a backup and start again", f.path, how)
	if f.misplaced.Swap(&lost) == nil {
		f.opts.Report(lost)
	}
	return lost
}
