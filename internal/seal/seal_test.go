package seal_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/internal/seal"
)

func master(t testing.TB, first byte) *seal.Master {
	t.Helper()
	key := bytes.Repeat([]byte{7}, seal.KeySize)
	key[0] = first
	m, err := seal.NewMaster(key)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestOpenGivesBackWhatWasSealed(t *testing.T) {
	box := master(t, 1).Box("visit")
	for _, plain := range []string{"", "a", strings.Repeat("x", 5000)} {
		got, err := box.Open(box.Seal([]byte(plain), "cookie", "v"), "cookie", "v")
		if err != nil || string(got) != plain {
			t.Errorf("%d bytes: got %d bytes, %v", len(plain), len(got), err)
		}
	}
}

// COO-11: what was sealed opens for its purpose, and under the name that it was
// sealed for, alone.
func TestOpenRefuses(t *testing.T) {
	m := master(t, 1)
	sealed := m.Box("visit").Seal([]byte("hello"), "ab", "c")
	tests := map[string]struct {
		box      *seal.Box
		text     string
		bindings []string
	}{
		"another purpose":   {m.Box("state"), sealed, []string{"ab", "c"}},
		"another master":    {master(t, 2).Box("visit"), sealed, []string{"ab", "c"}},
		"shifted bindings":  {m.Box("visit"), sealed, []string{"a", "bc"}},
		"missing bindings":  {m.Box("visit"), sealed, nil},
		"empty":             {m.Box("visit"), "", []string{"ab", "c"}},
		"not base64":        {m.Box("visit"), "%%%", []string{"ab", "c"}},
		"cut":               {m.Box("visit"), sealed[:len(sealed)-4], []string{"ab", "c"}},
		"lengthened":        {m.Box("visit"), sealed + "AAAA", []string{"ab", "c"}},
		"with padding":      {m.Box("visit"), sealed + "=", []string{"ab", "c"}},
		"with a line break": {m.Box("visit"), sealed[:8] + "\n" + sealed[8:], []string{"ab", "c"}},
	}
	for name, tt := range tests {
		if _, err := tt.box.Open(tt.text, tt.bindings...); err != seal.ErrBroken {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// COO-11: a sealed cookie is authenticated to the last bit.
func TestEveryFlippedBitIsRefused(t *testing.T) {
	box := master(t, 1).Box("visit")
	raw, err := base64.RawURLEncoding.DecodeString(box.Seal([]byte("hello"), "cookie"))
	if err != nil {
		t.Fatal(err)
	}
	for i := range raw {
		for bit := range 8 {
			bad := bytes.Clone(raw)
			bad[i] ^= 1 << bit
			if _, err := box.Open(base64.RawURLEncoding.EncodeToString(bad), "cookie"); err == nil {
				t.Fatalf("byte %d bit %d opened", i, bit)
			}
		}
	}
}

// COO-12: a key of the wrong length or from a sample stops the start.
func TestNewMasterRefusesBadKeys(t *testing.T) {
	for name, key := range map[string][]byte{
		"none": nil, "short": bytes.Repeat([]byte{1, 2}, 8), "long": bytes.Repeat([]byte{1, 2}, 32),
		"zero": make([]byte, seal.KeySize), "constant": bytes.Repeat([]byte{'x'}, seal.KeySize),
	} {
		if _, err := seal.NewMaster(key); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestMasterPrintsRedacted(t *testing.T) {
	m := master(t, 1)
	holder := struct{ master *seal.Master }{m}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%d", "%x"} {
		for _, v := range []any{holder, &holder, *m} {
			if got := fmt.Sprintf(verb, v); strings.Contains(got, "7 7 7") || strings.Contains(got, "0707") || strings.Contains(got, "0x7, 0x7") {
				t.Errorf("%s printed %q", verb, got)
			}
		}
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		if got := fmt.Sprintf(verb, m); got != "REDACTED" {
			t.Errorf("%s printed %q", verb, got)
		}
	}
}

func FuzzOpen(f *testing.F) {
	box := master(f, 1).Box("visit")
	f.Add(box.Seal([]byte("hello")))
	f.Add("")
	f.Add("AQ")
	f.Fuzz(func(t *testing.T, text string) {
		plain, err := box.Open(text)
		if err == nil && string(plain) != "hello" {
			t.Fatalf("opened %q", text)
		}
	})
}
