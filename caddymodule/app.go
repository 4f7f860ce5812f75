package caddymodule

import (
	"encoding/json"

	"github.com/caddyserver/caddy/v2"
)

// App says what exists: the issuer, the sources of identities, local users,
// OpenID Connect clients, and where things are kept. What a site demands is
// said by [Guard] at that site.
//
// An App without any field is complete. It is single-site mode: local users,
// keys and sessions in an embedded database, pages below /.gatehouse/ of the
// one guarded site.
//
// Values may hold the placeholders {env.NAME} and {file./path}; they are read
// when the configuration is loaded, never while it is adapted. One that is
// missing or empty fails the load.
type App struct {
	// Issuer is the origin of the login host: scheme, host and port, no path.
	// It is the `issuer` of OpenID Connect Core, section 2, and the root of
	// every absolute address. A site with `gatehouse_portal` must serve it.
	// Plain http is refused unless the host is loopback.
	// Example: "https://auth.example.com". Default: none, single-site mode.
	Issuer string `json:"issuer,omitempty"`

	// PreviousIssuer says that a change of the issuer is meant. Subjects and
	// tokens are bound to the issuer, so a changed one refuses to start unless
	// the one it replaces stands here.
	// Example: "https://login.example.com". Default: none.
	PreviousIssuer string `json:"previous_issuer,omitempty"`

	// CertificateBase is the origin of a second host for clients that show a
	// certificate when they connect (RFC 8705, section 5), so that people's
	// browsers are never asked for one: the token endpoint and its like are
	// there too, and no page. A site with `gatehouse_portal` must serve it, with
	// TLS that asks for certificates. Needs an issuer.
	// Example: "https://mtls.example.com". Default: none; the login host's own
	// TLS may ask.
	CertificateBase string `json:"certificate_base,omitempty"`

	// RequirePushedRequests refuses authorization requests that were not pushed
	// before, whoever the client is (RFC 9126, section 5). Default: false, each
	// client says so.
	RequirePushedRequests bool `json:"require_pushed_requests,omitempty"`

	// RequireSignedRequests refuses authorization requests that the client did not
	// sign, pushed or not, whoever it is (RFC 9101, section 10.5). Every client
	// needs keys then. Default: false, each client says so.
	RequireSignedRequests bool `json:"require_signed_requests,omitempty"`

	// ProvidersRaw are the external sources of identities, in the order in
	// which the login page offers them. Names are unique.
	// Default: none.
	ProvidersRaw []json.RawMessage `json:"providers,omitempty" caddy:"namespace=gatehouse.providers inline_key=type"`

	// Users turns local accounts on and declares some of them. They are also
	// on when no provider is configured.
	// Default: on without providers, off with providers.
	Users *LocalUsers `json:"users,omitempty"`

	// Clients are the OpenID Connect and OAuth 2 clients by client_id
	// (RFC 6749, section 2.2). Guarded sites are clients without being listed.
	// Needs an issuer. Default: none.
	Clients map[string]*Client `json:"clients,omitempty"`

	// Scopes are scopes of this installation's own, by name. openid, profile,
	// email, groups and offline_access are there without being listed. Needs an
	// issuer. Default: none.
	Scopes map[string]*Scope `json:"scopes,omitempty"`

	// Resources are resource servers of which more is known than the address
	// that a client names (RFC 8707), by that address. Needs an issuer.
	// Default: none.
	Resources map[string]*Resource `json:"resources,omitempty"`

	// Registration lets clients register themselves (RFC 7591), with a token
	// that `caddy gatehouse client token add` makes. Needs an issuer.
	// Default: off.
	Registration *Registration `json:"registration,omitempty"`

	// ClientIDMetadata takes clients whose id is the https address of a document
	// about them (draft-ietf-oauth-client-id-metadata-document), such as agents
	// that meet this login for the first time. Needs an issuer. Default: off.
	ClientIDMetadata *ClientIDMetadata `json:"client_id_metadata,omitempty"`

	// Session limits how long a login lasts.
	// Default: see the fields of Session.
	Session *Session `json:"session,omitempty"`

	// Throttle limits guessing of passwords.
	// Default: see the fields of Throttle.
	Throttle *Throttle `json:"throttle,omitempty"`

	// Password sets the cost of password hashes and the shortest password.
	// Default: see the fields of Password.
	Password *Password `json:"password,omitempty"`

	// Keys are the keys that sign tokens: their algorithms, and how they rotate.
	// Default: see the fields of Keys.
	Keys *Keys `json:"keys,omitempty"`

	// StoreRaw is where records are kept: accounts, keys.
	// Default: {"type": "sqlite"}.
	StoreRaw json.RawMessage `json:"store,omitempty" caddy:"namespace=gatehouse.stores inline_key=type"`

	// SessionsRaw is where short-lived things are kept: sessions, tickets,
	// codes. Default: {"type": "sqlite"}, beside the store's database.
	SessionsRaw json.RawMessage `json:"sessions,omitempty" caddy:"namespace=gatehouse.sessions inline_key=type"`

	// MasterKey names the file with the key that seals private keys at rest:
	// exactly one placeholder {file./path}, so that the key itself never
	// stands in a configuration. Only its owner may read the file (COO-12).
	// Example: "{file./run/secrets/gatehouse}".
	// Default: a file beside the database, made at the first start.
	MasterKey string `json:"master_key,omitempty"`

	// AllowPrivate lets requests to addresses of the clients that are configured
	// or were added by the command reach ones that are not public, this machine
	// included. A provider has a switch of its own, and so have clients that come
	// by themselves. The addresses from which clouds serve credentials stay
	// closed.
	// Default: false.
	AllowPrivate bool `json:"allow_private,omitempty"`

	// TrustedOrigins are origins whose scripts and sockets may send unsafe
	// requests with a person's session to every guarded site (PRX-08). A
	// guard adds its own.
	// Example: ["https://tools.example.com"]. Default: none.
	TrustedOrigins []string `json:"trusted_origins,omitempty"`

	// CheckSession lets pages of clients notice, in a frame at /check_session,
	// that the person signed out or somebody else signed in (OpenID Connect
	// Session Management): "same_site" for clients whose pages share the login
	// host's registrable domain, "cross_site" for all, which makes the one cookie
	// that scripts may read SameSite=None. That cookie opens nothing. Needs an
	// issuer. Example: "same_site". Default: none, it is not served.
	CheckSession string `json:"check_session,omitempty"`

	// CreateAccount is the address of the page where people make an account, such
	// as an application of yours or a provider's own. The login page leads there,
	// and so does prompt=create (Initiating User Registration via OpenID Connect
	// 1.0). It is told return_url, an address of ours where people come back to,
	// and login_hint and ui_locales of applications that sent them.
	// Example: "https://accounts.example.com/sign-up". Default: none; prompt=create
	// is refused.
	CreateAccount string `json:"create_account,omitempty"`

	// Disable names protocol endpoints that are not served, and not in discovery
	// either: "userinfo", "par", "revoke", "introspect", "device", "end_session".
	// What everything else needs (authorize, token, jwks, discovery) can't be
	// switched off.
	// Example: ["introspect", "revoke"]. Default: none, all are served.
	Disable []string `json:"disable,omitempty"`

	// Pages changes how pages look.
	// Default: the pages that are built in.
	Pages *Pages `json:"pages,omitempty"`

	// loaded is what Provision made of the fields above.
	loaded loaded

	// running is what is at work while this configuration is.
	running running
}

// Pages changes how the login pages look.
type Pages struct {
	// Directory holds templates that replace built-in ones of the same name.
	// Example: "/etc/caddy/gatehouse". Default: none.
	Directory string `json:"directory,omitempty"`

	// Product is the name that pages show.
	// Example: "ACME". Default: "Gatehouse".
	Product string `json:"product,omitempty"`
}

// CaddyModule implements caddy.Module.
func (*App) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "gatehouse", New: func() caddy.Module { return new(App) }}
}
