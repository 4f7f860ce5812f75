package registry

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/internal/jose"
)

// version of [settings]. What can't be read by the program before gets another
// one.
const version = 1

// maxSeconds is a hundred years: more is a mistake, and far more would turn
// into less.
const maxSeconds = 100 * 366 * 24 * 60 * 60

// settings are a client's in the database, by the names of RFC 7591 and of
// OpenID Connect Dynamic Client Registration where there are such. Times are
// seconds. What is missing is the default; the id and the secrets stand beside
// it.
type settings struct {
	Version int      `json:"v,omitempty"`
	Name    string   `json:"client_name,omitempty"`
	LogoURI string   `json:"logo_uri,omitempty"`
	Dynamic bool     `json:"dynamic,omitempty"`
	Settled []string `json:"settled,omitempty"`

	Public                      bool            `json:"public,omitempty"`
	TokenEndpointAuthMethod     string          `json:"token_endpoint_auth_method,omitempty"`
	TokenEndpointAuthSigningAlg string          `json:"token_endpoint_auth_signing_alg,omitempty"`
	StrictAssertions            bool            `json:"strict_assertions,omitempty"`
	Profile                     string          `json:"profile,omitempty"`
	RequirePushedRequests       bool            `json:"require_pushed_authorization_requests,omitempty"`
	RequireSignedRequests       bool            `json:"require_signed_request_object,omitempty"`
	RequestObjectAlg            string          `json:"request_object_signing_alg,omitempty"`
	DPoPBoundTokens             bool            `json:"dpop_bound_access_tokens,omitempty"`
	CertificateBoundTokens      bool            `json:"tls_client_certificate_bound_access_tokens,omitempty"`
	JWKS                        json.RawMessage `json:"jwks,omitempty"`
	JWKSURI                     string          `json:"jwks_uri,omitempty"`
	TLSSubjectDN                string          `json:"tls_client_auth_subject_dn,omitempty"`
	TLSSANDNS                   string          `json:"tls_client_auth_san_dns,omitempty"`
	TLSSANURI                   string          `json:"tls_client_auth_san_uri,omitempty"`
	TLSSANIP                    string          `json:"tls_client_auth_san_ip,omitempty"`
	TLSSANEmail                 string          `json:"tls_client_auth_san_email,omitempty"`

	RedirectURIs           []string `json:"redirect_uris,omitempty"`
	ResponseModes          []string `json:"response_modes,omitempty"`
	PostLogoutRedirectURIs []string `json:"post_logout_redirect_uris,omitempty"`
	BackchannelLogoutURI   string   `json:"backchannel_logout_uri,omitempty"`
	BackchannelSession     bool     `json:"backchannel_logout_session_required,omitempty"`
	FrontchannelLogoutURI  string   `json:"frontchannel_logout_uri,omitempty"`
	FrontchannelSession    bool     `json:"frontchannel_logout_session_required,omitempty"`
	AllowedOrigins         []string `json:"allowed_origins,omitempty"`

	Scopes          []string `json:"scopes,omitempty"`
	GrantTypes      []string `json:"grant_types,omitempty"`
	OfflineAccess   bool     `json:"offline_access,omitempty"`
	ExtendsSession  bool     `json:"extends_session,omitempty"`
	AccessToken     string   `json:"access_token,omitempty"`
	AccessTokenLife int64    `json:"access_token_life,omitempty"`
	RefreshIdle     int64    `json:"refresh_idle,omitempty"`
	RefreshMaxAge   int64    `json:"refresh_max_age,omitempty"`
	Resources       []string `json:"resources,omitempty"`
	Audiences       []string `json:"audiences,omitempty"`
	UserInfoAlg     string   `json:"userinfo_signed_response_alg,omitempty"`
	IDTokenAlg      string   `json:"id_token_signed_response_alg,omitempty"`
	IDTokenClaims   bool     `json:"id_token_claims,omitempty"`

	SubjectType       string         `json:"subject_type,omitempty"`
	SectorIdentifier  string         `json:"sector_identifier,omitempty"`
	Claims            []client.Claim `json:"claims,omitempty"`
	AccessTokenClaims []string       `json:"access_token_claims,omitempty"`

	FirstParty            bool          `json:"first_party,omitempty"`
	Consent               string        `json:"consent,omitempty"`
	ConsentMaxAge         int64         `json:"consent_max_age,omitempty"`
	Providers             []string      `json:"providers,omitempty"`
	Local                 *bool         `json:"local,omitempty"`
	UserSSOLifetime       int64         `json:"user_sso_lifetime,omitempty"`
	Allow                 []client.Rule `json:"allow,omitempty"`
	Deny                  []client.Rule `json:"deny,omitempty"`
	InsecurePKCEOptional  bool          `json:"insecure_pkce_optional,omitempty"`
	InsecureNonceOptional bool          `json:"insecure_nonce_optional,omitempty"`
}

// encode gives the settings of a client as they are kept.
func encode(c *client.Client) (string, error) {
	s, err := form(c)
	if err != nil {
		return "", err
	}
	s.Version = version
	raw, err := json.Marshal(s)
	return string(raw), err
}

// form puts what a client is into the form of its settings.
func form(c *client.Client) (*settings, error) {
	for word, d := range map[string]time.Duration{
		"refresh_idle": c.RefreshIdle, "refresh_max_age": c.RefreshMaxAge, "consent_max_age": c.ConsentMaxAge, "sso_lifetime": c.UserSSOLifetime,
	} {
		if d%time.Second != 0 { // rounded down it might become 0, which is no limit
			return nil, client.Problems{client.NewProblem("{" + word + "}: must be a number of seconds")}
		}
	}
	s := &settings{
		Name: c.Name, LogoURI: c.LogoURI, Dynamic: c.Dynamic, Settled: c.Settled,
		Public: c.Public, TokenEndpointAuthMethod: string(c.TokenEndpointAuthMethod), TokenEndpointAuthSigningAlg: c.TokenEndpointAuthSigningAlg,
		StrictAssertions: c.StrictAssertions, JWKSURI: c.JWKSURI, Profile: c.Profile,
		RequirePushedRequests: c.RequirePushedRequests, RequireSignedRequests: c.RequireSignedRequests, RequestObjectAlg: c.RequestObjectAlg,
		DPoPBoundTokens: c.DPoPBoundTokens, CertificateBoundTokens: c.CertificateBoundTokens,
		TLSSubjectDN: c.TLSSubjectDN, TLSSANDNS: c.TLSSANDNS, TLSSANURI: c.TLSSANURI, TLSSANIP: c.TLSSANIP, TLSSANEmail: c.TLSSANEmail,
		RedirectURIs: c.RedirectURIs, ResponseModes: c.ResponseModes, PostLogoutRedirectURIs: c.PostLogoutRedirectURIs,
		BackchannelLogoutURI: c.BackchannelLogoutURI, BackchannelSession: c.BackchannelLogoutSessionRequired,
		FrontchannelLogoutURI: c.FrontchannelLogoutURI, FrontchannelSession: c.FrontchannelLogoutSessionRequired,
		AllowedOrigins: c.AllowedOrigins, Scopes: c.Scopes, GrantTypes: c.GrantTypes, OfflineAccess: c.OfflineAccess, ExtendsSession: c.ExtendsSession,
		AccessToken: c.AccessToken, AccessTokenLife: seconds(c.AccessTokenLife), RefreshIdle: seconds(c.RefreshIdle), RefreshMaxAge: seconds(c.RefreshMaxAge),
		Resources: c.Resources, Audiences: c.Audiences, UserInfoAlg: c.UserInfoAlg, IDTokenAlg: c.IDTokenAlg, IDTokenClaims: c.IDTokenClaims,
		Claims: c.Claims, AccessTokenClaims: c.AccessTokenClaims, SubjectType: c.SubjectType, SectorIdentifier: c.SectorIdentifier,
		FirstParty: c.FirstParty, Consent: c.Consent, ConsentMaxAge: seconds(c.ConsentMaxAge),
		Providers: c.Providers, Local: c.Local, UserSSOLifetime: seconds(c.UserSSOLifetime), Allow: c.Allow, Deny: c.Deny, InsecurePKCEOptional: c.InsecurePKCEOptional,
		InsecureNonceOptional: c.InsecureNonceOptional,
	}
	if c.JWKS.Len() > 0 {
		raw, err := json.Marshal(c.JWKS)
		if err != nil {
			return nil, err
		}
		s.JWKS = raw
	}
	return s, nil
}

// decode reads what encode wrote, and nothing else: what this program does not
// understand might be a restriction.
func decode(text string) (*client.Client, error) {
	var s settings
	if err := strict([]byte(text), &s); err != nil {
		return nil, err
	}
	if s.Version != version {
		return nil, fmt.Errorf("its settings are of version %d, and this program knows version %d", s.Version, version)
	}
	for _, n := range []int64{s.AccessTokenLife, s.RefreshIdle, s.RefreshMaxAge, s.ConsentMaxAge, s.UserSSOLifetime} {
		if n < 0 || n > maxSeconds {
			return nil, errForm
		}
	}
	c := &client.Client{
		Name: s.Name, LogoURI: s.LogoURI, Dynamic: s.Dynamic, Settled: s.Settled,
		Public: s.Public, TokenEndpointAuthMethod: client.AuthMethod(s.TokenEndpointAuthMethod), TokenEndpointAuthSigningAlg: s.TokenEndpointAuthSigningAlg,
		StrictAssertions: s.StrictAssertions, JWKSURI: s.JWKSURI, Profile: s.Profile,
		RequirePushedRequests: s.RequirePushedRequests, RequireSignedRequests: s.RequireSignedRequests, RequestObjectAlg: s.RequestObjectAlg,
		DPoPBoundTokens: s.DPoPBoundTokens, CertificateBoundTokens: s.CertificateBoundTokens,
		TLSSubjectDN: s.TLSSubjectDN, TLSSANDNS: s.TLSSANDNS, TLSSANURI: s.TLSSANURI, TLSSANIP: s.TLSSANIP, TLSSANEmail: s.TLSSANEmail,
		RedirectURIs: s.RedirectURIs, ResponseModes: s.ResponseModes, PostLogoutRedirectURIs: s.PostLogoutRedirectURIs,
		BackchannelLogoutURI: s.BackchannelLogoutURI, BackchannelLogoutSessionRequired: s.BackchannelSession,
		FrontchannelLogoutURI: s.FrontchannelLogoutURI, FrontchannelLogoutSessionRequired: s.FrontchannelSession,
		AllowedOrigins: s.AllowedOrigins, Scopes: s.Scopes, GrantTypes: s.GrantTypes, OfflineAccess: s.OfflineAccess, ExtendsSession: s.ExtendsSession,
		AccessToken: s.AccessToken, AccessTokenLife: duration(s.AccessTokenLife), RefreshIdle: duration(s.RefreshIdle), RefreshMaxAge: duration(s.RefreshMaxAge),
		Resources: s.Resources, Audiences: s.Audiences, UserInfoAlg: s.UserInfoAlg, IDTokenAlg: s.IDTokenAlg, IDTokenClaims: s.IDTokenClaims,
		Claims: s.Claims, AccessTokenClaims: s.AccessTokenClaims, SubjectType: s.SubjectType, SectorIdentifier: s.SectorIdentifier,
		FirstParty: s.FirstParty, Consent: s.Consent, ConsentMaxAge: duration(s.ConsentMaxAge),
		Providers: s.Providers, Local: s.Local, UserSSOLifetime: duration(s.UserSSOLifetime), Allow: s.Allow, Deny: s.Deny, InsecurePKCEOptional: s.InsecurePKCEOptional,
		InsecureNonceOptional: s.InsecureNonceOptional,
	}
	if s.JWKS != nil {
		var err error
		if c.JWKS, err = jose.ParseSet(s.JWKS); err != nil {
			return nil, fmt.Errorf("jwks: %w", err)
		}
	}
	return c, nil
}

func seconds(d time.Duration) int64 { return int64(d / time.Second) }

func duration(n int64) time.Duration { return time.Duration(n) * time.Second }
