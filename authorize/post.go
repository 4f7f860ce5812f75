package authorize

import (
	"errors"
	"net/http"

	"github.com/gatehouse-auth/gatehouse/authorize/internal/answer"
	"github.com/gatehouse-auth/gatehouse/authorize/internal/form"
)

// post answers a request by POST (OpenID Connect Core, section 3.1.2.1). It
// reads no cookie and decides nothing: coming from another site, it would not
// have the session's cookie anyway, which is SameSite=Lax. It seals what was
// sent, so that it stays out of logs and histories as the sender wanted, and
// has the browser bring it by GET (OAU-04).
//
// The seal grants nothing: it could hold nothing that could not be sent by GET
// in the open. So it needs no expiry and no binding to a browser.
func (s *Server) post(w http.ResponseWriter, r *http.Request) error {
	values, err := form.Anywhere(w, r)
	if e, ok := errors.AsType[*form.StatusError](err); ok {
		return answer.Status(w, e.Status)
	}
	if err != nil {
		return malformed()
	}
	sealed := s.Box.Seal([]byte(known(values).Encode()), paramPosted)
	return answer.SeeOther(w, s.Issuer+"/authorize?"+paramPosted+"="+sealed)
}

// openPosted reads what post sealed.
func (s *Server) openPosted(sealed string) (params, error) {
	p, err := s.unseal(sealed, paramPosted)
	p.posted = true
	p.address = paramPosted + "=" + sealed
	return p, err
}

// unseal reads a sealed request.
func (s *Server) unseal(sealed, purpose string) (params, error) {
	plain, err := s.Box.Open(sealed, purpose)
	if err != nil {
		return params{}, malformed()
	}
	values, err := form.Parse(string(plain))
	if err != nil {
		return params{}, malformed()
	}
	return newParams(values), nil
}
