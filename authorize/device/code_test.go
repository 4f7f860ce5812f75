package device_test

import (
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/authorize/device"
)

// Codes are read however people write them, and nothing else is.
func TestReadCode(t *testing.T) {
	for typed, want := range map[string]string{
		"BCDF-GHJK": "BCDF-GHJK", "bcdfghjk": "BCDF-GHJK", " bcdf ghjk ": "BCDF-GHJK", "b c d f - g h j k": "BCDF-GHJK", "bcdf–ghjk": "BCDF-GHJK",
		"": "", "BCDF-GHJ": "", "BCDF-GHJKL": "", "ACDF-GHJK": "", "BCDF-GHJ1": "", "BCDF/GHJK": "", "ВCDF-GHJK": "", "\x00BCDFGHJK": "", "BCDF\nGHJK": "",
		strings.Repeat("-", 57) + "BCDFGHJK": "", strings.Repeat("-", 56) + "BCDFGHJK": "BCDF-GHJK",
	} {
		if got, ok := device.ReadCode(typed); got != want || ok != (want != "") {
			t.Errorf("%q: %q %t", typed, got, ok)
		}
	}
}

// Every letter comes at every place, about as often as the others, so that a
// code has the 34 bits that it seems to have (OAU-39).
func TestUserCodes(t *testing.T) {
	const n = 20_000
	var counts [8]map[byte]int
	for i := range counts {
		counts[i] = map[byte]int{}
	}
	for range n {
		code := device.NewUserCode()
		if len(code) != 8 {
			t.Fatal(code)
		}
		for i := range counts {
			counts[i][code[i]]++
		}
	}
	for i, at := range counts {
		if len(at) != 20 {
			t.Errorf("place %d has %d letters", i, len(at))
		}
		for letter, k := range at {
			if k < n/20*8/10 || k > n/20*12/10 { // six standard deviations
				t.Errorf("place %d: %c comes %d times", i, letter, k)
			}
		}
	}
}

// FuzzReadCode: what is read as a code has a code's form and reads as itself.
func FuzzReadCode(f *testing.F) {
	for _, typed := range []string{"BCDF-GHJK", "bcdf ghjk", "", "ſ", "\xff", "BCDF-GHJK\x00", "ıİKſ-GHJK"} {
		f.Add(typed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		code, ok := device.ReadCode(typed)
		if !ok {
			if code != "" {
				t.Fatal(code)
			}
			return
		}
		if again, ok := device.ReadCode(code); !ok || again != code || len(code) != 9 || code[4] != '-' || strings.Trim(code, "BCDFGHJKLMNPQRSTVWXZ-") != "" {
			t.Fatalf("%q is read as %q, that as %q", typed, code, again)
		}
	})
}
