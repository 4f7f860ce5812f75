package authorize

import (
	"net/http"
	"net/url"
	"strings"
)

// The response modes (OAuth 2.0 Multiple Response Type Encoding Practices,
// section 2.1; OAuth 2.0 Form Post Response Mode).
const (
	modeQuery    = "query"
	modeFragment = "fragment"
	modeForm     = "form_post"
)

// modes lists what response_mode may be.
func modes() []string { return []string{modeQuery, modeFragment, modeForm} }

// tell sends an error to the client.
func (s *Server) tell(w http.ResponseWriter, r *http.Request, e *ClientError) error {
	s.report(r.Context(), e)
	pairs := [][2]string{{"error", e.Code}}
	if e.Description != "" {
		pairs = append(pairs, [2]string{"error_description", e.Description})
	}
	name := e.to.client
	if c, err := s.Clients.Client(r.Context(), name); err == nil {
		name = c.DisplayName()
	}
	// An address without a fragment inherits the one of the address before
	// it; "#_" keeps whatever was there from reaching the client (RFC 9700,
	// section 4.1.2).
	return s.answer(w, e.to, name, pairs, "#_")
}

// answer sends pairs to the client, with iss (RFC 9207, section 2; OAU-20) and
// the state it sent (OAU-19). The fragment is put behind an address that has
// none of its own. Redirects are 303, so that no browser repeats a POST (RFC
// 9700, section 4.12).
func (s *Server) answer(w http.ResponseWriter, to redirect, name string, pairs [][2]string, fragment string) error {
	if to.state != "" {
		pairs = append(pairs, [2]string{"state", to.state})
	}
	if to.login != "" {
		pairs = append(pairs, [2]string{"session_state", to.login})
	}
	pairs = append(pairs, [2]string{"iss", s.Issuer})
	switch to.mode {
	case modeForm:
		return s.writeForm(w, to.uri, name, pairs)
	case modeFragment:
		w.Header().Set("Location", to.uri+"#"+encode(pairs))
	default:
		joint := "?"
		if strings.Contains(to.uri, "?") {
			joint = "&"
		}
		w.Header().Set("Location", to.uri+joint+encode(pairs)+fragment)
	}
	w.WriteHeader(http.StatusSeeOther)
	return nil
}

// encode is url.Values.Encode in the given order.
func encode(pairs [][2]string) string {
	var b strings.Builder
	for i, pair := range pairs {
		if i > 0 {
			b.WriteByte('&')
		}
		b.WriteString(pair[0] + "=" + url.QueryEscape(pair[1]))
	}
	return b.String()
}

// toLogin sends the person to the login page, which sends them back to the
// same request.
func (s *Server) toLogin(w http.ResponseWriter, p params) error {
	back := s.endpoint() + "?" + p.address
	w.Header().Set("Location", s.Issuer+"/login?return_url="+url.QueryEscape(back))
	w.WriteHeader(http.StatusSeeOther)
	return nil
}
