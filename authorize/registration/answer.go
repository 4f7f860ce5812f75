package registration

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/internal/answer"
	"github.com/gatehouse-auth/gatehouse/authorize/metadata"
	"github.com/gatehouse-auth/gatehouse/fault"
)

// information is the client information response (RFC 7591, section 3.2.1; RFC
// 7592, section 3).
type information struct {
	*metadata.Document
	Issued        int64  `json:"client_id_issued_at"`
	Secret        string `json:"client_secret,omitempty"`
	SecretExpires *int64 `json:"client_secret_expires_at,omitempty"` // required beside a secret; 0 never
	Token         string `json:"registration_access_token,omitempty"`
	Management    string `json:"registration_client_uri"`
}

// answer tells a client what is registered. Secret and token are shown once.
func (s *Server) answer(w http.ResponseWriter, r *http.Request, status int, c *Registered) error {
	d, err := metadata.Describe(c.Client, c.About)
	if err != nil {
		return s.tell(w, r, fault.Wrap(fault.Internal, "registration.answer", err))
	}
	body := information{
		Document: d, Issued: c.Created.Unix(), Secret: c.Secret, Token: c.Token,
		Management: s.Issuer + Path + "/" + c.Client.ID,
	}
	if c.Secret != "" {
		body.SecretExpires = new(int64)
	}
	return answer.JSON(w, status, body)
}

// tell answers an error: as RFC 7591, section 3.2.2, has it for metadata, as RFC
// 6750, section 3.1, for tokens.
func (s *Server) tell(w http.ResponseWriter, r *http.Request, err error) error {
	e, ok := errors.AsType[*statusError](err)
	if ok || metadata.Wrong(err) != nil {
		err = fault.Wrap(fault.Invalid, "registration", err)
	}
	s.Report(r, err)
	if ok {
		if e.retryAfter > 0 {
			w.Header().Set("Retry-After", strconv.Itoa(int((e.retryAfter+time.Second-1)/time.Second)))
		}
		return writeError(w, e.status, e.says.Code, e.says.Description)
	}
	if e := metadata.Wrong(err); e != nil {
		return writeError(w, http.StatusBadRequest, e.Code, e.Description)
	}
	switch fault.KindOf(err) {
	case fault.Denied:
		w.Header().Set("WWW-Authenticate", `Bearer realm="gatehouse", error="invalid_token"`)
		return writeError(w, http.StatusUnauthorized, "invalid_token", "the token is unknown, expired or used up")
	case fault.Invalid: // rules that changed while we looked
		return writeError(w, http.StatusBadRequest, metadata.CodeMetadata, "the metadata are not allowed")
	case fault.Conflict:
		return writeError(w, http.StatusForbidden, "access_denied", "no more clients can register")
	case fault.Unavailable:
		return writeError(w, http.StatusServiceUnavailable, "temporarily_unavailable", "")
	default:
		return writeError(w, http.StatusInternalServerError, "server_error", "")
	}
}

func writeError(w http.ResponseWriter, status int, code, description string) error {
	return answer.JSON(w, status, struct {
		Error       string `json:"error"`
		Description string `json:"error_description,omitempty"`
	}{code, description})
}

// refuseMethod is 405 with what would be allowed (WEB-12).
func (s *Server) refuseMethod(w http.ResponseWriter, allowed ...string) error {
	w.Header().Set("Allow", strings.Join(allowed, ", "))
	return writeError(w, http.StatusMethodNotAllowed, "invalid_request", "the method is not allowed here")
}
