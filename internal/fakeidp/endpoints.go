package fakeidp

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

func (p *Provider) metadata(w http.ResponseWriter, _ *http.Request) {
	m := map[string]any{
		"issuer":                                p.Issuer,
		"authorization_endpoint":                p.Issuer + "/authorize?tenant=1",
		"token_endpoint":                        p.Issuer + "/token",
		"userinfo_endpoint":                     p.Issuer + "/userinfo",
		"jwks_uri":                              p.Issuer + "/jwks",
		"id_token_signing_alg_values_supported": []string{"RS256", "ES256", "none", "HS256"},
		"token_endpoint_auth_methods_supported": []string{"client_secret_basic", "client_secret_post"},
		"authorization_response_iss_parameter_supported": true,
	}
	if change := p.get().Metadata; change != nil {
		change(m)
	}
	writeJSON(w, http.StatusOK, m)
}

// authorize signs the person in without asking and sends the browser back.
func (p *Provider) authorize(w http.ResponseWriter, r *http.Request) {
	q, s := r.URL.Query(), p.get()
	p.mu.Lock()
	p.query = q
	p.mu.Unlock()
	for name, values := range q {
		if len(values) != 1 {
			p.broken(w, "%s given %d times", name, len(values))
			return
		}
	}
	redirect := q.Get("redirect_uri")
	switch {
	case q.Get("client_id") != p.ClientID:
		p.broken(w, "client_id %q", q.Get("client_id"))
	case redirect != p.Redirect:
		p.broken(w, "redirect_uri %q, registered %q", redirect, p.Redirect)
	case q.Get("tenant") != "1":
		p.broken(w, "the endpoint's own query is lost")
	case q.Get("response_type") != "code" || !slices.Contains(strings.Fields(q.Get("scope")), "openid"):
		p.broken(w, "response_type %q, scope %q", q.Get("response_type"), q.Get("scope"))
	case len(q.Get("state")) < 22 || len(q.Get("nonce")) < 22:
		p.broken(w, "state %q, nonce %q", q.Get("state"), q.Get("nonce"))
	case len(q.Get("code_challenge")) != 43 || q.Get("code_challenge_method") != "S256":
		p.broken(w, "PKCE %q %q", q.Get("code_challenge"), q.Get("code_challenge_method")) // FED-07
	default:
		p.answer(w, q, redirect, s)
	}
}

func (p *Provider) answer(w http.ResponseWriter, q url.Values, redirect string, s Switches) {
	person := map[string]any{
		"sub": "alice-1", "preferred_username": "alice", "name": "Alice A", "email": "alice@example.com",
		"email_verified": true, "groups": []string{"admins", "staff"},
	}
	if s.Person != nil {
		person = s.Person(q)
	}
	code := rand.Text()
	p.mu.Lock()
	p.grants[code] = grant{redirect, q.Get("code_challenge"), q.Get("nonce"), person}
	p.mu.Unlock()
	back := url.Values{"code": {code}, "state": {q.Get("state")}, "iss": {p.Issuer}}
	if s.Answer != nil {
		s.Answer(back)
	}
	w.Header().Set("Location", redirect+"?"+back.Encode())
	w.WriteHeader(http.StatusFound)
}

func (p *Provider) token(w http.ResponseWriter, r *http.Request) {
	if !p.clientOf(w, r) {
		return
	}
	p.mu.Lock()
	g, ok := p.grants[r.PostFormValue("code")]
	delete(p.grants, r.PostFormValue("code"))
	p.mu.Unlock()
	challenge := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
	switch {
	case r.PostFormValue("grant_type") != "authorization_code":
		p.broken(w, "grant_type %q", r.PostFormValue("grant_type"))
		return
	case !ok:
		writeJSON(w, http.StatusBadRequest, map[string]string{"error": "invalid_grant", "error_description": "<script>alert(1)</script>"})
		return
	case g.redirect != r.PostFormValue("redirect_uri"):
		p.broken(w, "redirect_uri differs: %q", r.PostFormValue("redirect_uri"))
		return
	case g.challenge != base64.RawURLEncoding.EncodeToString(challenge[:]):
		p.broken(w, "the code_verifier does not fit")
		return
	}
	access := rand.Text()
	p.mu.Lock()
	p.tokens[access] = g.claims
	p.mu.Unlock()
	out := map[string]any{"access_token": access, "token_type": "Bearer", "expires_in": 300}
	if s := p.get(); !s.NoIDToken {
		out["id_token"] = p.idToken(g, access, s)
	}
	writeJSON(w, http.StatusOK, out)
}

// clientOf checks the client's authentication: exactly one method.
func (p *Provider) clientOf(w http.ResponseWriter, r *http.Request) bool {
	if r.URL.RawQuery != "" || r.Header.Get("Content-Type") != "application/x-www-form-urlencoded" {
		p.broken(w, "token request: query %q, type %q", r.URL.RawQuery, r.Header.Get("Content-Type"))
		return false
	}
	id, pw, basic := r.BasicAuth()
	if basic {
		id, _ = url.QueryUnescape(id) // RFC 6749, section 2.3.1
		pw, _ = url.QueryUnescape(pw)
	}
	form := r.PostFormValue("client_secret")
	if basic && form != "" {
		p.broken(w, "two methods of client authentication")
		return false
	}
	if !basic {
		id, pw = r.PostFormValue("client_id"), form
	}
	if id != p.ClientID || pw != p.ClientSecret {
		writeJSON(w, http.StatusUnauthorized, map[string]string{"error": "invalid_client"})
		return false
	}
	return true
}

func (p *Provider) idToken(g grant, access string, s Switches) string {
	now := p.Now()
	half := sha256.Sum256([]byte(access))
	claims := map[string]any{
		"iss": p.Issuer, "aud": p.ClientID, "nonce": g.nonce, "iat": now.Unix(), "exp": now.Add(5 * time.Minute).Unix(),
		"auth_time": now.Unix(), "at_hash": base64.RawURLEncoding.EncodeToString(half[:16]), "amr": []string{"pwd", "otp", "mfa"}, "acr": "high",
	}
	maps.Copy(claims, g.claims)
	alg := s.Alg
	if alg == "" {
		alg = "RS256"
	}
	header := map[string]any{"alg": alg, "kid": alg, "typ": "JWT"}
	if s.Token != nil {
		s.Token(header, claims)
	}
	return p.sign(alg, header, claims, s)
}

func (p *Provider) userInfo(w http.ResponseWriter, r *http.Request) {
	bearer, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	p.mu.Lock()
	claims, ok := p.tokens[bearer]
	p.mu.Unlock()
	if !ok {
		p.broken(w, "userinfo with %q", r.Header.Get("Authorization"))
		return
	}
	out := maps.Clone(claims)
	if change := p.get().UserInfo; change != nil {
		change(out)
	}
	writeJSON(w, http.StatusOK, out)
}

func (p *Provider) jwks(w http.ResponseWriter, _ *http.Request) {
	keys := p.get().Keys
	if keys == nil {
		keys = []map[string]any{RSAKey("RS256", &p.rsaKey.PublicKey), p.ecJWK()}
	}
	writeJSON(w, http.StatusOK, map[string]any{"keys": keys})
}
