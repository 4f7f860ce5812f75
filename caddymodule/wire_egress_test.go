package caddymodule

import (
	"errors"
	"net/http"
	"testing"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/internal/egress"
)

// FED-11: what the operator permits for clients of their own is not permitted
// to clients that came by themselves, unless that is said too, each for itself;
// and plain http and the addresses of cloud credentials never are.
func TestWhereClientsMaySendUs(t *testing.T) {
	open := Terms{AllowPrivate: true}
	for name, tt := range map[string]struct {
		app                                *App
		configured, registered, documented bool
	}{
		"nothing is said":         {&App{}, false, false, false},
		"for one's own":           {&App{AllowPrivate: true, Registration: &Registration{}, ClientIDMetadata: &ClientIDMetadata{}}, true, false, false},
		"neither is taken":        {&App{AllowPrivate: true}, true, false, false},
		"for those that register": {&App{Registration: &Registration{Terms: open}, ClientIDMetadata: &ClientIDMetadata{}}, false, true, false},
		"for documents":           {&App{Registration: &Registration{}, ClientIDMetadata: &ClientIDMetadata{Terms: open}}, false, false, true},
	} {
		out := tt.app.ways(egress.Options{})
		for _, c := range []struct {
			client client.Client
			may    bool
		}{
			{client.Client{ID: "wiki"}, tt.configured},
			{client.Client{ID: "robot", Dynamic: true}, tt.registered},
			{client.Client{ID: "https://agent.example.com/x", Dynamic: true}, tt.documented},
			{client.Client{ID: "https://agent.example.com/x"}, tt.documented}, // before its document is read
		} {
			for _, address := range []string{"https://127.0.0.1:1/", "https://[::1]:1/", "https://[::ffff:127.0.0.1]:1/"} {
				if refused := refuses(t, out.to(&c.client), address, egress.ErrAddress); refused == c.may {
					t.Errorf("%s: %s to %s: refused %v", name, c.client.ID, address, refused)
				}
			}
			if !refuses(t, out.to(&c.client), "https://169.254.169.254/", egress.ErrAddress) {
				t.Errorf("%s: %s gets cloud credentials", name, c.client.ID)
			}
			plain := c.client.ID == "wiki" && tt.configured
			if refuses(t, out.to(&c.client), "http://127.0.0.1:1/", egress.ErrScheme) == plain {
				t.Errorf("%s: %s by plain http: not %v", name, c.client.ID, plain)
			}
		}
	}
}

// refuses tells whether a request fails for this reason.
func refuses(t *testing.T, way *http.Client, address string, reason error) bool {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := way.Do(r)
	if err == nil {
		res.Body.Close()
		t.Fatalf("something listens at %s", address)
	}
	return errors.Is(err, reason)
}
