package authorize

import (
	"encoding/json"
	"net/http"
	"slices"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/authorize/internal/answer"
	"github.com/gatehouse-auth/gatehouse/authorize/proof"
	"github.com/gatehouse-auth/gatehouse/authorize/token"
	"github.com/gatehouse-auth/gatehouse/fault"
)

// scopes lists all that has a meaning here: those about people, those of this
// installation, and those of its resource servers.
func (s *Server) scopes() []string {
	list := s.Book.Scopes()
	for _, scope := range s.Resources.Scopes() {
		if !slices.Contains(list, scope) {
			list = append(list, scope)
		}
	}
	return append(list, client.ScopeOffline)
}

// metadata is what discovery says: OpenID Connect Discovery, section 3, RFC
// 8414, section 2, RFC 9207, section 3, RFC 9126, section 5. It is true (OAU-40):
// what is not offered is denied where silence would mean yes. Of acr_values nothing
// is said: the classes are those of the providers, and not known here.
func (s *Server) metadata() ([]byte, error) {
	m := map[string]any{
		"issuer":                                         s.Issuer,
		"scopes_supported":                               s.scopes(),
		"response_types_supported":                       []string{"code"},
		"response_modes_supported":                       modes(),
		"grant_types_supported":                          s.grantTypes(),
		"subject_types_supported":                        client.SubjectTypes(),
		"id_token_signing_alg_values_supported":          s.SigningAlgs,
		"code_challenge_methods_supported":               []string{"S256"},
		"prompt_values_supported":                        s.prompts(),
		"claim_types_supported":                          []string{"normal"},
		"claims_supported":                               append(token.Claims(), s.Book.Names()...),
		"claims_parameter_supported":                     true,
		"request_parameter_supported":                    true,
		"request_uri_parameter_supported":                false,
		"request_object_signing_alg_values_supported":    client.RequestAlgs(),
		"require_signed_request_object":                  s.RequireSignedRequests, // RFC 9101, section 10.5
		"authorization_response_iss_parameter_supported": true,
	}
	aliases := map[string]string{}
	for _, e := range s.offered() {
		if e.member != "" {
			m[e.member] = s.Issuer + e.path
		}
		if e.shown {
			aliases[e.member] = s.CertificateBase + e.path
		}
		if e.tells != nil {
			e.tells(s, m)
		}
	}
	if s.EndSession != nil { // Back-Channel Logout, section 2.1; Front-Channel Logout, section 3
		for _, way := range []string{"backchannel", "frontchannel"} {
			m[way+"_logout_supported"], m[way+"_logout_session_supported"] = true, true
		}
	}
	if s.CertificateBase != "" { // RFC 8705, section 5
		m["mtls_endpoint_aliases"] = aliases
	}
	if s.Documents { // draft-ietf-oauth-client-id-metadata-document, section 5
		m["client_id_metadata_document_supported"] = true
	}
	if len(s.UILocales) > 0 {
		m["ui_locales_supported"] = s.UILocales
	}
	if s.Proofs != nil { // RFC 9449, section 5.1; RFC 8705, section 3.3
		m["dpop_signing_alg_values_supported"] = proof.Algs()
		m["tls_client_certificate_bound_access_tokens"] = true
	}
	return json.Marshal(m)
}

// prompts lists what prompt may be.
func (s *Server) prompts() []string {
	list := []string{"none", "login", "select_account"}
	if s.Consents != nil {
		list = append(list, "consent")
	}
	if s.CreateAccount != nil { // Initiating User Registration via OpenID Connect, section 5
		list = append(list, "create")
	}
	return list
}

// Discovery is the openid-configuration, and RFC 8414's metadata with it.
func (s *Server) Discovery(w http.ResponseWriter, r *http.Request) error {
	if s.crossOrigin(w, r, http.MethodGet) {
		return nil
	}
	return publish(w, r, s.meta)
}

// JWKS is the set of public keys (OpenID Connect Core, section 10.1.1).
func (s *Server) JWKS(w http.ResponseWriter, r *http.Request) error {
	if s.crossOrigin(w, r, http.MethodGet) {
		return nil
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return answer.Method(w, http.MethodGet, http.MethodHead)
	}
	set, err := s.Signer.PublicSet(r.Context())
	if err != nil {
		return fault.At("authorize.JWKS", err)
	}
	return publish(w, r, set)
}

// publish writes public JSON. It may be cached for a minute: a rotation of keys
// by command takes effect at once, and nobody should look at the old set long.
func publish(w http.ResponseWriter, r *http.Request, body []byte) error {
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return answer.Method(w, http.MethodGet, http.MethodHead)
	}
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("Cache-Control", "public, max-age=60")
	w.WriteHeader(http.StatusOK)
	if r.Method == http.MethodHead {
		return nil
	}
	_, err := w.Write(body)
	return err
}
