package oidc

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"strings"
	"time"
)

// logoutEvent is the event that makes a token a logout token (OpenID Connect
// Back-Channel Logout 1.0, section 2.4).
const logoutEvent = "http://schemas.openid.net/event/backchannel-logout"

// noticeLife is how old a logout token may be, and how long it is remembered:
// with the skew, a token is refused for its age before it is forgotten.
const noticeLife = 5 * time.Minute

// LogoutNotice is what a provider says of a login that ended there. It is an
// alias, so that it satisfies a caller's interface without an import.
type LogoutNotice = struct {
	// Subject and SID are the person and the session at the provider. One of
	// them may be empty: then it is all of the person's sessions, or whoever's
	// session it is.
	Subject, SID string
	// ID names the notice, which counts once; Until is when it is too old anyway.
	ID    string
	Until time.Time
}

// Issuer is who the provider says it is.
func (p *Provider) Issuer() string { return p.config.Issuer }

// LogoutURL is where a person signs out at the provider, who asks them first:
// nothing in the address proves whose it is (OpenID Connect RP-Initiated Logout
// 1.0, section 2). Empty if the provider has no such page or can't be asked.
func (p *Provider) LogoutURL() string {
	m, err := p.found.ready()
	if err != nil || m.EndSession == "" {
		return ""
	}
	u, err := url.Parse(m.EndSession)
	if err != nil {
		return ""
	}
	q := u.Query()
	q.Set("client_id", p.config.ClientID)
	u.RawQuery = q.Encode()
	return u.String()
}

// ReadLogout reads a logout token, with every check of Back-Channel Logout 1.0,
// section 2.6, but the last: that it comes once is the caller's to see to
// (SES-13). Errors: fault.Invalid if the token can't be believed,
// fault.Unavailable if the provider's keys can't be had.
func (p *Provider) ReadLogout(ctx context.Context, token string) (LogoutNotice, error) {
	var none LogoutNotice
	if token == "" || len(token) > maxToken || !ofLogout(token) {
		return none, invalid("logout", errors.New("not a logout token"))
	}
	m, err := p.found.current(ctx)
	if err != nil {
		return none, err
	}
	_, c, err := p.verify(ctx, m, "logout", token)
	if err != nil {
		return none, err
	}
	notice, err := p.notice(c)
	if err != nil {
		return none, invalid("logout", err)
	}
	return notice, nil
}

// ofLogout tells whether the header says what the token is. An ID token must
// not end sessions (RFC 8725, section 3.11; JWT-06).
func ofLogout(token string) bool {
	typ, err := typOf(token)
	if err != nil || typ == nil {
		return false
	}
	return strings.TrimPrefix(strings.ToLower(*typ), "application/") == "logout+jwt" // RFC 7515, section 4.1.9
}

// notice reads the claims of a token whose signature, iss, aud and exp are
// right.
func (p *Provider) notice(c claims) (n LogoutNotice, err error) {
	now := p.now()
	issued, err := c.when("iat")
	if err != nil || issued.IsZero() || issued.After(now.Add(skew)) || issued.Before(now.Add(-noticeLife)) {
		return n, errors.New("iat is missing, odd, old or in the future")
	}
	if _, given := c["nonce"]; given {
		return n, errors.New("a nonce makes it an ID token")
	}
	var events map[string]json.RawMessage
	if json.Unmarshal(c["events"], &events) != nil || !object(events[logoutEvent]) {
		return n, errors.New("not about a logout")
	}
	var wrong [3]error
	n.Until = now.Add(noticeLife + 2*skew)
	n.Subject, wrong[0] = c.text("sub", maxSubject)
	n.SID, wrong[1] = c.text("sid", maxSubject)
	n.ID, wrong[2] = c.text("jti", maxSubject)
	if err := errors.Join(wrong[:]...); err != nil {
		return n, err
	}
	if n.ID == "" || n.Subject == "" && n.SID == "" {
		return n, errors.New("jti is missing, or sub and sid are")
	}
	return n, nil
}

// object tells whether raw is a JSON object.
func object(raw json.RawMessage) bool {
	var o map[string]json.RawMessage
	return json.Unmarshal(raw, &o) == nil && o != nil
}
