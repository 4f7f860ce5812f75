package guard_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/guard"
)

// own is what the tests call ours.
var own = guard.Own{
	Headers:        []string{"Remote-User", "Remote-Name", "Remote-Email", "Remote-Groups", "Remote-Sub", "X-WEBAUTH-USER"},
	Cookies:        []string{"__Host-Http-gatehouse"},
	CookiePrefixes: []string{"__Host-Http-gatehouse-"},
}

// spellings of Remote-User that some application takes for it.
var spellings = []string{
	"Remote-User", "remote-user", "REMOTE-USER", "Remote_User", "REMOTE_USER", "Remote-user", "Remote.User", "remote.User", "RemoteUser",
	"Remote--User", "-Remote-User", "Remote-User-", "Remote+User", "Remote~User", "Remote!User", "Remote'User", "Remote*User", "Remote User", " Remote-User", "Remote-User\t",
	"HTTP_REMOTE_USER", "Http-Remote-User", "HTTP_HTTP_REMOTE_USER", "REDIRECT_REMOTE_USER", "REDIRECT_REDIRECT_HTTP_REMOTE_USER", "Redirect-Http-Remote-User", "HTTP.REMOTE.USER",
	"X_WEBAUTH_USER", "X.Webauth.User", "x-webauth-user", "Http_X-Webauth-User",
	strings.Repeat("-", 300) + "Remote-User", strings.Repeat("HTTP_", 100) + "REMOTE_USER",
}

// HDR-02, HDR-03, HDR-07
func TestCleanDeletesEverySpelling(t *testing.T) {
	c := guard.NewCleaner(own)
	for _, name := range spellings {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header[name] = []string{"admin", ""}
		if err := c.Request(r); err != nil {
			t.Errorf("%q: %v", name, err)
		}
		if _, ok := r.Header[name]; ok {
			t.Errorf("%q survives", name)
		}
	}
}

// HDR-02
func TestCleanKeepsTheRest(t *testing.T) {
	c := guard.NewCleaner(own)
	for _, name := range []string{
		"Remote", "User", "Remote-Users", "X-Remote-User", "Remote-User-Agent", "Remote-Addr", "User-Agent", "Referer", "Range", "Redirect", "Http", "Http-Remote", "X-Requested-With", "X-Webauth", "Accept",
		"Authorization", "Te", "Origin", "Sec-Websocket-Key", "Cookie", "Connection-Id", "Cookie2",
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header[name] = []string{"a=b"}
		if err := c.Request(r); err != nil {
			t.Errorf("%q: %v", name, err)
		}
		if got := r.Header[name]; len(got) != 1 || got[0] != "a=b" {
			t.Errorf("%q became %q", name, got)
		}
	}
}

// HDR-05
func TestCleanForgetsTrailers(t *testing.T) {
	r := httptest.NewRequest("POST", "/", strings.NewReader("x"))
	r.Header.Set("Trailer", "Remote-User")
	r.Trailer = http.Header{"Remote-User": nil}
	if err := guard.NewCleaner(own).Request(r); err != nil {
		t.Fatal(err)
	}
	if r.Trailer != nil || r.Header.Get("Trailer") != "" {
		t.Errorf("left: %v, %v", r.Trailer, r.Header)
	}
	r.Trailer = http.Header{"Remote-User": {"admin"}} // as net/http does once the body is read
	guard.ClearTrailers(r)
	if r.Trailer != nil {
		t.Error("trailers are back after the body was read")
	}
}

// HDR-04
func TestConnection(t *testing.T) {
	for _, c := range []struct{ lines, want []string }{
		{[]string{"close"}, []string{"close"}},
		{[]string{"keep-alive"}, []string{"keep-alive"}},
		{[]string{"Keep-Alive"}, []string{"Keep-Alive"}},
		{[]string{"Remote-User"}, nil},
		{[]string{"remote-user"}, nil},
		{[]string{""}, nil},
		{[]string{"", "Remote-User"}, nil},
		{[]string{"close, Remote-User"}, []string{"close"}},
		{[]string{"Remote-User,close"}, []string{"close"}},
		{[]string{"CLOSE", "Cookie, X-Forwarded-For"}, []string{"close"}},
		{[]string{"keep-alive, TE", "close"}, []string{"close"}},
		{[]string{"keep-alive;Remote-User"}, nil},
		{[]string{"Upgrade"}, nil},
		{[]string{"keep-alive, Upgrade"}, []string{"keep-alive"}},
		{[]string{"\tclose ,,, Authorization\t"}, []string{"close"}},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header["Connection"] = c.lines
		r.Header["Proxy-Connection"] = []string{"Remote-User"}
		if err := guard.NewCleaner(own).Request(r); err != nil {
			t.Errorf("%q: %v", c.lines, err)
		}
		if got := r.Header["Connection"]; strings.Join(got, "\n") != strings.Join(c.want, "\n") || len(got) != len(c.want) {
			t.Errorf("Connection %q became %q, want %q", c.lines, got, c.want)
		}
		if _, ok := r.Header["Proxy-Connection"]; ok {
			t.Error("Proxy-Connection survives")
		}
	}
}

// PRX-07, PRX-09
func TestUpgrade(t *testing.T) {
	type change func(*http.Request)
	set := func(name string, values ...string) change { return func(r *http.Request) { r.Header[name] = values } }
	for name, c := range map[string]struct {
		change change
		ok     bool
	}{
		"websocket":               {set("Upgrade", "websocket"), true},
		"WebSocket":               {set("Upgrade", "WebSocket"), true},
		"Firefox":                 {set("Connection", "keep-alive, Upgrade"), true},
		"with junk in Connection": {set("Connection", "Remote-User, upgrade"), true},
		"h2c":                     {set("Upgrade", "h2c"), false},
		"HTTP/2.0":                {set("Upgrade", "HTTP/2.0"), false},
		"TLS":                     {set("Upgrade", "TLS/1.3"), false},
		"unknown":                 {set("Upgrade", "foo"), false},
		"empty":                   {set("Upgrade", ""), false},
		"no line":                 {set("Upgrade"), false},
		"list":                    {set("Upgrade", "websocket, h2c"), false},
		"two lines":               {set("Upgrade", "websocket", "h2c"), false},
		"twice":                   {set("Upgrade", "websocket", "websocket"), false},
		"version":                 {set("Upgrade", "websocket/13"), false},
		"no Connection":           {func(r *http.Request) { r.Header.Del("Connection") }, false},
		"Connection close":        {set("Connection", "close"), false},
		"POST":                    {func(r *http.Request) { r.Method = "POST" }, false},
		"lower-case method":       {func(r *http.Request) { r.Method = "get" }, false},
		"with a body":             {func(r *http.Request) { r.ContentLength = 3 }, false},
		"chunked":                 {func(r *http.Request) { r.TransferEncoding = []string{"chunked"} }, false},
		"HTTP/1.0":                {func(r *http.Request) { r.ProtoMinor = 0 }, false},
		"HTTP/2":                  {func(r *http.Request) { r.ProtoMajor, r.ProtoMinor = 2, 0 }, false},
	} {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest("GET", "/", nil)
			r.Header["Upgrade"], r.Header["Connection"] = []string{"websocket"}, []string{"Upgrade"}
			r.Header["Http2-Settings"], r.Header["Remote-User"] = []string{"AAMAAABkAAQAAP__"}, []string{"admin"}
			c.change(r)
			err := guard.NewCleaner(own).Request(r)
			if c.ok != (err == nil) || err != nil && !fault.Is(err, fault.Invalid) {
				t.Errorf("err = %v", err)
			}
			if got := r.Header.Get("Upgrade") == "websocket"; got != c.ok || guard.WebSocket(r) != c.ok {
				t.Errorf("Upgrade left: %v, WebSocket: %v", r.Header["Upgrade"], guard.WebSocket(r))
			}
			if strings.Contains(strings.ToLower(r.Header.Get("Connection")), "upgrade") != c.ok {
				t.Errorf("Connection left: %q", r.Header["Connection"])
			}
			if r.Header["Http2-Settings"] != nil || r.Header["Remote-User"] != nil {
				t.Errorf("not cleaned to the end: %v", r.Header)
			}
		})
	}
}

// PRX-07, HDR-06: WebSockets over HTTP/2 and HTTP/3 come as CONNECT.
func TestConnect(t *testing.T) {
	for name, c := range map[string]struct {
		major    int
		proto    string
		protocol []string
		ok       bool
	}{
		"HTTP/1.1":         {1, "HTTP/1.1", nil, false},
		"HTTP/1.1 dressed": {1, "HTTP/1.1", []string{"websocket"}, false},
		"h2 websocket":     {2, "HTTP/2.0", []string{"websocket"}, true},
		"h2 tunnel":        {2, "HTTP/2.0", nil, false},
		"h2 connect-udp":   {2, "HTTP/2.0", []string{"connect-udp"}, false},
		"h3 websocket":     {3, "websocket", nil, true},
		"h3 webtransport":  {3, "webtransport", nil, false},
		"h3 tunnel":        {3, "HTTP/3.0", nil, false},
	} {
		r := httptest.NewRequest("GET", "/chat", nil)
		r.Method, r.ProtoMajor, r.Proto = "CONNECT", c.major, c.proto
		if c.protocol != nil {
			r.Header[":protocol"] = c.protocol
		}
		if err := guard.NewCleaner(own).Request(r); (err == nil) != c.ok {
			t.Errorf("%s: %v", name, err)
		}
		if guard.WebSocket(r) != c.ok {
			t.Errorf("%s: WebSocket = %v", name, !c.ok)
		}
	}
}
