package registration

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"reflect"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/authorize/metadata"
	"github.com/gatehouse-auth/gatehouse/authorize/registry"
	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/internal/secret"
	"github.com/gatehouse-auth/gatehouse/store"
)

// Registrations keeps who registered, and by which tokens one can. Records and
// Clients are required, over the same database, to which [Migrations] must have
// been applied. It is safe for concurrent use, also by several processes.
type Registrations struct {
	Records store.Records
	Clients *registry.Stored
	// End takes from a client what people granted it. It may be called again for
	// what is ended already. Required.
	End func(ctx context.Context, id string) error
	// Now is the clock. Nil: time.Now.
	Now func() time.Time
	// Report is told of what fails in the background. Nil: nobody is told.
	Report func(error)

	seen seen
}

// Migrations are this package's tables. They refer to package registry's: what
// is kept of a client goes with it, whoever deletes it, but for the note that
// its grants are to be ended.
func Migrations() []store.Migration {
	return []store.Migration{{ID: "registration/0001", SQL: `
CREATE TABLE registrations (
	client  TEXT   NOT NULL PRIMARY KEY REFERENCES clients (id) ON DELETE CASCADE,
	token   TEXT   NOT NULL,
	about   TEXT   NOT NULL,
	created BIGINT NOT NULL,
	expires BIGINT NOT NULL
);
CREATE INDEX registrations_expires ON registrations (expires);
CREATE TABLE initial_tokens (
	id      TEXT   NOT NULL PRIMARY KEY,
	hash    TEXT   NOT NULL,
	name    TEXT   NOT NULL,
	created BIGINT NOT NULL,
	expires BIGINT NOT NULL,
	uses    BIGINT NOT NULL
);
CREATE UNIQUE INDEX initial_tokens_hash ON initial_tokens (hash);`}, {ID: "registration/0002", SQL: `
CREATE TABLE client_endings (
	client TEXT   NOT NULL PRIMARY KEY,
	noted  BIGINT NOT NULL
);`}}
}

func (r *Registrations) now() time.Time {
	if r.Now != nil {
		return r.Now()
	}
	return time.Now()
}

// Limits bound what registers.
type Limits struct {
	// Clients is how many that registered themselves there can be at a time.
	Clients int
	// Unused is how long one is kept that never gets a token.
	Unused time.Duration
}

// Registered is a client that registered itself.
type Registered struct {
	Client  *client.Client // without its secrets
	About   metadata.About
	Created time.Time
	// Secret and Token are what the client proves itself by, and manages its
	// registration by, where they are new; "" else.
	Secret, Token string
}

// Register makes a client of c, under a new id, and spends one use of an initial
// token for it: both or neither. fault.Denied: the token is not good (any more);
// fault.Conflict: there are too many clients; fault.Invalid: c is not allowed.
func (r *Registrations) Register(ctx context.Context, initial string, c *client.Client, about metadata.About, l Limits) (*Registered, error) {
	const op = "registration.Register"
	raw, err := json.Marshal(about)
	if err != nil {
		return nil, fault.Wrap(fault.Internal, op, err)
	}
	now, token := r.now(), secret.New()
	plain, err := r.Clients.Create(ctx, c, func(tx store.Tx) error {
		if err := spend(tx, initial, now.UnixMilli()); err != nil {
			return err
		}
		var n int
		if err := tx.QueryRow(`SELECT COUNT(*) FROM registrations`).Scan(&n); err != nil {
			return err
		}
		if n >= l.Clients {
			return fault.Wrap(fault.Conflict, op, errors.New("there are too many clients that registered themselves"))
		}
		_, err := tx.Exec(`INSERT INTO registrations (client, token, about, created, expires) VALUES ($1, $2, $3, $4, $5)`,
			c.ID, secret.Hash(token), string(raw), now.UnixMilli(), now.Add(l.Unused).UnixMilli())
		return err
	})
	if err != nil {
		return nil, fault.At(op, err)
	}
	return &Registered{Client: c, About: about, Created: now, Secret: plain, Token: token}, nil
}

// Find gives a client to who has the token for its management. fault.Denied:
// there is no such client, or it is another's token.
func (r *Registrations) Find(ctx context.Context, id, token string) (*Registered, error) {
	const op = "registration.Find"
	var hash, about string
	var created int64
	err := r.Records.View(ctx, func(tx store.Tx) error {
		return tx.QueryRow(`SELECT token, about, created FROM registrations WHERE client = $1`, id).Scan(&hash, &about, &created)
	})
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil, fault.Wrap(fault.Denied, op, errors.New("no such client"))
	case err != nil:
		return nil, fault.At(op, err)
	case !secret.Valid(token) || !secret.Equal(secret.Hash(token), hash):
		return nil, fault.Wrap(fault.Denied, op, errors.New("the token is not the client's"))
	}
	entry, err := r.Clients.Find(ctx, id)
	switch {
	case fault.Is(err, fault.NotFound): // deleted a moment ago
		return nil, fault.Wrap(fault.Denied, op, err)
	case err != nil:
		return nil, fault.At(op, err)
	case entry.Problem != nil:
		return nil, fault.Wrap(fault.Internal, op, entry.Problem)
	}
	out := &Registered{Client: entry.Client, Created: time.UnixMilli(created)}
	if json.Unmarshal([]byte(about), &out.About) != nil {
		return nil, fault.Wrap(fault.Internal, op, errors.New("what a client says about itself can't be read"))
	}
	return out, nil
}

// Change puts c in the place of a client, and ends what people granted it, if it
// is another one now: they granted it to what it was. What metadata don't say
// stays as an administrator decided. Secret is set if it needs one and had none.
// fault.Denied: it was deleted a moment ago; fault.Invalid: c is not allowed.
func (r *Registrations) Change(ctx context.Context, c *client.Client, about metadata.About) (*Registered, error) {
	const op = "registration.Change"
	raw, err := json.Marshal(about)
	if err != nil {
		return nil, fault.Wrap(fault.Internal, op, err)
	}
	out, same := &Registered{Client: c, About: about}, false
	out.Secret, err = r.Clients.Update(ctx, c.ID, func(old *client.Client) error {
		before := *old
		metadata.Replace(old, c)
		now := *old
		out.Client, same = &now, reflect.DeepEqual(&before, old)
		return nil
	}, func(tx store.Tx) error {
		var created int64
		err := tx.QueryRow(`UPDATE registrations SET about = $1 WHERE client = $2 RETURNING created`, string(raw), c.ID).Scan(&created)
		out.Created = time.UnixMilli(created)
		if err != nil || same {
			return err
		}
		return note(tx, c.ID, r.now().UnixMilli())
	})
	if fault.Is(err, fault.NotFound) || errors.Is(err, sql.ErrNoRows) {
		return nil, fault.Wrap(fault.Denied, op, errors.New("deleted a moment ago"))
	}
	return out, fault.At(op, r.ended(ctx, c.ID, err))
}

// Delete deletes a client, however it came, and ends what people granted it.
// fault.NotFound: it is gone already.
func (r *Registrations) Delete(ctx context.Context, id string) error {
	return fault.At("registration.Delete", r.drop(ctx, id, func(store.Tx) error { return nil }))
}

// drop deletes a client unless may, in the same transaction, says no.
func (r *Registrations) drop(ctx context.Context, id string, may func(store.Tx) error) error {
	err := r.Clients.Delete(ctx, id, may, func(tx store.Tx) error { return note(tx, id, r.now().UnixMilli()) })
	return r.ended(ctx, id, err)
}
