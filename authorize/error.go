package authorize

import (
	"fmt"

	"github.com/gatehouse-auth/gatehouse/authorize/pushed"
	"github.com/gatehouse-auth/gatehouse/fault"
)

// The error codes that go to clients: RFC 6749, section 4.1.2.1; OpenID Connect
// Core, section 3.1.2.6; OpenID Connect Core Error Code
// unmet_authentication_requirements 1.0.
const (
	codeInvalidRequest      = "invalid_request"
	codeUnauthorizedClient  = "unauthorized_client"
	codeAccessDenied        = "access_denied"
	codeUnsupportedResponse = "unsupported_response_type"
	codeInvalidScope        = "invalid_scope"
	codeInvalidTarget       = "invalid_target" // RFC 8707, section 2
	codeServerError         = "server_error"
	codeUnavailable         = "temporarily_unavailable"
	codeLoginRequired       = "login_required"
	codeConsentRequired     = "consent_required"
	codeUnmet               = "unmet_authentication_requirements"
	codeInvalidObject       = "invalid_request_object"
	codeInvalidRequestURI   = "invalid_request_uri"
	codeNoRequestURI        = "request_uri_not_supported"
	codeNoRegistration      = "registration_not_supported"
)

// DisplayError is an error that must be shown on a page of ours: nobody proved
// yet that the redirect address belongs to the client, so sending anything
// there would make us an open redirector (RFC 6749, section 4.1.2.1; OAU-02).
// It is a *fault.Error for whoever asks for one.
type DisplayError struct {
	// Code is the protocol's word for what is wrong: "invalid_request",
	// "unauthorized_client", "access_denied", "invalid_request_uri" and so on.
	Code string
	// Parameter is the request's parameter that is wrong, if it is one.
	Parameter string
	// Client is what people call the application, if it is registered.
	Client string
	// Back is where an error would have gone that is not sent there by itself,
	// for people to decide: see [Server.withhold]. "" where there is nothing to
	// decide. Host is whose address it is; "" for an app on the person's device.
	Back, Host string
	err        *fault.Error
}

// display makes a DisplayError with a sentence for people.
func display(kind fault.Kind, code, public string) *DisplayError {
	return &DisplayError{Code: code, err: &fault.Error{Kind: kind, Op: "authorize", Public: public}}
}

// at names the parameter that is wrong.
func (e *DisplayError) at(parameter string) *DisplayError {
	e.Parameter = parameter
	return e
}

// Error gives the text for the log. It repeats nothing of the request.
func (e *DisplayError) Error() string { return e.err.Error() + " (" + e.Code + ")" }

// Unwrap gives the *fault.Error with kind and sentence.
func (e *DisplayError) Unwrap() error { return e.err }

// ClientError is an error that goes to the client. There is none without a
// checked redirect address: only [redirect.refuse] makes one.
type ClientError struct {
	// Code is an error code of RFC 6749, section 4.1.2.1, or OpenID Connect.
	Code string
	// Description is a constant text for the client's developer.
	Description string
	to          redirect
	cause       error
}

// Error gives the text for the log. It repeats nothing of the request but the
// client's registered id.
func (e *ClientError) Error() string {
	text := fmt.Sprintf("authorize: client %s: %s: %s", e.to.client, e.Code, e.Description)
	if e.cause != nil {
		text += ": " + e.cause.Error()
	}
	return text
}

// Refused tells whom the error is sent to, and its code.
func (e *ClientError) Refused() (client, code string) { return e.to.client, e.Code }

// Unwrap gives the cause, nil for most.
func (e *ClientError) Unwrap() error { return e.cause }

// ours tells whether the failure is ours.
func (e *ClientError) ours() bool { return e.Code == codeServerError || e.Code == codeUnavailable }

// kind is what the error is for our log.
func (e *ClientError) kind() fault.Kind {
	switch e.Code {
	case codeServerError, codeUnavailable:
		return fault.KindOf(e.cause)
	case codeLoginRequired:
		return fault.LoginNeeded
	case codeAccessDenied, codeUnmet:
		return fault.Denied
	default:
		return fault.Invalid
	}
}

// redirect is where a client's answer goes. It exists only for an address that
// was found to be registered for the client, and can't be made elsewhere than
// in checkRedirect.
type redirect struct {
	client string
	// unvouched says that nobody vouches for the client, see [client.Client].
	unvouched bool

	uri    string
	mode   string // query, fragment or form_post
	state  string
	login  string          // session_state; "" none
	pushed *pushed.Request // what an answer uses up, nil for most
}

// refuse makes the error that goes there.
func (r redirect) refuse(code, description string) *ClientError {
	return &ClientError{Code: code, Description: description, to: r}
}

// fail makes the error for a failure that is ours: a store that can't be
// reached has its own word, since a redirect can't carry a status 503.
func (r redirect) fail(err error) *ClientError {
	e := r.refuse(codeServerError, "")
	if fault.Is(err, fault.Unavailable) {
		e.Code = codeUnavailable
	}
	e.cause = err
	return e
}
