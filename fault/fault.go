// Package fault is the one vocabulary of errors that behaviour depends on.
//
// It owns the kinds of failure and who may read what: [Error.Public] is the
// only sentence a person may see, everything else is for the log. It does not
// own the mapping to HTTP: that is in caddymodule, once.
package fault

import (
	"errors"
	"fmt"
)

// Kind says what a caller should do about an error.
type Kind uint8

// The kinds. The zero Kind is Internal, so that an error nobody classified is
// a refusal with a neutral text.
const (
	Internal    Kind = iota // our own failure, or an unknown error
	Invalid                 // the request can't be understood or is not allowed as it stands: 400
	Denied                  // who asks is known or irrelevant, the answer is no: 403
	LoginNeeded             // nobody is signed in, or not well enough: 401
	NotFound                // absent, or expired, which is the same
	Exists                  // the name or key is taken
	Conflict                // somebody else changed it first: read again and retry
	Spent                   // a one-time thing was already used
	Throttled               // too many attempts: 429
	Unavailable             // a store, provider or disk can't be used now: 503
)

var names = [...]string{"internal", "invalid", "denied", "login needed", "not found", "exists", "conflict", "spent", "throttled", "unavailable"}

// String names the kind for logs.
func (k Kind) String() string {
	if int(k) < len(names) {
		return names[k]
	}
	return fmt.Sprintf("kind(%d)", uint8(k))
}

// Error is an error with a kind. Op locates it ("account.Add"), Public is a
// sentence for a person (may be empty), Err is the cause for the log.
type Error struct {
	Kind   Kind
	Op     string
	Public string
	Err    error
}

// Error gives the text for the log: operation, kind or sentence, cause.
func (e *Error) Error() string {
	text := e.Public
	if text == "" {
		text = e.Kind.String()
	}
	if e.Err == nil {
		return e.Op + ": " + text
	}
	return e.Op + ": " + text + ": " + e.Err.Error()
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// New makes an error of a kind that has a sentence for people and no cause.
func New(kind Kind, op, public string) error {
	return &Error{Kind: kind, Op: op, Public: public}
}

// Wrap gives err an operation and a kind; nil stays nil.
func Wrap(kind Kind, op string, err error) error {
	if err == nil {
		return nil
	}
	return &Error{Kind: kind, Op: op, Err: err}
}

// At adds an operation to err and keeps its kind; nil stays nil.
func At(op string, err error) error {
	if err == nil {
		return nil
	}
	return &Error{Kind: KindOf(err), Op: op, Err: err}
}

// KindOf gives the kind of the outermost [Error] in err's chain, Internal for
// any other error.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return Internal
}

// Is tells whether err is of the given kind. It is false for nil.
func Is(err error, kind Kind) bool { return err != nil && KindOf(err) == kind }

// Public gives the first sentence in err's chain that a person may see, or "".
func Public(err error) string {
	for err != nil {
		if e, ok := err.(*Error); ok && e.Public != "" {
			return e.Public
		}
		err = errors.Unwrap(err)
	}
	return ""
}
