package authorize

import (
	"context"
	"net/url"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/authorize/internal/form"
	"github.com/gatehouse-auth/gatehouse/authorize/pushed"
	"github.com/gatehouse-auth/gatehouse/fault"
)

// A request may come wrapped: sent ahead by the client itself, so that the
// browser brings its address alone (RFC 9126), or signed (RFC 9101). What is
// inside counts then and nothing beside it, whoever put that there: "The
// authorization server MUST only use the parameters in the Request Object, even
// if the same parameter is provided in the query parameter" (RFC 9101, section
// 6.3). OpenID Connect Core, section 6.1, has response_type and scope repeated
// outside; they may be, and are not looked at: comparing them would refuse
// nobody who could do harm.
//
// The login and consent pages get the wrapping alone, so that nothing that was
// sent ahead shows up in an address.

// wrapping is what brings a request again: what it comes in, or all of it.
func wrapping(values url.Values) url.Values {
	for _, name := range []string{"request_uri", "request"} {
		if values.Get(name) != "" {
			return only(values, "client_id", "request", "request_uri")
		}
	}
	return values
}

// unwrap puts what is inside into the place of what was sent. seen tells whether
// and since when this browser is known to have the request; nil where no browser
// is asked, for a look that decides nothing. The error is a *DisplayError, a
// *ClientError, or a failure of ours.
func (s *Server) unwrap(ctx context.Context, p params, seen *sighting) (params, error) {
	reference, object := p.get("request_uri"), p.get("request")
	if reference == "" && object == "" {
		return p, nil
	}
	c, err := checkClient(ctx, p, s.Clients)
	if err != nil {
		return p, err
	}
	switch {
	case reference != "" && object != "", form.Doubled(p.values, []string{"request_uri", "request"}) != "": // RFC 9101, section 5; OAU-14
		return p, unreadable(p, c, codeInvalidRequest, "request and request_uri occur more than once, or together", nil)
	case object != "":
		var at time.Time
		if seen != nil {
			at = seen.at()
		}
		return s.openObject(ctx, p, c, at)
	case !pushed.IsReference(reference): // OAU-22
		return p, unreadable(p, c, codeNoRequestURI, "request_uri is never fetched", nil)
	}
	return s.openPushed(ctx, p, c, seen)
}

// openPushed finds what was sent ahead. Once a browser brought it no other may
// (OAU-26).
func (s *Server) openPushed(ctx context.Context, p params, c *client.Client, seen *sighting) (params, error) {
	found, err := s.Pushed.Find(ctx, p.get("request_uri"), c.ID)
	if err == nil && found.Held && seen != nil && !seen.known {
		err = fault.New(fault.NotFound, "authorize.openPushed", "")
	}
	switch {
	case fault.Is(err, fault.NotFound):
		return p, unreadable(p, c, codeInvalidRequestURI, "request_uri is unknown, expired or used", nil)
	case err != nil:
		return p, fault.At("authorize.openPushed", err)
	}
	p.values, p.pushed = known(found.Params), found
	p.ahead, p.signed, p.jkt = true, found.Signed, found.JKT
	return p, nil
}

// wrongObject is what a client is told, whatever the reason.
const wrongObject = "the request object is not one that this client signed for us, now"

// openObject reads what is signed (OAU-21). at is when it was first seen.
func (s *Server) openObject(ctx context.Context, p params, c *client.Client, at time.Time) (params, error) {
	values, err := s.objects.Open(ctx, c, p.get("request"), at)
	switch {
	case fault.Is(err, fault.Invalid):
		return p, unreadable(p, c, codeInvalidObject, wrongObject, err)
	case err != nil:
		return p, fault.At("authorize.openObject", err)
	}
	p.values, p.signed = known(values), true
	return p, nil
}

// unreadable is what becomes of a request that can't be unwrapped. The redirect
// address in it nobody vouches for; one beside it will do, if it is registered.
// cause is for the log.
func unreadable(p params, c *client.Client, code, description string, cause error) error {
	back, shown := checkRedirect(p, c)
	if shown != nil {
		no := display(fault.Invalid, code, "The request of the application is too old, was answered before, or is damaged. Go back to the application and try again.").at("request_uri")
		if no.Client, no.err.Err = c.DisplayName(), cause; code == codeInvalidObject {
			no.Parameter = "request"
		}
		return no
	}
	no := back.refuse(code, description)
	no.cause = cause
	return no
}
