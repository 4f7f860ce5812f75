package session_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/internal/secret"
	"github.com/gatehouse-auth/gatehouse/session"
	"github.com/gatehouse-auth/gatehouse/store"
	"github.com/gatehouse-auth/gatehouse/store/memory"
)

// SES-04: every changed, cut, lengthened or foreign value is nobody, without
// an error.
func TestChangedValue(t *testing.T) {
	h := newHouse(t, memory.NewShorts(memory.Options{}), session.Config{}, session.Options{})
	b := browser{}
	h.begin(b, h.portal, alice, false)
	name := h.portal.Site().CookieName("")
	good := b[portalOrigin][name]
	try := func(value string) {
		t.Helper()
		r := httptest.NewRequest("GET", portalOrigin+"/", nil)
		r.Header.Set("Cookie", name+"="+value)
		if live, err := h.portal.Current(r); live != nil || err != nil {
			t.Errorf("%q: %v, %v", value, live, err)
		}
	}
	for i := range len(good) * 8 {
		changed := []byte(good)
		changed[i/8] ^= 1 << (i % 8)
		try(string(changed))
	}
	for i := range len(good) {
		try(good[:i])
		try(good[i:] + good[:i] + "A")
	}
	for _, value := range []string{
		good + "A", good + "=", good + good, " " + good, good + " ", `"` + good + `"`, strings.ToUpper(good), strings.ToLower(good),
		url.QueryEscape(good) + "%3D", secret.New(), secret.Hash(portalOrigin, good), strings.Repeat("A", 100000), "null", "' OR 1=1",
	} {
		try(value)
	}
	h.expect(b, h.portal, "alice")
}

// SES-05: no other place is looked at.
func TestValueElsewhere(t *testing.T) {
	h := newHouse(t, memory.NewShorts(memory.Options{}), session.Config{}, session.Options{})
	b := browser{}
	h.begin(b, h.portal, alice, false)
	name := h.portal.Site().CookieName("")
	value := b[portalOrigin][name]
	body := strings.NewReader(url.Values{name: {value}}.Encode())
	r := httptest.NewRequest("POST", portalOrigin+"/?"+name+"="+value, body)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Authorization", "Bearer "+value)
	r.Header.Set(name, value)
	r.Header.Set("X-Forwarded-Cookie", name+"="+value)
	r.Header.Set("Cookie2", name+"="+value)
	if live, err := h.portal.Current(r); live != nil || err != nil {
		t.Errorf("%v, %v", live, err)
	}
}

// SES-06: a cookie of one host is worth nothing at another, in either
// direction, warm or cold.
func TestForeignHost(t *testing.T) {
	h := newHouse(t, memory.NewShorts(memory.Options{}), session.Config{}, session.Options{})
	b := browser{}
	h.enter(b, h.app, h.begin(b, h.portal, alice, false).SID)
	port := h.manager.At(site(t, appOrigin+":8443"), session.Config{})
	for _, from := range []string{portalOrigin, appOrigin} {
		for _, to := range []*session.Sessions{h.portal, h.app, h.wiki, port} {
			if to.Site().Origin() == from {
				continue
			}
			moved := browser{to.Site().Origin(): b[from]}
			h.expect(moved, to, "")
		}
	}
}

// SES-18: what the store holds opens nothing, and holds no cookie.
func TestStoreHoldsHashes(t *testing.T) {
	shelf := memory.NewShorts(memory.Options{})
	h := newHouse(t, shelf, session.Config{}, session.Options{})
	b := browser{}
	sess := h.begin(b, h.portal, alice, false)
	ticket, err := h.manager.Ticket(t.Context(), sess.SID, visit(h.app, "/"))
	if err != nil {
		t.Fatal(err)
	}
	value := b[portalOrigin][h.portal.Site().CookieName("")]
	kinds := 0
	for _, kind := range []store.Kind{"session", "handle", "ticket"} {
		items, _, err := shelf.ListByIndex(t.Context(), kind, "", "", "", 10)
		if err != nil {
			t.Fatal(err)
		}
		for _, item := range items {
			kinds++
			all := item.Key + string(item.Value) + item.Index.Sub + item.Index.SID
			if strings.Contains(all, value) || strings.Contains(all, ticket) || strings.Contains(all, binder) {
				t.Errorf("%s holds a secret: %s", kind, all)
			}
			r := httptest.NewRequest("GET", portalOrigin+"/", nil)
			r.AddCookie(&http.Cookie{Name: h.portal.Site().CookieName(""), Value: item.Key})
			if live, err := h.portal.Current(r); live != nil || err != nil {
				t.Errorf("the key of a %s opens: %v, %v", kind, live, err)
			}
		}
	}
	if kinds != 3 {
		t.Errorf("%d things stored", kinds)
	}
	if _, err := shelf.Get(t.Context(), "handle", secret.Hash(portalOrigin, value)); err != nil {
		t.Errorf("the handle is not under SHA-256(origin, 0, id): %v", err)
	}
}
