package oidc_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/internal/egress"
	"github.com/gatehouse-auth/gatehouse/internal/fakeidp"
	"github.com/gatehouse-auth/gatehouse/provider/oidc"
)

const callback = "https://auth.example.com/callback/work"

// start runs a provider and the code that logs in there.
func start(t testing.TB, change func(*oidc.Config)) (*fakeidp.Provider, *oidc.Provider) {
	t.Helper()
	idp := fakeidp.Start(t)
	idp.Redirect = callback
	return idp, client(t, idp, change)
}

func client(t testing.TB, idp *fakeidp.Provider, change func(*oidc.Config)) *oidc.Provider {
	t.Helper()
	config := oidc.Config{Name: "work", Issuer: idp.Issuer, ClientID: idp.ClientID, ClientSecret: oidc.Secret(idp.ClientSecret), AllowPrivate: true}
	if change != nil {
		change(&config)
	}
	way := egress.New(egress.Options{AllowPrivate: config.AllowPrivate, RootCAs: idp.Roots(), Timeout: 5 * time.Second})
	t.Cleanup(way.CloseIdleConnections)
	p, err := oidc.New(config, oidc.Deps{Client: way, Now: idp.Now})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// visit sends a browser to the provider and gives the request with which it
// comes back.
func visit(t testing.TB, idp *fakeidp.Provider, location string) *http.Request {
	t.Helper()
	res, err := idp.Client().Get(location)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusFound {
		t.Fatalf("the provider answered %s", res.Status)
	}
	return httptest.NewRequest(http.MethodGet, res.Header.Get("Location"), nil)
}

// login goes the whole way.
func login(t testing.TB, idp *fakeidp.Provider, p *oidc.Provider, o oidc.BeginOptions) (identity.External, error) {
	t.Helper()
	location, memo, err := p.Begin(context.Background(), callback, "state-0123456789-0123456789", o)
	if err != nil {
		return identity.External{}, err
	}
	return p.Finish(context.Background(), callback, memo, visit(t, idp, location))
}
