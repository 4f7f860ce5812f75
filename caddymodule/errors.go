package caddymodule

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"go.uber.org/zap"

	"github.com/gatehouse-auth/gatehouse/authorize"
	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/guard"
	"github.com/gatehouse-auth/gatehouse/page"
)

// statusOf is the one mapping of errors to HTTP.
func statusOf(err error) int {
	switch fault.KindOf(err) {
	case fault.Invalid:
		return http.StatusBadRequest
	case fault.Denied:
		return http.StatusForbidden
	case fault.LoginNeeded:
		return http.StatusUnauthorized
	case fault.NotFound:
		return http.StatusNotFound
	case fault.Exists, fault.Conflict, fault.Spent:
		return http.StatusConflict
	case fault.Throttled:
		return http.StatusTooManyRequests
	case fault.Unavailable:
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

// fail ends a guarded request with an error: through the operator's error
// routes if one of them takes it, else with a page or JSON. An address with a ticket
// is kept from them, and so from Caddy's log of errors (LOG-01). svc is nil
// where there are no pages yet.
func (g *Guard) fail(w http.ResponseWriter, r *http.Request, svc *service, err error) error {
	status := statusOf(err)
	_, query := originalOf(r)
	_, ticketed := ticketOf(query)
	switch {
	case !ticketed && g.branded && errorRoute(r, status, err):
		return caddyhttp.Error(status, err)
	case svc == nil:
		g.app.running.refuse(w, err)
		return nil
	}
	svc.note(r, status, err)
	if !guard.Redirectable(r) {
		return writeJSON(w, status, map[string]string{"error": fault.KindOf(err).String(), "message": fault.Public(err)})
	}
	return svc.show(w, r, problemOf(err))
}

// problemOf is the page for an error. Only a sentence meant for people is
// shown; everything else stays in the log (ERR-01).
func problemOf(err error) page.Problem {
	view := page.ProblemFor(statusOf(err))
	shown, ok := errors.AsType[*authorize.DisplayError](err)
	switch {
	case ok && shown.Back != "" && view.Status < http.StatusInternalServerError:
		return problemWithheld(view.Status, shown)
	case ok && shown.Parameter != "":
		return problemOfRequest(shown)
	}
	if text := fault.Public(err); text != "" && view.Status < http.StatusInternalServerError {
		view.Detail = page.Said(text)
	}
	return view
}

// problemOfRequest is the page for an application's request that can't be
// answered to the application, in the visitor's language.
func problemOfRequest(e *authorize.DisplayError) page.Problem {
	switch {
	case e.Code == "unauthorized_client":
		return page.UnknownClient()
	case e.Client != "":
		return page.BadRedirectURI(e.Client)
	default:
		return page.BadParameter(e.Parameter)
	}
}

// problemWithheld is the page for an error that an application would have been
// told if somebody vouched for it. A link can lead to the web alone.
func problemWithheld(status int, e *authorize.DisplayError) page.Problem {
	view := page.Withheld(status, e.Client, e.Host)
	if view.ContinueURL = e.Back; e.Host == "" {
		view.ContinueURL, view.ContinueText = "", page.Message{}
	}
	return view
}

// show writes a problem page on a guarded host.
func (s *service) show(w http.ResponseWriter, r *http.Request, view page.Problem) error {
	view.RequestID = requestID(r)
	return s.sitePages.Write(w, r, view.Status, view)
}

// note logs what went wrong: our own failures loudly, a visitor's quietly.
func (s *service) note(r *http.Request, status int, err error) {
	level := zap.DebugLevel
	if status >= http.StatusInternalServerError {
		level = zap.ErrorLevel
	}
	if entry := s.log.Check(level, "request failed"); entry != nil {
		entry.Write(zap.Int("status", status), zap.String("host", r.Host), zap.String("path", r.URL.Path), zap.String("request_id", requestID(r)), zap.Error(err))
	}
}

// requestID is Caddy's own id of the request, by which the log entry of what
// went wrong is found.
func requestID(r *http.Request) string {
	repl, ok := r.Context().Value(caddy.ReplacerCtxKey).(*caddy.Replacer)
	if !ok {
		return ""
	}
	id, _ := repl.GetString("http.request.uuid")
	return id
}

// panicked turns a panic into an error that says where (for the log).
func panicked(broken any) error {
	return fault.Wrap(fault.Internal, "gatehouse", fmt.Errorf("panic: %v\n%s", broken, debug.Stack()))
}

// writeJSON answers a machine.
func writeJSON(w http.ResponseWriter, status int, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return caddyhttp.Error(http.StatusInternalServerError, err)
	}
	h := w.Header()
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, err = w.Write(append(body, '\n'))
	return err
}
