package endsession

import (
	"errors"
	"net/url"
	"strings"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/identity"
)

// step is what to do.
type step uint8

const (
	nothing step = iota // nobody is signed in: say so
	ask                 // a person must confirm
	end                 // the hint names this session: end it
)

// outcome is a decision.
type outcome struct {
	step   step
	client *client.Client // who asks; nil if not certain
	uri    string         // registered address to go back to; "" none
	// direct says that the person may be sent there without a click.
	direct bool
	wrong  error // why something is not heeded
}

var (
	errReturn  = errors.New("post_logout_redirect_uri is not registered for the client")
	errNoParty = errors.New("post_logout_redirect_uri without id_token_hint and client_id")
	errPerson  = errors.New("id_token_hint is about somebody else")
)

// judge decides. session is nil if nobody is signed in; subject is what the
// client calls whoever is.
//
//	hint         session       step     way back
//	this one     this one      end      at once
//	same person  another       ask      after yes
//	other person another       ask      none
//	ours         nobody        nothing  at once; by a link, if the client came by itself
//	none         somebody      ask      after yes, if client_id says whose
//	none         nobody        nothing  by a link, if client_id says whose
//	not ours     -             as none  none
func (s *Server) judge(q request, e evidence, session *identity.Session, subject string) outcome {
	out := outcome{step: ask, client: e.client, wrong: e.wrong}
	switch h := e.hint; {
	case session == nil:
		// nobody vouches for where a client leads that came by itself (RED-03)
		out.step, out.direct = nothing, h != nil && !(e.client != nil && e.client.Dynamic)
	case h == nil:
	case h.SID == session.SID, h.SID == "" && h.Subject == subject:
		out.step, out.direct = end, true
	case h.Subject != subject:
		return outcome{step: ask, wrong: errPerson}
	}
	switch {
	case q.uri == "":
	case e.wrong != nil && e.client == nil: // said already
	case e.client == nil:
		out.wrong = errNoParty
	case !s.returns(e.client, q.uri):
		out.wrong = errReturn
	default:
		out.uri = q.uri
	}
	return out
}

// returns tells whether uri is a way back: registered for the client, and not a
// page of ours, which could lead round in circles.
func (s *Server) returns(c *client.Client, uri string) bool {
	return c.ReturnsTo(uri) && client.Origin(uri) != s.origin
}

// withState adds state to an address that has no fragment.
func withState(uri, state string) string {
	if uri == "" || state == "" {
		return uri
	}
	joint := "?"
	if strings.Contains(uri, "?") {
		joint = "&"
	}
	return uri + joint + "state=" + url.QueryEscape(state)
}
