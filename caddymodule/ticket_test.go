package caddymodule_test

import (
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/caddymodule"
)

// A ticket is found as we write it. Once one is found, nothing is left for the
// application that it could read as one.
func TestTicketInTheQuery(t *testing.T) {
	for _, c := range []struct {
		target, ticket string
		found          bool
		without        string
	}{
		{"/", "", false, "/"},
		{"/?a=1&b=2", "", false, "/?a=1&b=2"},
		{"/?gatehouse_ticket=T", "T", true, "/"},
		{"/p?a=1&gatehouse_ticket=T", "T", true, "/p?a=1"},
		{"/p?gatehouse_ticket=T&a=%2F+x&a=", "T", true, "/p?a=%2F+x&a="},
		{"/p?gatehouse_ticket", "", true, "/p"},
		{"/p?gatehouse_ticket=a=b", "a=b", true, "/p"},
		{"/p?gatehouse_ticket=T&a&gatehouse_ticket=U", "", true, "/p?a"}, // doubled is broken
		{"/p?gatehouse_ticket=T&gatehouse%5Fticket=U", "", true, "/p"},
		{"/p?gatehouse%5fticket=U", "", false, "/p"}, // not how we write it, so it is none of ours
		{"/p?gatehouse_tickets=T", "", false, "/p?gatehouse_tickets=T"},
		{"/p?x=gatehouse_ticket", "", false, "/p?x=gatehouse_ticket"},
		{"/p?x=gatehouse_ticket=T", "", false, "/p?x=gatehouse_ticket=T"},
		{"/p?GATEHOUSE_TICKET=T", "", false, "/p?GATEHOUSE_TICKET=T"},
		{"/p?gatehouse_ticket%zz=T", "", false, "/p?gatehouse_ticket%zz=T"},
		{"/gatehouse_ticket=T", "", false, "/gatehouse_ticket=T"},
	} {
		_, query, _ := strings.Cut(c.target, "?")
		ticket, found := caddymodule.TicketOf(query)
		if ticket != c.ticket || found != c.found {
			t.Errorf("%s: found %q, %v", c.target, ticket, found)
		}
		if got := caddymodule.WithoutTicket(c.target); got != c.without {
			t.Errorf("%s: without it %q, want %q", c.target, got, c.without)
		}
	}
}
