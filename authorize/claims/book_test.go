package claims_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/authorize/claims"
	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/identity"
)

func from(name, attribute string) client.Claim { return client.Claim{Name: name, From: attribute} }

func alice() *identity.Session {
	return &identity.Session{
		User: &identity.User{
			Subject: "uuid", Username: "alice", Email: "alice@example.com", Groups: []string{"staff"},
			Claims: map[string]string{"department": "sales", "room": "1", "nickname": "al"},
		},
		Login: identity.Login{IDP: "work", Claims: map[string]string{"room": "2"}},
	}
}

// What a claim says, by whose word.
func TestOf(t *testing.T) {
	book, err := claims.NewBook(
		claims.Scope{Name: "hr", Description: "Where you work", Claims: []client.Claim{from("department", "department"), from("desk", "room"), {Name: "firm", Value: "ACME"}}},
		claims.Scope{Name: "files.read"},
	)
	if err != nil {
		t.Fatal(err)
	}
	own := &client.Client{Claims: []client.Claim{
		from("roles", "groups"), from("preferred_username", "department"), from("desk", "username"), from("mail", "email"),
		from("unknown", "nothing"),
		{Name: "tenant", Value: "blue"},
	}}
	names := func(list ...string) []string { return list }
	for _, c := range []struct {
		client        *client.Client
		scopes, names []string
		want          string
	}{
		{&client.Client{}, names("openid"), nil, "map[]"},
		{&client.Client{}, names("openid", "hr", "files.read"), nil, "map[department:sales desk:2 firm:ACME]"},
		{&client.Client{}, names("profile"), nil, "map[nickname:al preferred_username:alice]"},
		{&client.Client{}, names("email"), nil, "map[email:alice@example.com email_verified:false]"},
		{&client.Client{}, nil, names("desk", "groups", "sub", "department_of"), "map[desk:2 groups:[staff]]"},
		{own, nil, nil, "map[roles:[staff] tenant:blue]"}, // an address that was not verified is nobody's
		{own, names("hr"), nil, "map[department:sales desk:alice firm:ACME roles:[staff] tenant:blue]"},
		{own, nil, names("preferred_username"), "map[preferred_username:sales roles:[staff] tenant:blue]"},
	} {
		if got := fmt.Sprint(book.Of(c.client, alice(), c.scopes, c.names...)); got != c.want {
			t.Errorf("%v %v: %s, want %s", c.scopes, c.names, got, c.want)
		}
	}
	if got := fmt.Sprintf("%s %q", book.Scopes(), []string{book.ScopeOf("desk"), book.ScopeOf("tenant"), book.Describe("hr"), book.Describe("email")}); got != `[openid profile email groups hr files.read] ["hr" "" "Where you work" ""]` {
		t.Errorf("the book says %s", got)
	}
	asked := names("desk", "email", "tenant", "desk", "sub", "nickname")
	if got := fmt.Sprint(book.Allowed(&client.Client{Scopes: names("openid", "hr", "profile")}, asked)); got != "[desk nickname]" {
		t.Errorf("allowed %s", got)
	}
	if got := fmt.Sprint(book.Beyond(names("hr"), names("desk", "nickname"))); got != "[nickname]" {
		t.Errorf("beyond %s", got)
	}
}

// A scope has one meaning and a claim one scope; the protocol's claims are its
// own.
func TestBookRefuses(t *testing.T) {
	one := func(name string, list ...client.Claim) claims.Scope { return claims.Scope{Name: name, Claims: list} }
	for want, scopes := range map[string][]claims.Scope{
		"is there already":                            {one("email")},
		`"offline_access": is there`:                  {one("offline_access")},
		`"a": is there already`:                       {one("a"), one("a")},
		"printable ASCII":                             {one("a b")},
		`"nickname": belongs to the scope profile`:    {one("a", from("nickname", "x"))},
		`"x": belongs to the scope a`:                 {one("a", from("x", "x")), one("b", from("x", "y"))},
		`"x": is given twice`:                         {one("a", from("x", "x"), from("x", "y"))},
		`"Nickname": belongs to the scope profile`:    {one("a", from("Nickname", "x"))},
		`"X": belongs to the scope a`:                 {one("a", from("x", "x")), one("b", from("X", "y"))},
		`"X": is given twice`:                         {one("a", from("x", "x"), from("X", "y"))},
		`"sub": this claim belongs to the protocol`:   {one("a", from("sub", "x"))},
		`"sid": this claim belongs to the protocol`:   {one("a", from("sid", "x"))},
		`"email": this claim belongs to the protocol`: {one("a", from("email", "x"))},
		`the attribute is not one that can be given`:  {one("a", from("id", "sub"))},
	} {
		if _, err := claims.NewBook(scopes...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v, want %q", scopes, err, want)
		}
	}
}
