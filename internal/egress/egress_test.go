package egress_test

import (
	"compress/gzip"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/internal/egress"
)

// trusting returns options that know the server's certificate.
func trusting(server *httptest.Server, o egress.Options) egress.Options {
	o.RootCAs = x509.NewCertPool()
	o.RootCAs.AddCert(server.Certificate())
	return o
}

func get(t *testing.T, o egress.Options, url string) ([]byte, error) {
	t.Helper()
	client := egress.New(o)
	defer client.CloseIdleConnections()
	res, err := client.Get(url)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	return io.ReadAll(res.Body)
}

func hello(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "hello") }

// FED-11: this machine is reached only if the configuration says so.
func TestPrivateTargetsNeedPermission(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(hello))
	defer server.Close()
	if _, err := get(t, trusting(server, egress.Options{}), server.URL); !errors.Is(err, egress.ErrAddress) {
		t.Errorf("strict client: %v", err)
	}
	body, err := get(t, trusting(server, egress.Options{AllowPrivate: true}), server.URL)
	if err != nil || string(body) != "hello" {
		t.Errorf("permitted: %q, %v", body, err)
	}
}

// FED-11: plain http goes to loopback by explicit permission, else nowhere.
func TestPlainHTTP(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(hello))
	defer server.Close()
	tests := map[string]struct {
		options egress.Options
		url     string
		want    error
	}{
		"permitted":             {egress.Options{AllowHTTP: true}, server.URL, nil},
		"private is not enough": {egress.Options{AllowPrivate: true}, server.URL, egress.ErrScheme},
		"off loopback":          {egress.Options{AllowHTTP: true, AllowPrivate: true}, "http://10.0.0.1/", egress.ErrAddress},
		"other scheme":          {egress.Options{AllowHTTP: true}, "ftp://127.0.0.1/", egress.ErrScheme},
		"file":                  {egress.Options{AllowHTTP: true}, "file:///etc/passwd", egress.ErrScheme},
		"user information":      {egress.Options{AllowPrivate: true}, "https://a:b@127.0.0.1/", egress.ErrScheme},
	}
	for name, tt := range tests {
		if _, err := get(t, tt.options, tt.url); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
	}
}

// FED-11: a name that answers with a private address is found out when
// dialling, and nothing is sent.
func TestNamesThatAnswerPrivateAddresses(t *testing.T) {
	reached := make(chan struct{}, 1)
	server := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached <- struct{}{} }))
	defer server.Close()
	_, port, err := net.SplitHostPort(server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	for _, answer := range []string{"127.0.0.1", "10.1.2.3", "169.254.169.254", "100.64.0.1", "0.0.0.0"} {
		o := trusting(server, egress.Options{Resolver: resolver(t, answer)})
		_, err := get(t, o, "https://id.example.com:"+port+"/")
		if !errors.Is(err, egress.ErrAddress) {
			t.Errorf("%s: %v", answer, err)
		}
	}
	if len(reached) > 0 {
		t.Error("the server was reached")
	}
	// The resolver itself works: with permission the same name gets there.
	o := trusting(server, egress.Options{AllowPrivate: true, Resolver: resolver(t, "127.0.0.1")})
	if _, err := get(t, o, "https://example.com:"+port+"/"); err != nil {
		t.Errorf("with permission: %v", err)
	}
}

// FED-11, peers 3g: a redirect is an error, not a second request.
func TestRedirectsAreNotFollowed(t *testing.T) {
	var asked []string
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.Path)
		http.Redirect(w, r, r.URL.Query().Get("to"), http.StatusFound)
	}))
	defer server.Close()
	o := trusting(server, egress.Options{AllowPrivate: true})
	for _, to := range []string{"/again", server.URL + "/again", "http://169.254.169.254/latest/meta-data/"} {
		if _, err := get(t, o, server.URL+"/start?to="+to); !errors.Is(err, egress.ErrRedirect) {
			t.Errorf("%s: %v", to, err)
		}
	}
	if got := strings.Join(asked, " "); got != "/start /start /start" {
		t.Errorf("requests: %s", got)
	}
}

// FED-11: a huge answer fails whether or not it announces its size, also when
// it is compressed; one of exactly the size is whole.
func TestHugeAnswers(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		size := 1000
		if r.URL.Path != "/fits" {
			size++
		}
		if r.URL.Path == "/stream" {
			http.NewResponseController(w).Flush()
		}
		if r.URL.Path == "/bomb" {
			w.Header().Set("Content-Encoding", "gzip")
			packed := gzip.NewWriter(w)
			io.WriteString(packed, strings.Repeat("x", 1<<20))
			packed.Close()
			return
		}
		io.WriteString(w, strings.Repeat("x", size))
	}))
	defer server.Close()
	o := trusting(server, egress.Options{AllowPrivate: true, MaxBytes: 1000})
	if body, err := get(t, o, server.URL+"/fits"); err != nil || len(body) != 1000 {
		t.Errorf("fits: %d bytes, %v", len(body), err)
	}
	for _, path := range []string{"/announced", "/stream", "/bomb"} {
		body, err := get(t, o, server.URL+path)
		if !errors.Is(err, egress.ErrTooLarge) || !fault.Is(err, fault.Unavailable) || len(body) > 1000 {
			t.Errorf("%s: %d bytes, %v", path, len(body), err)
		}
	}
}

// FED-11, FED-13: a server that hangs, in its header or in its body, costs one
// timeout.
func TestSlowAnswers(t *testing.T) {
	stop := make(chan struct{})
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/body" {
			io.WriteString(w, "begun")
			http.NewResponseController(w).Flush()
		}
		// Not until the client is gone: a handler that returns then ends its
		// answer properly, and on a busy machine the client still reads that.
		<-stop
	}))
	defer server.Close()
	defer close(stop)
	o := trusting(server, egress.Options{AllowPrivate: true, Timeout: 100 * time.Millisecond})
	for _, path := range []string{"/header", "/body"} {
		if _, err := get(t, o, server.URL+path); err == nil {
			t.Errorf("%s: no error", path)
		}
	}
}

// A server that a stranger names gets one request by one connection.
func TestOneShot(t *testing.T) {
	for _, two := range []bool{false, true} {
		var connections atomic.Int64
		server := httptest.NewUnstartedServer(http.HandlerFunc(hello))
		server.EnableHTTP2 = two
		server.Config.ConnState = func(_ net.Conn, s http.ConnState) {
			if s == http.StateNew {
				connections.Add(1)
			}
		}
		server.StartTLS()
		for shot, want := range map[bool]int64{true: 3, false: 1} {
			connections.Store(0)
			client := egress.New(trusting(server, egress.Options{AllowPrivate: true, OneShot: shot}))
			for range 3 {
				res, err := client.Get(server.URL)
				if err != nil {
					t.Fatal(err)
				}
				io.Copy(io.Discard, res.Body)
				res.Body.Close()
			}
			if n := connections.Load(); n != want {
				t.Errorf("HTTP/2 %v, one shot %v: %d connections", two, shot, n)
			}
			client.CloseIdleConnections()
		}
		server.Close()
	}
}

// FED-11: variables of the environment don't choose where requests go.
func TestEnvironmentProxyIsIgnored(t *testing.T) {
	proxy := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the proxy was asked") }))
	defer proxy.Close()
	t.Setenv("HTTPS_PROXY", proxy.URL)
	t.Setenv("HTTP_PROXY", proxy.URL)
	req := request(t, "https://203.0.113.7/")
	if _, err := egress.New(egress.Options{}).Do(req); !errors.Is(err, egress.ErrAddress) {
		t.Errorf("got %v", err)
	}
}

func TestUntrustedCertificateIsRefused(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(hello))
	defer server.Close()
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // the refused handshake is what we want
	if _, err := get(t, egress.Options{AllowPrivate: true}, server.URL); err == nil {
		t.Error("accepted")
	}
}

func TestCheckURL(t *testing.T) {
	tests := map[string]struct{ https, http bool }{
		"https://id.example.com/realms/a":     {true, true},
		"https://id.example.com:8443":         {true, true},
		"http://localhost:8080/x":             {false, true},
		"http://127.0.0.1:8080":               {false, true},
		"http://[::1]:8080":                   {false, true},
		"http://id.example.com":               {false, false},
		"http://127.0.0.1.evil.example":       {false, false},
		"https://user:pw@id.example.com":      {false, false},
		"https://id.example.com/#x":           {false, false},
		"https:id.example.com":                {false, false},
		"https:///path":                       {false, false},
		"//id.example.com":                    {false, false},
		"javascript:alert(1)":                 {false, false},
		"https://id.example.com/\nx":          {false, false},
		"https://id.example.com\\@evil":       {false, false},
		"https://" + strings.Repeat("a", 4e3): {false, false},
		"":                                    {false, false},
	}
	for raw, want := range tests {
		if got := egress.CheckURL(raw, false) == nil; got != want.https {
			t.Errorf("%q strict: %v", raw, got)
		}
		if got := egress.CheckURL(raw, true) == nil; got != want.http {
			t.Errorf("%q with http: %v", raw, got)
		}
	}
}
