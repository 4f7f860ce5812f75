package metadata_test

import (
	"encoding/json"
	"testing"

	"github.com/gatehouse-auth/gatehouse/authorize/metadata"
)

// OAU-42: what nobody looked at is shown to people, so it shows something, hides
// nothing, and is not taken for an address or for this provider.
func TestNames(t *testing.T) {
	terms := metadata.Terms{House: []string{"Gatehouse", "auth.example.com"}}
	const id = "https://agent.wiki.example/id"
	for name, want := range map[string]bool{
		"":                          true, // the id is shown
		"The Wiki":                  true,
		"ウィキ":                       true,
		"wiki.example":              true, // its own
		"Wiki.Example":              true,
		"agent.wiki.example":        true,
		"Version 2.0":               true,
		"Version2.0":                true,
		"J. R. Hartley":             true,
		"e.g. this":                 true,
		"Gatehouse Monitor":         true,
		" ":                         false,
		"\u3164":                    false,
		"\u2800":                    false,
		"\u115f\u1160\uffa0":        false,
		"\u200b":                    false,
		"\u0301":                    false,
		"Wiki\u200b":                false,
		"a\u202eb":                  false,
		"https://bank.example":      false,
		"Wiki https://bank.example": false,
		"bank.example":              false,
		"iki.example":               false,
		"BANK.example ":             false,
		"ｂａｎｋ．example":              false,
		"192.0.2.1":                 false,
		"Gatehouse":                 false,
		"gateHOUSE":                 false,
		"ｇａｔｅｈｏｕｓｅ":                 false,
		"Sign in: Auth.example.com": false,
	} {
		for _, uri := range []string{"https://app.wiki.example/cb", "http://127.0.0.1/cb"} {
			raw, err := json.Marshal(map[string]any{"redirect_uris": []string{uri}, "client_name": name, "token_endpoint_auth_method": "none"})
			if err != nil {
				t.Fatal(err)
			}
			d, err := metadata.Read(raw)
			if err != nil {
				t.Fatal(err)
			}
			if c, err := d.Client(id, terms); (err == nil) != want || err == nil && c.Name != name || err != nil && metadata.Wrong(err) == nil {
				t.Errorf("%+q at %s: %v", name, uri, err)
			}
		}
	}
}
