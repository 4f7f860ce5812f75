package caddymodule

import (
	"io"
	"testing"

	"github.com/caddyserver/caddy/v2"
)

// OfferSetup offers setup as at a start with this terminal.
func OfferSetup(tb testing.TB, terminal io.Writer) {
	tb.Helper()
	module, err := caddy.ActiveContext().AppIfConfigured("gatehouse")
	if err != nil {
		tb.Fatal(err)
	}
	svc, err := module.(*App).service(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	if err := svc.offerSetup(tb.Context(), terminal); err != nil {
		tb.Fatal(err)
	}
}
