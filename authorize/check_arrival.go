package authorize

import (
	"cmp"

	"github.com/gatehouse-auth/gatehouse/authorize/proof"
)

// How a request has to come, and the key that came with it.

// checkPushed: "the authorization server MUST ... refuse to process any
// [other]" request, of such a client or of all (RFC 9126, sections 5 and 6).
func checkPushed(only bool) func(params, *Request) *ClientError {
	return func(p params, q *Request) *ClientError {
		if !p.ahead && (only || q.Client.RequirePushedRequests) {
			return q.back.refuse(codeInvalidRequest, "the request must be pushed")
		}
		return nil
	}
}

// checkSigned: a client whose requests nobody may change on the way must sign
// all of them, or an attacker would leave the signature out; where all clients
// have to, it holds "even if the [client's] metadata value is false" (RFC 9101,
// section 10.5). What was pushed is no exception.
func checkSigned(all bool) func(params, *Request) *ClientError {
	return func(p params, q *Request) *ClientError {
		if !p.signed && (all || q.Client.RequireSignedRequests) {
			return q.back.refuse(codeInvalidRequest, "the request must be signed")
		}
		return nil
	}
}

// checkKey binds the code to a key, which is named, or was shown with the pushed
// request: "the authorization server MUST reject the request if the JWK
// Thumbprint in dpop_jkt does not match the public key in the DPoP header" (RFC
// 9449, section 10.1).
func checkKey(p params, q *Request) *ClientError {
	named := p.get("dpop_jkt")
	switch {
	case named != "" && !proof.ValidThumbprint(named):
		return q.back.refuse(codeInvalidRequest, "dpop_jkt is not a SHA-256 in base64url")
	case named != "" && p.jkt != "" && named != p.jkt:
		return q.back.refuse(codeInvalidRequest, "dpop_jkt is not the key of the DPoP proof")
	}
	q.JKT = cmp.Or(p.jkt, named)
	return nil
}
