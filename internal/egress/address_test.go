package egress_test

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/internal/egress"
)

// FED-11: every form of an address that isn't a public server's is refused
// before a packet is sent; AllowPrivate opens private networks and nothing
// else.
func TestAddressClasses(t *testing.T) {
	tests := map[string]struct{ strict, private bool }{
		"127.0.0.1": {}, "127.8.8.8": {}, "[::1]": {},
		"10.0.0.1": {}, "172.16.0.1": {}, "172.31.255.255": {}, "192.168.1.1": {},
		"100.64.0.1": {}, "100.127.255.255": {}, "[fd00::1]": {}, "[fc00::1]": {},
		"[::ffff:10.0.0.1]": {}, "[::ffff:127.0.0.1]": {},
		"169.254.169.254": {}, "[fe80::1]": {}, "[::ffff:169.254.169.254]": {}, "0.0.0.0": {}, "[::]": {},
		"224.0.0.1": {}, "[ff02::1]": {}, "255.255.255.255": {}, "240.0.0.1": {}, "0.1.2.3": {},
		"192.0.2.1": {}, "198.18.0.1": {}, "[64:ff9b::a00:1]": {}, "[2002:a00:1::]": {}, "[2001:0:a00:1::]": {},
		"[::10.0.0.1]": {}, "[fec0::1]": {}, "[2001:db8::1]": {},
		"[::ffff:0:10.0.0.1]": {}, "[64:ff9b:1::a00:1]": {}, "[2002:7f00:1::1]": {}, "[4000::1]": {}, "[1fff::1]": {}, "[e000::1]": {},
	}
	client := egress.New(egress.Options{})
	for host := range tests {
		_, err := client.Get("https://" + host + ":1/")
		if !errors.Is(err, egress.ErrAddress) {
			t.Errorf("%s: %v", host, err)
		}
	}
	closed := egress.New(egress.Options{AllowPrivate: true})
	for _, host := range []string{"169.254.169.254", "[fe80::1]", "[::ffff:169.254.169.254]", "0.0.0.0", "[::]", "224.0.0.1", "255.255.255.255", "[64:ff9b::a9fe:a9fe]"} {
		if _, err := closed.Get("https://" + host + ":1/"); !errors.Is(err, egress.ErrAddress) {
			t.Errorf("with AllowPrivate, %s: %v", host, err)
		}
	}
}

// The address check lets public addresses and permitted private ones through:
// the errors are those of the network, not ours.
func TestPermittedAddressesAreDialled(t *testing.T) {
	for host, o := range map[string]egress.Options{
		"127.0.0.1": {AllowPrivate: true}, "[::ffff:127.0.0.1]": {AllowPrivate: true}, "8.8.8.8": {}, "[2606:4700::1111]": {},
		"10.255.255.1": {AllowPrivate: true}, "100.64.0.1": {AllowPrivate: true},
	} {
		o.Timeout = 30 * time.Millisecond
		_, err := egress.New(o).Do(request(t, "https://"+host+":1/"))
		if err == nil || errors.Is(err, egress.ErrAddress) {
			t.Errorf("%s: %v", host, err)
		}
	}
}

func request(t *testing.T, url string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}
