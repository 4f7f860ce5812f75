package client_test

import (
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/fault"
)

func TestStatic(t *testing.T) {
	s := client.Static{
		"wiki": {ID: "wiki", AllowedOrigins: []string{"https://wiki.example.com"}},
		"gone": nil,
	}
	delete(s, "gone")
	if c, err := s.Client(t.Context(), "wiki"); err != nil || c.ID != "wiki" {
		t.Errorf("%v, %v", c, err)
	}
	for _, id := range []string{"", "Wiki", "gone"} {
		if c, err := s.Client(t.Context(), id); !fault.Is(err, fault.NotFound) || c != nil {
			t.Errorf("%q: %v, %v", id, c, err)
		}
	}
	for origin, want := range map[string]bool{"https://wiki.example.com": true, "https://wiki.example.com:8443": false, "": false} {
		if got, err := s.AllowsOrigin(t.Context(), origin); err != nil || got != want {
			t.Errorf("%q: %v, %v", origin, got, err)
		}
	}
}

// OAU-11: a secret goes through the database as its hash.
func TestStoredSecret(t *testing.T) {
	const plain = "0123456789abcdefghijklmnopqrstuvwxyz"
	made, err := client.NewSecret(plain)
	if err != nil {
		t.Fatal(err)
	}
	read, err := client.ParseSecret(made.Sum())
	if err != nil || read != made || strings.Contains(made.Sum(), plain) {
		t.Errorf("%v", err)
	}
	if c := (&client.Client{Secrets: []client.Secret{read}}); !c.Authenticate(plain) || c.Authenticate(made.Sum()) {
		t.Error("the secret that was read is another one")
	}
	for _, text := range []string{"", plain, made.Sum() + "=", made.Sum()[1:], strings.Repeat("A", 43)} {
		if _, err := client.ParseSecret(text); err == nil {
			t.Errorf("%q is a hash", text)
		}
	}
}
