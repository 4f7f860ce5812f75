package registration

import (
	"net/http"
	"strings"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/authorize/internal/answer"
	"github.com/gatehouse-auth/gatehouse/authorize/metadata"
	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/internal/secret"
)

// Register is the client registration endpoint (RFC 7591, section 3). It sends
// no CORS headers: whoever holds an initial token is no script of some page. An
// error means that the answer could not be written.
func (s *Server) Register(w http.ResponseWriter, r *http.Request) error {
	answer.Guard(w.Header())
	if r.Method != http.MethodPost {
		return s.refuseMethod(w, http.MethodPost)
	}
	out, err := s.register(w, r)
	if err != nil {
		return s.tell(w, r, err)
	}
	s.Audit(r, EventRegistered, out.Client.ID)
	return s.answer(w, r, http.StatusCreated, out)
}

// register makes the client. The token is looked at before the body is read, and
// spent when everything else is right.
func (s *Server) register(w http.ResponseWriter, r *http.Request) (*Registered, error) {
	if err := s.count(r); err != nil {
		return nil, err
	}
	initial := bearer(r)
	if err := s.Registrations.good(r.Context(), initial); err != nil {
		return nil, err
	}
	d, err := s.read(w, r)
	if err != nil {
		return nil, err
	}
	if d.ClientID != "" || d.ClientSecret != "" {
		return nil, &metadata.Error{Code: metadata.CodeMetadata, Description: "client_id and client_secret are not chosen by the client"}
	}
	c, err := d.Client(secret.New(), s.Terms)
	if err != nil {
		return nil, err
	}
	return s.Registrations.Register(r.Context(), initial, c, d.About, s.Limits)
}

// Manage is the client configuration endpoint (RFC 7592).
func (s *Server) Manage(w http.ResponseWriter, r *http.Request) error {
	answer.Guard(w.Header())
	switch r.Method {
	case http.MethodGet, http.MethodPut, http.MethodDelete:
	default:
		return s.refuseMethod(w, http.MethodGet, http.MethodPut, http.MethodDelete)
	}
	if err := s.count(r); err != nil {
		return s.tell(w, r, err)
	}
	found, err := s.Registrations.Find(r.Context(), r.PathValue("client"), bearer(r))
	if err != nil {
		return s.tell(w, r, err)
	}
	switch r.Method {
	case http.MethodDelete:
		return s.delete(w, r, found)
	case http.MethodPut:
		return s.update(w, r, found)
	default:
		return s.answer(w, r, http.StatusOK, found)
	}
}

// delete is RFC 7592, section 2.3.
func (s *Server) delete(w http.ResponseWriter, r *http.Request, found *Registered) error {
	if err := s.Registrations.Delete(r.Context(), found.Client.ID); err != nil && !fault.Is(err, fault.NotFound) {
		return s.tell(w, r, err)
	}
	s.Audit(r, EventDeleted, found.Client.ID)
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// update is RFC 7592, section 2.2: what is sent replaces all that was there. The
// token stays the same.
func (s *Server) update(w http.ResponseWriter, r *http.Request, found *Registered) error {
	d, err := s.read(w, r)
	if err != nil {
		return s.tell(w, r, err)
	}
	var c *client.Client
	if err = s.own(r, d, found.Client); err == nil {
		c, err = d.Client(found.Client.ID, s.Terms)
	}
	if err != nil {
		return s.tell(w, r, err)
	}
	out, err := s.Registrations.Change(r.Context(), c, d.About)
	if err != nil {
		return s.tell(w, r, err)
	}
	s.Audit(r, EventUpdated, c.ID)
	return s.answer(w, r, http.StatusOK, out)
}

// own: "The client MUST include its client_id ... and it MUST be the same as its
// currently issued client identifier. If the client includes the client_secret
// field ... the value MUST match" (section 2.2).
func (s *Server) own(r *http.Request, d *metadata.Document, c *client.Client) error {
	if d.ClientID != c.ID {
		return &metadata.Error{Code: metadata.CodeMetadata, Description: "client_id must be the client's own"}
	}
	if d.ClientSecret == "" {
		return nil
	}
	now, err := s.Registrations.Clients.Client(r.Context(), c.ID) // with its secrets
	if err != nil {
		return err
	}
	if !now.Authenticate(d.ClientSecret) {
		return &metadata.Error{Code: metadata.CodeMetadata, Description: "client_secret must be the client's own"}
	}
	return nil
}

// bearer gives the token of the Authorization header, "" if there is not exactly
// one (RFC 6750, section 2.1; OAU-36).
func bearer(r *http.Request) string {
	values := r.Header.Values("Authorization")
	if len(values) != 1 {
		return ""
	}
	scheme, token, _ := strings.Cut(values[0], " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimLeft(token, " ")
}
