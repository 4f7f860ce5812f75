package endsession_test

import (
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/authorize/endsession"
	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/identity"
)

func encode(raw []byte) string { return base64.RawURLEncoding.EncodeToString(raw) }

// What happened, in a word.
const (
	asked = "asked"
	ended = "ended"
	none  = "nobody there"
)

// happened names what the last request did.
func (w *world) happened(ends int) string {
	switch {
	case w.ends > ends:
		return ended
	case w.session != nil:
		return asked
	}
	return none
}

// Who is asked, who is not, and where they go. A session ends without a
// question for a valid hint that names it, and for nothing else (CSR-05);
// nobody goes anywhere without a client that is certain (RED-03).
func TestWhoIsAsked(t *testing.T) {
	ours, another := hint(t), hint(t, "sid", "sid-of-yesterday")
	for name, tt := range map[string]struct {
		nobody              bool // nobody is signed in; else alice, sid-1
		hint, client, uri   string
		want                string
		back, link, client2 string // sent there; offered; whose name is shown
		unheeded            bool
	}{
		"nothing":                         {want: asked},
		"hint":                            {hint: ours, want: ended, client2: "The Wiki"},
		"hint and address":                {hint: ours, uri: wikiBye, want: ended, back: wikiBye},
		"hint, client and address":        {hint: ours, client: "wiki", uri: wikiBye, want: ended, back: wikiBye},
		"address with a query":            {hint: ours, uri: wikiBye2, want: ended, back: wikiBye2},
		"hint without sid":                {hint: hint(t, "sid", nil), uri: wikiBye, want: ended, back: wikiBye},
		"several audiences, client says":  {hint: hint(t, "aud", []string{"mail", "wiki"}), client: "wiki", uri: wikiBye, want: ended, back: wikiBye},
		"several audiences, azp says":     {hint: hint(t, "aud", []string{"mail", "wiki"}, "azp", "wiki"), uri: wikiBye, want: ended, back: wikiBye},
		"client and address":              {client: "wiki", uri: wikiBye, want: asked, client2: "The Wiki"},
		"address alone":                   {uri: wikiBye, want: asked, unheeded: true},
		"address not registered":          {hint: ours, uri: wikiBye + "/", want: ended, client2: "The Wiki", unheeded: true},
		"address of another client":       {hint: ours, uri: "https://mail.example.com/", want: ended, client2: "The Wiki", unheeded: true},
		"address with a query added":      {hint: ours, uri: wikiBye + "?x=1", want: ended, client2: "The Wiki", unheeded: true},
		"address of ours":                 {hint: ours, uri: issuer + "/end_session?client_id=wiki", want: ended, client2: "The Wiki", unheeded: true},
		"hint of another session":         {hint: another, uri: wikiBye, want: asked, client2: "The Wiki"},
		"hint of somebody else":           {hint: hint(t, "sub", "bob", "sid", "sid-2"), uri: wikiBye, want: asked, unheeded: true},
		"hint of somebody else, no sid":   {hint: hint(t, "sub", "bob", "sid", nil), uri: wikiBye, want: asked, unheeded: true},
		"hint for another client":         {hint: ours, client: "mail", uri: "https://mail.example.com/", want: asked, unheeded: true},
		"hint for an unknown client":      {hint: hint(t, "aud", "gone"), uri: wikiBye, want: asked, unheeded: true},
		"several audiences, nobody says":  {hint: hint(t, "aud", []string{"mail", "wiki"}), uri: wikiBye, want: asked, unheeded: true},
		"no audience":                     {hint: hint(t, "aud", nil), uri: wikiBye, want: asked, unheeded: true},
		"unknown client":                  {client: "gone", uri: wikiBye, want: asked, unheeded: true},
		"client out of reach":             {client: "https://silent.example.com/x", uri: wikiBye, want: asked, unheeded: true},
		"hint of another issuer":          {hint: hint(t, "iss", "https://evil.example"), uri: wikiBye, want: asked, unheeded: true},
		"hint that is no token":           {hint: "x.y.z", client: "wiki", uri: wikiBye, want: asked, unheeded: true},
		"hint that was changed":           {hint: forged(t), uri: wikiBye, want: asked, unheeded: true},
		"hint without a signature":        {hint: encode([]byte(`{"alg":"none","typ":"JWT"}`)) + "." + strings.Split(ours, ".")[1] + ".", uri: wikiBye, want: asked, unheeded: true},
		"an access token":                 {hint: token(t, "at+jwt", claims()), uri: wikiBye, want: asked, unheeded: true},
		"a logout token":                  {hint: token(t, "logout+jwt", claims()), uri: wikiBye, want: asked, unheeded: true},
		"a token that never expires":      {hint: hint(t, "exp", nil), uri: wikiBye, want: asked, unheeded: true},
		"a token about nobody":            {hint: hint(t, "sub", nil), uri: wikiBye, want: asked, unheeded: true},
		"hint that is too long":           {hint: hint(t, "x", strings.Repeat("x", 4000)), uri: wikiBye, want: asked, unheeded: true},
		"nobody, nothing":                 {nobody: true, want: none},
		"nobody, hint":                    {nobody: true, hint: ours, want: none, client2: "The Wiki"},
		"nobody, hint and address":        {nobody: true, hint: ours, uri: wikiBye, want: none, back: wikiBye},
		"nobody, old hint and address":    {nobody: true, hint: another, uri: wikiBye, want: none, back: wikiBye},
		"nobody, client and address":      {nobody: true, client: "wiki", uri: wikiBye, want: none, link: wikiBye, client2: "The Wiki"},
		"nobody, of one that came itself": {nobody: true, hint: hint(t, "aud", "self"), uri: "https://self.example/", want: none, link: "https://self.example/", client2: "Self"},
		"nobody, app's address":           {nobody: true, hint: hint(t, "aud", "app"), uri: "com.example.app:/bye", want: none, back: "com.example.app:/bye"},
		"nobody, address alone":           {nobody: true, uri: wikiBye, want: none, unheeded: true},
		"nobody, bad hint and address":    {nobody: true, hint: forged(t), client: "wiki", uri: wikiBye, want: none, unheeded: true},
		"nobody, address not registered":  {nobody: true, hint: ours, uri: "https://evil.example/", want: none, client2: "The Wiki", unheeded: true},
		"nobody, foreign hint for client": {nobody: true, hint: hint(t, "iss", "https://x.example"), client: "wiki", want: none, unheeded: true},
	} {
		w := newWorld(t)
		if !tt.nobody {
			w.signIn("sid-1", "alice", "app")
		}
		rec, err := w.get(values("id_token_hint", tt.hint, "client_id", tt.client, "post_logout_redirect_uri", tt.uri, "state", "a b&c", "ui_locales", "de").Encode())
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got := w.happened(0)
		if back := rec.Header().Get("Location"); got != tt.want || back != withState(tt.back) {
			t.Errorf("%s: %s, sent to %q", name, got, back)
		}
		var client, link string
		var unheeded bool
		switch v := w.shown.(type) {
		case endsession.Confirm:
			client, unheeded = v.ClientName, v.Unheeded
			if v.UILocales != "de" || v.User.Username != "alice" || v.Action != "/end_session/confirm" || v.Token == "" {
				t.Errorf("%s: %+v", name, v)
			}
		case endsession.SignedOut:
			client, link, unheeded = v.ClientName, v.Return, v.Unheeded
		}
		if client != tt.client2 || link != withState(tt.link) || unheeded != tt.unheeded || unheeded != (len(w.reported) == 1) {
			t.Errorf("%s: %+v, reported %v", name, w.shown, w.reported)
		}
		if (tt.want == ended) != (len(w.told) == 1) {
			t.Errorf("%s: told %v", name, w.told)
		}
		if h := rec.Header(); h.Get("Cache-Control") != "no-store" || h.Get("Referrer-Policy") != "no-referrer" || h.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %v", name, h) // WEB-06, WEB-08
		}
		for _, err := range w.reported {
			if !fault.Is(err, fault.Invalid) || tt.uri != "" && strings.Contains(err.Error(), tt.uri) || tt.hint != "" && strings.Contains(err.Error(), tt.hint) {
				t.Errorf("%s: reported %v", name, err)
			}
		}
	}
}

// A client is in use while it has ID tokens that are good. One that is expired
// is heeded all the same, as often as anybody sends it.
func TestOldHintVouchesForNobody(t *testing.T) {
	w := newWorld(t)
	for name, tt := range map[string]struct {
		hint, client string
		want         bool
	}{
		"good hint":    {hint: hint(t, "exp", time.Now().Add(time.Minute).Unix()), want: true},
		"expired hint": {hint: hint(t)},
		"no hint":      {client: "wiki"},
	} {
		w.vouched = nil
		_, err := w.get(values("id_token_hint", tt.hint, "client_id", tt.client).Encode())
		if v, ok := w.shown.(endsession.SignedOut); err != nil || !ok || v.ClientName != "The Wiki" || !slices.Equal(w.vouched, []bool{tt.want}) {
			t.Errorf("%s: %v, %+v, vouched for %v", name, err, w.shown, w.vouched)
		}
	}
}

func withState(uri string) string {
	switch {
	case uri == "":
		return ""
	case strings.Contains(uri, "?"):
		return uri + "&state=a+b%26c"
	}
	return uri + "?state=a+b%26c"
}

// A POST reads no cookie and decides nothing; the GET it leads to does what the
// same GET would have done. CSR-05, OAU-04
func TestPost(t *testing.T) {
	w := newWorld(t)
	w.signIn("sid-1", "alice")
	rec, err := w.post(endpoint, values("id_token_hint", hint(t), "post_logout_redirect_uri", wikiBye, "state", "a b&c", "unknown", "x"), "Origin", "https://wiki.example.com", "Sec-Fetch-Site", "cross-site")
	to := rec.Header().Get("Location")
	if err != nil || rec.Code != http.StatusSeeOther || !strings.HasPrefix(to, "/end_session?gatehouse_post=") || w.asked != 0 || w.ends != 0 || strings.Contains(to, "eyJhbGciOi") {
		t.Fatalf("%v, %d to %q, cookie read %d times", err, rec.Code, to, w.asked)
	}
	_, query, _ := strings.Cut(to, "?")
	rec, err = w.get(query)
	if err != nil || w.ends != 1 || rec.Header().Get("Location") != withState(wikiBye) {
		t.Errorf("%v, to %q", err, rec.Header().Get("Location"))
	}
	for name, query := range map[string]string{
		"changed": changed(query), "with more": query + "&client_id=wiki", "twice": query + "&" + query, "empty": "gatehouse_post=", "of the form": "gatehouse_post=" + w.formToken(),
	} {
		if _, err := w.get(query); !fault.Is(err, fault.Invalid) || fault.Public(err) == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func (w *world) formToken() string {
	w.t.Helper()
	w.signIn("sid-1", "alice")
	if _, err := w.get(""); err != nil {
		w.t.Fatal(err)
	}
	return w.shown.(endsession.Confirm).Token
}

// What can't be read is refused without a look at anybody's cookie. OAU-14,
// WEB-12, DOS-02
func TestRefused(t *testing.T) {
	w := newWorld(t)
	w.signIn("sid-1", "alice")
	for _, query := range []string{"%", "a;b", "client_id=wiki&client_id=wiki", "state=&state=", "id_token_hint=%zz", strings.Repeat("a&", 1<<16)} {
		if _, err := w.get(query); !fault.Is(err, fault.Invalid) {
			t.Errorf("%.40s: %v", query, err)
		}
		r := httptest.NewRequest(http.MethodPost, endpoint, strings.NewReader(query))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		rec := httptest.NewRecorder()
		if err := w.EndSession(rec, r); err == nil && rec.Code < 400 && !strings.HasPrefix(rec.Header().Get("Location"), "/end_session?gatehouse_post=") {
			t.Errorf("%.40s: posted: %d", query, rec.Code)
		}
	}
	for _, method := range []string{"HEAD", "OPTIONS", "PUT", "DELETE", "TRACE"} {
		rec := httptest.NewRecorder()
		err := w.EndSession(rec, httptest.NewRequest(method, endpoint+"?id_token_hint="+hint(t), nil))
		if err != nil || rec.Code != http.StatusMethodNotAllowed || rec.Header().Get("Allow") != "GET, POST" {
			t.Errorf("%s: %v, %d", method, err, rec.Code)
		}
	}
	r := httptest.NewRequest(http.MethodGet, endpoint+"?id_token_hint="+hint(t), nil)
	r.Header.Set("Sec-Purpose", "prefetch;prerender")
	if err := w.EndSession(httptest.NewRecorder(), r); !fault.Is(err, fault.Denied) {
		t.Errorf("in advance: %v", err)
	}
	for _, kind := range []string{"text/plain", "multipart/form-data; boundary=x", ""} {
		rec, err := w.post(endpoint, values("client_id", "wiki"), "Content-Type", kind)
		if err != nil || rec.Code != http.StatusUnsupportedMediaType {
			t.Errorf("%q: %v, %d", kind, err, rec.Code)
		}
	}
	if w.asked != 0 || w.ends != 0 {
		t.Errorf("cookie read %d times, ended %d", w.asked, w.ends)
	}
}

// A part that fails ends nothing half-way and sends nobody anywhere. PRX-02
func TestPartsThatFail(t *testing.T) {
	query := values("id_token_hint", hint(t), "post_logout_redirect_uri", wikiBye).Encode()
	for _, part := range []string{"keys", "client", "current", "clients", "end"} {
		w := newWorld(t)
		w.signIn("sid-1", "alice", "wiki")
		w.broken = part
		rec, err := w.get(query)
		if !fault.Is(err, fault.Unavailable) || w.session == nil || rec.Header().Get("Location") != "" || w.shown != nil || len(w.told) != 0 {
			t.Errorf("%s: %v", part, err)
		}
	}
	w := newWorld(t)
	token := w.formToken()
	w.broken = "current"
	if _, err := w.post(endpoint+"/confirm", values("csrf_token", token)); !fault.Is(err, fault.Unavailable) || w.ends != 0 {
		t.Error(err)
	}
}

// Where a client knows people under names of its own, its hints are read so.
func TestPairwise(t *testing.T) {
	w := newWorld(t, func(cfg *endsession.Config) {
		cfg.Subject = func(c *client.Client, sub identity.Subject) string { return string(sub) + " at " + c.ID }
	})
	for sub, want := range map[string]string{"alice at wiki": ended, "alice": asked, "alice at mail": asked} {
		w.signIn("sid-1", "alice")
		before := w.ends
		if _, err := w.get(values("id_token_hint", hint(t, "sid", nil, "sub", sub)).Encode()); err != nil || w.happened(before) != want {
			t.Errorf("%s: %v, %s", sub, err, w.happened(before))
		}
	}
}

func TestIncompleteConfig(t *testing.T) {
	for _, cfg := range []endsession.Config{{}, {Issuer: issuer}, {Issuer: "http://auth.example.com"}} {
		if _, err := endsession.New(cfg); !fault.Is(err, fault.Invalid) {
			t.Errorf("%+v: %v", cfg, err)
		}
	}
}
