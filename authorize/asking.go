package authorize

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/authorize/consent"
	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/identity"
)

// What a decision must know about consent, and what the page that asks must
// know about the request. The page and what people answered are package
// consent's.

// inquiry is what the person is asked about a request. It names everything that
// their answer is bound to.
func inquiry(p params, q *Request, who *identity.Session) consent.Ask {
	return consent.Ask{
		Terms:   consent.Terms{Client: q.Client.ID, Scopes: q.Scopes, Resources: q.Resources, Claims: q.beyond},
		Request: p.hash(), Subject: who.User.Subject, SID: who.SID,
	}
}

// gather is everything that the decision about a client's request looks at.
func (s *Server) gather(r *http.Request, p params, q *Request, seen sighting) (Facts, error) {
	session, err := s.Sessions.Current(r)
	if err != nil {
		return Facts{}, err
	}
	f := Facts{Session: session, Now: s.Now(), FirstSeen: seen.at(), Sent: seen.Sent, Denied: p.denied, Created: p.created}
	if session != nil && session.User != nil {
		f.Subject = identity.Subject(s.Subjects.For(q.Client, session.User.Subject))
	}
	if q.Client.Restricted() {
		f.Use = q.Client.Judge(s.Gate, client.Visitor{Session: session, From: s.ClientIP(r)})
	}
	err = s.said(r.Context(), p, q, &f)
	return f, err
}

// said finds out what the person said to the request, and what they said
// before.
func (s *Server) said(ctx context.Context, p params, q *Request, f *Facts) (err error) {
	if s.Consents == nil || f.Session == nil || f.Session.User == nil || !q.asks() {
		return nil
	}
	ask := inquiry(p, q, f.Session)
	if f.Allowed, err = s.Consents.Allowed(ctx, ask); err != nil || f.Allowed || q.Client.ConsentMode() != client.ConsentOnce {
		return err
	}
	f.Covered, err = s.Consents.Covered(ctx, ask.Subject, ask.Terms, q.Client.ConsentLasts())
	return err
}

// toConsent sends the person to the page that asks, which sends them back to
// the same request. A login made for it stays fresh meanwhile.
func (s *Server) toConsent(w http.ResponseWriter, r *http.Request, p params, q *Request, seen sighting) error {
	if s.Consents == nil {
		return s.tell(w, r, q.back.refuse(codeConsentRequired, "consent can't be asked for"))
	}
	if no := s.hold(r.Context(), q.back); no != nil {
		return s.tell(w, r, no)
	}
	s.remember(w, r, seen, false)
	return s.toPage(w, consent.PathAsk, p)
}

// Question implements [consent.Requests]: what the person at r has to be asked
// before the request of a return address can be answered. The address and the
// errors are those of [Server.Context].
func (s *Server) Question(r *http.Request, returnURL string) (consent.Question, error) {
	const op = "authorize.Question"
	p, q, err := s.returned(r.Context(), returnURL)
	if err != nil {
		return consent.Question{}, fault.At(op, err)
	}
	out := consent.Question{ReturnURL: s.endpoint() + "?" + p.address}
	if p.get("response_type") == responseTicket {
		return out, nil
	}
	f, err := s.gather(r, p, q, s.sight(r, p.hash(), s.Now()))
	if err != nil {
		return consent.Question{}, fault.At(op, err)
	}
	if _, out.Asked = Decide(q, f).(AskConsent); !out.Asked {
		return out, nil
	}
	out.Ask, out.DenyURL = inquiry(p, q, f.Session), s.sealDenied(p)
	out.Client, out.User, out.UILocales = q.Client, f.Session.User, q.UILocales
	if _, host, web := strings.Cut(client.Origin(q.back.uri), "://"); web {
		out.Host = host
	}
	out.OnDevice = client.OnDevice(q.back.uri)
	out.Values = s.Book.Of(q.Client, f.Session, q.Scopes, slices.Concat(q.UserInfoClaims, q.IDTokenClaims)...)
	return out, nil
}
