package token

import (
	"context"
	"errors"
	"net/http"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/authorize/clientauth"
	"github.com/gatehouse-auth/gatehouse/authorize/internal/answer"
	"github.com/gatehouse-auth/gatehouse/fault"
)

// refusal is an error of the token endpoint (RFC 6749, section 5.2). Its texts
// are constants: nothing that was sent comes back.
type refusal struct {
	Code        string `json:"error"`
	Description string `json:"error_description,omitempty"`
	status      int
	cause       error
	client      string // who asked, as far as that is known
}

// Refused tells who was refused, as far as that is known, and the error code.
func (r *refusal) Refused() (client, code string) {
	if r.client != "" {
		return r.client, r.Code
	}
	if claimed, ok := errors.AsType[*clientauth.Refusal](r.cause); ok {
		return claimed.Claimed, r.Code
	}
	return "", r.Code
}

// of notes who is refused.
func (r *refusal) of(c *client.Client) *refusal {
	if r != nil {
		r.client = c.ID
	}
	return r
}

// Error implements error.
func (r *refusal) Error() string {
	text := "token: " + r.Code + ": " + r.Description
	if r.cause != nil {
		text += ": " + r.cause.Error()
	}
	return text
}

// Unwrap gives the cause.
func (r *refusal) Unwrap() error { return r.cause }

// kind is what the refusal is for our log. A replayed code stays recognisable.
func (r *refusal) kind() fault.Kind {
	switch {
	case r.status >= http.StatusInternalServerError || fault.Is(r.cause, fault.Spent):
		return fault.KindOf(r.cause)
	case r.status == http.StatusUnauthorized:
		return fault.Denied
	default:
		return fault.Invalid
	}
}

// refuse makes a refusal with status 400.
func refuse(code, description string) *refusal {
	return &refusal{Code: code, Description: description, status: http.StatusBadRequest}
}

// Refuse makes an error that is answered as it stands, with a status
// below 500, an error code and a constant description.
func Refuse(status int, code, description string) error {
	return &refusal{Code: code, Description: description, status: status}
}

// RefuseFor is [Refuse] with the cause, for the log alone.
func RefuseFor(cause error, status int, code, description string) error {
	return &refusal{Code: code, Description: description, status: status, cause: cause}
}

// refused takes an error for what it is: a refusal, or a failure of ours.
func refused(err error) *refusal {
	if err == nil {
		return nil
	}
	if r, ok := errors.AsType[*refusal](err); ok {
		return r
	}
	return failure(err)
}

// invalidGrant refuses what was granted, with the cause for the log.
func invalidGrant(description string, cause error) *refusal {
	r := refuse("invalid_grant", description)
	r.cause = cause
	return r
}

// invalidClient is the answer to every failure of client authentication, so
// that it does not tell which clients exist.
func invalidClient() *refusal {
	return &refusal{Code: "invalid_client", Description: "client authentication failed", status: http.StatusUnauthorized}
}

// failure makes a refusal of an error that is not the client's fault.
func failure(err error) *refusal {
	if fault.Is(err, fault.Unavailable) {
		return &refusal{Code: "temporarily_unavailable", status: http.StatusServiceUnavailable, cause: err}
	}
	return &refusal{Code: "server_error", status: http.StatusInternalServerError, cause: err}
}

// Tell answers an error of [Service.Enter], [Service.Prove] or [Refuse] as the
// endpoints here do; any other is a failure of ours.
func (s *Service) Tell(ctx context.Context, w http.ResponseWriter, err error) error {
	return s.tell(ctx, w, refused(err))
}

// tell writes r. A 401 names the scheme (RFC 9110, section 11.6.1; RFC 6749,
// section 5.2).
func (s *Service) tell(ctx context.Context, w http.ResponseWriter, r *refusal) error {
	s.report(ctx, r)
	if r.status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Basic realm="gatehouse", charset="UTF-8"`)
	}
	return answer.JSON(w, r.status, r)
}
