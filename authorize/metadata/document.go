package metadata

import (
	"encoding/json"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
)

// Document is client metadata. What is absent is the default.
type Document struct {
	ClientID     string `json:"client_id,omitempty"`
	ClientSecret string `json:"client_secret,omitempty"`

	RedirectURIs  []string `json:"redirect_uris,omitempty"`
	GrantTypes    []string `json:"grant_types,omitempty"`
	ResponseTypes []string `json:"response_types,omitempty"`
	Scope         string   `json:"scope,omitempty"`

	ClientName string `json:"client_name,omitempty"`
	About

	TokenEndpointAuthMethod     client.AuthMethod `json:"token_endpoint_auth_method,omitempty"`
	TokenEndpointAuthSigningAlg string            `json:"token_endpoint_auth_signing_alg,omitempty"`
	JWKS                        json.RawMessage   `json:"jwks,omitempty"`
	JWKSURI                     string            `json:"jwks_uri,omitempty"`
	TLSSubjectDN                string            `json:"tls_client_auth_subject_dn,omitempty"` // RFC 8705, section 2.1.2
	TLSSANDNS                   string            `json:"tls_client_auth_san_dns,omitempty"`
	TLSSANURI                   string            `json:"tls_client_auth_san_uri,omitempty"`
	TLSSANIP                    string            `json:"tls_client_auth_san_ip,omitempty"`
	TLSSANEmail                 string            `json:"tls_client_auth_san_email,omitempty"`

	RequirePushedRequests  bool   `json:"require_pushed_authorization_requests,omitempty"` // RFC 9126, section 6
	RequireSignedRequests  bool   `json:"require_signed_request_object,omitempty"`         // RFC 9101, section 10.5
	RequestObjectAlg       string `json:"request_object_signing_alg,omitempty"`
	DPoPBoundTokens        bool   `json:"dpop_bound_access_tokens,omitempty"`                   // RFC 9449, section 5.2
	CertificateBoundTokens bool   `json:"tls_client_certificate_bound_access_tokens,omitempty"` // RFC 8705, section 3.4
	IDTokenAlg             string `json:"id_token_signed_response_alg,omitempty"`
	UserInfoAlg            string `json:"userinfo_signed_response_alg,omitempty"`
	SubjectType            string `json:"subject_type,omitempty"`

	PostLogoutRedirectURIs []string `json:"post_logout_redirect_uris,omitempty"`
	BackchannelLogoutURI   string   `json:"backchannel_logout_uri,omitempty"`
	BackchannelSession     bool     `json:"backchannel_logout_session_required,omitempty"`
	FrontchannelLogoutURI  string   `json:"frontchannel_logout_uri,omitempty"`
	FrontchannelSession    bool     `json:"frontchannel_logout_session_required,omitempty"`

	refused
}

// About is what a client says for people to read. It is kept and repeated to the
// client; of pictures and addresses nothing is shown, since nobody looked at
// them.
type About struct {
	ApplicationType string   `json:"application_type,omitempty"`
	ClientURI       string   `json:"client_uri,omitempty"`
	LogoURI         string   `json:"logo_uri,omitempty"`
	PolicyURI       string   `json:"policy_uri,omitempty"`
	TermsURI        string   `json:"tos_uri,omitempty"`
	Contacts        []string `json:"contacts,omitempty"`
	SoftwareID      string   `json:"software_id,omitempty"`
	SoftwareVersion string   `json:"software_version,omitempty"`
}

// refused is metadata that is understood and not offered: a client that got
// something else than it asks for here could not work, or would be less safe
// than it believes. It is never written.
type refused struct {
	SoftwareStatement  json.RawMessage `json:"software_statement,omitempty"`
	SectorIdentifier   json.RawMessage `json:"sector_identifier_uri,omitempty"`
	IDTokenEncryption  json.RawMessage `json:"id_token_encrypted_response_alg,omitempty"`
	UserInfoEncryption json.RawMessage `json:"userinfo_encrypted_response_alg,omitempty"`
	RequestEncryption  json.RawMessage `json:"request_object_encryption_alg,omitempty"`
	SecretExpires      json.RawMessage `json:"client_secret_expires_at,omitempty"`
	Issued             json.RawMessage `json:"client_id_issued_at,omitempty"`
	AccessToken        json.RawMessage `json:"registration_access_token,omitempty"`
	Management         json.RawMessage `json:"registration_client_uri,omitempty"`
}

// Terms is what clients that came by themselves may have, as whoever runs this
// provider says.
type Terms struct {
	// Scopes are what they may ask for. Nil: [client.Scopes]. offline_access
	// needs no naming: it comes with the grant type refresh_token.
	Scopes []string
	// Resources are the resource servers that they may ask tokens for (RFC
	// 8707). Nil: none.
	Resources []string
	// AccessToken is the form of their access tokens, see
	// [client.Client.AccessToken].
	AccessToken string
	// House is what this provider is called, and its host: a client that came by
	// itself is not called so.
	House []string
}
