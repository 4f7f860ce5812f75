package registry

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/store"
)

// Migrations are this package's tables. client_origins repeats what is in the
// settings, to be found from the other end.
func Migrations() []store.Migration {
	return []store.Migration{{ID: "client/0001", SQL: `
CREATE TABLE clients (
	id       TEXT   NOT NULL PRIMARY KEY,
	settings TEXT   NOT NULL,
	secrets  TEXT   NOT NULL,
	created  BIGINT NOT NULL,
	changed  BIGINT NOT NULL
);
CREATE TABLE client_origins (
	origin TEXT NOT NULL,
	client TEXT NOT NULL,
	PRIMARY KEY (origin, client)
);
CREATE INDEX client_origins_client ON client_origins (client);`}}
}

// row is a client as it is kept. Times are Unix milliseconds.
type row struct {
	id       string
	settings string  // see decode
	secrets  []proof // JSON in the table
	created  int64
	changed  int64
}

// proof is a secret of a client: its hash, and its time.
type proof struct {
	Sum     string `json:"sha256"`
	Created int64  `json:"created"`
	Expires int64  `json:"expires,omitempty"` // 0 never
}

// rowError is a row that makes no client.
type rowError struct {
	id  string
	err error
}

func (e *rowError) Error() string {
	return fmt.Sprintf("the client %q in the database can't be used: %v", e.id, e.err)
}

func errRow(id string, err error) error {
	return fault.Wrap(fault.Internal, "registry.row", &rowError{id, err})
}

// broken tells whether a row is the reason of an error.
func broken(err error) bool {
	_, ok := errors.AsType[*rowError](err)
	return ok
}

// client gives the client of a row with the secrets that are good at now, and
// the time when the first of them ends, 0 for never. What is in the database is
// held to the same rules as what comes in: a rule may be younger than a row.
func (r row) client(now int64) (c *client.Client, until int64, err error) {
	if c, err = decode(r.settings); err != nil {
		return nil, 0, errRow(r.id, err)
	}
	c.ID = r.id
	for _, p := range r.secrets {
		if p.Expires != 0 && p.Expires <= now {
			continue
		}
		if p.Expires != 0 && (until == 0 || p.Expires < until) {
			until = p.Expires
		}
		secret, err := client.ParseSecret(p.Sum)
		if err != nil {
			return nil, 0, errRow(r.id, err)
		}
		c.Secrets = append(c.Secrets, secret)
	}
	if err := c.Validate(); err != nil {
		return nil, 0, errRow(r.id, err)
	}
	return c, until, nil
}

const columns = `id, settings, secrets, created, changed`

func scan(from interface{ Scan(...any) error }) (row, error) {
	var r row
	var secrets string
	if err := from.Scan(&r.id, &r.settings, &secrets, &r.created, &r.changed); err != nil {
		return row{}, err
	}
	if err := strict([]byte(secrets), &r.secrets); err != nil {
		return row{}, errRow(r.id, errors.New("its secrets can't be read"))
	}
	return r, nil
}

// find reads one row, or gives fault.NotFound.
func find(tx store.Tx, id string) (row, error) {
	r, err := scan(tx.QueryRow(`SELECT `+columns+` FROM clients WHERE id = $1`, id))
	if errors.Is(err, sql.ErrNoRows) {
		return row{}, fault.New(fault.NotFound, "registry.find", "")
	}
	return r, err
}

// write puts a row into the table, and what repeats it.
func (r row) write(tx store.Tx, origins []string) error {
	secrets, err := json.Marshal(r.secrets)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`INSERT INTO clients (`+columns+`) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (id) DO UPDATE SET settings = $2, secrets = $3, changed = $5`,
		r.id, r.settings, string(secrets), r.created, r.changed)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(`DELETE FROM client_origins WHERE client = $1`, r.id); err != nil {
		return err
	}
	for _, origin := range origins {
		if _, err := tx.Exec(`INSERT INTO client_origins (origin, client) VALUES ($1, $2) ON CONFLICT DO NOTHING`, origin, r.id); err != nil {
			return err
		}
	}
	return tx.Publish(store.Change{Topic: store.TopicClient, Key: r.id})
}
