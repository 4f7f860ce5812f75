package sqlite

import "database/sql"

// itemColumns are what [scan] reads.
const itemColumns = `value, COALESCE(sub, ''), COALESCE(sid, ''), COALESCE(family, ''), expires, version`

// statements are the verbs of [Shorts], prepared once per connection.
type statements struct {
	create, swap, remove, // each a transaction by itself
	find, mark, // the two halves of Take
	add, lower, // Count
	get, some, tally *sql.Stmt // reading
}

// atOnce is how many keys one look of GetAll is for.
const atOnce = 6

func (s *statements) prepare(f *file) error {
	for _, p := range []struct {
		st    **sql.Stmt
		db    *sql.DB
		query string
	}{
		{&s.create, f.write, `
INSERT INTO shorts (kind, key, value, sub, sid, family, expires, version)
VALUES ($1, $2, $3, NULLIF($4, ''), NULLIF($5, ''), NULLIF($6, ''), $7, $8)
ON CONFLICT (kind, key) DO UPDATE SET value = excluded.value, sub = excluded.sub, sid = excluded.sid,
	family = excluded.family, expires = excluded.expires, version = excluded.version, taken = NULL
WHERE shorts.expires <= $9`},
		{&s.swap, f.write, `
UPDATE shorts SET value = $1, sub = NULLIF($2, ''), sid = NULLIF($3, ''), family = NULLIF($4, ''), expires = $5, version = version + 1
WHERE kind = $6 AND key = $7 AND version = $8 AND expires > $9 AND taken IS NULL`},
		{&s.remove, f.write, `DELETE FROM shorts WHERE kind = $1 AND key = $2`},
		{&s.find, f.write, `SELECT ` + itemColumns + `, taken FROM shorts WHERE kind = $1 AND key = $2 AND expires > $3`},
		// The value is erased: nobody may read it twice.
		{&s.mark, f.write, `
UPDATE shorts SET taken = $1, value = NULL
WHERE kind = $2 AND key = $3 AND version = $4 AND expires > $5 AND taken IS NULL`},
		// A counter that stands at zero is as good as absent, so that the
		// next addition begins a new window.
		{&s.add, f.write, `
INSERT INTO counters (key, n, resets) VALUES ($1, $2, $3)
ON CONFLICT (key) DO UPDATE SET
	n = CASE WHEN resets <= $4 OR n = 0 THEN excluded.n ELSE min(n + excluded.n, $5) END,
	resets = CASE WHEN resets <= $4 OR n = 0 THEN excluded.resets ELSE resets END
RETURNING n, resets`},
		{&s.lower, f.write, `UPDATE counters SET n = max(n + $1, 0) WHERE key = $2 AND resets > $3 RETURNING n, resets`},
		{&s.get, f.read, `SELECT ` + itemColumns + ` FROM shorts WHERE kind = $1 AND key = $2 AND expires > $3 AND taken IS NULL`},
		{&s.some, f.read, `SELECT ` + itemColumns + `, key FROM shorts
WHERE kind = $1 AND expires > $2 AND taken IS NULL AND key IN ($3, $4, $5, $6, $7, $8)`},
		{&s.tally, f.read, `SELECT n, resets FROM counters WHERE key = $1 AND resets > $2`},
	} {
		st, err := p.db.Prepare(p.query)
		if err != nil {
			return err
		}
		*p.st = st
	}
	return nil
}
