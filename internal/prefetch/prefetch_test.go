package prefetch_test

import (
	"net/http"
	"testing"

	"github.com/gatehouse-auth/gatehouse/internal/prefetch"
)

func TestInAdvance(t *testing.T) {
	for _, c := range []struct {
		name  string
		lines []string
		want  bool
	}{
		{"Sec-Purpose", []string{"prefetch"}, true},
		{"Sec-Purpose", []string{"prefetch;anonymous-client-ip"}, true},
		{"Sec-Purpose", []string{"prefetch;prerender"}, true},
		{"Sec-Purpose", []string{"", "Prefetch"}, true},
		{"Purpose", []string{"prefetch"}, true},
		{"X-Purpose", []string{"preview"}, true},
		{"X-Moz", []string{"prefetch"}, true},
		{"Purpose", []string{"prerender"}, true},
		{"Purpose", []string{"reading"}, false},
		{"Accept", []string{"prefetch"}, false},
	} {
		if got := prefetch.InAdvance(http.Header{c.name: c.lines}); got != c.want {
			t.Errorf("%s %q: %v", c.name, c.lines, got)
		}
	}
}
