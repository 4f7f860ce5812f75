package jose

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/go-jose/go-jose/v4"
)

// VerifySelfSigned checks token by the public key in its own header and gives
// that key. It proves that the sender has the private key and nothing about
// who that is; it is for DPoP proofs (RFC 9449, section 4) and nothing else.
// e says what is allowed as for [Verify]; its Keys are not looked at.
func VerifySelfSigned(token string, e Expect, claims any) (Public, error) {
	t, err := parse(token, true)
	if err != nil {
		return Public{}, err
	}
	if err := e.allows(t.header); err != nil {
		return Public{}, err
	}
	key, err := embedded(t.jwk, t.alg)
	if err != nil {
		return Public{}, err
	}
	if err := t.signedBy(key); err != nil {
		return Public{}, err
	}
	return key, t.decode(claims)
}

// The members of a JWK that make up a public key, and those that only a
// private or symmetric one has (RFC 7518, section 6; RFC 8037, section 2).
var (
	publicMembers  = []string{"kty", "crv", "x", "y", "n", "e"}
	privateMembers = []string{"d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"}
)

// embedded reads the key that a token brings along. What it says of itself must
// fit the token (RFC 7517, sections 4.2 to 4.4).
func embedded(raw json.RawMessage, alg string) (Public, error) {
	bare, err := bareKey(raw)
	if err != nil {
		return Public{}, err
	}
	var said struct{ Alg *string }
	if json.Unmarshal(raw, &said) != nil || !forVerifying(raw) || said.Alg != nil && *said.Alg != alg && !(edwards(*said.Alg) && edwards(alg)) {
		return Public{}, errors.New("the key in the header is for something else")
	}
	var jwk jose.JSONWebKey
	if err := jwk.UnmarshalJSON(bare); err != nil || !jwk.IsPublic() {
		return Public{}, errBroughtKey
	}
	return newPublic(alg, "", jwk.Key)
}

var errBroughtKey = errors.New("the key in the header can't be used")

// bareKey leaves of a JWK what makes up the key. Certificates and addresses
// beside it are refused, so that nobody ever has to look at them, and so are
// names that another parser might take for one of those here.
func bareKey(raw json.RawMessage) ([]byte, error) {
	var members map[string]json.RawMessage
	if json.Unmarshal(raw, &members) != nil {
		return nil, errBroughtKey
	}
	for name := range members {
		known := fold(name)
		switch {
		case slices.Contains(privateMembers, known):
			return nil, errors.New("the key in the header is not a public one")
		case known != name || strings.HasPrefix(name, "x5"):
			return nil, errBroughtKey
		case !slices.Contains(publicMembers, name):
			delete(members, name)
		}
	}
	return json.Marshal(members)
}
