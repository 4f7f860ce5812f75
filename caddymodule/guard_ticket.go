package caddymodule

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/guard"
	"github.com/gatehouse-auth/gatehouse/internal/origin"
	"github.com/gatehouse-auth/gatehouse/page"
	"github.com/gatehouse-auth/gatehouse/session"
)

const (
	// ticketParameter carries a one-time ticket back to the site. It never
	// reaches the application.
	ticketParameter = "gatehouse_ticket"
	// mostTries is how often a browser is sent to the login host for one
	// visit before it is told what is wrong instead.
	mostTries = 2
	// ticketLimit bounds what the store may take to redeem a ticket.
	ticketLimit = 5 * time.Second
)

// ticketOf finds a ticket in the query. A doubled one counts as a broken one.
func ticketOf(query string) (ticket string, found bool) {
	if !strings.Contains(query, ticketParameter) {
		return "", false
	}
	for pair := range strings.SplitSeq(query, "&") {
		name, value, _ := strings.Cut(pair, "=")
		if !isTicket(name) {
			continue
		}
		if found {
			return "", true
		}
		ticket, found = value, true
	}
	return ticket, found
}

func isTicket(name string) bool {
	name, err := url.QueryUnescape(name)
	return err == nil && name == ticketParameter
}

// withoutTicket is the address that was meant.
func withoutTicket(target string) string {
	path, query, _ := strings.Cut(target, "?")
	var kept []string
	for pair := range strings.SplitSeq(query, "&") {
		if name, _, _ := strings.Cut(pair, "="); pair != "" && !isTicket(name) {
			kept = append(kept, pair)
		}
	}
	if len(kept) == 0 {
		return path
	}
	return path + "?" + strings.Join(kept, "&")
}

// redeem turns a ticket into a session of this host and leads to the clean
// address. It comes before every rule, on every path.
func (p *passage) redeem(w http.ResponseWriter, r *http.Request, ticket string) error {
	if r.Method != http.MethodGet || !guard.Redirectable(r) {
		return fault.New(fault.Invalid, "guard.redeem", "A sign-in can only be completed by opening its address.")
	}
	ctx, cancel := context.WithTimeout(r.Context(), ticketLimit)
	defer cancel()
	r = r.WithContext(ctx)
	p.binder = p.site.site.Value(r, "binder")
	_, target, err := p.site.sessions.Redeem(w, r, ticket, p.binder)
	if err == nil {
		return page.SeeOther(w, p.site.origin+target)
	}
	if fault.Is(err, fault.Unavailable) || fault.Is(err, fault.Internal) {
		return err
	}
	p.service.audit.TicketRefused(source(r), origin.Host(p.site.origin), fault.KindOf(err).String())
	live, currentErr := p.site.sessions.Current(r)
	if currentErr != nil {
		return currentErr
	}
	if live != nil {
		return page.SeeOther(w, p.site.origin+withoutTicket(p.target))
	}
	return p.startOver(w, r, err)
}

// startOver begins once more after a ticket that did not help, and gives up
// with an explanation when that did not help either.
func (p *passage) startOver(w http.ResponseWriter, r *http.Request, err error) error {
	foreign, ok := errors.AsType[*session.ForeignError](err)
	if !ok {
		return p.start(w, session.Visit{Target: withoutTicket(p.target), Tries: 1})
	}
	if foreign.Tries+1 < mostTries {
		return p.start(w, session.Visit{Target: foreign.Target, Tries: foreign.Tries + 1})
	}
	view := page.CookieMissing(p.site.site.CookieName("binder"), origin.Host(p.site.origin))
	view.ContinueURL = p.site.origin + foreign.Target
	return p.service.show(w, r, view)
}
