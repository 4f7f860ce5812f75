package guard_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/guard"
	"github.com/gatehouse-auth/gatehouse/identity"
)

func alice() *identity.Session {
	return &identity.Session{
		SID: "sid-1",
		User: &identity.User{
			Subject: "2b1f6f0e-0000-4000-8000-000000000001", Username: "alice", Name: "Alice M\u00fcller", Email: "alice@example.com", EmailVerified: true,
			Groups: []string{"admins", "staff"}, Claims: map[string]string{"department": "IT", "floor": "3"},
		},
		Login: identity.Login{IDP: "local", AMR: []string{"pwd", "otp", "mfa"}, ACR: "high", At: time.Unix(1700000000, 0), Claims: map[string]string{"floor": "4"}},
	}
}

func headers(t *testing.T, list []guard.Header, opts guard.HeaderOptions) *guard.Headers {
	t.Helper()
	h, err := guard.NewHeaders(list, opts)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// one sets a single header and gives its values.
func one(t *testing.T, value string, s *identity.Session, opts guard.HeaderOptions) []string {
	t.Helper()
	to := http.Header{"X-Id": {"stale"}}
	headers(t, []guard.Header{{Name: "X-Id", Value: value}}, opts).Set(to, s)
	return to["X-Id"]
}

// HDR-01, HDR-03
func TestDefaultHeaders(t *testing.T) {
	to := http.Header{"Remote-User": {"admin", "root"}, "Accept": {"*/*"}}
	headers(t, guard.DefaultHeaders(), guard.HeaderOptions{}).Set(to, alice())
	for name, want := range map[string]string{
		"Remote-User": "alice", "Remote-Name": "Alice M\u00fcller", "Remote-Email": "alice@example.com", "Remote-Groups": "admins,staff",
		"Remote-Sub": "2b1f6f0e-0000-4000-8000-000000000001", "Accept": "*/*",
	} {
		if got := to[name]; len(got) != 1 || got[0] != want {
			t.Errorf("%s: %q, want %q once", name, got, want)
		}
	}
	// A later handler that adds to one header must not write into another.
	to["Remote-User"] = append(to["Remote-User"], "x")
	if to.Get("Remote-Name") != "Alice M\u00fcller" {
		t.Error("headers share memory")
	}
}

func TestHeaderValues(t *testing.T) {
	for value, want := range map[string]string{
		"{http.auth.user.id}": "2b1f6f0e-0000-4000-8000-000000000001", "{http.auth.user.sub}": "2b1f6f0e-0000-4000-8000-000000000001", "{http.auth.user.idp}": "local",
		"{http.auth.user.amr}": "pwd,otp,mfa", "{http.auth.user.acr}": "high", "{http.auth.user.auth_time}": "1700000000", "{http.auth.user.sid}": "sid-1",
		"{http.auth.user.department}": "IT", "{http.auth.user.floor}": "4", "user={http.auth.user.username} idp={http.auth.user.idp}": "user=alice idp=local", "yes": "yes",
	} {
		if got := one(t, value, alice(), guard.HeaderOptions{}); len(got) != 1 || got[0] != want {
			t.Errorf("%s gives %q, want %q", value, got, want)
		}
	}
}

// HDR-13, HDR-02: no value, no header, and not the stale one either.
func TestAbsentValues(t *testing.T) {
	nobody := &identity.Session{User: &identity.User{}}
	for _, value := range []string{
		"{http.auth.user.id}", "{http.auth.user.username}", "{http.auth.user.name}", "{http.auth.user.email}", "{http.auth.user.groups}", "{http.auth.user.idp}", "{http.auth.user.amr}",
		"{http.auth.user.acr}", "{http.auth.user.auth_time}", "{http.auth.user.sid}", "{http.auth.user.department}", "Bearer {http.auth.user.department}",
	} {
		if got := one(t, value, nobody, guard.HeaderOptions{}); got != nil {
			t.Errorf("%s gives %q, want no header", value, got)
		}
	}
}

// HDR-09, WEB-03
func TestValuesAreNotTemplates(t *testing.T) {
	s := alice()
	for _, text := range []string{"{env.HOME}", "{http.auth.user.email}", "{file./etc/passwd}", "{{.}}", "{", "}", "$HOME"} {
		s.User.Name = text
		s.User.Groups = []string{text}
		if got := one(t, "{http.auth.user.name}", s, guard.HeaderOptions{}); len(got) != 1 || got[0] != text {
			t.Errorf("the name %q became %q", text, got)
		}
		if got := one(t, "{http.auth.user.groups}", s, guard.HeaderOptions{}); len(got) != 1 || got[0] != text {
			t.Errorf("the group %q became %q", text, got)
		}
	}
}

// HDR-12
func TestEncodingOfSingleValues(t *testing.T) {
	for text, want := range map[string][2]string{ // as it is, percent-encoded
		"alice":               {"alice", "alice"},
		"Alice M\u00fcller":   {"Alice M\u00fcller", "Alice M%C3%BCller"},
		"100%":                {"100%", "100%25"},
		"\u674e\u96f7":        {"\u674e\u96f7", "%E6%9D%8E%E9%9B%B7"},
		"a\r\nX-Admin: 1":     {},
		"a\nb":                {},
		"a\x00b":              {},
		"a\tb":                {},
		"a\x7f":               {},
		"a\u0085b":            {},
		"a\u2028b":            {},
		"a\xffb":              {},
		" admin":              {},
		"admin ":              {},
		"admin\u00a0":         {},
		"\u3000admin":         {},
		"\xc0\xaf":            {},
		"x,admins":            {"x,admins", "x,admins"},
		"alice@work":          {"alice@work", "alice@work"},
		"\U0001f600":          {"\U0001f600", "%F0%9F%98%80"},
		"\"quoted\" \\ value": {"\"quoted\" \\ value", "\"quoted\" \\ value"},
	} {
		s := alice()
		s.User.Username = text
		for i, percent := range []bool{false, true} {
			got := strings.Join(one(t, "{http.auth.user.username}", s, guard.HeaderOptions{PercentEncode: percent}), "\n")
			if got != want[i] {
				t.Errorf("%q (percent %v) became %q, want %q", text, percent, got, want[i])
			}
		}
	}
	s := alice()
	s.User.Name = "  Alice \t"
	if got := one(t, "{http.auth.user.name}", s, guard.HeaderOptions{}); len(got) != 1 || got[0] != "Alice" {
		t.Errorf("white space around a display name: %q", got)
	}
}

// HDR-12: the application, splitting as it is told to, sees the groups there
// are and no others.
func TestEncodingOfGroups(t *testing.T) {
	for _, c := range []struct {
		separator string
		groups    []string
		want      string
	}{
		{"", []string{"a"}, "a"},
		{"", []string{"a", "b", "c"}, "a,b,c"},
		{"", []string{"x,admins"}, "x%2Cadmins"},
		{"", []string{"x,admins", "b"}, "x%2Cadmins,b"},
		{"", []string{"x%2Cadmins"}, "x%252Cadmins"},
		{"", []string{" admins"}, "%20admins"},
		{"", []string{"b", "admins ", " "}, "b,admins%20,%20"},
		{"", []string{"admins\u00a0"}, "admins%C2%A0"},
		{"", []string{"cn=admins,dc=acme"}, "cn=admins%2Cdc=acme"},
		{"", []string{"a", "", "b"}, "a,b"},
		{"", []string{"evil\r\nX: y", "b"}, "b"},
		{"", []string{"\x00"}, ""},
		{"", []string{"work/team a", "\u00fc"}, "work/team a,\u00fc"},
		{";", []string{"a,b", "c;d"}, "a,b;c%3Bd"},
		{"|", []string{"a,b", "c|d"}, "a,b|c%7Cd"},
		{" ", []string{"a b", "c"}, "a%20b c"},
	} {
		s := alice()
		s.User.Groups = c.groups
		if got := strings.Join(one(t, "{http.auth.user.groups}", s, guard.HeaderOptions{Separator: c.separator}), "\n"); got != c.want {
			t.Errorf("%q joined by %q became %q, want %q", c.groups, c.separator, got, c.want)
		}
	}
}

// HDR-14
func TestHeaderConfiguration(t *testing.T) {
	for name, hint := range map[string]string{
		"": "1 to 64", strings.Repeat("a", 65): "1 to 64", "Remote_User": `write "Remote-User"`, "Remote User": "only letters", "Remote.User": "only letters", "R\u00e9mote": "only letters", "X:Y": "only letters", "X\r\nY": "only letters",
		"-X": "begin and end", "X-": "begin and end", "Connection": "Connection", "connection": "Connection", "Keep-Alive": "Keep-Alive", "TE": "TE", "Trailer": "Trailer", "Transfer-Encoding": "Transfer-Encoding",
		"Upgrade": "Upgrade", "Proxy-Authorization": "Proxy-Authorization", "Host": "Host", "Cookie": "Cookie", "Http-Cookie": "Cookie", "Content-Length": "Content-Length", "ContentLength": "Content-Length",
		"X-Forwarded-For": "X-Forwarded-For", "Sec-Fetch-Site": "Sec-", "sec-x": "Sec-", "Origin": "Origin", "Authorization": "explicitly", "HTTP-Authorization": "explicitly",
	} {
		_, err := guard.NewHeaders([]guard.Header{{Name: name, Value: "x"}}, guard.HeaderOptions{})
		if err == nil || !strings.Contains(err.Error(), hint) {
			t.Errorf("header %q: %v, want a hint at %q", name, err, hint)
		}
	}
	for _, pair := range [][2]string{{"Remote-User", "remote-user"}, {"Remote-User", "RemoteUser"}, {"Remote-User", "Http-Remote-User"}, {"Redirect-X-Id", "X-Id"}} {
		_, err := guard.NewHeaders([]guard.Header{{Name: pair[0], Value: "x"}, {Name: pair[1], Value: "x"}}, guard.HeaderOptions{})
		if err == nil {
			t.Errorf("%q and %q are accepted together", pair[0], pair[1])
		}
	}
	for _, value := range []string{"", "{env.HOME}", "{http.auth.user.}", "{http.auth.user.name", "}", "{http.request.header.X}", "a\r\nb", "{http.auth.user.{x}}", "{http.auth.user.a b}"} {
		if _, err := guard.NewHeaders([]guard.Header{{Name: "X-Id", Value: value}}, guard.HeaderOptions{}); err == nil {
			t.Errorf("the value %q is accepted", value)
		}
	}
	for _, separator := range []string{",,", "a", "\n", "%", "-"} {
		if _, err := guard.NewHeaders(nil, guard.HeaderOptions{Separator: separator}); err == nil {
			t.Errorf("the separator %q is accepted", separator)
		}
	}
	h := headers(t, []guard.Header{{Name: "authorization", Value: "Bearer {http.auth.user.department}"}, {Name: "X-WEBAUTH-USER", Value: "x"}}, guard.HeaderOptions{AllowAuthorization: true})
	if got := h.Names(); len(got) != 2 || got[0] != "Authorization" || got[1] != "X-Webauth-User" {
		t.Errorf("Names = %q", got)
	}
}

// HDR-12: whatever the identity holds, a header is one line, and the list
// splits into exactly its members.
func FuzzHeaders(f *testing.F) {
	f.Add("alice", "x,admins", " b", ",", false)
	f.Add("a\r\nb", "%2C", "\u00a0", "|", true)
	f.Fuzz(func(t *testing.T, name, g1, g2, separator string, percent bool) {
		h, err := guard.NewHeaders(guard.DefaultHeaders(), guard.HeaderOptions{Separator: separator, PercentEncode: percent})
		if err != nil {
			return
		}
		if separator == "" {
			separator = ","
		}
		s := alice()
		s.User.Username, s.User.Name, s.User.Groups = name, name, []string{g1, g2}
		to := http.Header{}
		h.Set(to, s)
		for key, values := range to {
			if len(values) != 1 || values[0] == "" || values[0] != strings.TrimSpace(values[0]) || strings.ContainsAny(values[0], "\r\n\x00\t") {
				t.Fatalf("%s: %q", key, values)
			}
			for i := range len(values[0]) {
				if percent && values[0][i] >= 0x7f {
					t.Fatalf("%s: %q is not ASCII", key, values)
				}
			}
		}
		if got := to.Get("Remote-User"); !percent && got != "" && got != name {
			t.Fatalf("the name %q became %q", name, got)
		}
		if to.Get("Remote-Groups") == "" {
			return
		}
		for member := range strings.SplitSeq(to.Get("Remote-Groups"), separator) {
			if plain, ok := unescape(strings.TrimSpace(member)); !ok || plain != g1 && plain != g2 {
				t.Fatalf("groups %q and %q became %q, which holds %q", g1, g2, to.Get("Remote-Groups"), plain)
			}
		}
	})
}

// A placeholder says what a header would: HDR-12 holds for both.
func TestClaim(t *testing.T) {
	s := alice()
	s.User.Name = "Alice\r\nX-Admin: 1"
	s.User.Groups = []string{"staff", "a,b"}
	s.Claims = map[string]string{"department": "R&D"}
	for word, want := range map[string]string{
		"username": s.User.Username, "id": string(s.User.Subject), "sub": string(s.User.Subject), "idp": s.IDP,
		"name": "", "groups": "staff,a%2Cb", "department": "R&D", "nothing": "",
	} {
		if got := guard.Claim(s, word); got != want {
			t.Errorf("%s: %q, want %q", word, got, want)
		}
	}
}
