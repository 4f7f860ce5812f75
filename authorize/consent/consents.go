package consent

import (
	"context"
	"encoding/json"
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/internal/secret"
	"github.com/gatehouse-auth/gatehouse/store"
)

// most is how many consents of one person to one client are kept. A client that
// asks for ever other sets of scopes has the oldest forgotten, and asks again.
const most = 20

// Consents keeps what people allowed. Records and Shorts are required;
// [Migrations] must have been applied to the records. Now nil means time.Now;
// it must be the clock of the stores. It is safe for concurrent use.
type Consents struct {
	Records store.Records
	Shorts  store.Shorts
	Now     func() time.Time
}

func (c *Consents) now() time.Time {
	if c.Now != nil {
		return c.Now()
	}
	return time.Now()
}

// Record is one remembered consent.
type Record struct {
	Terms
	Granted, Expires time.Time

	hash string
}

// Covered tells whether somebody's remembered consent allows t. life is how
// long the client's consents are remembered now: one that was given when it was
// longer ends by the shorter time.
func (c *Consents) Covered(ctx context.Context, sub identity.Subject, t Terms, life time.Duration) (bool, error) {
	list, err := c.query(ctx, `subject = $1 AND client = $2`, string(sub), t.Client)
	if err != nil {
		return false, fault.At("consent.Covered", err)
	}
	for _, r := range list {
		if r.covers(t) && c.now().Before(r.Granted.Add(life)) {
			return true, nil
		}
	}
	return false, nil
}

// Keep remembers that somebody allowed t, for life. What it covers of earlier
// consents is forgotten.
func (c *Consents) Keep(ctx context.Context, sub identity.Subject, t Terms, life time.Duration) error {
	const op = "consent.Keep"
	t = t.sorted()
	terms, err := json.Marshal(t)
	if err != nil {
		return fault.Wrap(fault.Internal, op, err)
	}
	now := c.now()
	return fault.At(op, c.Records.Update(ctx, func(tx store.Tx) error {
		if err := sweep(tx, now.UnixMilli()); err != nil {
			return err
		}
		if err := replace(tx, sub, t); err != nil {
			return err
		}
		_, err := tx.Exec(`INSERT INTO consents (hash, subject, client, terms, granted, expires) VALUES ($1, $2, $3, $4, $5, $6)`,
			secret.Hash(string(sub), string(terms)), string(sub), t.Client, string(terms), now.UnixMilli(), now.Add(life).UnixMilli())
		return err
	}))
}

// List gives what somebody allowed and is remembered, newest first.
func (c *Consents) List(ctx context.Context, sub identity.Subject) ([]Record, error) {
	list, err := c.query(ctx, `subject = $1`, string(sub))
	return list, fault.At("consent.List", err)
}

// Forget forgets what somebody allowed a client, and answers that were not used
// yet. Tokens are not touched.
func (c *Consents) Forget(ctx context.Context, sub identity.Subject, client string) error {
	const op = "consent.Forget"
	err := c.Records.Update(ctx, func(tx store.Tx) error {
		_, err := tx.Exec(`DELETE FROM consents WHERE subject = $1 AND client = $2`, string(sub), client)
		return err
	})
	if err != nil {
		return fault.At(op, err)
	}
	_, err = c.Shorts.DeleteByIndex(ctx, kindAnswer, store.ByFamily, pair(sub, client))
	return fault.At(op, err)
}

// EndSubject forgets everything that somebody allowed: for an account that is
// deleted.
func (c *Consents) EndSubject(ctx context.Context, sub identity.Subject) error {
	const op = "consent.EndSubject"
	err := c.Records.Update(ctx, func(tx store.Tx) error {
		_, err := tx.Exec(`DELETE FROM consents WHERE subject = $1`, string(sub))
		return err
	})
	if err != nil {
		return fault.At(op, err)
	}
	_, err = c.Shorts.DeleteByIndex(ctx, kindAnswer, store.BySub, string(sub))
	return fault.At(op, err)
}

// EndClient forgets everything that anybody allowed a client: for one that is
// deleted, so that whoever is registered under the same id later has to ask
// anew. Answers on their way are good for the few minutes they live.
func (c *Consents) EndClient(ctx context.Context, client string) error {
	return fault.At("consent.EndClient", c.Records.Update(ctx, func(tx store.Tx) error {
		_, err := tx.Exec(`DELETE FROM consents WHERE client = $1`, client)
		return err
	}))
}
