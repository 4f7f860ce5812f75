package caddymodule

import "net/http"

// early tells whether a request came before the TLS handshake was complete
// (HTTP/3 over QUIC): it may be a replay, from an address that is made up.
func early(r *http.Request) bool { return r.TLS != nil && !r.TLS.HandshakeComplete }

// unsafeEarly tells whether a request could change something and may be a
// replay. It is answered with 425, here and for the application, which Caddy
// does not tell about early data (RFC 8470, section 5.2; PRX-13).
func unsafeEarly(r *http.Request) bool {
	return r.Method != http.MethodGet && r.Method != http.MethodHead && r.Method != http.MethodOptions && early(r)
}
