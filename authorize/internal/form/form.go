// Package form reads parameters the way RFC 6749 wants them read: form-encoded,
// at most once, and absent when empty.
//
// It owns the size of a body and the strictness of the decoding. It does not
// know which parameters exist nor what an error looks like to a client.
package form

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"unicode"
	"unicode/utf8"
)

// MaxBytes bounds a body and a query alike (DOS-02).
const MaxBytes = 64 << 10

// StatusError says with which status a body was refused before it was looked
// at: 400, 413 or 415.
type StatusError struct{ Status int }

// Error implements error.
func (e *StatusError) Error() string { return "body refused: " + http.StatusText(e.Status) }

// ErrMalformed is the error of [Parse]. It carries nothing of what was sent.
var ErrMalformed = errors.New("the parameters are not form-encoded")

// ErrForeign is the error of [Posted] for a form of another site.
var ErrForeign = errors.New("the form comes from another site")

// Body reads the form-encoded body of r, at most [MaxBytes]. A compressed body
// is refused: its size could not be bounded early. The error is a *[StatusError].
func Body(w http.ResponseWriter, r *http.Request) (string, error) {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/x-www-form-urlencoded" || r.Header.Get("Content-Encoding") != "" {
		return "", &StatusError{Status: http.StatusUnsupportedMediaType}
	}
	if r.ContentLength > MaxBytes {
		return "", &StatusError{Status: http.StatusRequestEntityTooLarge}
	}
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxBytes))
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		return "", &StatusError{Status: http.StatusRequestEntityTooLarge}
	}
	if err != nil {
		return "", &StatusError{Status: http.StatusBadRequest}
	}
	return string(raw), nil
}

// Parse decodes a query or body of at most [MaxBytes]. Anything odd, such as a
// semicolon between parameters or half an escape, is [ErrMalformed]: another
// reader might take it for something else.
func Parse(raw string) (url.Values, error) {
	if len(raw) > MaxBytes {
		return nil, ErrMalformed
	}
	values, err := url.ParseQuery(raw)
	if err != nil {
		return nil, ErrMalformed
	}
	return values, nil
}

// Doubled gives the first of names that occurs more than once, or "".
// "Request and response parameters MUST NOT be included more than once" (RFC
// 6749, section 3.1); an empty occurrence counts.
func Doubled(values url.Values, names []string) string {
	for _, name := range names {
		if len(values[name]) > 1 {
			return name
		}
	}
	return ""
}

// Plain tells whether s is valid UTF-8 without control characters. Only such
// text comes out of a redirect or an HTML form as it went in.
func Plain(s string) bool {
	if !utf8.ValidString(s) {
		return false
	}
	for _, c := range s {
		if unicode.IsControl(c) {
			return false
		}
	}
	return true
}

// Own tells whether a form comes from a page of origin, by what browsers say.
// Another origin is foreign, a sibling site and "null" too, and neither header
// excuses the other (CSR-02, CSR-03). Clients that send neither are left to the
// token that every form has.
func Own(r *http.Request, origin string) bool {
	origins, sites := r.Header.Values("Origin"), r.Header.Values("Sec-Fetch-Site")
	return (len(origins) == 0 || len(origins) == 1 && origins[0] == origin) &&
		(len(sites) == 0 || len(sites) == 1 && (sites[0] == "same-origin" || sites[0] == "none"))
}

// Posted reads a form of a page of origin, and takes nothing but our own (CSR-01,
// CSR-02, CSR-03): the body alone, each of these fields at most once. The error is
// [ErrForeign], a *[StatusError], or [ErrMalformed].
func Posted(w http.ResponseWriter, r *http.Request, origin string, fields ...string) (url.Values, error) {
	if !Own(r, origin) {
		return nil, ErrForeign
	}
	raw, err := Body(w, r)
	if err != nil {
		return nil, err
	}
	values, err := Parse(raw)
	if err == nil && Doubled(values, fields) != "" {
		err = ErrMalformed
	}
	return values, err
}

// Anywhere reads the parameters of a POST that may come from any site, in body and
// query: one in both is one that comes twice. The error is a *[StatusError], or
// [ErrMalformed].
func Anywhere(w http.ResponseWriter, r *http.Request) (url.Values, error) {
	raw, err := Body(w, r)
	if err != nil {
		return nil, err
	}
	if r.URL.RawQuery != "" {
		raw += "&" + r.URL.RawQuery
	}
	return Parse(raw)
}
