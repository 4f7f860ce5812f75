package login

import (
	"context"
	"encoding/json"
	"errors"
	"html"
	"net/http"
	"strings"
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/internal/origin"
	"github.com/gatehouse-auth/gatehouse/internal/secret"
)

// Where a provider tells that a login there has ended, below the issuer's path.
const (
	PathBackChannel  = "/callback/{provider}/backchannel_logout"
	PathFrontChannel = "/callback/{provider}/frontchannel_logout"
)

// teller finds the provider in the path, if it is one that tells of logouts.
func (h *Handler) teller(r *http.Request) (Provider, LogoutTeller, error) {
	p, known := (ways{providers: h.Providers}).by(r.PathValue("provider"))
	if !known {
		return p, nil, fault.New(fault.NotFound, "login.teller", "")
	}
	teller, tells := p.Federator.(LogoutTeller)
	if !tells {
		return p, nil, fault.New(fault.NotFound, "login.teller", "")
	}
	return p, teller, nil
}

// BackChannel takes a provider's word that a login there is over (OpenID
// Connect Back-Channel Logout 1.0, section 2.5) and ends the sessions that came
// of it. Only a logout token of the provider in the path counts, and it counts
// once (SES-13). A login that is not known here is no error (section 2.7).
func (h *Handler) BackChannel(w http.ResponseWriter, r *http.Request) error {
	p, teller, err := h.teller(r)
	if err != nil {
		return err
	}
	token, status := logoutToken(r)
	if status != http.StatusOK {
		return refuseNotice(w, status)
	}
	notice, err := teller.ReadLogout(r.Context(), token)
	if fault.Is(err, fault.Invalid) {
		h.report(r, Event{Name: NoticeRefused, IDP: p.Name(), Err: err})
		return refuseNotice(w, http.StatusBadRequest)
	}
	if err == nil {
		err = h.heedOnce(r, p, notice)
	}
	switch {
	case fault.Is(err, fault.Spent):
		h.report(r, Event{Name: ProviderFailed, IDP: p.Name(), Err: err})
		return refuseNotice(w, http.StatusBadRequest)
	case err != nil:
		return fault.At("login.BackChannel", err)
	}
	w.WriteHeader(http.StatusOK)
	return nil
}

// logoutToken reads the form of section 2.5.
func logoutToken(r *http.Request) (string, int) {
	if !formType(r.Header.Values("Content-Type")) || len(r.Header.Values("Content-Encoding")) > 0 {
		return "", http.StatusUnsupportedMediaType
	}
	form, status := read(r.Body)
	if status == http.StatusOK && len(form["logout_token"]) != 1 {
		status = http.StatusBadRequest
	}
	return form.Get("logout_token"), status
}

// forgetTime is how long it may take to take a mark back, after a request that
// may itself have run out of time.
const forgetTime = 2 * time.Second

// heedOnce heeds a notice that did not come before. One that could not be heeded
// has not come: the provider, which is told so, may send it again.
func (h *Handler) heedOnce(r *http.Request, p Provider, n LogoutNotice) error {
	mark := "logout " + p.Name() + " " + n.ID
	if err := h.Once.Use(r.Context(), mark, n.Until); err != nil {
		return err
	}
	err := h.heed(r, p, n)
	if err == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), forgetTime)
	defer cancel()
	return errors.Join(err, h.Once.Forget(ctx, mark))
}

// heed ends what a notice is about.
func (h *Handler) heed(r *http.Request, p Provider, n LogoutNotice) error {
	ctx := r.Context()
	var sub identity.Subject
	if n.Subject != "" {
		var err error
		sub, err = h.Accounts.Linked(ctx, p.Name(), n.Subject)
		if fault.Is(err, fault.NotFound) {
			return nil
		}
		if err != nil {
			return err
		}
	}
	ended, err := h.Sessions.EndUpstream(ctx, p.Name(), sub, n.SID)
	if ended > 0 {
		h.report(r, Event{Name: ProviderLogout, IDP: p.Name(), Ended: ended})
	}
	return err
}

// refuseNotice is the answer of section 2.8.
func refuseNotice(w http.ResponseWriter, status int) error {
	body, err := json.Marshal(map[string]string{"error": "invalid_request", "error_description": "this is no logout token that counts here"})
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, err = w.Write(body)
	return err
}

// FrontChannelLogout is shown in a frame by a provider's logout (OpenID Connect
// Front-Channel Logout 1.0, section 2). It ends this browser's session, if it
// came of the very login that the provider names: whoever else knows that name
// ends nothing by it (SES-13). Where browsers keep cookies from frames of other
// sites nobody is signed in here; the back channel works there too.
func (h *Handler) FrontChannelLogout(w http.ResponseWriter, r *http.Request) error {
	p, teller, err := h.teller(r)
	if err != nil {
		return err
	}
	q := r.URL.Query()
	if len(q["iss"]) != 1 || len(q["sid"]) != 1 || q.Get("iss") != teller.Issuer() || q.Get("sid") == "" {
		return fault.Wrap(fault.Invalid, "login.FrontChannelLogout", errors.New("iss or sid is missing or another's"))
	}
	session, err := h.Sessions.Current(r)
	if err != nil {
		return fault.At("login.FrontChannelLogout", err)
	}
	var frames, sources []string
	if session != nil && session.IDP == p.Name() && secret.Equal(session.IDPSession, q.Get("sid")) {
		if h.FrontChannel != nil {
			if frames, sources, err = h.FrontChannel(r.Context(), session.SID); err != nil {
				return fault.At("login.FrontChannelLogout", err)
			}
		}
		if err := h.Sessions.End(w, r); err != nil {
			return fault.At("login.FrontChannelLogout", err)
		}
		h.report(r, Event{Name: ProviderLogout, User: session.User, SID: session.SID, IDP: p.Name(), Ended: 1})
	}
	return writeFrame(w, teller.Issuer(), frames, sources)
}

// writeFrame answers with nothing to see: what is in it signs people out at the
// clients of the session, as our own logout page would.
func writeFrame(w http.ResponseWriter, issuer string, frames, sources []string) error {
	_, parent, err := origin.Base(issuer)
	if err != nil {
		return fault.Wrap(fault.Internal, "login.writeFrame", err)
	}
	policy := "default-src 'none'; frame-ancestors " + parent
	if len(sources) > 0 {
		policy += "; frame-src " + strings.Join(sources, " ")
	}
	var body strings.Builder
	body.WriteString("<!doctype html>\n<title>Logout</title>\n")
	for _, frame := range frames {
		body.WriteString(`<iframe hidden src="` + html.EscapeString(frame) + "\"></iframe>\n")
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", policy)
	_, err = w.Write([]byte(body.String()))
	return err
}
