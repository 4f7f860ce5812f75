package metadata

import "errors"

// The error codes of RFC 7591, section 3.2.2.
const (
	CodeRedirect  = "invalid_redirect_uri"
	CodeMetadata  = "invalid_client_metadata"
	CodeStatement = "unapproved_software_statement"
)

// Error says what is wrong with metadata: a code, and a constant text for the
// client's developer, which names the metadata and repeats nothing of them.
type Error struct{ Code, Description string }

// Error implements error.
func (e *Error) Error() string { return e.Code + ": " + e.Description }

func wrong(description string) *Error { return &Error{CodeMetadata, description} }

// Wrong gives the *Error in err's chain, nil if there is none.
func Wrong(err error) *Error {
	e, _ := errors.AsType[*Error](err)
	return e
}
