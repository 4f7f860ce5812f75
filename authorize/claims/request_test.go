package claims_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/authorize/claims"
)

// The parameter as OpenID Connect Core, section 5.5, has it.
func TestParse(t *testing.T) {
	const text = `{
		"userinfo": {
			"given_name": {"essential": true}, "nickname": null, "email": {"essential": true},
			"email_verified": {"essential": false, "value": true}, "http://example.info/claims/groups": null, "picture": {"x": [{"y": 1e999}]}
		},
		"id_token": {
			"auth_time": {"essential": true}, "acr": {"values": ["urn:mace:incommon:iap:silver", 2, null]}, "sub": {"value": "alice"}
		},
		"other": {"a": {"a": 1}}
	}`
	q, err := claims.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	const info = "map[email:{true false []} email_verified:{false true []} given_name:{true false []} http://example.info/claims/groups:{false false []} nickname:{false false []} picture:{false false []}]"
	if got := fmt.Sprint(q.UserInfo); got != info {
		t.Errorf("userinfo %s", got)
	}
	const token = "map[acr:{false true [urn:mace:incommon:iap:silver]} auth_time:{true false []} sub:{false true [alice]}]"
	if got := fmt.Sprint(q.IDToken); got != token {
		t.Errorf("id_token %s", got)
	}
	if got := fmt.Sprint(q.IDToken.Names()); got != "[acr auth_time sub]" {
		t.Errorf("names %s", got)
	}
}

// What can't be read, or could be read in two ways. OAU-23
func TestParseRefuses(t *testing.T) {
	deep := strings.Repeat(`{"a":`, 4000) + "1" + strings.Repeat("}", 4000)
	for _, text := range []string{
		"", "null", "[]", `"x"`, "1", "{", "{}{}", "{} x", `{"userinfo":1}`, `{"userinfo":[]}`, `{"id_token":"x"}`, `{"id_token":{"sub":1}}`,
		`{"id_token":{"sub":{"essential":"yes"}}}`, `{"id_token":{"sub":{"values":"x"}}}`, `{"id_token":{"sub":{"values":[]}}}`,
		`{"id_token":{"sub":{"value":"a","values":["b"]}}}`, `{"userinfo":{},"userinfo":{}}`, `{"userinfo":{"a":null,"a":null}}`,
		`{"id_token":{"sub":{"value":"a","value":"b"}}}`, `{"x":{"a":1,"\u0061":2}}`, `{"userinfo":` + deep + `}`, `{"a":` + strings.Repeat("[", 20) + strings.Repeat("]", 20) + `}`,
		`{"a":"` + "\xff" + `"}`, `{"a":"` + strings.Repeat("x", 9000) + `"}`, `{"id_token":{"acr":{"values":[` + strings.Repeat(`"x",`, 50) + `"x"]}}}`,
	} {
		if q, err := claims.Parse(text); err == nil {
			t.Errorf("%.60q became %v", text, q)
		} else if err.Error() != "claims can't be read" { // LOG-01
			t.Errorf("%.60q: %v", text, err)
		}
	}
}

// Another spelling is another member.
func TestParseSpelling(t *testing.T) {
	q, err := claims.Parse(`{"UserInfo":{"email":null},"id_token":{"acr":{"Essential":true,"VALUE":"x"}}}`)
	if err != nil || len(q.UserInfo) != 0 || q.IDToken["acr"].Essential || q.IDToken["acr"].Limited {
		t.Errorf("%v %v", q, err)
	}
}

func seeds() []string {
	return []string{
		"{}", `{"userinfo":null,"id_token":null}`, `{"userinfo":{"email":null}}`, `{"id_token":{"sub":{"value":"x"},"acr":{"essential":true,"values":["a","b"]}}}`,
		`{"id_token":{"auth_time":{"essential":true}}}`, `{"x":[[[[[1]]]]]}`,
	}
}

// FuzzParse: whatever comes, it is read as written or refused, and a claim that
// is limited without a text that fits is never taken for one without limit.
func FuzzParse(f *testing.F) {
	for _, text := range seeds() {
		f.Add(text)
	}
	f.Add(`{"userinfo":{"a":null,"a":null}}`)
	f.Fuzz(func(t *testing.T, text string) {
		q, err := claims.Parse(text)
		if err != nil {
			return
		}
		var plain map[string]json.RawMessage
		if json.Unmarshal([]byte(text), &plain) != nil || len(text) > 8192 {
			t.Fatalf("%q was read", text)
		}
		for _, wishes := range []claims.Wishes{q.UserInfo, q.IDToken} {
			for name, w := range wishes {
				if !w.Limited && len(w.Values) > 0 || len(w.Values) > 50 {
					t.Fatalf("%q: %s is %+v", text, name, w)
				}
			}
		}
	})
}
