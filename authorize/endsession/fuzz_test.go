package endsession_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/authorize/endsession"
	"github.com/gatehouse-auth/gatehouse/fault"
)

// targets are all the places a person may be sent to.
func target(to string) bool {
	for _, known := range []string{wikiBye, wikiBye2, "https://mail.example.com/", "com.example.app:/bye"} {
		rest, ok := strings.CutPrefix(to, known)
		if ok && (rest == "" || strings.HasPrefix(rest, "?state=") || strings.HasPrefix(rest, "&state=")) && !strings.ContainsAny(rest, "\r\n #") {
			return true
		}
	}
	return to == "" || to == "/end_session" || to == issuer+"/" || strings.HasPrefix(to, "/end_session?gatehouse_post=")
}

// FuzzEndSession: whatever is sent, nobody is sent anywhere but to a registered
// address, nothing ends without a hint of ours, and nothing is our fault.
func FuzzEndSession(f *testing.F) {
	good := hint(f)
	for _, query := range []string{
		"", "%", ";", "=&=", "client_id=wiki&client_id=wiki", "gatehouse_post=AAAA", "gatehouse_post=&gatehouse_post=",
		values("id_token_hint", good, "post_logout_redirect_uri", wikiBye, "state", "\"<>&\x7f").Encode(),
		values("id_token_hint", good, "post_logout_redirect_uri", "https://wiki.example.com@evil.example/bye").Encode(),
		values("client_id", "app", "post_logout_redirect_uri", "com.example.app:/bye", "state", "\r\nSet-Cookie: a=b").Encode(),
		values("client_id", "wiki", "post_logout_redirect_uri", wikiBye2, "state", strings.Repeat("s", 5000)).Encode(),
		"id_token_hint=..&client_id=wiki", "id_token_hint=e30.e30.e30", "id_token_hint=" + forged(f),
	} {
		f.Add(query, true, "")
		f.Add(query, false, "POST")
		f.Add(query, true, "csrf_token=x&action=logout")
	}
	f.Fuzz(func(t *testing.T, query string, signedIn bool, extra string) {
		w := newWorld(t)
		if signedIn {
			w.signIn("sid-1", "alice", "wiki")
		}
		rec := httptest.NewRecorder()
		var err error
		switch r := httptest.NewRequest(http.MethodGet, endpoint, nil); extra {
		case "":
			r.URL.RawQuery = query
			err = w.EndSession(rec, r)
		default:
			r = httptest.NewRequest(http.MethodPost, endpoint, strings.NewReader(query))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			if extra == "POST" {
				err = w.EndSession(rec, r)
				break
			}
			r.Body = http.NoBody
			r = httptest.NewRequest(http.MethodPost, endpoint+"/confirm", strings.NewReader(extra))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			err = w.confirm(rec, r)
		}
		to := rec.Header().Get("Location")
		if err != nil && (!fault.Is(err, fault.Invalid) && !fault.Is(err, fault.Denied) || to != "" || w.ends != 0) {
			t.Fatalf("%v, to %q", err, to)
		}
		if !target(to) || !target(strings.TrimPrefix(rec.Header().Get("Refresh"), "3; url=")) {
			t.Fatalf("sent to %q, %q", to, rec.Header().Get("Refresh"))
		}
		if v, ok := w.shown.(endsession.SignedOut); ok && !target(v.Return) {
			t.Fatalf("offered %q", v.Return)
		}
		if w.ends != 0 && !strings.Contains(query, "id_token_hint") {
			t.Fatal("ended without a hint")
		}
		if rec.Code >= 500 || rec.Header().Get("Cache-Control") != "no-store" {
			t.Fatalf("%d %v", rec.Code, rec.Header())
		}
	})
}
