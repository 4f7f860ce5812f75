package login

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/internal/origin"
	"github.com/gatehouse-auth/gatehouse/page"
)

// Handler serves the pages of this package. It is safe for concurrent use; what
// differs between two requests is in the requests.
type Handler struct {
	Config
	origin string      // of the issuer
	base   string      // path of the issuer, "" or "/.gatehouse"
	lived  atomic.Bool // somebody has an account: that stays so
}

// HandlerFunc answers a request, or says why it can't be answered. An error
// means that nothing was written.
type HandlerFunc = func(w http.ResponseWriter, r *http.Request) error

// New checks the configuration. Errors are fault.Invalid.
func New(c Config) (*Handler, error) {
	const op = "login.New"
	issuer, org, err := origin.Base(c.Issuer)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, op, err)
	}
	if c.Accounts == nil || c.Throttle == nil || c.Sessions == nil || c.Contexts == nil || c.Jar == nil || c.Once == nil || c.Pages == nil || c.Box == nil {
		return nil, fault.Wrap(fault.Invalid, op, errors.New("a part is missing"))
	}
	for i, p := range c.Providers {
		same := func(q Provider) bool { return q.Name() == p.Name() }
		if slices.ContainsFunc(c.Providers[:i], same) {
			return nil, fault.Wrap(fault.Invalid, op, errors.New("two providers are called "+p.Name()))
		}
	}
	h := &Handler{Config: c, origin: org, base: strings.TrimPrefix(issuer, org)}
	h.Issuer = issuer
	if h.Home == "" {
		h.Home = h.base + "/"
		if h.SingleSite {
			h.Home = "/"
		}
	}
	if h.ClientIP == nil {
		h.ClientIP = peer
	}
	if h.Now == nil {
		h.Now = time.Now
	}
	return h, nil
}

// Routes gives the handlers by pattern of http.ServeMux, below the issuer's
// path. The mux provides the path value "provider". Each handler refuses the
// methods that it does not answer (WEB-12).
func (h *Handler) Routes() map[string]HandlerFunc {
	return map[string]HandlerFunc{
		h.base + "/login":               h.methods(h.Login, http.MethodGet, http.MethodHead, http.MethodPost),
		h.base + "/login/{provider}":    h.methods(h.Provider, http.MethodGet, http.MethodPost),
		h.base + "/callback/{provider}": h.methods(h.Callback, http.MethodGet),
		h.base + PathBackChannel:        h.methods(h.BackChannel, http.MethodPost),
		h.base + PathFrontChannel:       h.methods(h.FrontChannelLogout, http.MethodGet),
		h.base + "/logout":              h.methods(h.Logout, http.MethodGet, http.MethodHead, http.MethodPost),
		h.base + "/setup":               h.methods(h.Setup, http.MethodGet, http.MethodHead, http.MethodPost),
		h.base + "/{$}":                 h.methods(h.HomePage, http.MethodGet, http.MethodHead),
	}
}

func (h *Handler) methods(serve HandlerFunc, allowed ...string) HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) error {
		// Also where a page fails half-way, nobody keeps the answer (WEB-08).
		w.Header().Set("Cache-Control", "no-store")
		if slices.Contains(allowed, r.Method) {
			return serve(w, r)
		}
		w.Header().Set("Allow", strings.Join(allowed, ", "))
		return h.problem(w, r, page.MethodNotAllowed())
	}
}

// problem shows what went wrong, with a way on.
func (h *Handler) problem(w http.ResponseWriter, r *http.Request, p page.Problem) error {
	if p.ContinueURL == "" {
		p.ContinueURL = h.Home
	}
	return h.Pages.Write(w, r, p.Status, p)
}

// link gives the address of one of our pages with a return address.
func (h *Handler) link(path string, d destination) string {
	if d.home {
		return h.base + path
	}
	return h.base + path + "?" + url.Values{page.FieldReturnURL: {d.url}}.Encode()
}
