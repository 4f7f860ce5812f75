package authorize

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/authorize/internal/answer"
	"github.com/gatehouse-auth/gatehouse/authorize/internal/form"
	"github.com/gatehouse-auth/gatehouse/fault"
)

// responseTicket is the response type of guarded sites. It is ours, and not in
// discovery: a site is no client of the protocol.
const responseTicket = "ticket"

// visit answers a guarded site. The request is client_id, the site's origin,
// and state, which the site sealed: nobody else can make one, and it says where
// the answer goes. The same decision as for clients applies.
func (s *Server) visit(w http.ResponseWriter, r *http.Request, p params) error {
	if dest := r.Header.Get("Sec-Fetch-Dest"); dest != "" && dest != "document" {
		return display(fault.Denied, codeAccessDenied, "Open the application in a window of its own to sign in.")
	}
	visit, q, err := s.openVisit(p)
	if err != nil {
		return err
	}
	session, err := s.Sessions.Current(r)
	if err != nil {
		return fault.At("authorize.visit", err)
	}
	now := s.Now()
	seen := s.sight(r, p.hash(), now)
	first := visit.FirstSeen
	if first.IsZero() || first.After(now) {
		first = now
	}
	switch out := Decide(q, Facts{Session: session, Now: now, FirstSeen: first, Sent: seen.Sent}).(type) {
	case SendToLogin:
		s.remember(w, r, seen, session != nil)
		return s.toPage(w, "/login", p)
	case Refuse:
		s.forget(w, r, seen)
		return display(fault.Denied, out.Code, "Signing in again did not help. Open the application once more.")
	case Issue:
		location, err := s.Sites.Ticket(r.Context(), session, p.get("state"))
		if fault.Is(err, fault.NotFound) { // it ended a moment ago
			s.remember(w, r, seen, true)
			return s.toPage(w, "/login", p)
		}
		s.forget(w, r, seen)
		if err != nil {
			return fault.At("authorize.visit", err)
		}
		if !strings.HasPrefix(location, visit.Origin+"/") {
			return fault.New(fault.Internal, "authorize.visit", "")
		}
		return answer.SeeOther(w, location)
	}
	return fault.New(fault.Internal, "authorize.visit", "")
}

// openVisit reads and checks the request of a site. Whatever is wrong with it
// is shown here: there is no client that could be told.
func (s *Server) openVisit(p params) (Visit, *Request, error) {
	damaged := strayed()
	if s.Sites == nil || p.posted || p.denied || p.created || form.Doubled(p.values, sorted(p.values)) != "" || !onlyVisit(p.values) {
		return Visit{}, nil, damaged
	}
	visit, err := s.Sites.Open(p.get("state"))
	if err != nil {
		damaged.err.Err = err
		return Visit{}, nil, damaged
	}
	if visit.Origin == "" || visit.Origin != p.get("client_id") {
		return Visit{}, nil, damaged
	}
	name := visit.Name
	if name == "" {
		name = strings.TrimPrefix(strings.TrimPrefix(visit.Origin, "https://"), "http://")
	}
	return visit, &Request{Client: &client.Client{ID: visit.Origin, Name: name, FirstParty: true}, Login: visit.Force, UILocales: p.get("ui_locales")}, nil
}

// onlyVisit tells whether a request of a site has nothing that only clients may
// ask for, and that would be left unheeded.
func onlyVisit(values url.Values) bool {
	for name, v := range values {
		switch name {
		case "client_id", "response_type", "state":
		case "ui_locales":
			if len(v[0]) > 100 || !form.Plain(v[0]) {
				return false
			}
		default:
			return false
		}
	}
	return true
}
