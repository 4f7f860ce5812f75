package endsession

import (
	"encoding/json"
	"errors"
	"net/http"

	"github.com/gatehouse-auth/gatehouse/authorize/internal/answer"
	"github.com/gatehouse-auth/gatehouse/authorize/internal/form"
	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/identity"
)

// wish is the form's token: what was asked, sealed, and for which session. A
// page from before does not end the session of whoever came after, nobody but
// we can make one, and each looks different (CSR-04). What it says is judged
// again when it comes back (RED-01).
type wish struct {
	SID       string `json:"sid"`
	Client    string `json:"client,omitempty"`
	URI       string `json:"uri,omitempty"`
	State     string `json:"state,omitempty"`
	UILocales string `json:"ui,omitempty"`
}

// formToken is what the seal is bound to.
const formToken = "end_session form"

// question makes the page that asks.
func (s *Server) question(q request, out outcome, session *identity.Session) Confirm {
	a := wish{SID: session.SID, URI: out.uri, UILocales: q.uiLocales}
	v := Confirm{Action: s.path + "/confirm", User: session.User, UILocales: q.uiLocales, Unheeded: out.wrong != nil}
	if out.client != nil {
		a.Client, v.ClientName, v.ClientLogo = out.client.ID, out.client.DisplayName(), out.client.LogoURI
	}
	if out.uri != "" {
		a.State = q.state
	}
	plain, err := json.Marshal(a)
	if err != nil {
		return v // without a token the page asks once more
	}
	v.Token = s.Box.Seal(plain, formToken)
	return v
}

// Confirm takes the form of the page that asks. Unlike the endpoint it reads
// cookies, so it takes nothing but our own form (CSR-01, CSR-02, CSR-03).
func (s *Server) Confirm(w http.ResponseWriter, r *http.Request) error {
	answer.Guard(w.Header())
	if r.Method != http.MethodPost {
		return answer.Method(w, http.MethodPost)
	}
	values, err := form.Posted(w, r, s.origin, FieldToken, FieldAction)
	if e, ok := errors.AsType[*form.StatusError](err); ok {
		return answer.Status(w, e.Status)
	}
	switch {
	case errors.Is(err, form.ErrForeign):
		return fault.New(fault.Denied, "endsession.Confirm", "This form was sent from another site.")
	case err != nil:
		return malformed()
	}
	if values.Get(FieldAction) == ActionCancel {
		return answer.SeeOther(w, s.Issuer+"/")
	}
	var a wish
	plain, err := s.Box.Open(values.Get(FieldToken), formToken)
	if err != nil || json.Unmarshal(plain, &a) != nil {
		return answer.SeeOther(w, s.path) // ask anew
	}
	return s.answered(w, r, a)
}

// answered does what a person said yes to.
func (s *Server) answered(w http.ResponseWriter, r *http.Request, a wish) error {
	session, err := s.Sessions.Current(r)
	if err != nil {
		return fault.At("endsession.Confirm", err)
	}
	if session != nil && session.SID != a.SID {
		return answer.SeeOther(w, s.path) // somebody else by now: ask anew
	}
	q := request{client: a.Client, uri: a.URI, state: a.State, uiLocales: a.UILocales}
	e, err := s.weigh(r.Context(), q)
	if err != nil {
		return err
	}
	out := s.judge(q, e, session, "")
	if session == nil { // the form came twice
		return s.goOn(w, r, q, out, nil)
	}
	out.direct = true
	return s.end(w, r, session, q, out)
}
