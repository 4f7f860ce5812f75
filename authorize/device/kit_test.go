package device_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/device"
	"github.com/gatehouse-auth/gatehouse/authorize/grant"
	"github.com/gatehouse-auth/gatehouse/store"
	"github.com/gatehouse-auth/gatehouse/store/memory"
	"github.com/gatehouse-auth/gatehouse/store/sqlite"
)

// onBoth runs f with stores in memory and on disk.
func onBoth(t *testing.T, f func(t *testing.T, s *device.Requests)) {
	open := map[string]func(*testing.T) (store.Shorts, error){
		"memory": func(*testing.T) (store.Shorts, error) { return memory.NewShorts(memory.Options{Now: time.Now}), nil },
		"sqlite": func(t *testing.T) (store.Shorts, error) {
			shorts, err := sqlite.OpenShorts(filepath.Join(t.TempDir(), "shorts.db"), sqlite.Options{Now: time.Now})
			if err == nil {
				t.Cleanup(func() { shorts.Close() })
			}
			return shorts, err
		},
	}
	for name, open := range open {
		t.Run(name, func(t *testing.T) {
			shorts, err := open(t)
			if err != nil {
				t.Fatal(err)
			}
			f(t, &device.Requests{Shorts: shorts, Grants: &grant.Grants{Shorts: shorts}})
		})
	}
}

// begin keeps a request and gives its codes.
func begin(t testing.TB, s *device.Requests) (deviceCode, userCode string, q device.Request) {
	t.Helper()
	deviceCode, userCode, err := device.Begin(s, t.Context(), device.Request{Client: "tv", Scopes: []string{"openid"}})
	if err != nil {
		t.Fatal(err)
	}
	if q, err = device.Waiting(s, t.Context(), userCode); err != nil {
		t.Fatal(err)
	}
	return deviceCode, userCode, q
}

// allowed is what alice allows.
func allowed() grant.Authorization {
	return grant.Authorization{Client: "tv", Scopes: []string{"openid"}, Subject: "alice", SID: "s", AuthTime: 1}
}
