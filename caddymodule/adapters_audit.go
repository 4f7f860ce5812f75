package caddymodule

import (
	"context"
	"errors"
	"net/http"

	"go.uber.org/zap"

	"github.com/gatehouse-auth/gatehouse/audit"
	"github.com/gatehouse-auth/gatehouse/authorize/consent"
	"github.com/gatehouse-auth/gatehouse/authorize/device"
	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/login"
	"github.com/gatehouse-auth/gatehouse/throttle"
)

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
	case login.NoticeRefused: // anybody can post one
		s.log.Debug("logout notice refused", zap.String("provider", e.IDP), zap.Error(e.Err))
	case login.LoggedOut:
		s.audit.LoggedOut(from, e.User, e.SID)
	case login.ProviderLogout:
		s.audit.ProviderLogout(from, e.User, e.SID, e.IDP, e.Ended)
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

// auditConsent writes what people allowed and took back.
func (s *service) auditConsent(r *http.Request, e consent.Event) {
	write := s.audit.Consent
	if e.Name == consent.EventDenied || e.Name == consent.EventForeign {
		write = s.audit.ConsentRefused
	}
	write(source(r), e.User, e.SID, e.Terms.Client, e.Name)
}

// auditDevice writes what people allowed devices.
func (s *service) auditDevice(r *http.Request, e device.Event) {
	write := s.audit.ConsentRefused
	if e.Name == device.EventAllowed {
		write = s.audit.Consent
	}
	write(source(r), e.User, e.SID, e.Client, e.Name)
}

// source is where a request came from.
func source(r *http.Request) audit.Source {
	return audit.Source{Addr: clientIP(r), RequestID: requestID(r)}
}

// sourceOf is the same where only the request's context is known.
func sourceOf(ctx context.Context) audit.Source {
	return source(new(http.Request).WithContext(ctx))
}
