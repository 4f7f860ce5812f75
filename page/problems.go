package page

import (
	"net/http"

	"github.com/gatehouse-auth/gatehouse/identity"
)

func problem(status int, name string, data Data, way Key) Problem {
	p := Problem{
		Status: status,
		Title:  Message{Key: Key("problem." + name + ".title"), Data: data},
		Detail: Message{Key: Key("problem." + name + ".detail"), Data: data},
	}
	if way != "" {
		p.ContinueText = Say(way)
	}
	return p
}

// CookieMissing is for a browser that did not bring back the cookie set when
// the login began: which cookie, at which host.
func CookieMissing(cookie, host string) Problem {
	return problem(http.StatusBadRequest, "cookie_missing", Data{Cookie: cookie, Host: host}, MsgTryAgain)
}

// ProviderOld is for a provider's answer that came late, twice, or in another
// browser.
func ProviderOld(title string) Problem {
	return problem(http.StatusBadRequest, "provider_old", Data{Name: title}, MsgStartAgain)
}

// AccessDenied is for somebody who is signed in and may not: at which host
// ("" if unknown). The caller adds SwitchURL and LogoutURL.
func AccessDenied(user *identity.User, host string) Problem {
	name := "denied"
	if host != "" {
		name = "denied_host"
	}
	p := problem(http.StatusForbidden, name, Data{Host: host}, "")
	p.User = user
	return p
}

// UnknownClient is for an authorization request of a client that is not
// registered (RFC 6749, section 4.1.2.1: never a redirect).
func UnknownClient() Problem {
	return problem(http.StatusBadRequest, "unknown_client", Data{}, "")
}

// BadRedirectURI is for a redirect_uri that the client did not register.
func BadRedirectURI(client string) Problem {
	return problem(http.StatusBadRequest, "bad_redirect_uri", Data{Name: client}, "")
}

// BadParameter is for an authorization request with a parameter that is
// missing, doubled or malformed. Name must be the parameter's defined name.
func BadParameter(name string) Problem {
	return problem(http.StatusBadRequest, "bad_parameter", Data{Name: name}, "")
}

// Withheld is for an application that nobody vouches for and whose request can't
// be answered: what it is called, and the host to which the way on leads ("" for
// the person's own device). The caller adds ContinueURL.
func Withheld(status int, client, host string) Problem {
	name := "withheld"
	if host == "" {
		name = "withheld_device"
	}
	return problem(status, name, Data{Name: client, Host: host}, MsgContinue)
}

// SetupClosed is for a setup link when there is an account already.
func SetupClosed() Problem {
	return problem(http.StatusNotFound, "setup_closed", Data{}, MsgSignIn)
}

// SetupExpired is for a setup link that is unknown, spent or too old.
func SetupExpired() Problem {
	return problem(http.StatusNotFound, "setup_expired", Data{}, "")
}

// MethodNotAllowed is for a method that an address does not answer.
func MethodNotAllowed() Problem {
	return problem(http.StatusMethodNotAllowed, "method", Data{}, MsgGoHome)
}

// Throttled is for too many attempts: minutes to wait, at least 1.
func Throttled(minutes int) Problem {
	return problem(http.StatusTooManyRequests, "throttled", Data{Count: max(minutes, 1)}, MsgTryAgain)
}

// ProblemFor is the neutral problem of an HTTP status; statuses without a page
// of their own get the one of their class.
func ProblemFor(status int) Problem {
	switch status {
	case http.StatusUnauthorized:
		return problem(status, "login_needed", Data{}, MsgSignIn)
	case http.StatusForbidden:
		return problem(status, "denied", Data{}, "")
	case http.StatusNotFound:
		return problem(status, "not_found", Data{}, MsgGoHome)
	case http.StatusMethodNotAllowed:
		return problem(status, "method", Data{}, MsgGoHome)
	case http.StatusRequestEntityTooLarge, http.StatusRequestHeaderFieldsTooLarge, http.StatusRequestURITooLong:
		return problem(status, "too_large", Data{}, MsgStartAgain)
	case http.StatusTooManyRequests:
		return Throttled(1)
	case http.StatusServiceUnavailable, http.StatusBadGateway, http.StatusGatewayTimeout:
		return problem(status, "unavailable", Data{}, MsgTryAgain)
	}
	if status >= 400 && status < 500 {
		return problem(status, "bad_request", Data{}, MsgStartAgain)
	}
	return problem(http.StatusInternalServerError, "internal", Data{}, MsgTryAgain)
}
