package jose_test

import (
	"encoding/json"
	"testing"

	"github.com/gatehouse-auth/gatehouse/internal/jose"
)

func TestDate(t *testing.T) {
	for raw, want := range map[string]int64{ // -1: refused
		"0": 0, "1700000000": 1700000000, "1700000000.9": 1700000000, "1.7e9": 1700000000, "253402300799": 253402300799,
		"-1": -1, "-0.5": -1, `"1700000000"`: -1, "true": -1, "[1]": -1, "{}": -1,
		"253402300800": -1, "1e300": -1, "1e999999999": -1, "99999999999999999999999999": -1,
	} {
		var c struct {
			Exp *jose.Date `json:"exp"`
		}
		err := json.Unmarshal([]byte(`{"exp":`+raw+`}`), &c)
		if (err != nil) != (want < 0) || err == nil && c.Exp.Time().Unix() != want {
			t.Errorf("%s: %v, %v", raw, c.Exp, err)
		}
	}
	c := struct{ Exp *jose.Date }{}
	if err := json.Unmarshal([]byte(`{"exp":null}`), &c); err != nil || c.Exp != nil {
		t.Errorf("null is a date: %v, %v", c.Exp, err)
	}
}

func TestAudience(t *testing.T) {
	for raw, want := range map[string]struct{ ok, is, within, has bool }{
		`"us"`:          {true, true, true, true},
		`["us"]`:        {true, false, true, true},
		`["us","also"]`: {true, false, true, true},
		`["us","them"]`: {true, false, false, true},
		`["us","us"]`:   {true, false, true, true},
		`"them"`:        {true, false, false, false},
		`"US"`:          {true, false, false, false},
		`"us "`:         {true, false, false, false},
		`""`:            {true, false, false, false},
		`[]`:            {true, false, false, false},
		`null`:          {},
		`1`:             {},
		`[1]`:           {},
		`[["us"]]`:      {},
		`{"us":1}`:      {},
	} {
		var a jose.Audience
		if err := json.Unmarshal([]byte(raw), &a); (err == nil) != want.ok {
			t.Errorf("%s: %v", raw, err)
		} else if err == nil && (a.Is("us") != want.is || a.Within("us", "also") != want.within || a.Has("us") != want.has) {
			t.Errorf("%s: is %v, within %v, has %v", raw, a.Is("us"), a.Within("us", "also"), a.Has("us"))
		}
	}
	var none jose.Audience
	if none.Is("") || none.Within("us") || none.Has("") {
		t.Error("no audience is somebody's")
	}
}
