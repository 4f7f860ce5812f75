package endsession

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/gatehouse-auth/gatehouse/authorize/internal/answer"
	"github.com/gatehouse-auth/gatehouse/authorize/internal/form"
	"github.com/gatehouse-auth/gatehouse/fault"
)

// paramPosted carries a posted request, sealed. It stands alone.
const paramPosted = "gatehouse_post"

// limits are the parameters of section 2, with their greatest length in bytes.
// logout_hint is among them and has no effect: who is signed in, is.
func limits() map[string]int {
	return map[string]int{
		"id_token_hint": 4000, "client_id": 300, "post_logout_redirect_uri": 400,
		"state": 4096, "ui_locales": 100, "logout_hint": 100,
	}
}

// request is what was sent. A parameter that is too long, or has control
// characters in it, counts as absent and makes the request odd.
type request struct {
	hint, client, uri, state, uiLocales string
	odd                                 bool
}

// parse reads a query, plain or sealed.
func (s *Server) parse(query string) (request, error) {
	values, err := form.Parse(query)
	if err != nil {
		return request{}, malformed()
	}
	if values.Has(paramPosted) {
		if len(values) != 1 || len(values[paramPosted]) != 1 {
			return request{}, malformed()
		}
		plain, err := s.Box.Open(values.Get(paramPosted), paramPosted)
		if err != nil {
			return request{}, malformed()
		}
		if values, err = form.Parse(string(plain)); err != nil {
			return request{}, malformed()
		}
	}
	return read(values)
}

// read takes the known parameters, each at most once.
func read(values url.Values) (request, error) {
	q, known := request{}, map[string]string{}
	for name, limit := range limits() {
		switch v := values[name]; {
		case len(v) > 1:
			return request{}, malformed() // OAU-14
		case len(v) == 0:
		case len(v[0]) > limit || !form.Plain(v[0]):
			q.odd = true
		default:
			known[name] = v[0]
		}
	}
	q.hint, q.client, q.uri = known["id_token_hint"], known["client_id"], known["post_logout_redirect_uri"]
	q.state, q.uiLocales = known["state"], known["ui_locales"]
	return q, nil
}

// post answers a request by POST (section 2). It reads no cookie and decides
// nothing: coming from another site, it would not have the session's, which is
// SameSite=Lax. It seals what was sent, so that a hint stays out of logs and
// histories, and has the browser bring it by GET. The seal grants nothing: it
// could hold nothing that could not be sent by GET in the open.
func (s *Server) post(w http.ResponseWriter, r *http.Request) error {
	values, err := form.Anywhere(w, r)
	if e, ok := errors.AsType[*form.StatusError](err); ok {
		return answer.Status(w, e.Status)
	}
	if err != nil {
		return malformed()
	}
	known := url.Values{}
	for name := range limits() {
		if v, ok := values[name]; ok {
			known[name] = v
		}
	}
	return answer.SeeOther(w, s.path+"?"+paramPosted+"="+s.Box.Seal([]byte(known.Encode()), paramPosted))
}

// malformed is the answer to what can't be read at all.
func malformed() error {
	return fault.New(fault.Invalid, "endsession", "The address that brought you here is damaged. Go back to the application and try again.")
}
