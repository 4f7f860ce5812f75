package document_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/authorize/document"
	"github.com/gatehouse-auth/gatehouse/authorize/metadata"
	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/internal/egress"
)

func TestDocument(t *testing.T) {
	w := newWorld(t, func(_ *egress.Options, cfg *document.Config) {
		cfg.Terms = metadata.Terms{Scopes: []string{"openid", "mcp"}, Resources: []string{"https://mcp.example.com"}}
	})
	c := w.good("first")
	if c.ID != w.id() || c.Name != "Agent" || !c.Public || !c.Dynamic || c.ConsentMode() != client.ConsentAlways || c.FirstParty { // OAU-41
		t.Errorf("%+v", c)
	}
	if !c.Redirects("https://agent.example.com/cb") || !c.Redirects("http://127.0.0.1:5555/cb") || c.Redirects("https://agent.example.com/") {
		t.Errorf("redirects %v", c.RedirectURIs)
	}
	if !c.MayAsk("mcp") || c.MayAsk("email") || len(c.Resources) != 1 || c.Host() != strings.TrimPrefix(w.server.URL, "https://") {
		t.Errorf("%+v", c)
	}
	if err := c.Validate(); err != nil {
		t.Error(err)
	}
	if _, err := w.dir.Client(t.Context(), "wiki"); err != nil {
		t.Errorf("another client: %v", err)
	}
	if ok, err := w.dir.AllowsOrigin(t.Context(), "https://wiki.example.com"); !ok || err != nil {
		t.Errorf("another's origin: %v, %v", ok, err)
	}
	w.none("unknown", "nobody")
}

// What is no address of a document is never asked for.
func TestOddAddresses(t *testing.T) {
	w := newWorld(t)
	n := w.asks(func() {
		for _, path := range []string{"", "/", "/client.json#x", "/client.json?x", "/a/../client.json", "/./client.json", "/%2e%2e/x", "/a/%2E/x", "/client json", "\\x", "/" + strings.Repeat("x", 300)} {
			w.none(path, w.server.URL+path)
		}
		w.none("http", strings.Replace(w.id(), "https", "http", 1))
		w.none("user", strings.Replace(w.id(), "https://", "https://a:b@", 1))
		w.none("upper case", strings.Replace(w.id(), "https", "HTTPS", 1))
	})
	if n != 0 {
		t.Errorf("asked %d times", n)
	}
}

func TestDocumentsThatAreRefused(t *testing.T) {
	for what, change := range map[string]func(*world){
		"another client_id": func(w *world) { w.says(strings.Replace(w.text(""), "client.json", "other.json", 1), "") },
		"no client_id":      func(w *world) { w.says(`{"redirect_uris":["https://a.example/"]}`, "") },
		"a secret":          func(w *world) { w.says(w.text(`,"client_secret":"x"`), "") },
		"a secret's end":    func(w *world) { w.says(w.text(`,"client_secret_expires_at":0`), "") },
		"basic":             func(w *world) { w.says(w.text(`,"token_endpoint_auth_method":"client_secret_basic"`), "") },
		"post":              func(w *world) { w.says(w.text(`,"token_endpoint_auth_method":"client_secret_post"`), "") },
		"a certificate": func(w *world) {
			w.says(w.text(`,"token_endpoint_auth_method":"tls_client_auth","tls_client_auth_san_dns":"a.example"`), "")
		},
		"keys without keys": func(w *world) { w.says(w.text(`,"token_endpoint_auth_method":"private_key_jwt"`), "") },
		"javascript": func(w *world) {
			w.says(strings.Replace(w.text(""), "https://agent.example.com/cb", "javascript:alert(1)", 1), "")
		}, // OAU-42
		"plain http":         func(w *world) { w.says(strings.Replace(w.text(""), "https://agent", "http://agent", 1), "") },
		"no JSON":            func(w *world) { w.says("<html>", "") },
		"doubled":            func(w *world) { w.says(w.text(`,"client_name":"x"`), "") },
		"nothing":            func(w *world) { w.says("", "") },
		"deep":               func(w *world) { w.says(w.text(`,"x":`+strings.Repeat("[", 4000)), "") },
		"deep and whole":     func(w *world) { w.says(w.text(`,"contacts":`+strings.Repeat("[", 2000)+strings.Repeat("]", 2000)), "") },
		"too large":          func(w *world) { w.says(w.text(`,"x":"`+strings.Repeat("x", document.MaxBytes)+`"`), "") },
		"not found":          func(w *world) { w.status(404) },
		"created":            func(w *world) { w.status(201) },
		"redirect":           func(w *world) { w.answers(http.RedirectHandler("/other.json", http.StatusFound).ServeHTTP) },
		"redirect to itself": func(w *world) { w.answers(http.RedirectHandler("/client.json", http.StatusMovedPermanently).ServeHTTP) },
		"text": func(w *world) {
			w.answers(func(rw http.ResponseWriter, _ *http.Request) {
				rw.Header().Set("Content-Type", "text/html")
				io.WriteString(rw, w.text(""))
			})
		},
		"without end": func(w *world) {
			w.answers(func(rw http.ResponseWriter, _ *http.Request) {
				rw.Header().Set("Content-Type", "application/json")
				for range 100 {
					io.WriteString(rw, strings.Repeat(" ", 1024))
					http.NewResponseController(rw).Flush()
				}
			})
		},
	} {
		w := newWorld(t)
		change(w)
		if n := w.asks(func() { w.none(what, w.id()); w.none(what+" again", w.id()) }); n != 1 {
			t.Errorf("%s: asked %d times", what, n)
		}
	}
}

func TestKeysInADocument(t *testing.T) {
	w := newWorld(t)
	w.says(w.text(`,"token_endpoint_auth_method":"private_key_jwt","jwks_uri":"https://agent.example.com/keys"`), "")
	if c := w.good("keys"); c.AuthMethod() != client.AuthPrivateKey || c.Public || c.JWKSURI == "" {
		t.Errorf("%+v", c)
	}
}

// FED-11: nobody has us call ourselves, or another host than the ones that are
// allowed.
func TestWhereDocumentsAre(t *testing.T) {
	strict := newWorld(t, func(o *egress.Options, _ *document.Config) { o.AllowPrivate = false })
	port := strict.server.URL[strings.LastIndex(strict.server.URL, ":"):]
	n := strict.asks(func() {
		for _, host := range []string{"127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "127.1", "169.254.169.254"} {
			strict.fails(host, "https://"+host+port+"/client.json", fault.NotFound, fault.Unavailable)
		}
	})
	if n != 0 || !strict.reported("not a public one") {
		t.Errorf("asked %d times; %v", n, strict.reports)
	}
	// Nobody learns here which names this network has.
	strict.silent("a private address", strict.id())
	strict.silent("no such name", "https://nobody.invalid/client.json")
	narrow := newWorld(t, func(_ *egress.Options, cfg *document.Config) { cfg.Hosts = []string{"agent.example.com"} })
	if n := narrow.asks(func() { narrow.none("another host", narrow.id()) }); n != 0 {
		t.Error("another host was asked")
	}
	narrow.dir.Hosts = []string{"agent.example.com", strings.TrimPrefix(narrow.server.URL, "https://")}
	narrow.good("an allowed host")
}

// A document is used as long as it says, within bounds, and its changes count
// after that.
func TestFreshness(t *testing.T) {
	for says, want := range map[string]time.Duration{
		"": time.Hour, "max-age=600": 10 * time.Minute, "public, MAX-AGE=0": 5 * time.Minute, "no-store": 5 * time.Minute,
		"max-age=99999999": 24 * time.Hour, "max-age=-1": 5 * time.Minute, "max-age=99999999999999999999": 5 * time.Minute, `max-age="1200"`: 20 * time.Minute,
	} {
		w := newWorld(t)
		w.says(w.text(""), says)
		w.good(says)
		w.says(strings.ReplaceAll(w.text(""), "agent.example.com", "moved.example.com"), says)
		w.clock.Add(want - time.Second)
		if n := w.asks(func() { w.good(says) }); n != 0 {
			t.Errorf("%q: asked again within %v", says, want)
		}
		w.clock.Add(time.Second)
		if c := w.good(says); !c.Redirects("https://moved.example.com/cb") || c.Redirects("https://agent.example.com/cb") {
			t.Errorf("%q: not new after %v: %v", says, want, c.RedirectURIs)
		}
	}
}

// While an address does not answer the old document goes on for a day; once it
// says something else, that counts.
func TestWhatAnAddressDoesNotSay(t *testing.T) {
	w := newWorld(t)
	w.good("first")
	w.status(503)
	w.clock.Add(2 * time.Hour)
	if n := w.asks(func() { w.good("broken"); w.good("broken still") }); n != 1 {
		t.Errorf("asked %d times", n)
	}
	w.clock.Add(23 * time.Hour)
	w.silent("broken for a day", w.id())
	w.says(w.text(""), "")
	w.clock.Add(30 * time.Second)
	w.good("back after a day")

	w = newWorld(t)
	w.good("first")
	w.status(404)
	w.clock.Add(2 * time.Hour)
	w.none("gone", w.id())
	w.says(w.text(""), "")
	w.none("back, but just asked", w.id())
	w.clock.Add(30 * time.Second)
	w.good("back")
}

// A slow address costs its timeout, once, however many ask.
func TestSlow(t *testing.T) {
	stop := make(chan struct{})
	w := newWorld(t, func(o *egress.Options, _ *document.Config) { o.Timeout = 200 * time.Millisecond })
	w.answers(func(http.ResponseWriter, *http.Request) { <-stop })
	t.Cleanup(func() { close(stop) })
	began := time.Now()
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() { w.silent("slow", w.id()) })
	}
	if wg.Wait(); w.asked.Load() != 1 || time.Since(began) > 3*time.Second {
		t.Errorf("asked %d times in %v", w.asked.Load(), time.Since(began))
	}
}

// 64 that come at once make one request.
func TestOneAsks(t *testing.T) {
	w := newWorld(t)
	var wg sync.WaitGroup
	for range 64 {
		wg.Go(func() {
			if _, err := w.dir.Client(t.Context(), w.id()); err != nil {
				t.Error(err)
			}
		})
	}
	if wg.Wait(); w.asked.Load() != 1 {
		t.Errorf("asked %d times", w.asked.Load())
	}
}

// An address from which nothing is heard is no unknown client: it may be back,
// and who has something to tell it tries again. What answers something else is
// unknown.
func TestSilence(t *testing.T) {
	for what, code := range map[string]int{"broken": 500, "overloaded": 503, "gateway": 504, "too many": 429, "timeout": 408} {
		w := newWorld(t)
		w.status(code)
		if n := w.asks(func() { w.silent(what, w.id()); w.silent(what+" again", w.id()) }); n != 1 {
			t.Errorf("%s: asked %d times", what, n)
		}
	}
	w := newWorld(t)
	w.answers(func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Content-Type", "application/json")
		rw.Header().Set("Content-Length", "1000")
		io.WriteString(rw, "{")
	})
	w.silent("broken off", w.id())
	w.server.Close()
	w.clock.Add(time.Minute)
	w.silent("refused", w.id())
	w.silent("no such name", "https://nobody.invalid/client.json")
	w = newWorld(t)
	for _, code := range []int{400, 401, 403, 404, 410} {
		w.status(code)
		w.clock.Add(time.Minute)
		w.none(http.StatusText(code), w.id())
	}
}

// No host is asked often, whatever addresses are made up (DOS-05), and what is
// in use stays.
func TestQuota(t *testing.T) {
	w := newWorld(t)
	w.good("in use")
	n := w.asks(func() {
		for i := range 1500 {
			w.fails("made up", fmt.Sprintf("%s/%d", w.server.URL, i), fault.NotFound, fault.Throttled)
		}
	})
	if n != 19 {
		t.Errorf("asked %d times", n)
	}
	if n := w.asks(func() { w.good("in use") }); n != 0 {
		t.Error("forgotten")
	}
	w.clock.Add(time.Minute)
	if n := w.asks(func() { w.none("made up", w.server.URL+"/x") }); n != 1 {
		t.Error("not asked a minute later")
	}
}
