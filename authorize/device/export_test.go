package device

// The steps that only the server takes.
var (
	Begin       = (*Requests).begin
	Waiting     = (*Requests).waiting
	Allow       = (*Requests).allow
	Deny        = (*Requests).deny
	NewUserCode = newUserCode
)
