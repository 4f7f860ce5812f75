package oidc

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/internal/secret"
)

// BeginOptions are wishes for one login. It is an alias, so that whoever
// declares the same struct can call a Provider without importing this package.
type BeginOptions = struct {
	// LoginHint is whom the person is expected to be. Empty if unknown.
	LoginHint string
	// Force demands that the person proves who they are now.
	Force bool
	// MaxAge demands a proof that is not older. Zero means any.
	MaxAge time.Duration
	// UILocales are language tags separated by spaces.
	UILocales string
	// Tenant is the one that the application asked for. Empty: any.
	Tenant string
	// ACRValues are classes that the login should have, separated by spaces, best
	// first. Empty: any.
	ACRValues string
}

// memo is what must be known when the person comes back.
type memo struct {
	Issuer   string `json:"i"`
	Nonce    string `json:"n"`
	Verifier string `json:"v"`
	Began    int64  `json:"t"`           // Unix seconds
	MaxAge   int64  `json:"m,omitempty"` // seconds; -1 for none
}

const noMaxAge = -1

// Limits on what is passed on.
const (
	maxHint    = 256
	maxLocales = 100
	maxClasses = 1000
)

// Begin gives the address to send the person to, and a memo that the caller
// keeps secret and unchanged and gives to Finish. callback is the absolute
// address where the person comes back; state is the caller's. Errors are
// fault.Unavailable if the provider can't be reached.
func (p *Provider) Begin(ctx context.Context, callback, state string, o BeginOptions) (location string, memoBytes []byte, err error) {
	m, err := p.found.current(ctx)
	if err != nil {
		return "", nil, err
	}
	keep := memo{Issuer: p.config.Issuer, Nonce: secret.New(), Verifier: oauth2.GenerateVerifier(), Began: p.now().Unix(), MaxAge: noMaxAge}
	options := []oauth2.AuthCodeOption{
		oauth2.S256ChallengeOption(keep.Verifier), // FED-07
		oauth2.SetAuthURLParam("nonce", keep.Nonce),
	}
	set := func(name, value string) { options = append(options, oauth2.SetAuthURLParam(name, value)) }
	if plainText(o.LoginHint, maxHint) {
		set("login_hint", o.LoginHint)
	}
	if plainText(o.UILocales, maxLocales) {
		set("ui_locales", o.UILocales)
	}
	if plainText(o.ACRValues, maxClasses) {
		set("acr_values", o.ACRValues)
	}
	if p.config.TenantParameter != "" && plainText(o.Tenant, maxHint) {
		set(p.config.TenantParameter, o.Tenant)
	}
	switch {
	case o.Force:
		// max_age=0 alone makes providers return auth_time; prompt=login is
		// what the others understand (Core, section 3.1.2.1).
		keep.MaxAge = 0
		set("prompt", "login")
		set("max_age", "0")
	case o.MaxAge > 0:
		keep.MaxAge = int64(o.MaxAge / time.Second)
		set("max_age", strconv.FormatInt(keep.MaxAge, 10))
	}
	memoBytes, err = json.Marshal(keep)
	if err != nil {
		return "", nil, fault.Wrap(fault.Internal, "oidc.Begin", err)
	}
	return p.client(m, callback).AuthCodeURL(state, options...), memoBytes, nil
}

// client is made anew for each use: nothing of a login is on shared state.
func (p *Provider) client(m *metadata, callback string) *oauth2.Config {
	return &oauth2.Config{
		ClientID:     p.config.ClientID,
		ClientSecret: string(p.config.ClientSecret),
		Endpoint:     oauth2.Endpoint{AuthURL: m.Authorization, TokenURL: m.Token, AuthStyle: m.authStyle(p.config)},
		RedirectURL:  callback,
		Scopes:       p.config.Scopes,
	}
}

// plainText tells whether s has 1 to limit bytes and no control characters.
func plainText(s string, limit int) bool {
	return s != "" && len(s) <= limit && !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f || r == '\uFFFD' })
}
