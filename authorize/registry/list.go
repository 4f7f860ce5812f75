package registry

import (
	"context"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/store"
)

// Limits of a page of [Stored.List].
const (
	DefaultPage = 100
	MaxPage     = 1000
)

// Entry is what an administrator sees of a client. It has no hash.
type Entry struct {
	ID string
	// Source is where the client comes from.
	Source  Source
	Created time.Time // zero if it is configured
	Changed time.Time
	// Secrets are those that are good now, the newest first.
	Secrets []SecretInfo
	// Client is the client without its secrets, nil if there is a Problem.
	Client *client.Client
	// Problem says why the client is refused everywhere, nil if it is not.
	Problem error
}

// Source is where a client comes from.
type Source string

// The sources.
const (
	Configured Source = "configuration"
	Database   Source = "database"
)

// Describe is what an administrator sees of a client of the configuration.
func Describe(c *client.Client) Entry {
	shown := *c
	shown.Secrets = nil
	return Entry{ID: c.ID, Source: Configured, Client: &shown}
}

// SecretInfo tells of a secret when it was made and when it ends.
type SecretInfo struct {
	Created time.Time `json:"created"`
	Expires time.Time `json:"expires,omitzero"` // zero: never
}

// List gives a page of clients ordered by id, and the cursor of the next page,
// "" after the last. The cursor of the first page is "". A limit of zero means
// [DefaultPage]; more than [MaxPage] is cut.
func (s *Stored) List(ctx context.Context, cursor string, limit int) (page []Entry, next string, err error) {
	if limit <= 0 {
		limit = DefaultPage
	}
	limit = min(limit, MaxPage)
	err = s.records.View(ctx, func(tx store.Tx) error {
		page, next = nil, ""
		found, err := ids(tx, cursor, limit+1)
		if err != nil {
			return err
		}
		if len(found) > limit {
			found = found[:limit]
			next = found[limit-1]
		}
		for _, id := range found {
			entry, err := s.entry(find(tx, id))
			if err != nil {
				return err
			}
			entry.ID = id
			page = append(page, entry)
		}
		return nil
	})
	if err != nil {
		return nil, "", fault.At("registry.List", err)
	}
	return page, next, nil
}

// Find gives one client as it stands in the database. fault.NotFound: there is
// none; the public sentence guesses which one was meant.
func (s *Stored) Find(ctx context.Context, id string) (*Entry, error) {
	var entry Entry
	err := s.records.View(ctx, func(tx store.Tx) (err error) {
		entry, err = s.entry(s.sought(tx, id))
		return err
	})
	if err != nil {
		return nil, fault.At("registry.Find", err)
	}
	entry.ID = id
	return &entry, nil
}

// entry describes a row. One that can't be used is described as such.
func (s *Stored) entry(r row, err error) (Entry, error) {
	if broken(err) {
		return Entry{Source: Database, Problem: err}, nil
	}
	if err != nil {
		return Entry{}, err
	}
	now := s.now().UnixMilli()
	e := Entry{ID: r.id, Source: Database, Created: instant(r.created), Changed: instant(r.changed)}
	for _, p := range r.secrets {
		if p.Expires == 0 || p.Expires > now {
			e.Secrets = append(e.Secrets, SecretInfo{Created: instant(p.Created), Expires: instant(p.Expires)})
		}
	}
	if e.Client, _, e.Problem = r.client(now); e.Client != nil {
		e.Client.Secrets = nil
	}
	return e, nil
}

// ids gives the ids behind a cursor.
func ids(tx store.Tx, cursor string, limit int) ([]string, error) {
	rows, err := tx.Query(`SELECT id FROM clients WHERE id > $1 ORDER BY id LIMIT $2`, cursor, limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []string
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		list = append(list, id)
	}
	return list, rows.Err()
}

func instant(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
