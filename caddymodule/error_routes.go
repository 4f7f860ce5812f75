package caddymodule

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
)

// errorRoute tells whether a route of the operator's answers an error of ours.
// Caddy asks its error routes for every error as soon as there is one, and
// writes an empty answer where none of them takes it: `handle_errors 404 { }`
// would blank our 403. The routes are those of the whole server; their
// matchers look at a request as Caddy would give it to them.
func errorRoute(r *http.Request, status int, err error) bool {
	server, ok := r.Context().Value(caddyhttp.ServerCtxKey).(*caddyhttp.Server)
	if !ok || server.Errors == nil {
		return false
	}
	handled, ok := errors.AsType[caddyhttp.HandlerError](caddyhttp.Error(status, err))
	if !ok {
		return false
	}
	at := server.Errors.WithError(r, handled)
	if original, ok := r.Context().Value(caddyhttp.OriginalRequestCtxKey).(http.Request); ok {
		at.Method, at.RequestURI, at.RemoteAddr = original.Method, original.RequestURI, original.RemoteAddr
		address := url.URL{}
		if original.URL != nil {
			address = *original.URL
		}
		at.URL = &address
	}
	return takes(server.Errors.Routes, at)
}

// takes tells whether one of the routes takes the request and has a handler
// that may write an answer. A matcher that fails takes nothing.
func takes(routes caddyhttp.RouteList, r *http.Request) bool {
	for _, route := range routes {
		if match, err := route.MatcherSets.AnyMatchWithError(r); err != nil || !match {
			continue
		}
		for _, handler := range route.Handlers {
			if sub, ok := handler.(*caddyhttp.Subroute); ok && !takes(sub.Routes, r) {
				continue
			}
			if !passive[moduleID(handler)] {
				return true
			}
		}
	}
	return false
}

// passive are handlers that only get a request ready for the next one.
var passive = map[caddy.ModuleID]bool{
	"http.handlers.encode": true, "http.handlers.gatehouse": true, "http.handlers.headers": true, "http.handlers.log_append": true,
	"http.handlers.map": true, "http.handlers.request_body": true, "http.handlers.rewrite": true, "http.handlers.templates": true, "http.handlers.vars": true,
}

func moduleID(handler caddyhttp.MiddlewareHandler) caddy.ModuleID {
	if module, ok := handler.(caddy.Module); ok {
		return module.CaddyModule().ID
	}
	return ""
}
