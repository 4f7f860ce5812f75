package identity

import (
	"slices"
	"time"
)

// Subject identifies an account for ever: a UUID that is never reassigned, the
// `sub` of OpenID Connect Core, section 2. The zero Subject is nobody.
type Subject string

// Local is the name of the identity provider for accounts whose credentials
// are checked here. Providers in the configuration can't take it.
const Local = "local"

// Authentication method names of RFC 8176, section 2, as used in [Login.AMR].
const (
	MethodPassword  = "pwd"
	MethodOTP       = "otp"
	MethodHardware  = "hwk"
	MethodMulti     = "mfa"
	MethodFederated = "fed" // not registered: a provider said nothing about how
)

// User is what is known of an account when it is looked at. A User that was
// handed out is never changed: holders share it and must not write to it.
type User struct {
	Subject Subject
	// Username is the canonical user name, unique over all providers.
	Username string
	// Name is the display name. Empty if unknown.
	Name string
	// Email is the address. Empty if unknown.
	Email string
	// EmailVerified tells that the address was proved by us or by a provider
	// trusted to do so. Rules on addresses look at verified ones only.
	EmailVerified bool
	// Groups are sorted and without duplicates. A provider's group arrives as
	// "provider/group" unless the configuration maps it (AUZ-02).
	Groups []string
	// Admin is the administrator's flag; it never comes from a claim.
	Admin bool
	// Claims are further claims that the account or provider gives, each a
	// plain string.
	Claims map[string]string
}

// Login is one authentication that took place.
type Login struct {
	// IDP is [Local] or the name of the provider.
	IDP string `json:"idp"`
	// AMR are the methods used (RFC 8176). A provider's own statement is kept
	// only if the provider is configured with trust_amr.
	AMR []string `json:"amr"`
	// ACR is the authentication context class reached. Empty if none.
	ACR string `json:"acr,omitempty"`
	// At is when the person proved who they are (`auth_time`), not when a
	// token about it was read.
	At time.Time `json:"at"`
	// IDPSession is what the provider calls the login there. Empty if it did not
	// say.
	IDPSession string `json:"idp_sid,omitempty"`
	// Claims come with this login alone and override the account's.
	Claims map[string]string `json:"claims,omitempty"`
}

// MultiFactor tells whether more than one factor was checked.
func (l Login) MultiFactor() bool { return slices.Contains(l.AMR, MethodMulti) }

// External is what an external provider asserts about a person. The account
// key is (Provider, Subject), never the name or the address (FED-06).
type External struct {
	Provider      string
	Subject       string
	Username      string
	Name          string
	Email         string
	EmailVerified bool
	// Groups are already mapped or prefixed (AUZ-02).
	Groups []string
	Claims map[string]string
	// AuthTime is when the provider says the person logged in there. Zero if
	// the provider did not say.
	AuthTime time.Time
	AMR      []string
	ACR      string
	// Session names the login at the provider, which tells by it of its end.
	// Empty if the provider did not say.
	Session string
}

// Session is a login in force, as one request sees it. It is a snapshot:
// holders share it and must not write to it.
type Session struct {
	// SID identifies the session towards clients. It is published in every ID
	// token, so it proves nothing.
	SID  string
	User *User
	Login
	// Began is when the session was made; it stays through a re-login of the
	// same person.
	Began time.Time
	// Expires is the absolute limit. The idle limit may end it earlier.
	Expires time.Time
	// Remember tells that the person ticked "stay signed in".
	Remember bool
}
