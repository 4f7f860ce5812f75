package guard_test

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/guard"
)

// DOS-01, HDR-07: a name as long as a server lets it be, made of what counts
// for nothing and of gateway prefixes without end, is gone over once. When
// each prefix meant going over the name again, one request took minutes.
func TestCleanIsLinear(t *testing.T) {
	c := guard.NewCleaner(own)
	const half = 1 << 19
	for _, name := range []string{
		strings.Repeat("-", half) + strings.Repeat("http", half/4) + "remoteuser",
		strings.Repeat("-http", half/5*2) + "-remote-user",
		strings.Repeat("-", 2*half) + "x",
		"http" + strings.Repeat("-", half) + strings.Repeat("redirect-", half/9) + "remoteuser",
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header[name] = []string{"x"}
		began := time.Now()
		if err := c.Request(r); err != nil {
			t.Error(err)
		}
		if _, kept := r.Header[name]; kept != strings.HasSuffix(name, "x") {
			t.Errorf("%.20s…: kept is %v", name, kept)
		}
		if took := time.Since(began); took > 5*time.Second { // milliseconds, if it is linear
			t.Errorf("%.20s… took %v", name, took)
		}
	}
}
