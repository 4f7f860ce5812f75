package endpoints

import (
	"encoding/json"
	"slices"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/authorize/proof"
	"github.com/gatehouse-auth/gatehouse/authorize/token"
)

// metadata is what discovery says: OpenID Connect Discovery, section 3, RFC
// 8414, section 2, RFC 9207, section 3, RFC 9126, section 5. It is true (OAU-40):
// what is not offered is denied where silence would mean yes. Of acr_values nothing
// is said: the classes are those of the providers, and not known here.
func (s *Server) metadata() ([]byte, error) {
	m := map[string]any{
		"issuer":                                         s.Tokens.Issuer,
		"scopes_supported":                               s.scopes(),
		"response_types_supported":                       []string{"code"},
		"response_modes_supported":                       client.Modes(),
		"grant_types_supported":                          s.grantTypes(),
		"subject_types_supported":                        client.SubjectTypes(),
		"id_token_signing_alg_values_supported":          s.SigningAlgs,
		"code_challenge_methods_supported":               []string{"S256"},
		"prompt_values_supported":                        s.Authorize.Prompts(),
		"claim_types_supported":                          []string{"normal"},
		"claims_supported":                               append(token.Claims(), s.Tokens.Book.Names()...),
		"claims_parameter_supported":                     true,
		"request_parameter_supported":                    true,
		"require_signed_request_object":                  s.Authorize.RequireSignedRequests, // RFC 9101, section 10.5
		"request_uri_parameter_supported":                false,
		"request_object_signing_alg_values_supported":    client.RequestAlgs(),
		"authorization_response_iss_parameter_supported": true,
	}
	aliases := map[string]string{}
	for _, e := range s.offered() {
		if e.member != "" {
			m[e.member] = s.Tokens.Issuer + e.path
		}
		if e.shown {
			aliases[e.member] = s.Tokens.CertificateBase + e.path
		}
		if e.tells != nil {
			e.tells(m)
		}
	}
	if s.EndSession != nil { // Back-Channel Logout, section 2.1; Front-Channel Logout, section 3
		for _, way := range []string{"backchannel", "frontchannel"} {
			m[way+"_logout_supported"], m[way+"_logout_session_supported"] = true, true
		}
	}
	if s.Tokens.CertificateBase != "" { // RFC 8705, section 5
		m["mtls_endpoint_aliases"] = aliases
	}
	if s.Documents { // draft-ietf-oauth-client-id-metadata-document, section 5
		m["client_id_metadata_document_supported"] = true
	}
	if len(s.UILocales) > 0 {
		m["ui_locales_supported"] = s.UILocales
	}
	if s.Tokens.Proofs != nil { // RFC 9449, section 5.1; RFC 8705, section 3.3
		m["dpop_signing_alg_values_supported"] = proof.Algs()
		m["tls_client_certificate_bound_access_tokens"] = true
	}
	return json.Marshal(m)
}

// scopes lists all that has a meaning here: those about people, those of this
// installation, and those of its resource servers.
func (s *Server) scopes() []string {
	list := s.Tokens.Book.Scopes()
	for _, scope := range s.Tokens.Resources.Scopes() {
		if !slices.Contains(list, scope) {
			list = append(list, scope)
		}
	}
	return append(list, client.ScopeOffline)
}

// grantTypes are those that the token endpoint takes.
func (s *Server) grantTypes() []string {
	return slices.DeleteFunc(client.GrantTypes(), func(name string) bool { return name == client.GrantDevice && s.Tokens.Devices == nil })
}

func (s *Server) tellToken(m map[string]any) { tellMethods(m, "token", client.AuthMethods()) }

func (s *Server) tellUserInfo(m map[string]any) {
	m["userinfo_signing_alg_values_supported"] = s.SigningAlgs
}

// tellPush: clients prove who they are as at the token endpoint (RFC 9126,
// section 5).
func (s *Server) tellPush(m map[string]any) {
	m["require_pushed_authorization_requests"] = s.Authorize.RequirePushedRequests
}

func (s *Server) tellRevoke(m map[string]any) { tellMethods(m, "revocation", client.AuthMethods()) }

// tellIntrospect leaves out clients that can't prove who they are (OAU-34).
func (s *Server) tellIntrospect(m map[string]any) {
	public := func(m client.AuthMethod) bool { return m == client.AuthNone }
	tellMethods(m, "introspection", slices.DeleteFunc(client.AuthMethods(), public))
	m["introspection_signing_alg_values_supported"] = s.SigningAlgs
}

// tellMethods says how clients prove who they are at an endpoint.
func tellMethods(m map[string]any, endpoint string, methods []client.AuthMethod) {
	m[endpoint+"_endpoint_auth_methods_supported"] = methods
	m[endpoint+"_endpoint_auth_signing_alg_values_supported"] = client.AssertionAlgs()
}
