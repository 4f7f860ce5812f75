package clientauth_test

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/fault"
)

// basic sets the Authorization header, both halves form-encoded.
func basic(id, plain string) func(*http.Request) {
	return func(r *http.Request) { r.SetBasicAuth(url.QueryEscape(id), url.QueryEscape(plain)) }
}

func header(value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Add("Authorization", value) }
}

// One method a request, the right one, for the right client (OAU-11).
func TestSecrets(t *testing.T) {
	w := newWorld(t, inMemory)
	for _, c := range []struct {
		name   string
		header func(*http.Request)
		form   url.Values
		want   string // the client, or
		kind   fault.Kind
	}{
		{"basic", basic("wiki", secret1), nil, "wiki", 0},
		{"basic, second secret", basic("wiki", secret2), nil, "wiki", 0},
		{"basic, odd id", basic("odd id +%", secret2), nil, "odd id +%", 0}, // RFC 6749 2.3.1
		{"basic and client_id", basic("wiki", secret1), form("client_id", "wiki"), "wiki", 0},
		{"post", nil, form("client_id", "wiki", "client_secret", secret2), "wiki", 0},
		{"none", nil, form("client_id", "spa"), "spa", 0},
		{"none, empty secret", nil, form("client_id", "spa", "client_secret", "", "client_assertion", ""), "spa", 0}, // RFC 6749 3.1
		{"registered basic", basic("basic", secret1), nil, "basic", 0},
		{"registered post", nil, form("client_id", "post", "client_secret", secret1), "post", 0},

		{"post, registered basic", nil, form("client_id", "basic", "client_secret", secret1), "", fault.Denied},
		{"basic, registered post", basic("post", secret1), nil, "", fault.Denied},
		{"basic, registered keys", basic("keys", secret1), nil, "", fault.Denied},
		{"nothing, registered keys", nil, form("client_id", "keys"), "", fault.Denied},
		{"nothing, confidential", nil, form("client_id", "wiki"), "", fault.Denied},
		{"a secret, public", nil, form("client_id", "spa", "client_secret", secret1), "", fault.Denied},
		{"wrong secret", nil, form("client_id", "wiki", "client_secret", secret1+"x"), "", fault.Denied},
		{"cut secret", basic("wiki", secret1[:30]), nil, "", fault.Denied},
		{"empty secret", basic("wiki", ""), nil, "", fault.Denied},
		{"long secret", nil, form("client_id", "wiki", "client_secret", strings.Repeat("x", 5000)), "", fault.Denied},
		{"unknown client", basic("nobody", secret1), nil, "", fault.Denied},
		{"unknown client, nothing", nil, form("client_id", "nobody"), "", fault.Denied},
		{"long id", nil, form("client_id", strings.Repeat("x", 5000)), "", fault.Denied},
		{"nobody", nil, nil, "", fault.Denied},
		{"bearer", header("Bearer x"), form("client_id", "spa"), "", fault.Denied},
		{"broken basic", header("Basic !!!"), form("client_id", "spa"), "", fault.Denied},
		{"broken escape", header("Basic JXp6OiV6eg=="), nil, "", fault.Denied},
		{"no id", basic("", secret1), form("client_id", "wiki"), "", fault.Denied},
		{"an empty header", header(""), form("client_id", "spa"), "", fault.Denied},
		{"two headers", func(r *http.Request) { basic("wiki", secret1)(r); header("Basic x")(r) }, nil, "", fault.Denied},

		{"basic and post", basic("wiki", secret1), form("client_secret", secret1), "", fault.Invalid},
		{"basic and assertion", basic("wiki", secret1), form("client_assertion", "x"), "", fault.Invalid},
		{"post and assertion", nil, form("client_id", "wiki", "client_secret", secret1, "client_assertion_type", "x"), "", fault.Invalid},
		{"basic and other client_id", basic("wiki", secret1), form("client_id", "spa"), "", fault.Invalid},
		{"client_id twice", nil, form("client_id", "spa", "client_id", "spa"), "", fault.Invalid}, // OAU-14
		{"client_secret twice", nil, form("client_id", "wiki", "client_secret", secret1, "client_secret", secret1), "", fault.Invalid},
	} {
		change := c.header
		if change == nil {
			change = func(*http.Request) {}
		}
		if got, kind := w.ask(request(change), c.form); got != c.want || kind != c.kind {
			t.Errorf("%s: %q, %v", c.name, got, kind)
		}
	}
}

// Every refusal reads the same to whoever asks, and holds nothing that was sent.
func TestRefusalsAreAlike(t *testing.T) {
	w := newWorld(t, inMemory)
	for name, p := range map[string]url.Values{
		"unknown client":    form("client_id", "nobody-canary", "client_secret", "canary"),
		"wrong secret":      form("client_id", "wiki", "client_secret", "canary"),
		"another method":    form("client_id", "keys", "client_secret", "canary"),
		"none":              form("client_id", "wiki"),
		"no assertion":      asserts("canary.canary.canary"),
		"unknown assertion": w.assert(w.said("nobody-canary")),
		"expired assertion": w.assert(w.said("keys", "exp", 1, "jti", "canary")),
		"other assertion":   w.assert(w.said("wiki", "jti", "canary")),
		"another type":      form("client_id", "keys", "client_assertion", "canary", "client_assertion_type", "canary"),
	} {
		_, err := w.Authenticate(request(), p)
		if !fault.Is(err, fault.Denied) || fault.Public(err) != "client authentication failed" {
			t.Errorf("%s: %v, %q", name, fault.KindOf(err), fault.Public(err))
		}
		if err != nil && strings.Contains(err.Error(), "canary") { // LOG-01
			t.Errorf("%s: the log is told %v", name, err)
		}
	}
}

// A store that fails is no fault of the client.
func TestFindFails(t *testing.T) {
	w := newWorld(t, inMemory)
	for _, kind := range []fault.Kind{fault.Unavailable, fault.Internal} {
		w.broken = fault.Wrap(kind, "test", errors.New("disk"))
		for name, p := range map[string]url.Values{
			"secret": form("client_id", "wiki", "client_secret", secret1), "none": form("client_id", "spa"), "assertion": w.assert(w.said("keys")),
		} {
			if id, got := w.ask(request(), p); id != "" || got != kind {
				t.Errorf("%s: %q, %v", name, id, got)
			}
		}
	}
}
