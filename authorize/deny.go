package authorize

// A login page turns a request down by sending the person to the address that
// [Context.DenyURL] gave it: the request itself, sealed under a purpose of its
// own. Such an address exists only because this program made it for the login
// page of that very request, state and challenge included, and there is no
// parameter that would turn another request into a denied one.
//
// So nobody can put a denial into somebody else's flow without knowing that
// flow's whole request. Whoever does know it could send the victim's browser
// to the client's address with error=access_denied directly: error answers are
// not authenticated in OAuth. Hence nothing is stored and nothing expires; a
// denial that comes twice is answered twice, and issues nothing.

// sealDenied makes the address that denies p, relative to our origin.
func (s *Server) sealDenied(p params) string {
	return s.endpoint() + "?" + paramDenied + "=" + s.Box.Seal([]byte(p.sent.Encode()), paramDenied)
}

// openDenied reads it.
func (s *Server) openDenied(sealed string) (params, error) {
	p, err := s.unseal(sealed, paramDenied)
	p.denied = true
	return p, err
}
