package caddymodule

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
	"slices"

	"go.uber.org/zap"

	"github.com/gatehouse-auth/gatehouse/account"
	"github.com/gatehouse-auth/gatehouse/audit"
	"github.com/gatehouse-auth/gatehouse/authorize"
	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/login"
	"github.com/gatehouse-auth/gatehouse/session"
	"github.com/gatehouse-auth/gatehouse/store"
	"github.com/gatehouse-auth/gatehouse/throttle"
)

// loginAccounts are the accounts as the login sees them.
type loginAccounts struct {
	*account.Accounts
	sessions *session.Manager
}

// Resolve implements login.Accounts. A login brings new groups: what this
// process remembers of the person is forgotten before anybody is answered.
func (a loginAccounts) Resolve(ctx context.Context, ext identity.External, provision bool) (*identity.User, error) {
	user, err := a.Accounts.Resolve(ctx, ext, account.Policy{Provision: provision})
	if err == nil {
		a.sessions.Apply(store.Change{Topic: store.TopicSubject, Key: string(user.Subject)})
	}
	return user, err
}

// Setup implements login.Accounts. Whoever holds the setup link runs the
// place, so the address is believed.
func (a loginAccounts) Setup(ctx context.Context, token string, n login.NewAccount) (*identity.User, error) {
	return a.Accounts.Setup(ctx, token, account.NewAccount{
		Username: n.Username, Name: n.Name, Email: n.Email, EmailVerified: n.Email != "", Password: n.Password,
	})
}

// loginThrottle is the throttle as the login sees it.
type loginThrottle struct{ *throttle.Throttle }

// Attempt implements login.Throttle.
func (t loginThrottle) Attempt(ctx context.Context, name string, from netip.Addr) (login.Attempt, error) {
	return t.Throttle.Attempt(ctx, name, from)
}

// loginContexts tells the login what a return address is about.
type loginContexts struct{ *authorize.Server }

// Context implements login.Contexts.
func (c loginContexts) Context(ctx context.Context, returnURL string) (*login.Context, error) {
	found, err := c.Server.Context(ctx, returnURL)
	if err != nil || found == nil {
		return nil, err
	}
	return &login.Context{
		ReturnURL: found.ReturnURL, DenyURL: found.DenyURL,
		ClientID: found.ClientID, ClientName: found.ClientName, ClientLogo: found.ClientLogo,
		LoginHint: found.LoginHint, UILocales: found.UILocales, IDP: found.IDP, Tenant: found.Tenant,
		ACRValues: slices.Concat(found.EssentialACR, found.ACRValues),
		Providers: found.Providers, Local: found.Local, Force: found.Force, Fresh: found.Fresh, MaxAge: found.MaxAge,
		Create: found.Create, CreatedURL: found.CreatedURL,
	}, nil
}

// auditLogin writes what happened at the login (LOG-03).
func (s *service) auditLogin(e login.Event) {
	from := audit.Source{Addr: e.Address, RequestID: requestID(e.Request)}
	failure := audit.Failure{Typed: e.Username, Provider: e.IDP}
	if e.User != nil {
		failure.Subject, failure.Username = e.User.Subject, e.User.Username
	}
	if e.Err != nil {
		failure.Reason = fault.KindOf(e.Err).String()
	}
	switch e.Name {
	case login.LoginSucceeded:
		s.audit.LoginSucceeded(from, e.User, e.Login, e.SID)
	case login.LoginFailed:
		s.audit.LoginFailed(from, failure)
	case login.FormForeign:
		failure.Reason = "foreign form"
		s.audit.LoginFailed(from, failure)
	case login.LoginThrottled:
		if limit, ok := errors.AsType[*throttle.LimitError](e.Err); ok {
			failure.Reason = limit.Scope()
		}
		s.audit.LoginThrottled(from, failure, e.RetryAfter)
	case login.ProviderFailed:
		s.audit.ProviderFailed(from, e.IDP, failure.Reason)
		s.log.Debug("provider failed", zap.String("provider", e.IDP), zap.Error(e.Err))
	case login.LoggedOut:
		s.audit.LoggedOut(from, e.User, e.SID)
	case login.ProviderLogout:
		s.audit.ProviderLogout(from, e.IDP, e.Ended)
	case login.SetupDone:
		s.audit.SetupDone(from, e.User)
	}
}

// auditClient writes what went wrong between us and an OAuth client: what it did
// that is more than a mistake as a security event, errors of ours in full.
func (s *service) auditClient(ctx context.Context, err error) {
	switch fault.KindOf(err) {
	case fault.Internal, fault.Unavailable:
		s.log.Error("client request failed", zap.Error(err))
	case fault.Spent, fault.Denied:
		who, code := "", fault.KindOf(err).String()
		if named, ok := errors.AsType[refusal](err); ok {
			who, code = named.Refused()
		}
		from := sourceOf(ctx)
		s.audit.ClientRefused(from, who, code)
		s.log.Info("client refused", zap.String("request_id", from.RequestID), zap.Error(err))
	default:
		s.log.Debug("client request refused", zap.Error(err))
	}
}

// refusal is an error of the protocol that knows whom it is about.
type refusal interface {
	error
	Refused() (client, code string)
}

// source is where a request came from.
func source(r *http.Request) audit.Source {
	return audit.Source{Addr: clientIP(r), RequestID: requestID(r)}
}

// sourceOf is the same where only the request's context is known.
func sourceOf(ctx context.Context) audit.Source {
	return source(new(http.Request).WithContext(ctx))
}
