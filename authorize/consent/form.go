package consent

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"

	"github.com/gatehouse-auth/gatehouse/authorize/internal/answer"
	"github.com/gatehouse-auth/gatehouse/authorize/internal/form"
	"github.com/gatehouse-auth/gatehouse/fault"
)

// The fields that the forms post.
const (
	FieldToken    = "csrf_token"
	FieldAction   = "action"
	FieldRemember = "remember" // "1" if ticked
)

// Values of [FieldAction].
const (
	ActionAllow    = "allow"
	ActionDeny     = "deny"
	ActionWithdraw = "withdraw"
)

// The purposes of tokens.
const (
	forAsk    = "consent form"
	forGrants = "grants form"
)

// token is what a form brings back, sealed: which page it was, and for whose
// session. Nobody but we can make one, nobody but who saw the page has one, and
// each looks different (CSR-04, CSR-06). What it says is judged again when it
// comes back.
type token struct {
	SID string `json:"sid"`
	// ReturnURL and Key are of the page that asks: the request, and everything
	// that an answer is bound to.
	ReturnURL string `json:"url,omitempty"`
	Key       string `json:"key,omitempty"`
	// Client is whose grant the other page takes back.
	Client string `json:"client,omitempty"`
}

// seal makes the text of a token.
func (s *Server) seal(t token, purpose string) (string, error) {
	plain, err := json.Marshal(t)
	return s.Box.Seal(plain, purpose), err
}

// open reads a token.
func (s *Server) open(text, purpose string) (t token, ok bool) {
	plain, err := s.Box.Open(text, purpose)
	if err != nil || json.Unmarshal(plain, &t) != nil {
		return token{}, false
	}
	return t, true
}

// posted reads a form and its token. It takes nothing but our own forms
// (CSR-01, CSR-02, CSR-03): the body alone, each field at most once. A nil form
// without an error was answered.
func (s *Server) posted(w http.ResponseWriter, r *http.Request, purpose string) (url.Values, token, error) {
	values, err := form.Posted(w, r, s.origin, FieldToken, FieldAction, FieldRemember)
	if e, ok := errors.AsType[*form.StatusError](err); ok {
		return nil, token{}, answer.Status(w, e.Status)
	}
	switch {
	case errors.Is(err, form.ErrForeign):
		s.Audit(r, Event{Name: EventForeign})
		return nil, token{}, fault.New(fault.Denied, "consent.posted", "This form was sent from another site.")
	case err != nil:
		return nil, token{}, damaged()
	}
	t, ok := s.open(values.Get(FieldToken), purpose)
	if !ok {
		return nil, token{}, damaged()
	}
	return values, t, nil
}

// damaged is the answer to a form that is none of ours, or of another time.
func damaged() error {
	return fault.New(fault.Invalid, "consent", "This page is damaged or too old. Go back to the application and try again.")
}
