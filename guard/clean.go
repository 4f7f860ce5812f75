package guard

import (
	"net/http"
	"strings"

	"github.com/gatehouse-auth/gatehouse/fault"
)

// Own names what is ours in a request and never reaches an application.
type Own struct {
	// Headers are the identity headers, as [Headers.Names] gives them.
	Headers []string
	// Cookies are exact names of our cookies; CookiePrefixes are beginnings
	// of names that are all ours.
	Cookies, CookiePrefixes []string
}

// Cleaner takes off a request what only we may say or what would undo what we
// say. It is built once from the configuration and safe for concurrent use.
type Cleaner struct {
	names    []string // folded
	first    [256]bool
	cookies  []string
	prefixes []string
}

// NewCleaner prepares the cleaning of requests to one site.
func NewCleaner(own Own) *Cleaner {
	c := &Cleaner{cookies: own.Cookies, prefixes: own.CookiePrefixes}
	for _, name := range own.Headers {
		if folded := fold(name); folded != "" {
			c.names = append(c.names, folded)
		}
	}
	// A name that begins with another letter is nobody's spelling of ours; one
	// that begins with no letter or digit could be.
	for b := range c.first {
		c.first[b] = foldByte(byte(b)) == 0
	}
	for _, name := range append(c.names, gatewayPrefixes[:]...) {
		c.first[name[0]] = true
		if 'a' <= name[0] && name[0] <= 'z' {
			c.first[name[0]-('a'-'A')] = true
		}
	}
	return c
}

// Request cleans headers and trailers of a request and says whether it can be
// understood at all. It always cleans to the end, also when it returns an
// error ([fault.Invalid]: an upgrade to anything but WebSocket, PRX-09, or a
// CONNECT that is not a WebSocket): a refused request may still reach an
// application through an error route. Cookies are left to [Cleaner.Cookies].
func (c *Cleaner) Request(r *http.Request) error {
	r.Trailer = nil
	connects, upgrades := c.sweep(r.Header)
	if r.ProtoMajor > 1 && !isToken(r.Method) {
		cleanConnection(r.Header, false)
		delete(r.Header, "Upgrade")
		return errMethod
	}
	if upgrades {
		return upgrade(r)
	}
	if connects {
		cleanConnection(r.Header, false)
	}
	if r.Method == http.MethodConnect && !extendedWebSocket(r) {
		return errConnect
	}
	return nil
}

// upgrade judges a request with an Upgrade header. Only a WebSocket handshake
// keeps it.
func upgrade(r *http.Request) error {
	ok := webSocketUpgrade(r)
	cleanConnection(r.Header, ok)
	if !ok {
		delete(r.Header, "Upgrade")
		return errUpgrade
	}
	r.Header["Upgrade"] = []string{"websocket"}
	return nil
}

var (
	errUpgrade = fault.New(fault.Invalid, "guard.Request", "Only an upgrade to WebSocket is possible here.")
	errMethod  = fault.New(fault.Invalid, "guard.Request", "This is no method.")
	errConnect = fault.New(fault.Invalid, "guard.Request", "CONNECT is possible for WebSockets only.")
)

// sweep goes over all headers once. It deletes what folds to an identity
// header, what never concerns an application, and odd spellings of the headers
// that are handled under their canonical names. It tells whether there are a
// Connection and an Upgrade.
func (c *Cleaner) sweep(h http.Header) (connects, upgrades bool) {
	for name := range h {
		switch name {
		case "Connection":
			connects = true
		case "Upgrade":
			upgrades = true
		case "Trailer", "Proxy-Connection", "Http2-Settings":
			delete(h, name)
		default:
			if name == "" || c.first[name[0]] && c.ours(name) || misspelt(name) {
				delete(h, name)
			}
		}
	}
	return connects, upgrades
}

func (c *Cleaner) ours(name string) bool {
	for _, want := range c.names {
		if foldsTo(name, want) {
			return true
		}
	}
	return false
}

// misspelt tells whether name is one of the headers that are handled by their
// canonical names, in another case. Go's servers write every name canonically,
// so that such a spelling is nobody's honest work.
func misspelt(name string) bool {
	switch len(name) {
	case len("Cookie"):
		return name != "Cookie" && equalASCII(name, "Cookie")
	case len("Upgrade"):
		return equalASCII(name, "Upgrade") || equalASCII(name, "Trailer")
	case len("Connection"):
		return equalASCII(name, "Connection")
	case len("Http2-Settings"):
		return equalASCII(name, "Http2-Settings")
	case len("Proxy-Connection"):
		return equalASCII(name, "Proxy-Connection")
	}
	return false
}

// isToken tells whether a method can stand in a request line of HTTP/1.1 (RFC
// 9110, section 5.6.2). Go checks that for HTTP/1.1 alone (PRX-11).
func isToken(method string) bool {
	for i := range len(method) {
		if c := method[i]; foldByte(c) == 0 && strings.IndexByte("!#$%&'*+-.^_`|~", c) < 0 {
			return false
		}
	}
	return method != ""
}

// ClearTrailers forgets announced trailers: they could carry identity headers
// past the cleaning (HDR-05). net/http fills r.Trailer again when the body has
// been read, so whoever reads the body before the request is forwarded calls
// it once more.
func ClearTrailers(r *http.Request) {
	delete(r.Header, "Trailer")
	r.Trailer = nil
}
