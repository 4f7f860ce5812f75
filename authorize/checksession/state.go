package checksession

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/internal/seal"
	"github.com/gatehouse-auth/gatehouse/internal/secret"
)

// binding keeps our seals apart from others of the same box.
const binding = "check_session"

// Config is what a [Checker] is made of.
type Config struct {
	// Issuer is the issuer identifier. Required.
	Issuer string
	// Box seals the cookie. Its purpose must be this package's alone.
	// Required.
	Box *seal.Box
	// CrossSite makes the cookie readable in frames on other sites
	// (SameSite=None). Without it the page works only for clients on the
	// issuer's own site. It has no effect on a plain-http loopback issuer,
	// where browsers demand Secure.
	CrossSite bool
	// Origins gives the origins whose pages may put our page into a frame:
	// those of the clients (client.Client.Origins). Required.
	Origins func(ctx context.Context) ([]string, error)
}

// Checker knows the state of a browser. It is immutable and safe for concurrent
// use.
type Checker struct {
	Config
	cookie string
	secure bool
	page   []byte
	script string // its hash, for the policy
}

// New checks cfg.
func New(cfg Config) (*Checker, error) {
	u, err := url.Parse(cfg.Issuer)
	if err != nil || u.Host == "" || cfg.Box == nil || cfg.Origins == nil {
		return nil, errors.New("checksession: a part is missing")
	}
	c := &Checker{Config: cfg, cookie: "__Host-gatehouse.session", secure: u.Scheme == "https"}
	if !c.secure {
		// All ports of a host share one jar, hence the port in the name.
		port := u.Port()
		if port == "" {
			port = "80"
		}
		c.cookie = "gatehouse-" + port + ".session"
	}
	c.page, c.script = makePage(c.cookie)
	return c, nil
}

// Sync makes the cookie say who is signed in now, nil for nobody, and gives its
// value, "" for nobody. It must be called before the answer's first byte: at
// login and logout, and before an authorization answer.
//
// The value is random. Being sealed to the session and the moment of its login,
// it is recognised without being kept anywhere, is another one after every
// login, and tells a script nothing: neither the sid nor a cookie is in it
// (amendment to COO-03).
//
// In a frame on another site the session's cookie, which is SameSite=Lax, does
// not come along. That nobody is signed in can't be told there, so the cookie
// stays what it is: a client that asks with prompt=none in a frame would else
// sign the person out at all others.
func (c *Checker) Sync(w http.ResponseWriter, r *http.Request, s *identity.Session) string {
	value := c.value(r)
	switch {
	case s == nil && foreign(r):
		return value
	case s == nil:
		if c.drop(w.Header()); c.Present(r) {
			http.SetCookie(w, c.make("", -1))
		}
		return ""
	}
	if _, err := c.Box.Open(value, c.bindings(s)...); err == nil {
		return value
	}
	value = c.Box.Seal(nil, c.bindings(s)...)
	c.drop(w.Header())
	http.SetCookie(w, c.make(value, 0))
	return value
}

// Present tells whether a request carries the cookie, whatever it says.
func (c *Checker) Present(r *http.Request) bool { return len(r.CookiesNamed(c.cookie)) > 0 }

// foreign tells whether a request was made by another site for anything but a
// window of its own (Fetch Metadata, sections 2.1 and 2.4).
func foreign(r *http.Request) bool {
	dest := r.Header.Get("Sec-Fetch-Dest")
	return r.Header.Get("Sec-Fetch-Site") == "cross-site" && dest != "" && dest != "document"
}

// drop takes the cookie out of an answer to which it was added before: there
// must be no two of one name (RFC 6265, section 4.1.1).
func (c *Checker) drop(h http.Header) {
	ours := func(line string) bool { return strings.HasPrefix(line, c.cookie+"=") }
	if slices.ContainsFunc(h["Set-Cookie"], ours) {
		h["Set-Cookie"] = slices.DeleteFunc(h["Set-Cookie"], ours)
	}
}

func (c *Checker) bindings(s *identity.Session) []string {
	return []string{binding, s.SID, strconv.FormatInt(s.At.UnixNano(), 10)}
}

// value reads the cookie. Two of them can't be told apart, so neither counts.
func (c *Checker) value(r *http.Request) string {
	found := r.CookiesNamed(c.cookie)
	if len(found) != 1 || found[0].Quoted {
		return ""
	}
	return found[0].Value
}

// make makes the cookie, the only one without HttpOnly. maxAge 0 lasts as long
// as the browser's session.
func (c *Checker) make(value string, maxAge int) *http.Cookie {
	cookie := &http.Cookie{Name: c.cookie, Value: value, Path: "/", MaxAge: maxAge, Secure: c.secure, SameSite: http.SameSiteLaxMode}
	if c.CrossSite && c.secure {
		cookie.SameSite = http.SameSiteNoneMode
	}
	return cookie
}

// State makes the session_state of an authorization answer (section 2): what
// the page will compute for the client's origin from the cookie's value, and
// the salt that keeps it from being compared between answers. origin is that of
// the redirect address; "" for a redirect address that has none, such as an
// app's, gives "": there is no page that could ask.
func State(clientID, origin, value string) string {
	if origin == "" || strings.ContainsAny(clientID, " ") {
		return ""
	}
	return state(clientID, origin, value, secret.New())
}

// state is SHA-256 over client, origin, the browser's state and salt in
// base64url, a full stop, and the salt.
func state(clientID, origin, value, salt string) string {
	sum := sha256.Sum256([]byte(clientID + " " + origin + " " + value + " " + salt))
	return base64.RawURLEncoding.EncodeToString(sum[:]) + "." + salt
}

// Verify tells whether a session_state was made of these, as the page would.
func Verify(sessionState, clientID, origin, value string) bool {
	_, salt, ok := strings.Cut(sessionState, ".")
	return ok && secret.Equal(sessionState, state(clientID, origin, value, salt))
}
