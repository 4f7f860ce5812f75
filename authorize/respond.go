package authorize

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/authorize/internal/answer"
	"github.com/gatehouse-auth/gatehouse/fault"
)

// tell sends an error to the client, which is an answer like any other: what was
// sent ahead is used up by it, unless the failure is ours and may be over at the
// next attempt.
func (s *Server) tell(w http.ResponseWriter, r *http.Request, e *ClientError) error {
	if !e.ours() {
		if no := s.spend(r.Context(), e.to); no != nil {
			e = no
		}
	}
	s.report(r.Context(), e)
	pairs := [][2]string{{"error", e.Code}}
	if e.Description != "" {
		pairs = append(pairs, [2]string{"error_description", e.Description})
	}
	name := e.to.client
	if c, err := s.Clients.Client(r.Context(), name); err == nil {
		name = c.DisplayName()
	}
	if e.to.unvouched && !s.anybody(r) {
		return s.withhold(e, name, pairs)
	}
	// An address without a fragment inherits the one of the address before
	// it; "#_" keeps whatever was there from reaching the client (RFC 9700,
	// section 4.1.2).
	return s.answer(w, e.to, name, pairs, "#_")
}

// spend uses up a request that was sent ahead, before it is answered: one answer
// is all it gets, however many ask at once (OAU-26).
func (s *Server) spend(ctx context.Context, to redirect) *ClientError {
	if to.pushed == nil {
		return nil
	}
	err := s.Pushed.Spend(ctx, to.pushed)
	to.pushed = nil // whatever is told now has nothing left to use up
	return to.gone(err)
}

// anybody tells whether somebody is known to be signed in.
func (s *Server) anybody(r *http.Request) bool {
	session, err := s.Sessions.Current(r)
	return err == nil && session != nil && session.User != nil
}

// withhold shows an error that is for a client which nobody vouches for. Anybody
// can register one, and make an address of ours that leads to theirs by an error
// alone; whoever follows it shall see where it goes (RFC 9700, section 4.11.2;
// OAU-02). The answer carries nothing but the error, so that a link may bring it,
// whatever the client's response mode is.
func (s *Server) withhold(e *ClientError, name string, pairs [][2]string) error {
	kind := e.kind()
	if kind == fault.LoginNeeded { // the page can't sign anybody in
		kind = fault.Denied
	}
	no := display(kind, e.Code, "The application sent a request that can't be answered.")
	no.err.Err, no.Client = e, name
	no.Back = location(e.to, s.closing(e.to, pairs), "#_")
	_, no.Host, _ = strings.Cut(client.Origin(e.to.uri), "://")
	return no
}

// answer sends pairs to the client, with iss (RFC 9207, section 2; OAU-20) and
// the state it sent (OAU-19). The fragment is put behind an address that has
// none of its own. Redirects are 303, so that no browser repeats a POST (RFC
// 9700, section 4.12).
func (s *Server) answer(w http.ResponseWriter, to redirect, name string, pairs [][2]string, fragment string) error {
	pairs = s.closing(to, pairs)
	if to.mode == client.ModeForm {
		return s.writeForm(w, to.uri, name, pairs)
	}
	return answer.SeeOther(w, location(to, pairs, fragment))
}

// closing adds what every answer ends with.
func (s *Server) closing(to redirect, pairs [][2]string) [][2]string {
	if to.state != "" {
		pairs = append(pairs, [2]string{"state", to.state})
	}
	if to.login != "" {
		pairs = append(pairs, [2]string{"session_state", to.login})
	}
	return append(pairs, [2]string{"iss", s.Issuer})
}

// location is the address that brings pairs to the client.
func location(to redirect, pairs [][2]string, fragment string) string {
	if to.mode == client.ModeFragment {
		return to.uri + "#" + encode(pairs)
	}
	joint := "?"
	if strings.Contains(to.uri, "?") {
		joint = "&"
	}
	return to.uri + joint + encode(pairs) + fragment
}

// encode is url.Values.Encode in the given order.
func encode(pairs [][2]string) string {
	var b strings.Builder
	for i, pair := range pairs {
		if i > 0 {
			b.WriteByte('&')
		}
		b.WriteString(pair[0] + "=" + url.QueryEscape(pair[1]))
	}
	return b.String()
}

// toLogin sends the person to the login page, which sends them back to the
// same request. again says that they are signed in already.
func (s *Server) toLogin(w http.ResponseWriter, r *http.Request, p params, q *Request, seen sighting, again bool) error {
	if no := s.hold(r.Context(), q.back); no != nil {
		return s.tell(w, r, no)
	}
	s.remember(w, r, seen, again)
	return s.toPage(w, "/login", p)
}

// hold keeps a request that was sent ahead for the browser that brought it, as
// long as the person is at a page of ours.
func (s *Server) hold(ctx context.Context, to redirect) *ClientError {
	if to.pushed == nil {
		return nil
	}
	err := s.Pushed.Hold(ctx, to.pushed)
	to.pushed = nil // it may be somebody else's: nothing that is told now uses it up
	return to.gone(err)
}

// gone is the error of a request that was sent ahead and can't be had any more;
// nil for none.
func (r redirect) gone(err error) *ClientError {
	switch {
	case fault.Is(err, fault.NotFound):
		return r.refuse(codeInvalidRequestURI, "request_uri is expired or used")
	case err != nil:
		return r.fail(err)
	}
	return nil
}

// toPage sends the person to a page of ours that leads back to the request.
func (s *Server) toPage(w http.ResponseWriter, path string, p params) error {
	back := s.endpoint() + "?" + p.address
	return answer.SeeOther(w, s.Issuer+path+"?return_url="+url.QueryEscape(back))
}
