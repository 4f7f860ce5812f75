package jose

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/go-jose/go-jose/v4"
)

// Sign makes a token with exactly the header members alg, kid and typ. claims
// must encode as a JSON object. typ says what the token is for, so that one
// kind is never taken for another (RFC 8725, section 3.11).
func (k *Key) Sign(typ string, claims any) (string, error) {
	if typ == "" {
		return "", errors.New("a token needs a type")
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		return "", fmt.Errorf("claims: %w", err)
	}
	if len(payload) == 0 || payload[0] != '{' {
		return "", errors.New("claims must be an object")
	}
	opts := (&jose.SignerOptions{}).WithType(jose.ContentType(typ)).WithHeader("kid", k.public.id)
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.SignatureAlgorithm(k.public.alg), Key: k.secret()}, opts)
	if err != nil {
		return "", errors.New("the key can't sign") // err may hold the key
	}
	jws, err := signer.Sign(payload)
	if err != nil {
		return "", errors.New("signing failed")
	}
	return jws.CompactSerialize()
}
