package proof

import (
	"errors"
	"net/http"
	"strings"

	"github.com/gatehouse-auth/gatehouse/fault"
)

// The codes of [Error].
const (
	InvalidProof = "invalid_dpop_proof" // RFC 9449, section 5
	UseNonce     = "use_dpop_nonce"     // RFC 9449, section 8
	InvalidToken = "invalid_token"      // RFC 6750, section 3.1
)

// Error is a refusal. At the token endpoint it is answered with status 400, at
// a resource with 401 and a challenge (RFC 9449, sections 5 and 7.1). Its kind
// is fault.Denied, its sentence is for the client, its cause for the log.
type Error struct {
	Code  string
	cause error
}

func refused(code, why string) error {
	public := "the DPoP proof is not valid"
	switch code {
	case UseNonce:
		public = "the DPoP proof needs the nonce that comes with this answer"
	case InvalidToken:
		public = "the access token is bound to another key or certificate"
	}
	return &Error{Code: code, cause: &fault.Error{Kind: fault.Denied, Op: "proof", Public: public, Err: errors.New(why)}}
}

// Error implements error.
func (e *Error) Error() string { return e.Code + ": " + e.cause.Error() }

// Unwrap gives the cause, which has the kind and the sentence.
func (e *Error) Unwrap() error { return e.cause }

// Description is the constant sentence for error_description.
func (e *Error) Description() string { return fault.Public(e.cause) }

// Challenge is the value of WWW-Authenticate with which a resource refuses an
// access token for the reason e; nil says that nothing was sent (RFC 9449,
// section 7.1).
func Challenge(e *Error) string {
	value := "DPoP "
	if e != nil {
		value += `error="` + e.Code + `", error_description="` + e.Description() + `", `
	}
	return value + `algs="` + strings.Join(Algs(), " ") + `"`
}

// Offer gives the client a nonce for its next proof. It belongs on every answer
// to a request with a proof, so that a client at work is never sent back for
// one (RFC 9449, section 8.2).
func (v *Verifier) Offer(h http.Header) {
	if v.Nonces != nil {
		h.Set("DPoP-Nonce", v.Nonces.New())
	}
}
