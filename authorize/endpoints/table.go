package endpoints

import (
	"net/http"
	"net/url"
	"slices"

	"github.com/gatehouse-auth/gatehouse/authorize/device"
	"github.com/gatehouse-auth/gatehouse/authorize/internal/answer"
	"github.com/gatehouse-auth/gatehouse/authorize/registration"
)

// Handler answers a request. An error means that nothing was written, and is
// for the caller to show.
type Handler = func(http.ResponseWriter, *http.Request) error

// endpoint is an address below the issuer that clients speak to. What has a row
// in the table is served, named by discovery and switched off by that row alone,
// so that these can't tell different stories (OAU-40).
type endpoint struct {
	// name is the word that switches it off; rows of one name go together.
	name string
	// path is below the issuer.
	path string
	// member is its name in discovery. "": it has none.
	member string
	// fixed says that it can't be switched off by name: nothing works without
	// it, or a setting of its own turns it on.
	fixed bool
	// shown says that clients show their certificate there, so that it is at the
	// further address too, if there is one (RFC 8705, section 5).
	shown bool
	// absent says that this server does not have it at all.
	absent bool
	// methods are those that serve is called with. Nil: it is called with any,
	// and refuses what it does not take.
	methods []string
	// scripts are those by which scripts of registered clients may ask (WEB-09).
	// Nil: no script in a browser has business with it.
	scripts []string
	serve   Handler
	// tells adds what discovery says of it besides. Nil: nothing.
	tells func(map[string]any)
}

// table is the one list of what there is.
func (s *Server) table() []endpoint {
	const configuration = "/.well-known/openid-configuration"
	const metadata = "/.well-known/oauth-authorization-server"
	get, post, both := []string{http.MethodGet}, []string{http.MethodPost}, []string{http.MethodGet, http.MethodPost}
	look := []string{http.MethodGet, http.MethodHead}
	framed := s.Authorize != nil && s.Authorize.CheckSession != nil
	return []endpoint{
		{name: "discovery", path: configuration, fixed: true, methods: look, scripts: get, serve: s.discovery},
		{name: "discovery", path: metadata, fixed: true, methods: look, scripts: get, serve: s.discovery},
		{name: "jwks", path: "/jwks", member: "jwks_uri", fixed: true, methods: look, scripts: get, serve: s.jwks},
		{name: "authorize", path: "/authorize", member: "authorization_endpoint", fixed: true, serve: s.Authorize.Authorize},
		{name: "token", path: "/token", member: "token_endpoint", fixed: true, shown: true, methods: post, scripts: post, serve: s.Tokens.Token, tells: s.tellToken},
		{name: "userinfo", path: "/userinfo", member: "userinfo_endpoint", shown: true, methods: both, scripts: both, serve: s.Tokens.UserInfo, tells: s.tellUserInfo},
		{name: "revoke", path: "/revoke", member: "revocation_endpoint", shown: true, methods: post, scripts: post, serve: s.Tokens.Revoke, tells: s.tellRevoke},
		{name: "introspect", path: "/introspect", member: "introspection_endpoint", shown: true, methods: post, serve: s.Tokens.Introspect, tells: s.tellIntrospect},
		{name: "par", path: "/par", member: "pushed_authorization_request_endpoint", shown: true, methods: post, scripts: post, serve: s.push, tells: s.tellPush},
		{name: "device", path: "/device_authorization", member: "device_authorization_endpoint", shown: true, absent: s.Device == nil, methods: post, serve: s.beginDevice},
		{name: "device", path: device.Path, absent: s.Device == nil, serve: s.Device.Page},
		{name: "end_session", path: "/end_session", member: "end_session_endpoint", absent: s.EndSession == nil, serve: s.EndSession.EndSession},
		{name: "end_session", path: "/end_session/confirm", absent: s.EndSession == nil, serve: s.EndSession.Confirm},
		{name: "check_session", path: "/check_session", member: "check_session_iframe", fixed: true, absent: !framed, serve: s.checkSession},
		{name: "register", path: registration.Path, member: "registration_endpoint", fixed: true, absent: s.Registration == nil, serve: s.Registration.Register},
		{name: "register", path: registration.Path + "/{client}", fixed: true, absent: s.Registration == nil, serve: s.Registration.Manage},
	}
}

func (s *Server) push(w http.ResponseWriter, r *http.Request) error {
	return s.Authorize.Push(w, r, s.Tokens)
}

func (s *Server) beginDevice(w http.ResponseWriter, r *http.Request) error {
	return s.Device.Begin(w, r, s.Tokens)
}

func (s *Server) checkSession(w http.ResponseWriter, r *http.Request) error {
	return s.Authorize.CheckSession.Page(w, r)
}

// Switchable are the names that [Config].Disabled may have.
func Switchable() []string {
	var names []string
	for _, e := range new(Server).table() {
		if !e.fixed && !slices.Contains(names, e.name) {
			names = append(names, e.name)
		}
	}
	return names
}

// offered are the endpoints of this server.
func (s *Server) offered() []endpoint {
	return slices.DeleteFunc(s.table(), func(e endpoint) bool { return e.absent || slices.Contains(s.Disabled, e.name) })
}

// offers tells whether this server has the endpoints of a name.
func (s *Server) offers(name string) bool {
	return slices.ContainsFunc(s.offered(), func(e endpoint) bool { return e.name == name })
}

// Routes gives what is served, by path of the issuer's host.
func (s *Server) Routes() map[string]Handler {
	routes := map[string]Handler{}
	for _, e := range s.offered() {
		routes[s.base+e.path] = s.open(e)
	}
	return routes
}

// CertificateRoutes gives what is served at the further address for clients that
// show a certificate, by path of its host: no page is among it. Nil: there is no
// such address.
func (s *Server) CertificateRoutes() map[string]Handler {
	u, err := url.Parse(s.Tokens.CertificateBase)
	if err != nil || s.Tokens.CertificateBase == "" {
		return nil
	}
	routes := map[string]Handler{}
	for _, e := range s.offered() {
		if e.shown {
			routes[u.EscapedPath()+e.path] = s.open(e)
		}
	}
	return routes
}

// open is an endpoint to the world: for some scripts, and by its methods.
func (s *Server) open(e endpoint) Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if e.scripts != nil && s.crossOrigin(w, r, e.scripts) {
			return nil
		}
		if e.methods != nil && !slices.Contains(e.methods, r.Method) {
			answer.Guard(w.Header())
			return answer.Method(w, e.methods...)
		}
		return e.serve(w, r)
	}
}
