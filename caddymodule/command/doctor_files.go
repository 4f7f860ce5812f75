package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/registry"
	"github.com/gatehouse-auth/gatehouse/internal/house"
)

// examineFiles looks at what is kept: first at what the file system says, then
// at what is in the files. Nothing is made that is not there.
func (e *examination) examineFiles() {
	database, sessions, _ := strings.Cut(e.plan.Address, "\x00")
	if err := mayTouch(database, os.Args); err != nil {
		e.add(problem, "%v", err)
		return
	}
	key := e.App.MasterKeyPath()
	for _, path := range []string{database, sessions} {
		for _, pid := range holders(path) {
			e.add(problem, "process %s still has a file open that was deleted or replaced at %s, and refuses everything: restart it", pid, path)
		}
	}
	if absent(database) {
		e.examineAbsence(database, sessions, key)
		return
	}
	e.examineModes(database, sessions, key)
	e.examineClock(database, database+"-wal", sessions, sessions+"-wal")
	sound := e.sound("accounts and keys", database, func(ctx context.Context) (io.Closer, error) { return e.plan.Records(ctx) })
	if sessions != "memory" {
		sound = e.sound("sessions", sessions, func(ctx context.Context) (io.Closer, error) { return e.plan.Shorts(ctx) }) && sound
	}
	if sound {
		e.examineKeys()
	} else if _, err := e.plan.Master(true); err != nil {
		e.add(problem, "%s", cause(err))
	}
}

// examineAbsence tells a first start from a loss.
func (e *examination) examineAbsence(database string, others ...string) {
	if i := slices.IndexFunc(others, func(path string) bool { return !absent(path) }); i >= 0 {
		e.add(problem, "there is no database at %s, but there is %s: put it back, or restore a backup", database, others[i])
		return
	}
	e.add(warning, "there is no database at %s yet: the server makes it at its first start", database)
}

// examineModes looks for files that others may read, and for a directory in
// which others may put their own in place of ours.
func (e *examination) examineModes(paths ...string) {
	for _, path := range paths {
		if info, err := os.Stat(path); err == nil && info.Mode().Perm()&0o077 != 0 {
			e.add(problem, "%s can be read by others: chmod 600 %s", path, path)
		}
		dir := filepath.Dir(path)
		if info, err := os.Stat(dir); err == nil && info.Mode().Perm()&0o022 != 0 && info.Mode()&os.ModeSticky == 0 {
			e.add(problem, "others may write to the directory of %s: chmod 700 %s", path, dir)
		}
	}
}

// examineClock finds a clock that went back behind what was written already.
func (e *examination) examineClock(paths ...string) {
	now := e.now()
	for _, path := range paths {
		if info, err := os.Stat(path); err == nil && info.ModTime().After(now.Add(time.Minute)) {
			e.add(problem, "the clock says %s, but %s was written at %s: set it, for sessions, links and tokens go by it", stamp(now), path, stamp(info.ModTime()))
			return
		}
	}
	e.add(fine, "the clock is not behind what was written")
}

// sound reads a whole store, if it is there.
func (e *examination) sound(what, path string, open func(context.Context) (io.Closer, error)) bool {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		e.add(warning, "there are no %s at %s: a new file is made at the next start", what, path)
		return true
	case err == nil && info.Size() == 0:
		e.add(problem, "the database of %s at %s is empty: restore a backup", what, path)
		return false
	}
	store, err := open(e.ctx)
	if err == nil {
		defer store.Close()
		if c, ok := store.(interface{ Check(context.Context) error }); ok {
			err = c.Check(e.ctx)
		}
	}
	if err != nil {
		e.add(problem, "the database of %s at %s: %s", what, path, cause(err))
		return false
	}
	e.add(fine, "the database of %s at %s is sound", what, path)
	return true
}

// examineKeys opens everything, as the server does.
func (e *examination) examineKeys() {
	rooms, release, err := enter(e.ctx, e.plan)
	if err != nil {
		e.add(problem, "%s", cause(err))
		return
	}
	defer release()
	e.count(rooms)
}

func (e *examination) count(rooms *house.Rooms) {
	keys, err := rooms.Keys.List(e.ctx)
	if err != nil {
		e.add(problem, "signing keys: %s", cause(err))
		return
	}
	e.add(fine, "%d signing keys can be read with the master key", len(keys))
	e.examineClients(rooms)
}

// examineClients looks at what the clients in the database need of the
// configuration.
func (e *examination) examineClients(rooms *house.Rooms) {
	stored, err := pages(func(cursor string) ([]registry.Entry, string, error) {
		return rooms.Clients.List(e.ctx, cursor, registry.MaxPage)
	})
	if err != nil {
		e.add(problem, "clients: %s", cause(err))
	}
	for _, entry := range stored {
		if entry.Problem != nil {
			e.add(problem, "client %s is refused everywhere: %v", entry.ID, entry.Problem)
			continue
		}
		if err := e.App.KeysFor(entry.Client); err != nil {
			e.add(problem, "client %s can be given no tokens: %v", entry.ID, err)
		}
		if text := e.CertificateWarning(entry.ID, entry.Client); text != "" {
			e.add(warning, "%s", text)
		}
	}
}

func absent(path string) bool {
	_, err := os.Stat(path)
	return errors.Is(err, os.ErrNotExist)
}

// holders lists the processes that have a file open which is no longer at path.
// Linux says so in the name; other systems don't tell.
func holders(path string) []string {
	if dir, err := filepath.EvalSymlinks(filepath.Dir(path)); err == nil {
		path = filepath.Join(dir, filepath.Base(path))
	}
	links, _ := filepath.Glob("/proc/[0-9]*/fd/*") // the pattern is well formed
	var pids []string
	for _, link := range links {
		if target, err := os.Readlink(link); err == nil && target == fmt.Sprintf("%s (deleted)", path) {
			pids = append(pids, strings.Split(link, "/")[2])
		}
	}
	return slices.Compact(pids)
}
