package endsession_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/authorize/endsession"
	"github.com/gatehouse-auth/gatehouse/fault"
)

// After a yes the session is over and the person goes back; before, nobody goes
// anywhere. CSR-05, RED-03
func TestConfirm(t *testing.T) {
	for name, tt := range map[string]struct{ query, back string }{
		"nothing":             {"", ""},
		"client and address":  {values("client_id", "wiki", "post_logout_redirect_uri", wikiBye, "state", "a b&c").Encode(), withState(wikiBye)},
		"no state":            {values("client_id", "wiki", "post_logout_redirect_uri", wikiBye).Encode(), wikiBye},
		"another session":     {values("id_token_hint", hint(t, "sid", "old"), "post_logout_redirect_uri", wikiBye2, "state", "a b&c").Encode(), withState(wikiBye2)},
		"another's hint":      {values("id_token_hint", hint(t, "sid", "s", "sub", "bob"), "post_logout_redirect_uri", wikiBye).Encode(), ""},
		"unregistered":        {values("client_id", "wiki", "post_logout_redirect_uri", "https://evil.example/").Encode(), ""},
		"state without a way": {values("client_id", "wiki", "state", "a b&c").Encode(), ""},
	} {
		w := newWorld(t)
		w.signIn("sid-1", "alice")
		if _, err := w.get(tt.query); err != nil {
			t.Fatal(err)
		}
		page := w.shown.(endsession.Confirm)
		rec, err := w.post(issuer+page.Action, values("csrf_token", page.Token, "action", "logout"), "Origin", issuer, "Sec-Fetch-Site", "same-origin")
		if err != nil || w.happened(0) != ended || rec.Header().Get("Location") != tt.back || tt.back != "" && rec.Code != http.StatusSeeOther {
			t.Errorf("%s: %v, %d to %q", name, err, rec.Code, rec.Header().Get("Location"))
		}
		if v, ok := w.shown.(endsession.SignedOut); ok != (tt.back == "") || ok && v.Return != "" {
			t.Errorf("%s: %+v", name, w.shown)
		}
		// Pressed twice, or sent once more by the browser.
		rec, err = w.post(issuer+page.Action, values("csrf_token", page.Token, "action", "logout"), "Origin", issuer)
		if v, ok := w.shown.(endsession.SignedOut); err != nil || !ok || v.Return != tt.back || rec.Header().Get("Location") != "" || w.ends != 1 {
			t.Errorf("%s: again: %v, %+v", name, err, w.shown)
		}
	}
}

// The form is taken from our own page in this session alone. CSR-01, CSR-02,
// CSR-03, CSR-04, CSR-07
func TestForeignForms(t *testing.T) {
	w := newWorld(t)
	w.signIn("sid-0", "alice")
	if _, err := w.get(""); err != nil {
		t.Fatal(err)
	}
	before := w.shown.(endsession.Confirm).Token
	w.signIn("sid-1", "alice")
	_, _ = w.get("")
	token := w.shown.(endsession.Confirm).Token
	_, _ = w.get("")
	if again := w.shown.(endsession.Confirm).Token; again == token {
		t.Error("the same token twice")
	}
	for name, tt := range map[string]struct {
		token  string
		header []string
		method string
		want   int // status; 0: an error of kind Denied
	}{
		"another site":         {token, []string{"Origin", "https://evil.example"}, "POST", 0},
		"a sibling":            {token, []string{"Origin", "https://app.example.com"}, "POST", 0},
		"a sibling, fetch":     {token, []string{"Origin", issuer, "Sec-Fetch-Site", "same-site"}, "POST", 0},
		"cross-site, fetch":    {token, []string{"Sec-Fetch-Site", "cross-site"}, "POST", 0},
		"null":                 {token, []string{"Origin", "null"}, "POST", 0},
		"http":                 {token, []string{"Origin", "http://auth.example.com"}, "POST", 0},
		"text":                 {token, []string{"Content-Type", "text/plain"}, "POST", 415},
		"json":                 {token, []string{"Content-Type", "application/json"}, "POST", 415},
		"multipart":            {token, []string{"Content-Type", "multipart/form-data; boundary=x"}, "POST", 415},
		"no type":              {token, []string{"Content-Type", ""}, "POST", 415},
		"compressed":           {token, []string{"Content-Encoding", "gzip"}, "POST", 415},
		"no token":             {"", nil, "POST", 303},
		"a made-up token":      {"x", nil, "POST", 303},
		"a changed token":      {changed(token), nil, "POST", 303},
		"a posted request":     {strings.TrimPrefix(w.sealed(), "?gatehouse_post="), nil, "POST", 303},
		"a page from before":   {before, nil, "POST", 303},
		"GET":                  {token, nil, "GET", 405},
		"HEAD":                 {token, nil, "HEAD", 405},
		"PUT":                  {token, nil, "PUT", 405},
		"somebody who cancels": {token, []string{"cancel", ""}, "POST", 303},
	} {
		body := values("csrf_token", tt.token, "action", "logout")
		if len(tt.header) > 0 && tt.header[0] == "cancel" {
			body, tt.header = values("csrf_token", tt.token, "action", "cancel"), nil
		}
		r := httptest.NewRequest(tt.method, endpoint+"/confirm", strings.NewReader(body.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		for i := 0; i+1 < len(tt.header); i += 2 {
			r.Header.Set(tt.header[i], tt.header[i+1])
		}
		rec := httptest.NewRecorder()
		err := w.confirm(rec, r)
		if w.session == nil || w.ends != 0 {
			t.Fatalf("%s: signed out", name)
		}
		if tt.want == 0 && !fault.Is(err, fault.Denied) || tt.want != 0 && (err != nil || rec.Code != tt.want) {
			t.Errorf("%s: %v, %d", name, err, rec.Code)
		}
		if to := rec.Header().Get("Location"); to != "" && to != "/end_session" && to != issuer+"/" {
			t.Errorf("%s: sent to %q", name, to)
		}
	}
	if _, err := w.post(endpoint+"/confirm?action=cancel", values("csrf_token", token)); err != nil || w.ends != 1 {
		t.Error("the good form was refused", err)
	}
}

// changed is a text with another letter in it.
func changed(text string) string {
	other := "A"
	if text[40] == 'A' {
		other = "B"
	}
	return text[:40] + other + text[41:]
}

// sealed gives the query of a request that was posted.
func (w *world) sealed() string {
	w.t.Helper()
	rec, err := w.post(endpoint, values("client_id", "wiki"))
	if err != nil {
		w.t.Fatal(err)
	}
	return strings.TrimPrefix(rec.Header().Get("Location"), "/end_session")
}
