package command_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/internal/secret"
)

// OAU-42: tokens by which applications register themselves, each shown once.
func TestClientToken(t *testing.T) {
	o, server := newClientOffice(t)
	out := o.must(t, "", "client", "token", "add", "lab", "--uses", "3", "--life", "1h", "--json")
	var made struct {
		ID, Token, Name string
		Uses            int
	}
	if err := json.Unmarshal([]byte(out[strings.Index(out, "{"):]), &made); err != nil || !secret.Valid(made.Token) || made.Uses != 3 || made.Name != "lab" {
		t.Fatalf("%+v, %v: %s", made, err, out)
	}
	if list, err := server.Registrations.Tokens(t.Context()); err != nil || len(list) != 1 || list[0].ID != made.ID {
		t.Errorf("%v, %v", list, err)
	}
	if out := o.must(t, "", "client", "token", "list"); !strings.Contains(out, "lab") || !strings.Contains(out, made.ID) || strings.Contains(out, made.Token) {
		t.Errorf("list: %s", out)
	}
	o.must(t, "", "client", "token", "delete", made.ID)
	if out := o.must(t, "", "client", "token", "list", "--json"); strings.Contains(out, made.ID) || !strings.Contains(out, "[]") {
		t.Errorf("after deletion: %s", out)
	}
	for _, args := range [][]string{{"add", "--uses", "0"}, {"add", "--life", "1s"}, {"add", "--life", "90000h"}, {"delete", made.ID}} {
		if out, err := o.run(t, "", append([]string{"client", "token"}, args...)...); err == nil {
			t.Errorf("%v: %s", args, out)
		}
	}
}
