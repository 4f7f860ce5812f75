package authorize

import (
	"context"
	"errors"
	"net/http"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/authorize/internal/answer"
	"github.com/gatehouse-auth/gatehouse/authorize/pushed"
	"github.com/gatehouse-auth/gatehouse/authorize/token"
	"github.com/gatehouse-auth/gatehouse/fault"
)

// Push is the endpoint at which clients send requests ahead, from server to
// server (RFC 9126): nobody changes them on the way, and nothing of them is in
// a browser. Clients prove who they are to tokens. The caller has checked the
// method.
func (s *Server) Push(w http.ResponseWriter, r *http.Request, tokens *token.Service) error {
	uri, err := s.push(w, r, tokens)
	if err != nil {
		return tokens.Tell(r.Context(), w, pushError(err))
	}
	return answer.JSON(w, http.StatusCreated, struct {
		URI string `json:"request_uri"`
		For int    `json:"expires_in"`
	}{uri, seconds(pushed.Life)})
}

// push takes a request through the steps of any other but the decision, "in the
// same way as [...] at the authorization endpoint" (RFC 9126, section 2.1;
// OAU-26), and keeps it. A proof that came with it names the key that the code
// will be bound to, and is used up with everything else known to be right.
func (s *Server) push(w http.ResponseWriter, r *http.Request, tokens *token.Service) (string, error) {
	ctx := r.Context()
	c, values, err := tokens.Enter(w, r)
	if err != nil {
		return "", err
	}
	if c.Public && s.Pushes != nil {
		if err := s.Pushes(r, c.ID); err != nil {
			return "", err
		}
	}
	shown, err := tokens.Prove(w, r, c, "/par", "")
	if err != nil {
		return "", err
	}
	p := params{values: known(values), ahead: true, jkt: shown.JKT}
	p.values.Set("client_id", c.ID) // who proved it by other means need not repeat it
	if p, err = s.unwrapPushed(ctx, p, c); err != nil {
		return "", err
	}
	q, err := s.examine(ctx, p)
	if err == nil {
		err = shown.Use(ctx)
	}
	if err != nil {
		return "", err
	}
	if p.values.Has(paramResource) { // often the same, or empty, would be kept as often
		p.values[paramResource] = q.Resources
	}
	return s.Pushed.Push(ctx, pushed.Request{Client: c.ID, Params: p.values, JKT: p.jkt, Signed: p.signed}, c.Public)
}

// unwrapPushed is unwrap for what is being pushed: it may be signed, but is none
// that was pushed before (RFC 9126, section 2.1).
func (s *Server) unwrapPushed(ctx context.Context, p params, c *client.Client) (params, error) {
	switch {
	case p.get("request_uri") != "":
		return p, token.Refuse(http.StatusBadRequest, codeInvalidRequest, "request_uri can't be pushed")
	case p.get("request") == "":
		return p, nil
	case len(p.values["request"]) > 1: // OAU-14
		return p, token.Refuse(http.StatusBadRequest, codeInvalidRequest, "request occurs more than once")
	}
	return s.openObject(ctx, p, c, s.Now())
}

// pushError says an error of the steps as the endpoint does (RFC 9126, section
// 2.3): in JSON, to the client itself, whatever redirect address it named.
func pushError(err error) error {
	if no, ok := errors.AsType[*ClientError](err); ok {
		if no.ours() {
			return no.cause
		}
		return token.RefuseFor(no.cause, http.StatusBadRequest, no.Code, no.Description)
	}
	if no, ok := errors.AsType[*DisplayError](err); ok {
		switch no.Code {
		case codeUnavailable:
			return token.Absent(no.err)
		case codeInvalidObject:
			return token.RefuseFor(no.err.Err, http.StatusBadRequest, no.Code, wrongObject)
		}
		return token.Refuse(http.StatusBadRequest, no.Code, no.Parameter+" is missing or not registered for this client")
	}
	if fault.Is(err, fault.Throttled) { // RFC 9126, section 2.3
		return token.Refuse(http.StatusTooManyRequests, codeUnavailable, "too many requests come from there, or of this client are waiting")
	}
	return err
}
