package audit

import (
	"time"

	"go.uber.org/zap"

	"github.com/gatehouse-auth/gatehouse/identity"
)

// LoginSucceeded: somebody proved who they are and has a session.
func (l *Log) LoginSucceeded(from Source, user *identity.User, login identity.Login, session string) {
	methods := make([]string, 0, len(login.AMR))
	for _, m := range login.AMR[:min(len(login.AMR), 8)] { // a provider's words, perhaps
		methods = append(methods, Clean(m))
	}
	l.good(EventLoginSucceeded, from.fields(), person(user), text("provider", login.IDP), []zap.Field{zap.Strings("methods", methods)}, sid(session))
}

// Failure is a login that did not succeed.
type Failure struct {
	// Typed is what stood in the field for the user name. People type
	// passwords there, so only the beginning of its SHA-256 is logged, as
	// username_sha256, and only if the account is not known (LOG-04).
	Typed string
	// Subject and Username are the account's, if there is one.
	Subject  identity.Subject
	Username string
	// Provider is [identity.Local] or the name of a provider.
	Provider string
	// Reason is a constant word of ours: "wrong_password", "unknown".
	Reason string
}

func (f Failure) fields() []zap.Field {
	fields := account(f.Subject, f.Username)
	if f.Subject == "" {
		fields = nil // a name without an account is what somebody typed
	}
	if f.Subject == "" && f.Typed != "" {
		fields = append(fields, zap.String("username_sha256", digest(f.Typed)))
	}
	return appendText(appendText(fields, "provider", f.Provider), "reason", f.Reason)
}

// LoginFailed: a login was checked and refused.
func (l *Log) LoginFailed(from Source, f Failure) {
	l.bad(EventLoginFailed, from.fields(), f.fields())
}

// LoginThrottled: a login was not even checked. Reason is what is locked.
func (l *Log) LoginThrottled(from Source, f Failure, retryAfter time.Duration) {
	l.bad(EventLoginThrottled, from.fields(), f.fields(), seconds("retry_after", retryAfter))
}

// LoggedOut: somebody ended their own session.
func (l *Log) LoggedOut(from Source, user *identity.User, session string) {
	l.good(EventLogout, from.fields(), person(user), sid(session))
}

// AccessDenied: a rule of the site host refused somebody, who may be nobody.
// Reason is a constant word of ours, never a path of the request: paths and
// queries hold secrets of applications.
func (l *Log) AccessDenied(from Source, user *identity.User, session, host, reason string) {
	l.bad(EventAccessDenied, from.fields(), person(user), sid(session), text("host", host), text("reason", reason))
}

// SetupLinkMade: a setup link was made, by a command or at a start. The link
// is not logged here.
func (l *Log) SetupLinkMade(actor string) { l.good(EventSetupLink, text("actor", actor)) }

// SetupDone: the first account was made through the setup page.
func (l *Log) SetupDone(from Source, user *identity.User) {
	l.good(EventSetupDone, from.fields(), person(user))
}

// AccountChanged: change is a constant word of ours (those of package account);
// actor is who did it: "command", "caddyfile", "setup", or "provider/" and the
// provider's name.
func (l *Log) AccountChanged(actor string, sub identity.Subject, username, change string) {
	l.good(EventAccountChanged, account(sub, username), text("change", change), text("actor", actor))
}

// SessionEnded: a session was ended by something else than its own logout.
// Reason is a constant word of ours (those of package session).
func (l *Log) SessionEnded(sub identity.Subject, session, reason string) {
	l.good(EventSessionEnded, account(sub, ""), sid(session), text("reason", reason))
}

// KeyRotated: a signing key was made: the first of its algorithm, a successor,
// or the one that a command asked for. Its id is public.
func (l *Log) KeyRotated(alg, kid string) {
	l.good(EventKeyRotated, text("alg", alg), text("kid", kid))
}

// ProviderFailed: a provider could not be used or said something that can't
// be believed. Reason is a constant word or an error code such as
// "access_denied", never the text of an error: it may quote an answer.
func (l *Log) ProviderFailed(from Source, provider, reason string) {
	l.bad(EventProviderFailed, from.fields(), text("provider", provider), text("reason", reason))
}

// ProviderLogout: a provider told that a login there is over, and sessions that
// came of it ended here. User and session are set if it told it by the browser:
// then it is the one session, and no other event names it.
func (l *Log) ProviderLogout(from Source, user *identity.User, session, provider string, ended int) {
	l.good(EventProviderLogout, from.fields(), person(user), sid(session), text("provider", provider), []zap.Field{zap.Int("sessions", ended)})
}

// ClientRefused: an OAuth client did not prove who it is, or brought what was
// used before or is not its own. The client's id is public but chosen by whoever
// sent the request; reason is the protocol's error code.
func (l *Log) ClientRefused(from Source, client, reason string) {
	l.bad(EventClientRefused, from.fields(), text("client", client), text("reason", reason))
}

// ClientChanged: a client was made, changed or deleted, by itself or by command.
// Change is a constant word of ours.
func (l *Log) ClientChanged(from Source, client, change string) {
	l.good(EventClientChanged, from.fields(), text("client", client), text("change", change))
}

// TicketRefused: a ticket came back to host that was spent, old or foreign.
func (l *Log) TicketRefused(from Source, host, reason string) {
	l.bad(EventTicketRefused, from.fields(), text("host", host), text("reason", reason))
}

// Consent: somebody allowed a client to know something, or took it back. Change
// is a constant word of ours.
func (l *Log) Consent(from Source, user *identity.User, session, client, change string) {
	l.good(EventConsent, from.fields(), person(user), sid(session), text("client", client), text("change", change))
}

// ConsentRefused: a client was denied, by the person or by us.
func (l *Log) ConsentRefused(from Source, user *identity.User, session, client, change string) {
	l.bad(EventConsent, from.fields(), person(user), sid(session), text("client", client), text("change", change))
}
