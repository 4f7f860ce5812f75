// Package egress is the one way out: every request that Gatehouse sends to
// another server (discovery, keys, tokens, user information, back-channel
// calls) goes through a client made here (FED-11).
//
// It owns where such a request may go (https, public addresses unless the
// configuration allows private ones), for how long and how much it may bring
// back. It does not own what is asked, nor which hosts: those come from the
// configuration of the caller.
//
// The environment's HTTP_PROXY, HTTPS_PROXY and NO_PROXY are not honoured.
// Through a proxy the address that is dialled is the proxy's, so the check of
// the destination would mean nothing; and a variable inherited by the server
// must not redirect where client secrets are sent.
package egress
