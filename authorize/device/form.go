package device

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
	FieldUserCode = fieldUserCode
	FieldMine     = "mine"     // "1" if ticked: the device is mine
	FieldRemember = "remember" // "1" if ticked
)

// fieldUserCode is also the parameter of verification_uri_complete.
const fieldUserCode = "user_code"

// Values of [FieldAction].
const (
	ActionContinue = "continue"
	ActionAllow    = "allow"
	ActionDeny     = "deny"
)

// pass is what a form brings back, sealed: for whose session the page was, and
// on the page that asks, for which code. Nobody but we can make one, and nobody
// but who saw the page has one (CSR-04, CSR-06).
type pass struct {
	SID string `json:"sid"`
	// UserCode is empty on the page where it is typed.
	UserCode string `json:"code,omitempty"`
}

// forDevice is the purpose of passes.
const forDevice = "device form"

// seal makes the text of a pass.
func (s *Server) seal(p pass) (string, error) {
	plain, err := json.Marshal(p)
	return s.Box.Seal(plain, forDevice), err
}

// posted reads a form and its pass. It takes nothing but our own forms (CSR-01,
// CSR-02, CSR-03): the body alone, each field at most once. A nil form without an
// error was answered.
func (s *Server) posted(w http.ResponseWriter, r *http.Request) (url.Values, pass, error) {
	values, err := form.Posted(w, r, s.origin, FieldToken, FieldAction, FieldUserCode, FieldMine, FieldRemember)
	if e, ok := errors.AsType[*form.StatusError](err); ok {
		return nil, pass{}, answer.Status(w, e.Status)
	}
	switch {
	case errors.Is(err, form.ErrForeign):
		s.Audit(r, Event{Name: EventForeign})
		return nil, pass{}, fault.New(fault.Denied, "device.posted", "This form was sent from another site.")
	case err != nil:
		return nil, pass{}, damaged()
	}
	var p pass
	plain, err := s.Box.Open(values.Get(FieldToken), forDevice)
	if err != nil || json.Unmarshal(plain, &p) != nil || p.SID == "" {
		return nil, pass{}, damaged()
	}
	return values, p, nil
}

// damaged is the answer to a form that is none of ours, or of another time.
func damaged() error {
	return fault.New(fault.Invalid, "device", "This page is damaged or too old. Enter the code of your device once more.")
}
