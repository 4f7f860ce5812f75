package token

import (
	"context"
	"net/http"

	"github.com/gatehouse-auth/gatehouse/authorize/internal/answer"
	"github.com/gatehouse-auth/gatehouse/fault"
)

// Revoke is the revocation endpoint (RFC 7009): a client takes back a token it
// was given. An access token ends alone, a refresh token with everything of its
// family. "Invalid tokens do not cause an error response", and one of another
// client is as good as unknown (sections 2.1 and 2.2; OAU-33). token_type_hint
// is not needed: our tokens tell what they are by their form, and a hint that
// is unknown "MAY [be] ignore[d]". The caller has checked the method.
func (s *Service) Revoke(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	p, no := read(w, r)
	if no != nil {
		return s.tell(ctx, w, no)
	}
	c, no := s.authenticate(r, p)
	if no != nil {
		return s.tell(ctx, w, no)
	}
	if p.Get("token") == "" {
		return s.tell(ctx, w, refuse("invalid_request", "token is missing"))
	}
	if err := s.revoke(ctx, p.Get("token"), c.ID); err != nil {
		return s.tell(ctx, w, failure(err))
	}
	return answer.Bytes(w, http.StatusOK, "application/json; charset=utf-8", nil)
}

// revoke ends a token of a client. A token of which nothing is known has ended.
func (s *Service) revoke(ctx context.Context, token, client string) error {
	if found, err := s.Grants.RevokeRefresh(ctx, token, client); found || err != nil {
		return err
	}
	access, err := s.open(ctx, token)
	switch {
	case fault.Is(err, fault.NotFound):
		return nil
	case err != nil:
		return err
	case access.Client != client:
		return nil
	}
	return s.Grants.RevokeAccess(ctx, access.Access)
}
