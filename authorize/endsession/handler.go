package endsession

import (
	"fmt"
	"net/http"

	"github.com/gatehouse-auth/gatehouse/authorize/internal/answer"
	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/internal/prefetch"
)

// EndSession is the end_session endpoint (section 2). An error is for the
// caller to show; a sentence for people is in it.
func (s *Server) EndSession(w http.ResponseWriter, r *http.Request) error {
	answer.Guard(w.Header())
	switch r.Method {
	case http.MethodGet:
		return s.get(w, r)
	case http.MethodPost:
		return s.post(w, r)
	default: // HEAD too: a look must not end anything (CSR-05)
		return answer.Method(w, http.MethodGet, http.MethodPost)
	}
}

func (s *Server) get(w http.ResponseWriter, r *http.Request) error {
	if prefetch.InAdvance(r.Header) {
		return fault.New(fault.Denied, "endsession", "Signing out can't be done in advance.")
	}
	q, err := s.parse(r.URL.RawQuery)
	if err != nil {
		return err
	}
	e, err := s.weigh(r.Context(), q)
	if err != nil {
		return err
	}
	session, err := s.Sessions.Current(r)
	if err != nil {
		return fault.At("endsession", err)
	}
	subject := ""
	if session != nil && e.client != nil {
		subject = s.subject(e.client, session.User.Subject)
	}
	out := s.judge(q, e, session, subject)
	s.report(r, out)
	switch out.step {
	case ask:
		return s.Pages.Confirm(w, r, s.question(q, out, session))
	case end:
		return s.end(w, r, session, q, out)
	default:
		return s.goOn(w, r, q, out, nil)
	}
}

// end ends the session of this browser and goes on. Clients of the front
// channel are looked up before, while the session still knows them.
func (s *Server) end(w http.ResponseWriter, r *http.Request, session *identity.Session, q request, out outcome) error {
	frames, err := s.FrontChannel(r.Context(), session.SID)
	if err != nil {
		return err
	}
	if err := s.Sessions.End(w, r); err != nil {
		return fault.At("endsession.end", err)
	}
	s.Ended(w, r, session)
	return s.goOn(w, r, q, out, frames)
}

// goOn sends the person back where that may be done at once, and says else that
// nobody is signed in. With a front channel the page comes first, and the way
// back a moment later: by a header, so that it needs no script.
func (s *Server) goOn(w http.ResponseWriter, r *http.Request, q request, out outcome, frames []string) error {
	back := withState(out.uri, q.state)
	if back != "" && out.direct && len(frames) == 0 {
		return answer.SeeOther(w, back)
	}
	if back != "" && out.direct {
		w.Header().Set("Refresh", fmt.Sprintf("%d; url=%s", int(returnAfter.Seconds()), back))
	}
	v := SignedOut{Return: back, UILocales: q.uiLocales, Unheeded: out.wrong != nil, FrontChannel: frames, FrameSources: FrameSources(frames)}
	if out.client != nil {
		v.ClientName, v.ClientLogo = out.client.DisplayName(), out.client.LogoURI
	}
	return s.Pages.SignedOut(w, r, v)
}

// report tells of what is not heeded.
func (s *Server) report(r *http.Request, out outcome) {
	if out.wrong == nil {
		return
	}
	err := out.wrong
	if out.client != nil {
		err = fmt.Errorf("client %s: %w", out.client.ID, err)
	}
	s.Report(r.Context(), fault.Wrap(fault.Invalid, "endsession", err))
}
