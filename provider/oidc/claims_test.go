package oidc_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/internal/fakeidp"
	"github.com/gatehouse-auth/gatehouse/provider/oidc"
)

func person(claims map[string]any) fakeidp.Switches {
	return fakeidp.Switches{Person: func(url.Values) map[string]any {
		out := map[string]any{"sub": "alice-1"}
		for name, value := range claims {
			out[name] = value
		}
		return out
	}}
}

// AUZ-02, FED-12: groups are a string or a list of strings, mapped or marked
// with the provider's name; everything else refuses the login.
func TestGroups(t *testing.T) {
	many := make([]string, 2001)
	for i := range many {
		many[i] = fmt.Sprint("g", i)
	}
	tests := map[string]struct {
		value any
		want  []string
		fails bool
	}{
		"none":                 {nil, nil, false},
		"list":                 {[]string{"staff", "admins", "staff"}, []string{"work/admins", "work/staff"}, false},
		"one":                  {"staff", []string{"work/staff"}, false},
		"empty":                {"", nil, false},
		"mapped":               {[]string{"ops", "staff"}, []string{"operators", "work/staff"}, false},
		"local name claimed":   {[]string{"operators"}, []string{"work/operators"}, false},
		"not fit for a rule":   {[]string{"cn=x,dc=y", "staff"}, []string{"work/staff"}, false}, // HDR-12
		"unfit but mapped":     {[]string{"cn=ops,dc=y"}, []string{"operators"}, false},
		"number":               {1, nil, true},
		"object":               {map[string]any{"admins": true}, nil, true},
		"list of numbers":      {[]any{"staff", 1}, nil, true},
		"list with null":       {[]any{"staff", nil}, nil, true},
		"nested list":          {[]any{[]string{"admins"}}, nil, true},
		"boolean":              {true, nil, true},
		"control character":    {[]string{"a\x00b"}, nil, true},
		"line break":           {"staff\r\nRemote-User: admin", nil, true},
		"empty name in a list": {[]string{""}, nil, true},
		"name too long":        {strings.Repeat("x", 257), nil, true},
		"too many":             {many, nil, true},
	}
	idp, p := start(t, func(c *oidc.Config) { c.GroupMap = map[string]string{"ops": "operators", "cn=ops,dc=y": "operators"} })
	for name, tt := range tests {
		idp.Set(person(map[string]any{"groups": tt.value}))
		e, err := login(t, idp, p, oidc.BeginOptions{})
		if tt.fails != fault.Is(err, fault.Invalid) || !slices.Equal(e.Groups, tt.want) {
			t.Errorf("%s: %q, %v", name, e.Groups, err)
		}
	}
}

func TestNestedGroupsClaim(t *testing.T) {
	idp, p := start(t, func(c *oidc.Config) { c.ClaimMap = map[string]string{"groups": "realm_access.roles"} })
	for _, claims := range []map[string]any{
		{"realm_access": map[string]any{"roles": []string{"staff"}}},
		{"realm_access.roles": []string{"staff"}, "realm_access": 7},
	} {
		idp.Set(person(claims))
		if e, err := login(t, idp, p, oidc.BeginOptions{}); err != nil || !slices.Equal(e.Groups, []string{"work/staff"}) {
			t.Errorf("%v: %q, %v", claims, e.Groups, err)
		}
	}
}

// FED-06: an address counts as proved only with trust_email and the boolean
// true; peers 3e: an address that can be read in two ways is none.
func TestEmail(t *testing.T) {
	for _, tt := range []struct {
		email    any
		verified any
		trust    bool
		want     string
		proved   bool
	}{
		{"a@example.com", true, true, "a@example.com", true},
		{"a@example.com", true, false, "a@example.com", false},
		{"a@example.com", "true", true, "a@example.com", false},
		{"a@example.com", 1, true, "a@example.com", false},
		{"a@example.com", false, true, "a@example.com", false},
		{"a@example.com", nil, true, "a@example.com", false},
		{"a@EXAMPLE.com", true, true, "a@example.com", true},
		{"a@evil.test@example.com", true, true, "", false},
		{`"a@evil"@example.com`, true, true, "", false},
		{"", true, true, "", false},
		{nil, true, true, "", false},
	} {
		idp, p := start(t, func(c *oidc.Config) { c.TrustEmail = tt.trust })
		idp.Set(person(map[string]any{"email": tt.email, "email_verified": tt.verified}))
		e, err := login(t, idp, p, oidc.BeginOptions{})
		if err != nil || e.Email != tt.want || e.EmailVerified != tt.proved {
			t.Errorf("%v, %v, trust %v: %q %v, %v", tt.email, tt.verified, tt.trust, e.Email, e.EmailVerified, err)
		}
	}
}

func TestUsername(t *testing.T) {
	for want, claims := range map[string]map[string]any{
		"alice":             {"preferred_username": "Alice", "email": "a@example.com"},
		"a@example.com":     {"email": "a@example.com"},
		"b@example.com":     {"preferred_username": `DOMAIN\bob`, "email": "b@example.com"},
		"alice-1":           {},
		"work-b03e5d4509cd": {"sub": "auth0|1"},
	} {
		idp, p := start(t, nil)
		idp.Set(person(claims))
		e, err := login(t, idp, p, oidc.BeginOptions{})
		if err != nil || e.Username != want {
			t.Errorf("%v: %q, %v", claims, e.Username, err)
		}
	}
}

// FED-12: claims that are configured are taken over if they are plain.
func TestClaimMap(t *testing.T) {
	idp, p := start(t, func(c *oidc.Config) {
		c.ClaimMap = map[string]string{"dept": "department", "level": "level", "unit": "org.unit"}
	})
	idp.Set(person(map[string]any{"department": "R&D {env.HOME}", "level": 7, "org": map[string]any{"unit": true}, "other": "x"}))
	e, err := login(t, idp, p, oidc.BeginOptions{})
	if want := map[string]string{"dept": "R&D {env.HOME}", "level": "7", "unit": "true"}; err != nil || !reflect.DeepEqual(e.Claims, want) {
		t.Errorf("%v, %v", e.Claims, err)
	}
	for name, value := range map[string]any{
		"object": map[string]any{"x": 1}, "list": []string{"x"}, "line break": "a\nb", "too long": strings.Repeat("x", 1025), "long number": json.Number(strings.Repeat("1", 1025)),
	} {
		idp.Set(person(map[string]any{"department": value}))
		if _, err := login(t, idp, p, oidc.BeginOptions{}); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The user name, the display name and the address can come from elsewhere too.
func TestMappedPerson(t *testing.T) {
	idp, p := start(t, func(c *oidc.Config) {
		c.TrustEmail = true
		c.ClaimMap = map[string]string{"username": "upn", "name": "profile.display", "email": "profile.mail", "groups": "roles"}
	})
	idp.Set(person(map[string]any{
		"preferred_username": "wrong", "name": "Wrong", "email": "wrong@example.com", "email_verified": true, "groups": "wrong",
		"upn": "Alice", "profile": map[string]any{"display": "Alice A", "mail": "alice@example.com", "email_verified": true}, "roles": "staff",
	}))
	e, err := login(t, idp, p, oidc.BeginOptions{})
	// FED-06: email_verified is about another address.
	if err != nil || e.Username != "alice" || e.Name != "Alice A" || e.Email != "alice@example.com" || e.EmailVerified || !slices.Equal(e.Groups, []string{"work/staff"}) || e.Claims != nil {
		t.Errorf("%+v, %v", e, err)
	}
	for claim, value := range map[string]any{"upn": []string{"alice"}, "profile": map[string]any{"display": 7}, "roles": 7} { // FED-12
		idp.Set(person(map[string]any{claim: value}))
		if _, err := login(t, idp, p, oidc.BeginOptions{}); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", claim, err)
		}
	}
}

// MFA-10: a second factor at the provider counts only if it is trusted.
func TestTrustAMR(t *testing.T) {
	for trust, want := range map[bool][]string{true: {"pwd", "otp", "mfa"}, false: nil} {
		idp, p := start(t, func(c *oidc.Config) { c.TrustAMR = trust })
		e, err := login(t, idp, p, oidc.BeginOptions{})
		if err != nil || !slices.Equal(e.AMR, want) || (e.ACR == "high") != trust {
			t.Errorf("trust %v: %v %q, %v", trust, e.AMR, e.ACR, err)
		}
	}
}

// Core, section 5.3.4: user information about somebody else is not believed,
// and it never says how or when somebody logged in.
func TestUserInfo(t *testing.T) {
	idp, p := start(t, func(c *oidc.Config) { c.TrustAMR = true })
	forge := func(change func(map[string]any)) fakeidp.Switches { return fakeidp.Switches{UserInfo: change} }
	for name, tt := range map[string]struct {
		switches fakeidp.Switches
		want     fault.Kind
	}{
		"another sub":     {forge(func(m map[string]any) { m["sub"] = "bob-1" }), fault.Invalid},
		"no sub":          {forge(func(m map[string]any) { delete(m, "sub") }), fault.Invalid},
		"sub of odd type": {forge(func(m map[string]any) { m["sub"] = 1 }), fault.Invalid},
		"huge":            {forge(func(m map[string]any) { m["x"] = strings.Repeat("x", 70<<10) }), fault.Unavailable},
		"a name of an odd type": {fakeidp.Switches{
			Token:    func(_, c map[string]any) { delete(c, "name") },
			UserInfo: func(m map[string]any) { m["name"] = []string{"x"} },
		}, fault.Invalid},
	} {
		idp.Set(tt.switches)
		if _, err := login(t, idp, p, oidc.BeginOptions{}); !fault.Is(err, tt.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	idp.Set(fakeidp.Switches{
		Token:    func(_, c map[string]any) { delete(c, "amr"); delete(c, "groups"); c["name"] = "From the token" },
		UserInfo: func(m map[string]any) { m["amr"], m["acr"], m["name"] = []string{"mfa"}, "top", "From the endpoint" },
	})
	e, err := login(t, idp, p, oidc.BeginOptions{})
	if err != nil || e.Name != "From the token" || e.AMR != nil || e.ACR != "high" || !slices.Equal(e.Groups, []string{"work/admins", "work/staff"}) {
		t.Errorf("%+v, %v", e, err)
	}
}
