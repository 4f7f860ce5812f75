package caddymodule

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/guard"
	"github.com/gatehouse-auth/gatehouse/login"
	"github.com/gatehouse-auth/gatehouse/page"
)

// portal serves everything below the issuer. It answers every request itself:
// nothing of it goes to error routes, whose pages could not be trusted with it.
type portal struct {
	service *service
	hosts   *guard.Hosts
	pages   *page.Pages
	base    string // path of the issuer: "" or "/.gatehouse"
	mux     *http.ServeMux

	patience time.Duration // how long an answer may take
}

// add puts handlers under their patterns.
func (p *portal) add(routes map[string]login.HandlerFunc) {
	for pattern, serve := range routes {
		p.mux.HandleFunc(pattern, p.handle(serve))
	}
}

// Provision implements caddy.Provisioner.
func (p *Portal) Provision(ctx caddy.Context) error {
	place, err := preparePortal(ctx)
	if err != nil {
		return err
	}
	p.app = place.app
	p.app.running.survey = place.survey
	return nil
}

// ServeHTTP implements caddyhttp.MiddlewareHandler. It never calls the next
// handler: a login host serves nothing else.
func (p *Portal) ServeHTTP(w http.ResponseWriter, r *http.Request, _ caddyhttp.Handler) error {
	svc, err := p.app.enter(r.Context())
	if err != nil {
		began := time.Now()
		status := p.app.running.refuse(w, err)
		discreet(p.app.running.log, w, r, status, began)
		return nil
	}
	defer svc.house.Release()
	if svc.single {
		return caddyhttp.Error(http.StatusNotFound, nil)
	}
	at, err := svc.portalFor(r)
	if err != nil {
		return caddyhttp.Error(http.StatusMisdirectedRequest, err) // FWD-02: no page for unknown hosts
	}
	at.serve(w, r)
	return nil
}

// portalFor finds whom a request is for by its Host.
func (s *service) portalFor(r *http.Request) (*portal, error) {
	_, err := s.portal.hosts.Origin(r)
	if err != nil && s.certificates != nil {
		if _, err := s.certificates.hosts.Origin(r); err == nil {
			return s.certificates, nil
		}
	}
	return s.portal, err
}

// asSent gives a request the address that the client sent, whatever rewrites
// stand before us.
func asSent(r *http.Request) {
	if o, ok := r.Context().Value(caddyhttp.OriginalRequestCtxKey).(http.Request); ok {
		address := *o.URL
		r.URL, r.RequestURI = &address, o.RequestURI
	}
}

// serve answers a request. What the mux answers by itself is as discreet as
// our pages, which set these headers anew (WEB-06, WEB-08).
func (p *portal) serve(w http.ResponseWriter, r *http.Request) {
	guard.ClearTrailers(r)
	asSent(r)
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	answer, began := &statusWriter{ResponseWriterWrapper: caddyhttp.ResponseWriterWrapper{ResponseWriter: w}}, time.Now()
	defer func() { discreet(p.service.log, answer, r, answer.status, began) }()
	if tidy, done := tidied(r.URL); !done {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			http.NotFound(answer, r) // what was posted is not sent on (RED-06)
			return
		}
		http.Redirect(answer, r, tidy, http.StatusSeeOther)
		return
	}
	ctx, cancel := context.WithTimeout(asking(r), p.limit(r.URL.Path))
	defer cancel()
	p.service.awaitSettled(ctx)
	p.mux.ServeHTTP(answer, r.WithContext(ctx))
}

// answerLimit is how long an answer may take, whatever hangs: a store, or
// somebody else's server, which has 10 seconds itself.
const answerLimit = 12 * time.Second

// limit gives more to a provider's callback, which may have to ask for three
// things. What a provider tells of a logout, at addresses below it, gets none.
func (p *portal) limit(path string) time.Duration {
	if name, ok := strings.CutPrefix(path, p.base+"/callback/"); ok && name != "" && !strings.Contains(name, "/") {
		return 3 * p.patience
	}
	return p.patience
}

// tidied tells whether a path has no empty segments and no dots, and gives the
// address without them. The mux would do the same and escape it a second time.
func tidied(u *url.URL) (string, bool) {
	sent := u.EscapedPath()
	tidy := path.Clean("/" + sent)
	if strings.HasSuffix(sent, "/") && tidy != "/" {
		tidy += "/"
	}
	if tidy == sent {
		return "", true
	}
	if u.RawQuery != "" {
		tidy += "?" + u.RawQuery
	}
	return tidy, false
}

// handle turns a handler that says what is wrong into one that shows it. A
// panic is an error of ours (ERR-02).
func (p *portal) handle(serve login.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		answer := &statusWriter{ResponseWriterWrapper: caddyhttp.ResponseWriterWrapper{ResponseWriter: w}}
		err := safely(serve, answer, r)
		if err == nil {
			return
		}
		if errors.Is(r.Context().Err(), context.DeadlineExceeded) {
			err = fault.Wrap(fault.Unavailable, "portal", err)
		}
		p.service.note(r, statusOf(err), err)
		if answer.status != 0 {
			return // half an answer can't be taken back
		}
		view := problemOf(err)
		view.RequestID = requestID(r)
		if err := p.pages.Write(w, r, view.Status, view); err != nil {
			p.service.note(r, http.StatusInternalServerError, err)
		}
	}
}

// safely runs a handler unless the request may be a replay of TLS early data
// and would change something (RFC 8470, PRX-13).
func safely(serve login.HandlerFunc, w http.ResponseWriter, r *http.Request) (err error) {
	defer func() {
		if broken := recover(); broken != nil {
			if broken == http.ErrAbortHandler {
				panic(broken)
			}
			err = panicked(broken)
		}
	}()
	if unsafeEarly(r) {
		w.WriteHeader(http.StatusTooEarly)
		return nil
	}
	return serve(w, r)
}

// statusWriter remembers whether an answer has begun.
type statusWriter struct {
	caddyhttp.ResponseWriterWrapper
	status int
}

// WriteHeader implements http.ResponseWriter.
func (s *statusWriter) WriteHeader(status int) {
	s.status = status
	s.ResponseWriterWrapper.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (s *statusWriter) Write(b []byte) (int, error) {
	if s.status == 0 {
		s.status = http.StatusOK
	}
	return s.ResponseWriterWrapper.Write(b)
}
