package authorize_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/authorize/device"
	"github.com/gatehouse-auth/gatehouse/authorize/endpoints"
	"github.com/gatehouse-auth/gatehouse/authorize/endsession"
)

// leaves gives a configuration what it may also do without: end_session and
// devices.
func leaves(cfg *parts) {
	cfg.EndSession = new(endsession.Server)
	cfg.Device = new(device.Server)
}

// What is served is in discovery and what is not is not, whatever is switched
// off. OAU-40
func TestDisabled(t *testing.T) {
	members := map[string]string{
		"userinfo": "userinfo_endpoint", "revoke": "revocation_endpoint", "introspect": "introspection_endpoint", "end_session": "end_session_endpoint",
		"par": "pushed_authorization_request_endpoint", "device": "device_authorization_endpoint",
	}
	for _, name := range endpoints.Switchable() {
		if members[name] == "" {
			members[name] = name + "_endpoint"
		}
	}
	for _, off := range append(endpoints.Switchable(), "") {
		w := newWorld(t, "/.gatehouse", leaves, func(cfg *parts) {
			if off != "" {
				cfg.Disabled = []string{off}
			}
		})
		m := w.browser().get(w.issuer + "/.well-known/openid-configuration").fields(t)
		served := w.desk.Routes()
		for _, name := range endpoints.Switchable() {
			_, told := m[members[name]]
			if _, there := served["/.gatehouse/"+name]; there != (name != off) || told != there {
				t.Errorf("%q is off: %s is served: %t, told: %t", off, name, there, told)
			}
		}
		for member, value := range m {
			if address, _ := value.(string); strings.HasSuffix(member, "_endpoint") || strings.HasSuffix(member, "_uri") {
				if served[strings.TrimPrefix(address, strings.TrimSuffix(w.issuer, "/.gatehouse"))] == nil {
					t.Errorf("%q is off: %s leads nowhere", off, member)
				}
			}
			if grants, ok := value.([]any); ok && member == "grant_types_supported" && slices.Contains(grants, any(client.GrantDevice)) != (off != "device") {
				t.Errorf("%s is off: grant types %v", off, grants)
			}
			if off == "introspect" && strings.HasPrefix(member, "introspection_") || off == "revoke" && strings.HasPrefix(member, "revocation_") || off == "userinfo" && strings.HasPrefix(member, "userinfo_") {
				t.Errorf("%s is off, and there is %s", off, member)
			}
		}
		if off == "" {
			continue
		}
		if a := w.browser().get(w.issuer + "/" + off); a.StatusCode != 404 {
			t.Errorf("%s: %d", off, a.StatusCode)
		}
	}
	for _, name := range []string{"authorize", "token", "jwks", "discovery", "login", ""} {
		if _, err := endpoints.New(endpoints.Config{Disabled: []string{name}}); err == nil || !strings.Contains(err.Error(), `no endpoint "`+name+`"`) {
			t.Errorf("%q: %v", name, err)
		}
	}
}
