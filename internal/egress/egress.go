package egress

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"syscall"
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
)

// Defaults of [Options].
const (
	DefaultTimeout  = 10 * time.Second
	DefaultMaxBytes = 1 << 20
)

// The reasons for which a request is not sent or an answer not read. They come
// wrapped: test with errors.Is.
var (
	ErrScheme   = errors.New("only https addresses are fetched")
	ErrAddress  = errors.New("the address is not a public one")
	ErrRedirect = errors.New("redirects are not followed")
	ErrTooLarge = errors.New("the answer is too large")
)

// Options say what a client may do. The zero value is the strict choice.
type Options struct {
	// AllowPrivate permits destinations in private networks and on this
	// machine (RFC 1918, RFC 4193, RFC 6598, loopback). Link-local addresses
	// stay closed: clouds serve machine credentials there.
	AllowPrivate bool
	// AllowHTTP permits plain http to loopback addresses, and only to those.
	// It is meant for a provider on the same machine.
	AllowHTTP bool
	// OneShot gives a connection up after its answer, as is right for servers
	// that strangers name: nothing that they do after it is listened to.
	OneShot bool
	// Timeout limits one exchange, from the name look-up to the last byte.
	// Zero means [DefaultTimeout].
	Timeout time.Duration
	// MaxBytes limits the body of an answer, after decompression. Zero means
	// [DefaultMaxBytes].
	MaxBytes int64
	// RootCAs are the certificate authorities to trust. Nil means the
	// system's.
	RootCAs *x509.CertPool
	// Resolver looks names up. Nil means the system's. Whatever it answers is
	// checked when dialling.
	Resolver *net.Resolver
}

// New returns a client for outgoing requests. It keeps connections for reuse;
// CloseIdleConnections gives them up. What it refuses is fault.Unavailable,
// wrapping one of the reasons above.
func New(o Options) *http.Client {
	if o.Timeout == 0 {
		o.Timeout = DefaultTimeout
	}
	if o.MaxBytes == 0 {
		o.MaxBytes = DefaultMaxBytes
	}
	guarded := &transport{
		secure:   roundTripper(o, func(c class) bool { return c == public || o.AllowPrivate && c != unusable }),
		plain:    roundTripper(o, func(c class) bool { return c == loopback }),
		http:     o.AllowHTTP,
		maxBytes: o.MaxBytes,
	}
	return &http.Client{
		Transport: guarded,
		Timeout:   o.Timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return fault.Wrap(fault.Unavailable, "egress", ErrRedirect)
		},
	}
}

// roundTripper dials only addresses whose class may be dialled. The check sits
// in the dialer, after the name was resolved and for each address that is
// tried, so that a name can't answer one thing to a check and another to the
// connection (DNS rebinding).
func roundTripper(o Options, may func(class) bool) *http.Transport {
	dialer := &net.Dialer{
		Timeout:  o.Timeout,
		Resolver: o.Resolver,
		ControlContext: func(_ context.Context, _, address string, _ syscall.RawConn) error {
			ap, err := netip.ParseAddrPort(address)
			if err != nil || !may(classOf(ap.Addr())) {
				return fault.Wrap(fault.Unavailable, "egress.dial", fmt.Errorf("%w: %s", ErrAddress, address))
			}
			return nil
		},
	}
	return &http.Transport{
		Proxy:                  nil, // see the package comment
		DialContext:            dialer.DialContext,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: o.RootCAs},
		TLSHandshakeTimeout:    o.Timeout,
		ResponseHeaderTimeout:  o.Timeout,
		MaxResponseHeaderBytes: 64 << 10,
		MaxIdleConns:           256, // whoever names many hosts does not have us hold on to each
		MaxIdleConnsPerHost:    32,  // logins come in waves, and handshakes are dear
		MaxConnsPerHost:        64,
		IdleConnTimeout:        time.Minute,
		ForceAttemptHTTP2:      true,
		DisableKeepAlives:      o.OneShot,
	}
}

// transport checks the scheme and limits the answer.
type transport struct {
	secure, plain *http.Transport
	http          bool
	maxBytes      int64
}

// RoundTrip implements http.RoundTripper.
func (t *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	through := t.secure
	switch {
	case r.URL.User != nil:
		return nil, refuse(r, ErrScheme)
	case r.URL.Scheme == "https":
	case r.URL.Scheme == "http" && t.http:
		through = t.plain
	default:
		return nil, refuse(r, ErrScheme)
	}
	res, err := through.RoundTrip(r)
	if err != nil {
		return nil, fault.Wrap(fault.Unavailable, "egress", err)
	}
	if res.ContentLength > t.maxBytes {
		res.Body.Close()
		return nil, fault.Wrap(fault.Unavailable, "egress", ErrTooLarge)
	}
	res.Body = &limited{ReadCloser: res.Body, left: t.maxBytes}
	return res, nil
}

// CloseIdleConnections lets http.Client do the same.
func (t *transport) CloseIdleConnections() {
	t.secure.CloseIdleConnections()
	t.plain.CloseIdleConnections()
}

// refuse closes the body as RoundTrip must and names host and reason; the
// path and query may hold secrets.
func refuse(r *http.Request, why error) error {
	if r.Body != nil {
		r.Body.Close()
	}
	return fault.Wrap(fault.Unavailable, "egress", fmt.Errorf("%w: %s://%s", why, r.URL.Scheme, r.URL.Host))
}

// limited fails, rather than ends, a body that is too long: a cut answer must
// not look like a whole one.
type limited struct {
	io.ReadCloser
	left int64
}

// Read implements io.Reader.
func (l *limited) Read(p []byte) (int, error) {
	if l.left < 0 {
		return 0, fault.Wrap(fault.Unavailable, "egress", ErrTooLarge)
	}
	if int64(len(p)) > l.left+1 {
		p = p[:l.left+1]
	}
	n, err := l.ReadCloser.Read(p)
	l.left -= int64(n)
	if l.left < 0 {
		return n - 1, fault.Wrap(fault.Unavailable, "egress", ErrTooLarge)
	}
	return n, err
}

// CheckURL tells whether a configured or announced address has a form that a
// client with these options would fetch: https (or http to a loopback name
// with AllowHTTP), a host, no user information, no fragment. It looks nothing
// up. Errors are fault.Invalid.
func CheckURL(raw string, allowHTTP bool) error {
	u, err := parse(raw)
	if err != nil {
		return fault.Wrap(fault.Invalid, "egress.CheckURL", err)
	}
	if u.Scheme == "https" || allowHTTP && u.Scheme == "http" && loopbackName(u.Hostname()) {
		return nil
	}
	return fault.Wrap(fault.Invalid, "egress.CheckURL", fmt.Errorf("%w: %s://%s", ErrScheme, u.Scheme, u.Host))
}

// loopbackName tells whether a host is this machine by its spelling alone.
func loopbackName(host string) bool {
	if addr, err := netip.ParseAddr(host); err == nil {
		return classOf(addr) == loopback
	}
	host = strings.ToLower(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost")
}
