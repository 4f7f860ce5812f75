package login

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"net/http"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/internal/secret"
)

// browserCookie is how the suffixes of the cookies begin that bind forms to a
// browser. One is enough, lasts as long as the browser runs, and all tabs share
// it. But tabs that are restored at the same instant are each given one, and
// each of their forms is good: had they one name, the last would spoil the
// others (CSR-04).
const (
	browserCookie = "login-"
	maxBrowser    = 10 // cookies that count
)

// purpose keeps the tokens of different forms apart.
type purpose string

const (
	forLogin purpose = "login"
	forSetup purpose = "setup"
)

// forLogout binds the token to one session, so that a page from before does
// not end the session of whoever came after.
func forLogout(sid string) purpose { return purpose("logout " + sid) }

// browser gives a secret of this browser, and sets a cookie if there is none
// yet.
func (h *Handler) browser(w http.ResponseWriter, r *http.Request) string {
	if values := h.browsers(r); len(values) > 0 {
		return values[0]
	}
	value := secret.New()
	http.SetCookie(w, h.Jar.Cookie(browserCookie+secret.New()[:handleSize], value, 0))
	return value
}

// browsers gives the secrets that this browser holds.
func (h *Handler) browsers(r *http.Request) []string {
	var values []string
	for _, suffix := range h.suffixes(r, browserCookie) {
		if value := h.Jar.Value(r, suffix); secret.Valid(value) && len(values) < maxBrowser {
			values = append(values, value)
		}
	}
	return values
}

// token makes a form's token: a hash of the browser's secret and the purpose,
// under a mask that is new in each answer, so that compression tells nothing
// about it (CSR-04). Any number of them is good at once.
func (h *Handler) token(w http.ResponseWriter, r *http.Request, p purpose) string {
	want := []byte(expected(h.browser(w, r), p))
	out := make([]byte, 2*len(want))
	mask := out[:len(want)]
	rand.Read(mask) // never fails: crypto/rand ends the program instead
	subtle.XORBytes(out[len(want):], mask, want)
	return base64.RawURLEncoding.EncodeToString(out)
}

// genuine tells whether a token was made for this browser and purpose.
func (h *Handler) genuine(r *http.Request, token string, p purpose) bool {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(raw)%2 != 0 {
		return false
	}
	got := make([]byte, len(raw)/2)
	subtle.XORBytes(got, raw[:len(got)], raw[len(got):])
	good := false
	for _, value := range h.browsers(r) {
		good = secret.Equal(string(got), expected(value, p)) || good
	}
	return good
}

func expected(browser string, p purpose) string { return secret.Hash("form", string(p), browser) }

// own refuses a form that another site made the browser post, whatever its
// token (CSR-01). The rules are those of http.CrossOriginProtection, and
// stricter: a sibling site is foreign (CSR-02), "Origin: null" is foreign, and
// neither header excuses the other. Clients that send neither header are left
// to the token.
func (h *Handler) own(r *http.Request) error {
	origins := r.Header.Values("Origin")
	sites := r.Header.Values("Sec-Fetch-Site")
	ok := len(origins) == 0 || len(origins) == 1 && origins[0] == h.origin
	// "none" is a person's doing, such as sending a form once more.
	ok = ok && (len(sites) == 0 || len(sites) == 1 && (sites[0] == "same-origin" || sites[0] == "none"))
	if ok {
		return nil
	}
	err := fault.New(fault.Denied, "login.own", "This form was sent from another site.")
	h.report(r, Event{Name: FormForeign, Err: err})
	return err
}
