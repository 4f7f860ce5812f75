package fault_test

import (
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/gatehouse-auth/gatehouse/fault"
)

func TestKindOf(t *testing.T) {
	denied := fault.New(fault.Denied, "account.Authenticate", "Wrong user name or password.")
	tests := map[string]struct {
		err  error
		want fault.Kind
	}{
		"foreign error":     {io.EOF, fault.Internal},
		"direct":            {denied, fault.Denied},
		"wrapped by fmt":    {fmt.Errorf("outside: %w", denied), fault.Denied},
		"operation added":   {fault.At("login", denied), fault.Denied},
		"outermost decides": {fault.Wrap(fault.Unavailable, "login", denied), fault.Unavailable},
	}
	for name, tt := range tests {
		if got := fault.KindOf(tt.err); got != tt.want {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
}

func TestNilStaysNil(t *testing.T) {
	if fault.Wrap(fault.Denied, "x", nil) != nil || fault.At("x", nil) != nil || fault.Is(nil, fault.Internal) {
		t.Error("nil became an error")
	}
}

// ERR-01: only Public is for people; the cause is for the log.
func TestPublicNeverShowsTheCause(t *testing.T) {
	cause := errors.New("open /etc/secret: permission denied")
	err := fault.Wrap(fault.Unavailable, "store.Open", cause)
	if got := fault.Public(err); got != "" {
		t.Errorf("public text %q", got)
	}
	sentence := fault.New(fault.Denied, "x", "Please try again.")
	if got := fault.Public(fmt.Errorf("more: %w", fault.At("y", sentence))); got != "Please try again." {
		t.Errorf("public text %q", got)
	}
	if !errors.Is(err, cause) {
		t.Error("the cause is lost")
	}
}
