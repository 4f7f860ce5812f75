package conformance_test

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/internal/jose"
	"github.com/gatehouse-auth/gatehouse/internal/rig"
)

const password = "correct horse battery"

// provider is the Caddy that all modules run against, and the client's own
// server that answers are sent to.
type provider struct {
	*rig.Caddy
	issuer   string
	app      *rig.App // the clients' server
	callback string   // where answers go, below app
	secure   string   // the same, for clients that need https
	bye      string   // where people go after signing out
	client   *http.Client
	meta     map[string]any // discovery
	settings string         // docs/caddyfile.md, which a test holds against the parser
	keys     jose.Set
	signedIn []*http.Cookie // of a browser in which Alice is signed in
	holders  map[string]*holder
}

// start runs Caddy with a person and the clients.
func start(t *testing.T) *provider {
	t.Helper()
	port := rig.Ports(t, 1)[0]
	op := &provider{app: rig.NewApp(t), issuer: fmt.Sprintf("https://auth.localhost:%d", port)}
	op.callback, op.bye = op.app.URL+"/callback", op.app.URL+"/bye"
	op.secure = fmt.Sprintf("https://client.localhost:%d/callback", port)
	op.client = &http.Client{
		Timeout: 30 * time.Second,
		Transport: &http.Transport{
			TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, // Caddy's own test authority, on loopback
			DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
				return new(net.Dialer).DialContext(ctx, network, fmt.Sprintf("127.0.0.1:%d", port))
			},
		},
	}
	t.Cleanup(op.client.CloseIdleConnections)
	op.Caddy = rig.Prepare(t, op.file())
	op.equip(t)
	op.addUser("alice", "--name", "Alice A", "--email", "alice@example.com", "--group", "staff")
	op.Start()
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(50 * time.Millisecond) { // Caddy still makes its certificate
		resp, err := op.client.Get(op.issuer + "/.well-known/openid-configuration")
		if err == nil {
			op.meta = object(t, resp)
			break
		}
		if time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
	op.fetchKeys(t)
	op.signIn(t)
	settings, err := os.ReadFile("../../docs/caddyfile.md")
	if err != nil {
		t.Fatal(err)
	}
	op.settings = string(settings)
	return op
}

// signIn signs Alice in once, for all modules that are not about signing in.
func (op *provider) signIn(t *testing.T) {
	t.Helper()
	b := rig.NewBrowser(t)
	b.Submit(b.Get(op.issuer+"/login"), map[string]string{"username": "alice", "password": password})
	at, err := url.Parse(op.issuer)
	if err != nil {
		t.Fatal(err)
	}
	if op.signedIn = b.Client.Jar.Cookies(at); len(op.signedIn) == 0 {
		t.Fatal("nobody could sign in")
	}
}

// addUser makes an account by the command.
func (op *provider) addUser(name string, more ...string) {
	if out, err := op.Run(password+"\n", append([]string{"gatehouse", "user", "add", name, "--password-stdin"}, more...)...); err != nil {
		panic(fmt.Sprintf("user add: %v\n%s", err, out))
	}
}

// endpoint gives an address out of discovery.
func (op *provider) endpoint(name string) string {
	address, _ := op.meta[name].(string)
	return address
}

// lists tells whether a list of discovery has a value.
func (op *provider) lists(name, value string) bool {
	list, _ := op.meta[name].([]any)
	for _, one := range list {
		if one == value {
			return true
		}
	}
	return false
}

func (op *provider) fetchKeys(t testing.TB) {
	t.Helper()
	resp, err := op.client.Get(op.endpoint("jwks_uri"))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if op.keys, err = jose.ParseSet(raw); err != nil {
		t.Fatal(err)
	}
}

// object reads an answer that must be a JSON object.
func object(t testing.TB, resp *http.Response) map[string]any {
	t.Helper()
	defer resp.Body.Close()
	var v map[string]any
	if err := json.NewDecoder(resp.Body).Decode(&v); err != nil {
		t.Fatalf("%s is no JSON object: %v", resp.Request.URL, err)
	}
	return v
}
