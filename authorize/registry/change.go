package registry

import (
	"context"
	"fmt"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/internal/secret"
	"github.com/gatehouse-auth/gatehouse/internal/suggest"
	"github.com/gatehouse-auth/gatehouse/store"
)

const (
	// MaxOverlap is the longest time for which an old secret goes on beside the
	// one that replaces it.
	MaxOverlap = 90 * 24 * time.Hour
	// mostSecrets is how many of a client's are good at a time; older ones end
	// early.
	mostSecrets = 4
)

// Create makes a client. A client that proves itself by a secret gets one,
// which is given once and kept as a hash; else plain is "". fault.Invalid: its
// settings are not allowed; [client.Problems] in its chain names every mistake.
// fault.Exists: the id is taken. also is done in the same transaction, after the
// rest; its errors come back with their kind, and nothing is changed.
func (s *Stored) Create(ctx context.Context, c *client.Client, also ...func(store.Tx) error) (plain string, err error) {
	const op = "registry.Create"
	err = s.update(ctx, c.ID, func(tx store.Tx) error {
		now := s.now().UnixMilli()
		r := row{id: c.ID, created: now, changed: now}
		switch _, err := find(tx, c.ID); {
		case err == nil:
			return fault.New(fault.Exists, op, fmt.Sprintf("There is a client %s already.", c.ID))
		case !fault.Is(err, fault.NotFound):
			return err
		}
		if plain, err = r.become(c, now); err != nil {
			return err
		}
		if err := r.write(tx, c.AllowedOrigins); err != nil {
			return err
		}
		return each(tx, also)
	})
	return plain, fault.At(op, err)
}

// Update changes a client. change gets a copy, of which the id stays whatever it
// does, and may be called more than once. A client that proves itself by a
// secret from now on gets one, as in [Stored.Create]. fault.NotFound, or as in
// Create; the errors of change come back with their kind. also is as in Create.
func (s *Stored) Update(ctx context.Context, id string, change func(*client.Client) error, also ...func(store.Tx) error) (plain string, err error) {
	const op = "registry.Update"
	err = s.update(ctx, id, func(tx store.Tx) error {
		r, c, err := s.whole(tx, id)
		if err != nil {
			return err
		}
		if err := change(c); err != nil {
			return err
		}
		c.ID, r.changed = id, s.now().UnixMilli()
		if plain, err = r.become(c, r.changed); err != nil {
			return err
		}
		if err := r.write(tx, c.AllowedOrigins); err != nil {
			return err
		}
		return each(tx, also)
	})
	return plain, fault.At(op, err)
}

// RotateSecret gives a client a new secret. The old ones end after overlap, at
// most [MaxOverlap]; zero ends them now. fault.NotFound; fault.Invalid: the
// client has no secret, or overlap is out of bounds.
func (s *Stored) RotateSecret(ctx context.Context, id string, overlap time.Duration) (plain string, err error) {
	const op = "registry.RotateSecret"
	if overlap < 0 || overlap > MaxOverlap {
		return "", fault.New(fault.Invalid, op, fmt.Sprintf("The old secret can go on for %d days at most.", MaxOverlap/(24*time.Hour)))
	}
	err = s.update(ctx, id, func(tx store.Tx) error {
		r, c, err := s.whole(tx, id)
		if err != nil {
			return err
		}
		if !c.NeedsSecret() {
			return fault.New(fault.Invalid, op, fmt.Sprintf("The client %s has no secret: it proves itself by %s.", id, c.AuthMethod()))
		}
		r.changed = s.now().UnixMilli()
		r.retire(r.changed, overlap)
		plain = r.prove(r.changed)
		if _, err := r.become(c, r.changed); err != nil {
			return err
		}
		return r.write(tx, c.AllowedOrigins)
	})
	return plain, fault.At(op, err)
}

// Delete removes a client: from now on it is unknown, and so are the tokens it
// holds. A client that is made later under the same id is the same to whoever
// knows only the id, so its grants should be ended, too. fault.NotFound. first
// is done in the same transaction, before the rest; its errors come back with
// their kind, and nothing is changed.
func (s *Stored) Delete(ctx context.Context, id string, first ...func(store.Tx) error) error {
	err := s.update(ctx, id, func(tx store.Tx) error {
		if err := each(tx, first); err != nil {
			return err
		}
		if _, err := s.sought(tx, id); err != nil && !broken(err) {
			return err
		}
		for _, statement := range []string{`DELETE FROM clients WHERE id = $1`, `DELETE FROM client_origins WHERE client = $1`} {
			if _, err := tx.Exec(statement, id); err != nil {
				return err
			}
		}
		return tx.Publish(store.Change{Topic: store.TopicClient, Key: id})
	})
	return fault.At("registry.Delete", err)
}

// each does what else belongs into a transaction.
func each(tx store.Tx, all []func(store.Tx) error) error {
	for _, f := range all {
		if err := f(tx); err != nil {
			return err
		}
	}
	return nil
}

// update changes the table. In this process the change counts before its answer
// is given, also where it is not certain that it failed.
func (s *Stored) update(ctx context.Context, id string, f func(store.Tx) error) error {
	defer s.apply(store.Change{Topic: store.TopicClient, Key: id})
	return s.records.Update(ctx, f)
}

// sought is find for a person, who may have mistyped.
func (s *Stored) sought(tx store.Tx, id string) (row, error) {
	r, err := find(tx, id)
	if !fault.Is(err, fault.NotFound) {
		return r, err
	}
	sentence := fmt.Sprintf("There is no client %q in the database", id)
	ids, err := ids(tx, "", 1000)
	if err != nil {
		return row{}, err
	}
	if near := suggest.Nearest(id, ids); near != "" {
		sentence += fmt.Sprintf("; did you mean %s?", near)
	} else {
		sentence += "."
	}
	return row{}, fault.New(fault.NotFound, "registry.find", sentence)
}

// whole is sought with the client that the row describes, without its secrets.
func (s *Stored) whole(tx store.Tx, id string) (row, *client.Client, error) {
	r, err := s.sought(tx, id)
	if err != nil {
		return row{}, nil, err
	}
	c, err := decode(r.settings)
	if err != nil {
		return row{}, nil, errRow(id, err)
	}
	c.ID = id
	return r, c, nil
}

// become makes the row that of c, gives it a secret if it needs a first one and
// takes them away if it has no use for them, and holds it to the rules.
func (r *row) become(c *client.Client, now int64) (plain string, err error) {
	const op = "registry.become"
	whole := *c
	whole.ApplyProfile()
	c = &whole
	if !c.NeedsSecret() {
		r.secrets = nil
	} else if len(r.secrets) == 0 {
		plain = r.prove(now)
	}
	if r.settings, err = encode(c); err != nil {
		return "", fault.Wrap(fault.Invalid, op, err)
	}
	full := *c
	full.Secrets = nil
	for _, p := range r.secrets {
		secret, err := client.ParseSecret(p.Sum)
		if err != nil {
			return "", errRow(r.id, err)
		}
		full.Secrets = append(full.Secrets, secret)
	}
	if err := full.Validate(); err != nil {
		return "", fault.Wrap(fault.Invalid, op, err)
	}
	return plain, nil
}

// prove adds a new secret and gives it.
func (r *row) prove(now int64) string {
	plain := secret.New()
	r.secrets = append([]proof{{Sum: secret.Hash(plain), Created: now}}, r.secrets...)
	r.secrets = r.secrets[:min(len(r.secrets), mostSecrets)]
	return plain
}

// retire gives every secret an end, and removes those that have reached theirs.
func (r *row) retire(now int64, overlap time.Duration) {
	end := now + overlap.Milliseconds()
	var left []proof
	for _, p := range r.secrets {
		if p.Expires == 0 || p.Expires > end {
			p.Expires = end
		}
		if p.Expires > now {
			left = append(left, p)
		}
	}
	r.secrets = left
}
