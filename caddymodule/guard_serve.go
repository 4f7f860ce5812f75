package caddymodule

import (
	"net/http"
	"net/netip"
	"slices"
	"time"

	"github.com/caddyserver/caddy/v2/modules/caddyhttp"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/guard"
	"github.com/gatehouse-auth/gatehouse/page"
	"github.com/gatehouse-auth/gatehouse/session"
)

// passage is what the guards of a site know of one request. The first guard
// that a request meets makes it; those behind it use it.
type passage struct {
	service *service
	site    *guardedSite
	live    *session.Live
	target  string // path and query as the client sent them
	path    guard.Path
	binder  string // value of the binder cookie, if it can be one
	abroad  bool   // acts with a session for another origin (PRX-08),
	from    string // which is this one, empty if it is not named
	foreign bool   // the last guard that judged does not trust that

	flight session.Flight
	answer privateWriter // in use while marked
	marked bool
}

// passageKey names the passage among the request's variables.
const passageKey = "gatehouse.passage"

// ServeHTTP implements caddyhttp.MiddlewareHandler. Whatever comes first, the
// request is cleaned before anything can return (HDR-02), and the identity is
// set only when everything has passed.
func (g *Guard) ServeHTTP(w http.ResponseWriter, r *http.Request, next caddyhttp.Handler) error {
	if p, ok := caddyhttp.GetVar(r.Context(), passageKey).(*passage); ok {
		// The second guard of a site, or one in an error route: it cleans what
		// is its own and judges by its own rule.
		if err := g.cleaner.Request(r); err != nil {
			return g.fail(w, r, p.service, err)
		}
		return g.judge(w, r, next, p)
	}
	target, query := originalOf(r)
	if _, ticketed := ticketOf(query); ticketed {
		answer, began := &statusWriter{ResponseWriterWrapper: caddyhttp.ResponseWriterWrapper{ResponseWriter: w}}, time.Now()
		defer func() { discreet(g.app.running.log, answer, r, answer.status, began) }()
		w = answer
	}
	svc, err := g.app.enter(r.Context())
	if err != nil {
		g.clean(r)
		return g.fail(w, r, nil, err)
	}
	defer svc.house.Release()
	p := &passage{service: svc, target: target}
	answered, err := g.receive(w, r, p, query)
	switch {
	case err != nil:
		return g.fail(w, r, svc, err)
	case answered:
		return nil
	case p.live == nil:
		return g.judge(w, r, next, p)
	}
	ctx := p.live.Track(r.Context(), &p.flight)
	defer p.flight.Land()
	err = g.judge(w, r.WithContext(ctx), next, p)
	if err != nil && ctx.Err() != nil && r.Context().Err() == nil && !p.answer.done {
		return p.cut(w, r)
	}
	return err
}

// cut answers a request whose session ended, or began anew in another tab,
// while the application was at work on it: not with the application's failure
// but as the next request will be. A navigation is sent to its own address, to
// be judged with the cookies that the browser has by now. An answer that has
// begun is beyond this; it just ends.
func (p *passage) cut(w http.ResponseWriter, r *http.Request) error {
	if guard.Redirectable(r) {
		return page.SeeOther(w, p.site.origin+p.target)
	}
	return p.unauthorized(w)
}

// clean takes off the request what only we may say.
func (g *Guard) clean(r *http.Request) error {
	err := g.cleaner.Request(r)
	g.cleaner.Cookies(r.Header)
	return err
}

// receive looks up who is there, redeems a ticket, cleans, and answers what is
// ours to answer. A failure in here, and a panic, is a refusal (PRX-02, ERR-02).
func (g *Guard) receive(w http.ResponseWriter, r *http.Request, p *passage, query string) (answered bool, err error) {
	cleaned := false
	defer func() {
		if broken := recover(); broken != nil {
			answered, err = false, panicked(broken)
		}
		if !cleaned {
			g.clean(r)
		}
	}()
	p.define(r)
	p.path = guard.ReadPath(p.target)
	if p.site, err = p.service.siteOf(g, r); err != nil {
		return false, err
	}
	if ticket, found := ticketOf(query); found {
		return true, p.redeem(w, r, ticket)
	}
	live, err := p.site.sessions.Current(r)
	if err != nil {
		return false, err
	}
	if live == nil {
		p.binder = p.site.site.Value(r, "binder")
	}
	var cookies []string
	if p.path.Reserved {
		cookies = slices.Clone(r.Header["Cookie"])
	}
	cleaned = true
	if err := g.clean(r); err != nil {
		return false, err
	}
	if p.live = live; live != nil {
		p.from, p.abroad = guard.Foreign(r, p.site.origin)
	}
	if p.path.Odd(g.pathDecides) {
		return false, errAmbiguous
	}
	if unsafeEarly(r) {
		w.WriteHeader(http.StatusTooEarly)
		return true, nil
	}
	if p.path.Reserved {
		return true, p.reserved(w, r, cookies)
	}
	caddyhttp.SetVar(r.Context(), passageKey, p)
	return false, nil
}

var errAmbiguous = fault.New(fault.Invalid, "guard", "This address could be read in more than one way.")

// judge applies this guard's rule and forwards, or says no.
func (g *Guard) judge(w http.ResponseWriter, r *http.Request, next caddyhttp.Handler, p *passage) error {
	decision := g.decide(r, p)
	switch decision.Verdict {
	case guard.Pass:
		p.live.Used()
		g.headers.Set(r.Header, &p.live.Session)
		return p.forward(w, r, next)
	case guard.PublicPass:
		if p.live != nil {
			g.headers.Set(r.Header, &p.live.Session)
		}
		return next.ServeHTTP(w, r)
	case guard.NeedLogin, guard.NeedFreshLogin:
		return p.demandLogin(w, r, decision)
	default:
		p.denied(r, decision)
		if g.branded && errorRoute(r, http.StatusForbidden, errDenied) {
			return caddyhttp.Error(http.StatusForbidden, errDenied)
		}
		return p.forbid(w, r)
	}
}

// forward sends a request on to the application. Its answer is marked once,
// however many guards it passes.
func (p *passage) forward(w http.ResponseWriter, r *http.Request, next caddyhttp.Handler) error {
	if p.marked {
		return next.ServeHTTP(w, r)
	}
	p.answer = privateWriter{ResponseWriterWrapper: caddyhttp.ResponseWriterWrapper{ResponseWriter: w}}
	p.marked = true
	err := next.ServeHTTP(&p.answer, r)
	p.marked = false // an error route answers on another way
	return err
}

var errDenied = fault.New(fault.Denied, "guard", "Access denied.")

// decide is the one decision function for everything that comes through a
// guard (PRX-06). A panic in it refuses.
func (g *Guard) decide(r *http.Request, p *passage) (d guard.Decision) {
	defer func() {
		if recover() != nil {
			d = guard.Decision{Verdict: guard.Forbid, Reason: "the decision failed"}
		}
	}()
	if p.foreign = p.abroad && !guard.Trusts(g.trusted, p.from); p.foreign {
		return guard.Decision{Verdict: guard.Forbid, Reason: "another site acts with this person's session"}
	}
	if g.Baseline {
		return guard.Decision{Verdict: guard.PublicPass, Reason: guard.ReasonPublic}
	}
	facts := guard.Facts{Path: p.path, Now: p.service.now()}
	if p.live != nil {
		facts.Session = &p.live.Session
	}
	if g.needsAddress {
		facts.ClientIP = clientIP(r)
	}
	return g.rules.Decide(facts)
}

// clientIP is the client's address as Caddy's trusted_proxies make it out; an
// address that can't be read is no address (FWD-03), and neither is that of
// early data, which has not yet shown that anybody is there to be answered.
func clientIP(r *http.Request) netip.Addr {
	if early(r) {
		return netip.Addr{}
	}
	text, _ := caddyhttp.GetVar(r.Context(), caddyhttp.ClientIPVarKey).(string)
	addr, err := netip.ParseAddr(text)
	if err != nil {
		return netip.Addr{}
	}
	return addr.Unmap().WithZone("")
}

// originalOf gives the request's address as the client sent it, whatever
// rewrites came before us: the whole target, and its query.
func originalOf(r *http.Request) (target, query string) {
	if o, ok := r.Context().Value(caddyhttp.OriginalRequestCtxKey).(http.Request); ok {
		return o.RequestURI, o.URL.RawQuery
	}
	return r.RequestURI, r.URL.RawQuery
}
