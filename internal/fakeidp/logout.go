package fakeidp

import (
	"crypto/rand"
	"time"
)

// LogoutToken is a logout token about Alice's login at the one client (OpenID
// Connect Back-Channel Logout 1.0, section 2.4). change, if not nil, spoils it;
// so do the switches Alg, Foreign and Key.
func (p *Provider) LogoutToken(change func(header, claims map[string]any)) string {
	now, s := p.Now(), p.get()
	claims := map[string]any{
		"iss": p.Issuer, "aud": p.ClientID, "sub": "alice-1", "sid": "there-1", "jti": rand.Text(),
		"iat": now.Unix(), "exp": now.Add(2 * time.Minute).Unix(),
		"events": map[string]any{"http://schemas.openid.net/event/backchannel-logout": map[string]any{}},
	}
	alg := s.Alg
	if alg == "" {
		alg = "RS256"
	}
	header := map[string]any{"alg": alg, "kid": alg, "typ": "logout+jwt"}
	if change != nil {
		change(header, claims)
	}
	return p.sign(alg, header, claims, s)
}
