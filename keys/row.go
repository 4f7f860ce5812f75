package keys

import (
	"errors"
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/internal/jose"
	"github.com/gatehouse-auth/gatehouse/internal/seal"
	"github.com/gatehouse-auth/gatehouse/store"
)

// Migrations are this package's tables.
func Migrations() []store.Migration {
	return []store.Migration{{ID: "keys/0001", SQL: `
CREATE TABLE signing_keys (
	kid TEXT PRIMARY KEY,
	alg TEXT NOT NULL,
	sealed TEXT NOT NULL,
	created BIGINT NOT NULL,
	announced BIGINT NOT NULL,
	active BIGINT NOT NULL,
	retired BIGINT NOT NULL DEFAULT 0
)`}}
}

// row is a signing key as it is kept. Times are Unix milliseconds.
type row struct {
	kid, alg, sealed string

	created   int64
	announced int64 // listed from then on
	active    int64 // signs from then on
	retired   int64 // signs no more; 0 while no successor is known
}

// hasRetired tells whether the key signs no more.
func (r row) hasRetired(now int64) bool { return r.retired != 0 && r.retired <= now }

var errMaster = errors.New("the signing keys in the database were sealed with another master key; " +
	"put back the master key file that belongs to this database")

// sealKey gives the row of a new key.
func sealKey(box *seal.Box, key *jose.Key, created, active time.Time) (row, error) {
	private, err := key.MarshalPrivate()
	if err != nil {
		return row{}, fault.Wrap(fault.Internal, "keys.seal", errors.New("the new key has no serial form"))
	}
	now := created.UnixMilli()
	return row{
		kid: key.ID(), alg: key.Alg(), sealed: box.Seal(private, key.ID(), key.Alg()),
		created: now, announced: now, active: active.UnixMilli(),
	}, nil
}

// open gives the key of a row.
func (r row) open(box *seal.Box) (*jose.Key, error) {
	private, err := box.Open(r.sealed, r.kid, r.alg)
	if err != nil {
		return nil, fault.Wrap(fault.Unavailable, "keys.open", errMaster)
	}
	key, err := jose.ParsePrivate(private)
	if err != nil || key.ID() != r.kid || key.Alg() != r.alg {
		return nil, fault.Wrap(fault.Internal, "keys.open", errors.New("a signing key in the database is damaged"))
	}
	return key, nil
}

func readRows(t store.Tx) ([]row, error) {
	rows, err := t.Query(`SELECT kid, alg, sealed, created, announced, active, retired FROM signing_keys ORDER BY alg, active, kid`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []row
	for rows.Next() {
		var r row
		if err := rows.Scan(&r.kid, &r.alg, &r.sealed, &r.created, &r.announced, &r.active, &r.retired); err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, rows.Err()
}

func (r row) insert(t store.Tx) error {
	_, err := t.Exec(`INSERT INTO signing_keys (kid, alg, sealed, created, announced, active, retired) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		r.kid, r.alg, r.sealed, r.created, r.announced, r.active, r.retired)
	return err
}

func retire(t store.Tx, kid string, at int64) error {
	_, err := t.Exec(`UPDATE signing_keys SET retired = $2 WHERE kid = $1`, kid, at)
	return err
}

func remove(t store.Tx, kid string) error {
	_, err := t.Exec(`DELETE FROM signing_keys WHERE kid = $1`, kid)
	return err
}
