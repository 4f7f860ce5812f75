package authorize

import (
	"net/http"

	"github.com/gatehouse-auth/gatehouse/authorize/internal/answer"
	"github.com/gatehouse-auth/gatehouse/fault"
)

// prompt=create (Initiating User Registration via OpenID Connect 1.0): people
// are sent to the page where accounts are made, which is somebody else's, and
// come back to the same request. What they come back with is the request, sealed
// under a purpose of its own: that it was sealed says that the wish was heard,
// and no parameter says so. The page sees nothing of the request, and can't
// finish it in another browser than the one that began it.

// toCreate sends the person to make an account. Who comes back must sign in: a
// login from before is the account they had.
func (s *Server) toCreate(w http.ResponseWriter, r *http.Request, p params, q *Request, seen sighting) error {
	if no := s.hold(r.Context(), q.back); no != nil {
		return s.tell(w, r, no)
	}
	s.remember(w, r, seen, false)
	return answer.SeeOther(w, s.CreateAccount(s.createdURL(p), q.LoginHint, q.UILocales))
}

// createdURL is where they come back to, an absolute address.
func (s *Server) createdURL(p params) string {
	return s.Issuer + "/authorize?" + paramCreated + "=" + s.Box.Seal([]byte(p.sent.Encode()), paramCreated)
}

// openCreated reads it.
func (s *Server) openCreated(sealed string) (params, error) {
	p, err := s.unseal(sealed, paramCreated)
	p.created = true
	p.address = paramCreated + "=" + sealed
	return p, err
}

// strayed is what becomes of such an address in a browser that did not bring the
// request, or brought it too long ago.
func strayed() *DisplayError {
	return display(fault.Invalid, codeInvalidRequest, "The address that brought you here is damaged or too old. Open the application again.")
}
