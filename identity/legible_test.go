package identity_test

import (
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/identity"
)

func TestShowsAndPlain(t *testing.T) {
	for text, want := range map[string]struct{ shows, plain bool }{
		"The Wiki":                        {true, true},
		"ウィキ":                             {true, true},
		"Cafe\u0301":                      {true, true},
		"हिन्दी":                          {true, true},
		"한글":                              {true, true},
		"\u1112\u1161\u11ab":              {true, true}, // the same in pieces
		"★":                               {true, true},
		"":                                {},
		"   ":                             {},
		"\u00a0\u2003\u3000":              {},
		"\u3164":                          {}, // Hangul filler
		"\u115f\u1160":                    {},
		"\uffa0":                          {},
		"\u2800\u2800":                    {}, // braille blank
		"\u200b\u200c\u200d":              {},
		"\u2060\ufeff\u00ad":              {},
		"\u202e\u202c\u2066":              {},
		"\u0301\u0302":                    {},
		" \u0301":                         {},
		"\ufe0f\U000e0100":                {},
		"\U000e0041\U000e007f":            {}, // tags
		"\u034f\u17b4":                    {},
		"\u180e\u180b":                    {},
		"\x00":                            {},
		"a\nb":                            {},
		"a\u2028b":                        {},
		"a\xff":                           {},
		"a\u202eb":                        {true, false},
		"a\u200db":                        {true, false},
		"Wiki\u3164":                      {true, false},
		"Wiki\u00a0":                      {true, false},
		"\u0301a":                         {true, false},
		"a \u0301b":                       {true, false},
		"\ue000":                          {},
		"a" + strings.Repeat("\u0301", 4): {true, true},
		"a" + strings.Repeat("\u0301", 5): {true, false},
	} {
		if s, p := identity.Shows(text), identity.Legible(text); s != want.shows || p != want.plain {
			t.Errorf("%+q: shows %v, plain %v; want %+v", text, s, p, want)
		}
	}
}
