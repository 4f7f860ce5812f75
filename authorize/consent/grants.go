package consent

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/authorize/internal/answer"
	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/identity"
)

// GrantsView is what the page shows of what somebody allowed. Each grant has a
// form that posts [FieldToken] and [FieldAction] ([ActionWithdraw]) to Action.
type GrantsView struct {
	Action  string
	HomeURL string
	User    *identity.User
	Grants  []Grant
	// Withdrawn tells that one was just taken back.
	Withdrawn bool
}

// Grant is what one client may know.
type Grant struct {
	Token                  string
	ClientID               string
	ClientName, ClientLogo string
	// Scopes and Resources are all that was allowed, by whichever answers.
	// offline_access is not among them.
	Scopes    []Scope
	Resources []string
	// Granted is when something was allowed last. Expires is when the last of
	// it ends. Used is when the client last came for a token by itself, zero if
	// it never did.
	Granted, Expires, Used time.Time
	// Offline tells that it can also while the person is away.
	Offline bool
}

// Grants is the page where people see what they allowed, and take it back.
func (s *Server) Grants(w http.ResponseWriter, r *http.Request) error {
	answer.Guard(w.Header())
	if !slices.Contains([]string{http.MethodGet, http.MethodHead, http.MethodPost}, r.Method) {
		return answer.Method(w, http.MethodGet, http.MethodHead, http.MethodPost)
	}
	session, err := s.Sessions.Current(r)
	if err != nil {
		return fault.At("consent.Grants", err)
	}
	if r.Method == http.MethodPost {
		return s.withdraw(w, r, session)
	}
	if session == nil || session.User == nil {
		return answer.SeeOther(w, s.base+"/login?"+url.Values{"return_url": {s.base + PathGrants}}.Encode())
	}
	grants, err := s.grants(r.Context(), session)
	if err != nil {
		return fault.At("consent.Grants", err)
	}
	return s.Pages.Grants(w, r, GrantsView{
		Action: s.base + PathGrants, HomeURL: s.base + "/", User: session.User, Grants: grants,
		Withdrawn: r.URL.RawQuery == "withdrawn",
	})
}

// withdraw takes back what a client was allowed. The consent goes before the
// tokens: what is issued in between is asked for again at the latest when the
// client comes next. If ending the tokens fails the client is still listed for
// them, and the person can try again.
func (s *Server) withdraw(w http.ResponseWriter, r *http.Request, session *identity.Session) error {
	const op = "consent.withdraw"
	values, t, err := s.posted(w, r, forGrants)
	if values == nil {
		return err
	}
	if session == nil || session.User == nil || session.SID != t.SID {
		return answer.SeeOther(w, s.base+PathGrants) // somebody else by now, or nobody
	}
	if t.Client == "" || values.Get(FieldAction) != ActionWithdraw {
		return damaged()
	}
	sub := session.User.Subject
	if err := s.Consents.Forget(r.Context(), sub, t.Client); err != nil {
		return fault.At(op, err)
	}
	if err := s.Revoker.EndConsent(r.Context(), sub, t.Client); err != nil {
		return fault.At(op, err)
	}
	s.Audit(r, Event{Name: EventWithdrawn, User: session.User, SID: session.SID, Terms: Terms{Client: t.Client}})
	return answer.SeeOther(w, s.base+PathGrants+"?withdrawn")
}

// grants lists what clients may know, by when it was allowed: what is
// remembered, and what they can renew by themselves beyond the session. What
// ends with the session is not listed: signing out ends it.
func (s *Server) grants(ctx context.Context, session *identity.Session) ([]Grant, error) {
	sub := session.User.Subject
	records, err := s.Consents.List(ctx, sub)
	if err != nil {
		return nil, err
	}
	families, err := s.Revoker.List(ctx, sub)
	if err != nil {
		return nil, err
	}
	var list []Grant
	for _, r := range records {
		one(&list, r.Client).add(r.heads(), r.Resources, r.Granted, r.Expires)
	}
	for _, f := range families {
		if !f.Offline {
			continue
		}
		g := one(&list, f.Client)
		held := slices.Clone(f.Scopes)
		for _, name := range slices.Concat(f.UserInfoClaims, f.IDTokenClaims) {
			held = append(held, s.Book.ScopeOf(name))
		}
		g.add(held, f.Resources, f.Began, f.Expires)
		g.Offline = true
		if f.Used.After(f.Began) && f.Used.After(g.Used) {
			g.Used = f.Used
		}
	}
	slices.SortStableFunc(list, func(a, b Grant) int { return b.Granted.Compare(a.Granted) })
	for i := range list {
		if err := s.finish(ctx, &list[i], session.SID); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// one finds the grant of a client, or begins it.
func one(list *[]Grant, id string) *Grant {
	for i := range *list {
		if (*list)[i].ClientID == id {
			return &(*list)[i]
		}
	}
	*list = append(*list, Grant{ClientID: id, ClientName: id})
	return &(*list)[len(*list)-1]
}

// add puts what one answer allowed to the rest.
func (g *Grant) add(scopes, resources []string, granted, expires time.Time) {
	for _, scope := range scopes {
		if scope == client.ScopeOffline {
			g.Offline = true
		} else if scope != "" && !slices.ContainsFunc(g.Scopes, func(known Scope) bool { return known.Name == scope }) {
			g.Scopes = append(g.Scopes, Scope{Name: scope})
		}
	}
	for _, uri := range resources {
		if !slices.Contains(g.Resources, uri) {
			g.Resources = append(g.Resources, uri)
		}
	}
	if granted.After(g.Granted) {
		g.Granted = granted
	}
	if expires.After(g.Expires) {
		g.Expires = expires
	}
}

// finish adds what the page needs. A client that is gone, or out of reach, keeps
// its id for a name: what it was allowed can be taken back all the same.
func (s *Server) finish(ctx context.Context, g *Grant, sid string) error {
	slices.Sort(g.Resources)
	g.Resources = s.Resources.AllShown(g.Resources)
	for i := range g.Scopes {
		g.Scopes[i].Description = s.Book.Describe(g.Scopes[i].Name)
	}
	c, err := s.Clients.Client(client.Vouch(ctx), g.ClientID)
	if err != nil && !client.Absent(err) {
		return err
	}
	if err == nil {
		g.ClientName, g.ClientLogo = c.DisplayName(), c.LogoURI
	}
	g.Token, err = s.seal(token{SID: sid, Client: g.ClientID}, forGrants)
	return err
}
