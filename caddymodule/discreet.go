package caddymodule

import (
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"go.uber.org/zap"
)

// discreet keeps codes, states, tickets, setup links and proofs out of the access log:
// Caddy took its copy of the request before we saw it, so its entry is skipped
// and ours, with the bare path, takes its place (LOG-01). It is called before
// Caddy writes its entry; w is asked for where the answer leads to.
func discreet(log *zap.Logger, w http.ResponseWriter, r *http.Request, status int, began time.Time) {
	if !telling(w.Header(), r) || !logged(r) {
		return
	}
	caddyhttp.SetVar(r.Context(), caddyhttp.LogSkipVar, true)
	target, _ := originalOf(r)
	path, _, _ := strings.Cut(target, "?")
	log.Info("handled request", zap.String("method", r.Method), zap.String("host", r.Host), zap.String("path", path), zap.Int("status", status),
		zap.String("client_ip", clientIP(r).String()), zap.Duration("duration", time.Since(began)))
}

// logged tells whether Caddy would write an entry: with no access log for the
// host there is none to replace.
func logged(r *http.Request) bool {
	if skip, ok := caddyhttp.GetVar(r.Context(), caddyhttp.LogSkipVar).(bool); ok && skip {
		return false
	}
	srv, ok := r.Context().Value(caddyhttp.ServerCtxKey).(*caddyhttp.Server)
	if !ok || srv.Logs == nil {
		return false
	}
	host, _, err := net.SplitHostPort(r.Host)
	if err != nil {
		host = r.Host
	}
	named := func(pattern string) bool { return hostFits(host, pattern) }
	for pattern := range srv.Logs.LoggerNames {
		if named(pattern) {
			return true
		}
	}
	return !slices.ContainsFunc(srv.Logs.SkipHosts, named) && !srv.Logs.SkipUnmappedHosts
}

// hostFits tells whether a pattern, whose first labels may be *, is for a host.
func hostFits(host, pattern string) bool {
	if strings.EqualFold(host, pattern) {
		return true
	}
	labels := strings.Split(host, ".")
	for i := range labels {
		labels[i] = "*"
		if strings.EqualFold(strings.Join(labels, "."), pattern) {
			return true
		}
	}
	return false
}

// telling tells whether Caddy's entry would hold a query of ours: in the
// address, in that of the page which the request came from, or in that which
// the answer leads to. A page of ours with a form names itself in Referer,
// also when it loads its style. A proof of DPoP that was refused may still be
// good for somebody who reads it there.
func telling(answer http.Header, r *http.Request) bool {
	_, query := originalOf(r)
	return query != "" || len(r.Header["Dpop"]) > 0 || strings.Contains(r.Referer(), "?") || strings.Contains(answer.Get("Location"), "?")
}

// refuse answers where there is no service and so no page. It keeps the error
// from Caddy, whose log of errors would hold the whole address.
func (r *running) refuse(w http.ResponseWriter, err error) (status int) {
	status = statusOf(err)
	r.log.Error("request failed", zap.Int("status", status), zap.Error(err))
	w.Header().Set("Cache-Control", "no-store")
	http.Error(w, http.StatusText(status), status)
	return status
}
