package client_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
)

func TestRuleText(t *testing.T) {
	for text, want := range map[string]client.Rule{
		"":                            nil,
		" ; ;":                        nil,
		"group staff":                 {{"group", "staff"}},
		`group staff "a b" ;mfa; `:    {{"group", "staff", "a b"}, {"mfa"}},
		`group "a;b"`:                 {{"group", "a;b"}},
		`group "#x" a#x`:              {{"group", "#x", "a#x"}},
		`group "say \"x\""`:           {{"group", `say "x"`}},
		`group DOM\users "DOM\x y"`:   {{"group", `DOM\users`, `DOM\x y`}},
		"group `DOM x\\`":             {{"group", `DOM x\`}},
		"group \"a b\" `c\"`  d\"e":   {{"group", "a b", `c"`, `d"e`}},
		`group "\\"`:                  {{"group", `\\`}},
		"group \"\u00a0\"":            {{"group", "\u00a0"}},
		`group ""`:                    {{"group", ""}}, // which nobody can keep
		"group `<<a` \"<<b\" \"\\<\"": {{"group", "<<a", "<<b", `\<`}},
	} {
		if got, err := client.ParseRule(text); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %q, %v; want %q", text, got, err, want)
		}
	}
	for text, want := range map[string]string{
		`group DOM\`:       "quotation marks", // would join the next line
		`group DOM\; mfa`:  "quotation marks",
		"group #staff":     "quotation marks", // would be a comment
		"group a # staff":  "quotation marks",
		"group <<X":        "quotation marks",
		`group \<<X`:       "quotation marks",
		`group \"a`:        "quotation marks",
		`group \#a`:        "quotation marks",
		`group "a b\"`:     "quotation mark is missing",
		`group "a`:         "quotation mark is missing",
		`group "a"b`:       "quotation mark is missing",
		"group `a":         "quotation mark is missing",
		"group a\u00a0b":   "quotation mark is missing",
		"group {env.HOME}": "braces",
		"group a\nmfa":     "one line",
		"group a\tb":       "one line",
		"group a\xff":      "one line",
	} {
		if got, err := client.ParseRule(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %q, %v; want %q", text, got, err, want)
		}
	}
}

// FuzzRuleText: what was read is written so that it is read as the same again.
func FuzzRuleText(f *testing.F) {
	for _, text := range []string{`group staff "domain admins"; mfa`, `group DOM\users #x`, "a `b\\` \"c\\\"\" d\"", `"a\\\""`, "x\u00a0", `"\`, "`\"`"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		rule, err := client.ParseRule(text)
		if err != nil {
			return
		}
		if again, err := client.ParseRule(rule.String()); err != nil || !reflect.DeepEqual(again, rule) {
			t.Errorf("%q: %q, written %q, read %q, %v", text, rule, rule, again, err)
		}
	})
}
