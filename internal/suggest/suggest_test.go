package suggest_test

import (
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/internal/suggest"
)

func TestNearest(t *testing.T) {
	known := []string{"wiki", "grafana", "Files", "a", strings.Repeat("x", 80)}
	for word, want := range map[string]string{
		"wikki": "wiki", "iwki": "wiki", "WIKI": "wiki", "grafan": "grafana", "files": "Files",
		"": "a", "calendar": "", "zz": "", strings.Repeat("x", 79): "",
	} {
		if got := suggest.Nearest(word, known); got != want {
			t.Errorf("%q: %q, want %q", word, got, want)
		}
	}
	if got := suggest.Nearest("cat", []string{"rat", "bat"}); got != "bat" {
		t.Errorf("of two as near: %q", got)
	}
	if got := suggest.Nearest("x", nil); got != "" {
		t.Errorf("nothing known: %q", got)
	}
}
