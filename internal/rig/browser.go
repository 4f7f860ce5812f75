package rig

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"
	"golang.org/x/net/publicsuffix"
)

// Browser is a client with cookies that sends what a browser sends when a
// person follows a link or submits a form. Every host name is on loopback.
type Browser struct {
	Client *http.Client
	t      testing.TB
	// Trail is the addresses visited since the last call of Get or Submit.
	Trail []string
}

// Page is what a browser shows after redirects.
type Page struct {
	URL    *url.URL
	Status int
	Header http.Header
	Body   string
}

// NewBrowser starts with an empty profile.
func NewBrowser(t testing.TB) *Browser {
	jar, err := cookiejar.New(&cookiejar.Options{PublicSuffixList: publicsuffix.List})
	if err != nil {
		t.Fatal(err)
	}
	b := &Browser{t: t}
	b.Client = &http.Client{
		Jar:     jar,
		Timeout: 30 * time.Second,
		Transport: &http.Transport{
			DialContext:     onLoopback,
			TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, // Caddy's own test authority, on loopback
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	t.Cleanup(b.Client.CloseIdleConnections)
	return b
}

func onLoopback(ctx context.Context, network, addr string) (net.Conn, error) {
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, err
	}
	return new(net.Dialer).DialContext(ctx, network, net.JoinHostPort("127.0.0.1", port))
}

// Get navigates to an address and follows redirects.
func (b *Browser) Get(address string) *Page {
	b.t.Helper()
	b.Trail = nil
	return b.follow(b.navigation(http.MethodGet, address, nil, "none"))
}

// Step does one navigation request and follows nothing.
func (b *Browser) Step(address string) *Page {
	b.t.Helper()
	b.Trail = nil
	return b.page(b.Do(b.navigation(http.MethodGet, address, nil, "none")))
}

// Submit fills the page's form that has all of the named fields and sends it
// by its first button, unless fields name another value for that.
func (b *Browser) Submit(p *Page, fields map[string]string) *Page {
	b.t.Helper()
	b.Trail = nil
	return b.follow(b.submission(p, fields))
}

// SubmitStep does the same and follows nothing.
func (b *Browser) SubmitStep(p *Page, fields map[string]string) *Page {
	b.t.Helper()
	b.Trail = nil
	return b.page(b.Do(b.submission(p, fields)))
}

func (b *Browser) submission(p *Page, fields map[string]string) *http.Request {
	b.t.Helper()
	action, values := b.form(p, fields)
	req := b.navigation(http.MethodPost, action.String(), strings.NewReader(values.Encode()), "same-origin")
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Origin", p.URL.Scheme+"://"+p.URL.Host)
	return req
}

// Do sends a request as it is, cookies added.
func (b *Browser) Do(req *http.Request) *http.Response {
	b.t.Helper()
	resp, err := b.Client.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	return resp
}

// App decodes the application's answer, and fails if this page is no such.
func (b *Browser) App(p *Page) Seen {
	b.t.Helper()
	var s Seen
	if err := json.Unmarshal([]byte(p.Body), &s); err != nil {
		b.t.Fatalf("%s is not the application (%d): %.300s", p.URL, p.Status, p.Body)
	}
	return s
}

// Cookie gives the value of a cookie that would be sent to address, or "".
func (b *Browser) Cookie(address, name string) string {
	u, err := url.Parse(address)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, c := range b.Client.Jar.Cookies(u) {
		if c.Name == name {
			return c.Value
		}
	}
	return ""
}

func (b *Browser) navigation(method, address string, body io.Reader, site string) *http.Request {
	b.t.Helper()
	req, err := http.NewRequest(method, address, body)
	if err != nil {
		b.t.Fatal(err)
	}
	req.Header.Set("Accept", "text/html,application/xhtml+xml,*/*;q=0.8")
	req.Header.Set("Accept-Language", "en")
	req.Header.Set("Sec-Fetch-Mode", "navigate")
	req.Header.Set("Sec-Fetch-Dest", "document")
	req.Header.Set("Sec-Fetch-Site", site)
	req.Header.Set("Sec-Fetch-User", "?1")
	return req
}

func (b *Browser) follow(req *http.Request) *Page {
	b.t.Helper()
	for range 20 {
		p := b.page(b.Do(req))
		location := p.Header.Get("Location")
		if p.Status < 300 || p.Status > 399 || location == "" {
			return p
		}
		next, err := p.URL.Parse(location)
		if err != nil {
			b.t.Fatalf("redirect to %q: %v", location, err)
		}
		site := "cross-site"
		if next.Host == p.URL.Host {
			site = "same-origin"
		}
		req = b.navigation(http.MethodGet, next.String(), nil, site)
	}
	b.t.Fatalf("redirects without end: %v", b.Trail)
	return nil
}

func (b *Browser) page(resp *http.Response) *Page {
	b.t.Helper()
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	b.Trail = append(b.Trail, resp.Request.URL.String())
	return &Page{resp.Request.URL, resp.StatusCode, resp.Header, string(body)}
}

// form finds the form that has all the fields and gives its address and what a
// browser would send.
func (b *Browser) form(p *Page, fields map[string]string) (*url.URL, url.Values) {
	b.t.Helper()
	doc, err := html.Parse(strings.NewReader(p.Body))
	if err != nil {
		b.t.Fatal(err)
	}
	for n := range doc.Descendants() {
		if n.Data != "form" {
			continue
		}
		values, has := formValues(n)
		complete := true
		for name, value := range fields {
			complete = complete && has[name]
			values.Set(name, value)
		}
		if complete {
			action, err := p.URL.Parse(attr(n, "action"))
			if err != nil {
				b.t.Fatal(err)
			}
			return action, values
		}
	}
	b.t.Fatalf("no form with %v on %s (%d):\n%.2000s", fields, p.URL, p.Status, p.Body)
	return nil, nil
}

func formValues(form *html.Node) (url.Values, map[string]bool) {
	values, has := make(url.Values), make(map[string]bool)
	for n := range form.Descendants() {
		name := attr(n, "name")
		if n.Type != html.ElementNode || name == "" {
			continue
		}
		pressed := n.Data == "button" && !has[name]
		has[name] = true
		if pressed || n.Data == "input" && attr(n, "type") != "checkbox" {
			values.Set(name, attr(n, "value"))
		}
	}
	return values, has
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}
