package authorize

import (
	"slices"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/authorize/consent"
	"github.com/gatehouse-auth/gatehouse/identity"
)

// Request is an authorization request that passed every check.
type Request struct {
	// Client asks. For a guarded site it is a client without restrictions.
	Client *client.Client
	// Scopes are granted as asked, all or none; offline_access is left out
	// unless the client may have it.
	Scopes []string
	// Resources are the resource servers that tokens shall be for (RFC 8707).
	// Nil: none was named.
	Resources []string
	// Nonce is repeated in the ID token. Empty if none was sent.
	Nonce string
	// Challenge is the PKCE challenge, method S256. Empty if none was sent.
	Challenge string
	// JKT is the thumbprint of the key of DPoP that the code is bound to. Empty:
	// it is not.
	JKT string
	// None: show no page (prompt=none). Login: have the person prove again who
	// they are (prompt=login, select_account or create).
	None, Login bool
	// Create: let the person make an account first (prompt=create).
	Create bool
	// Consent: ask the person what the client may know, though they allowed it
	// before (prompt=consent).
	Consent bool
	// MaxAge is the greatest age of the login. Nil: any.
	MaxAge *time.Duration
	// Subjects are those of whom one must be signed in (id_token_hint, or sub
	// in claims). Empty: anybody.
	Subjects []identity.Subject
	// IDP and Tenant come from acr_values idp:x and tenant:x. Empty: any.
	IDP, Tenant string
	// ACRValues are the other acr_values, in order of preference.
	ACRValues []string
	// EssentialACR are the classes of which the login must have one. Nil: any.
	EssentialACR []string
	// UserInfoClaims and IDTokenClaims are what is asked for by name and the
	// client may have (OpenID Connect Core, section 5.5).
	UserInfoClaims, IDTokenClaims []string
	// LoginHint and UILocales are for the login page.
	LoginHint, UILocales string

	may    []string        // providers that can give a login one of EssentialACR; nil: any
	beyond []consent.Claim // claims asked for by name that come with none of Scopes
	hint   string          // id_token_hint as sent, not verified yet
	back   redirect
}

// Offline tells whether what is asked for outlives the session.
func (q *Request) Offline() bool { return slices.Contains(q.Scopes, client.ScopeOffline) }

// asks tells whether a person's consent matters for the request.
func (q *Request) asks() bool { return q.Consent || q.Client.ConsentMode() != client.ConsentNever }
