package authorize_test

import (
	"context"
	"testing"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
)

// A client that gets a token is told of, and one that is refused is not.
func TestUsed(t *testing.T) {
	var used []string
	w := newWorld(t, "", func(cfg *parts) {
		cfg.Used = func(_ context.Context, c *client.Client) { used = append(used, c.ID) }
	})
	b := w.browser()
	b.signIn("alice", "local")
	code := b.code(request())
	if b.post("/token", as("wiki", redeem("x"))); len(used) != 0 {
		t.Errorf("refused, and used by %v", used)
	}
	if b.post("/token", as("wiki", redeem(code))); len(used) != 1 || used[0] != "wiki" {
		t.Errorf("used by %v", used)
	}
}
