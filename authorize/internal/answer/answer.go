// Package answer is the manners that all endpoints share: what keeps an answer
// out of caches and an address out of others' pages, the way on, and what a
// machine gets that asked in the wrong way.
//
// It owns headers and statuses. It does not own what an answer says, nor pages.
package answer

import (
	"encoding/json"
	"net/http"
	"strings"
)

// Guard sets what every answer carries: no cache may keep it (WEB-08), no page
// may learn its address, which may hold a whole request or a token (WEB-06).
// Pragma is for caches of HTTP/1.0 (RFC 6749, section 5.1).
func Guard(h http.Header) {
	h.Set("Cache-Control", "no-store")
	h.Set("Pragma", "no-cache")
	Public(h)
}

// Public sets what an answer carries that caches may keep.
func Public(h http.Header) {
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
}

// SeeOther leads the browser on, by 303 so that no form travels with it (RED-06;
// RFC 9700, section 4.12).
func SeeOther(w http.ResponseWriter, location string) error {
	w.Header().Set("Location", location)
	w.WriteHeader(http.StatusSeeOther)
	return nil
}

// Status refuses with a status alone, for machines: no person sees 413 or 415.
func Status(w http.ResponseWriter, status int) error {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, err := w.Write([]byte(http.StatusText(status) + "\n"))
	return err
}

// Method is 405 with the methods that would be allowed (WEB-12).
func Method(w http.ResponseWriter, allowed ...string) error {
	w.Header().Set("Allow", strings.Join(allowed, ", "))
	return Status(w, http.StatusMethodNotAllowed)
}

// JSON sends v, guarded.
func JSON(w http.ResponseWriter, status int, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return Bytes(w, status, "application/json; charset=utf-8", body)
}

// Bytes sends a body of a media type, guarded: "The authorization server MUST
// include the HTTP Cache-Control response header field with a value of no-store"
// (RFC 6749, section 5.1; RFC 7591, section 3.2.1; WEB-08).
func Bytes(w http.ResponseWriter, status int, kind string, body []byte) error {
	Guard(w.Header())
	w.Header().Set("Content-Type", kind)
	w.WriteHeader(status)
	_, err := w.Write(body)
	return err
}
