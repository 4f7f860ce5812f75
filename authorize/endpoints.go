package authorize

import (
	"net/http"
	"net/url"
	"slices"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/authorize/device"
	"github.com/gatehouse-auth/gatehouse/authorize/internal/answer"
	"github.com/gatehouse-auth/gatehouse/authorize/registration"
)

// Handler answers a request. An error means that nothing was written, and is
// for the caller to show.
type Handler = func(http.ResponseWriter, *http.Request) error

// endpoint is an address below the issuer that clients speak to. What has a row
// in [endpoints] is served, named by discovery and switched off by that row
// alone, so that these can't tell different stories (OAU-40).
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
	// there tells whether this server has it at all. Nil: it always does.
	there func(*Server) bool
	serve func(*Server, http.ResponseWriter, *http.Request) error
	// tells adds what discovery says of it besides. Nil: nothing.
	tells func(*Server, map[string]any)
}

// endpoints is the one list of what there is.
func endpoints() []endpoint {
	const configuration = "/.well-known/openid-configuration"
	const metadata = "/.well-known/oauth-authorization-server"
	return []endpoint{
		{name: "discovery", path: configuration, fixed: true, serve: (*Server).Discovery},
		{name: "discovery", path: metadata, fixed: true, serve: (*Server).Discovery},
		{name: "jwks", path: "/jwks", member: "jwks_uri", fixed: true, serve: (*Server).JWKS},
		{name: "authorize", path: "/authorize", member: "authorization_endpoint", fixed: true, serve: (*Server).Authorize},
		{name: "token", path: "/token", member: "token_endpoint", fixed: true, shown: true, serve: (*Server).Token, tells: tellToken},
		{name: "userinfo", path: "/userinfo", member: "userinfo_endpoint", shown: true, serve: (*Server).UserInfo, tells: tellUserInfo},
		{name: "revoke", path: "/revoke", member: "revocation_endpoint", shown: true, serve: (*Server).Revoke, tells: tellRevoke},
		{name: "introspect", path: "/introspect", member: "introspection_endpoint", shown: true, serve: (*Server).Introspect, tells: tellIntrospect},
		{name: "par", path: "/par", member: "pushed_authorization_request_endpoint", shown: true, serve: (*Server).Push, tells: tellPush},
		{name: "device", path: "/device_authorization", member: "device_authorization_endpoint", shown: true, there: (*Server).takesDevices, serve: (*Server).beginDevice},
		{name: "device", path: device.Path, there: (*Server).takesDevices, serve: (*Server).devicePage},
		{name: "end_session", path: "/end_session", member: "end_session_endpoint", there: (*Server).signsOut, serve: (*Server).endSession},
		{name: "end_session", path: "/end_session/confirm", there: (*Server).signsOut, serve: (*Server).confirmEnd},
		{name: "check_session", path: "/check_session", member: "check_session_iframe", fixed: true, there: (*Server).checksSession, serve: (*Server).checkSession},
		{name: "register", path: registration.Path, member: "registration_endpoint", fixed: true, there: (*Server).registers, serve: (*Server).register},
		{name: "register", path: registration.Path + "/{client}", fixed: true, there: (*Server).registers, serve: (*Server).manage},
	}
}

// Switchable are the names that [Config].Disabled may have.
func Switchable() []string {
	var names []string
	for _, e := range endpoints() {
		if !e.fixed && !slices.Contains(names, e.name) {
			names = append(names, e.name)
		}
	}
	return names
}

// offered are the endpoints of this server.
func (s *Server) offered() []endpoint {
	return slices.DeleteFunc(endpoints(), func(e endpoint) bool {
		return slices.Contains(s.Disabled, e.name) || e.there != nil && !e.there(s)
	})
}

// Routes gives what is served, by path of the issuer's host.
func (s *Server) Routes() map[string]Handler {
	routes := map[string]Handler{}
	for _, e := range s.offered() {
		routes[s.base+e.path] = func(w http.ResponseWriter, r *http.Request) error { return e.serve(s, w, r) }
	}
	return routes
}

// CertificateRoutes gives what is served at [Config].CertificateBase, by path of
// its host: what clients show a certificate at, and no page.
func (s *Server) CertificateRoutes() map[string]Handler {
	u, err := url.Parse(s.CertificateBase)
	if err != nil || s.CertificateBase == "" {
		return nil
	}
	routes := map[string]Handler{}
	for _, e := range s.offered() {
		if e.shown {
			routes[u.EscapedPath()+e.path] = func(w http.ResponseWriter, r *http.Request) error { return e.serve(s, w, r) }
		}
	}
	return routes
}

// offers tells whether this server has the endpoints of a name.
func (s *Server) offers(name string) bool {
	return slices.ContainsFunc(s.offered(), func(e endpoint) bool { return e.name == name })
}

// grantTypes are those that the token endpoint takes.
func (s *Server) grantTypes() []string {
	return slices.DeleteFunc(client.GrantTypes(), func(name string) bool { return name == client.GrantDevice && !s.offers("device") })
}

func (s *Server) takesDevices() bool { return s.Device != nil }

// beginDevice is the device authorization endpoint (RFC 8628, section 3.1). No
// script in a browser has business with it.
func (s *Server) beginDevice(w http.ResponseWriter, r *http.Request) error {
	if r.Method != http.MethodPost {
		answer.Guard(w.Header())
		return answer.Method(w, http.MethodPost)
	}
	return s.Device.Begin(w, r, s.tokens)
}

func (s *Server) devicePage(w http.ResponseWriter, r *http.Request) error {
	return s.Device.Page(w, r)
}

func (s *Server) signsOut() bool { return s.EndSession != nil }

func (s *Server) endSession(w http.ResponseWriter, r *http.Request) error {
	return s.EndSession.EndSession(w, r)
}

func (s *Server) confirmEnd(w http.ResponseWriter, r *http.Request) error {
	return s.EndSession.Confirm(w, r)
}

func (s *Server) registers() bool { return s.Registration != nil }

func (s *Server) register(w http.ResponseWriter, r *http.Request) error {
	return s.Registration.Register(w, r)
}

func (s *Server) manage(w http.ResponseWriter, r *http.Request) error {
	return s.Registration.Manage(w, r)
}

func tellToken(_ *Server, m map[string]any) { tellMethods(m, "token", client.AuthMethods()) }

func tellUserInfo(s *Server, m map[string]any) {
	m["userinfo_signing_alg_values_supported"] = s.SigningAlgs
}

// tellPush: clients prove who they are as at the token endpoint (RFC 9126,
// section 5).
func tellPush(s *Server, m map[string]any) {
	m["require_pushed_authorization_requests"] = s.RequirePushedRequests
}

func tellRevoke(_ *Server, m map[string]any) { tellMethods(m, "revocation", client.AuthMethods()) }

// tellIntrospect leaves out clients that can't prove who they are (OAU-34).
func tellIntrospect(s *Server, m map[string]any) {
	public := func(m client.AuthMethod) bool { return m == client.AuthNone }
	tellMethods(m, "introspection", slices.DeleteFunc(client.AuthMethods(), public))
	m["introspection_signing_alg_values_supported"] = s.SigningAlgs
}

// tellMethods says how clients prove who they are at an endpoint.
func tellMethods(m map[string]any, endpoint string, methods []client.AuthMethod) {
	m[endpoint+"_endpoint_auth_methods_supported"] = methods
	m[endpoint+"_endpoint_auth_signing_alg_values_supported"] = client.AssertionAlgs()
}
