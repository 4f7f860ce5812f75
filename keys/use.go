package keys

import (
	"bytes"
	"context"
	"errors"
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/internal/jose"
)

// recheck is how old the known keys must be before a token with an unknown one
// makes the ring read the table again: others may send such tokens all day.
const recheck = time.Second

// Sign signs claims, which must encode as a JSON object, with the active key
// of alg, the first of which is made if there is none. typ says what the token
// is for ("JWT", "at+jwt", "logout+jwt"). fault.Invalid: no keys are kept for
// alg. fault.Unavailable: the store or the master key can't be used.
func (r *Ring) Sign(ctx context.Context, alg, typ string, claims any) (string, error) {
	const op = "keys.Sign"
	if err := r.offers(op, alg); err != nil {
		return "", err
	}
	s, err := r.current(ctx)
	if err != nil {
		return "", fault.At(op, err)
	}
	if s, err = r.supply(ctx, s, []string{alg}); err != nil {
		return "", fault.At(op, err)
	}
	key := s.signing[alg]
	if key == nil { // the settings changed a moment ago
		return "", fault.Wrap(fault.Unavailable, op, errors.New("no key is active"))
	}
	token, err := key.Sign(typ, claims)
	return token, fault.Wrap(fault.Internal, op, err)
}

// PublicSet gives the public keys as JWK Set (RFC 7517): announced, active and
// retired ones. It waits for the first keys: whoever gets a set remembers it
// for a while.
func (r *Ring) PublicSet(ctx context.Context) ([]byte, error) {
	s, err := r.current(ctx)
	if err == nil {
		s, err = r.supply(ctx, s, r.settings.Load().Early)
	}
	if err != nil {
		return nil, fault.At("keys.PublicSet", err)
	}
	return bytes.Clone(s.public), nil
}

// Verify checks that token was signed by one of our own keys that are listed,
// whether it still signs or not, and has the type typ, and decodes its claims.
// Issuer, audience and times are the caller's to check. fault.Invalid if the
// token is not one of ours; the store's errors else.
func (r *Ring) Verify(ctx context.Context, token, typ string, claims any) error {
	const op = "keys.Verify"
	if typ == "" {
		return fault.Wrap(fault.Internal, op, errors.New("a token needs a type"))
	}
	s, err := r.current(ctx)
	if err != nil {
		return fault.At(op, err)
	}
	err = r.verify(s, token, typ, claims)
	if errors.Is(err, jose.ErrUnknownKey) && r.now().Sub(s.read) >= recheck {
		// Another process may have rotated a moment ago.
		r.Forget()
		if s, err = r.current(ctx); err != nil {
			return fault.At(op, err)
		}
		err = r.verify(s, token, typ, claims)
	}
	return fault.Wrap(fault.Invalid, op, err)
}

func (r *Ring) verify(s *snapshot, token, typ string, claims any) error {
	return jose.Verify(token, jose.Expect{Algs: s.algs, Types: []string{typ}, Keys: s.set}, claims)
}
