package login_test

import (
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/gatehouse-auth/gatehouse/internal/fakeidp"
)

// CVE-2026-33544 of tinyauth: 200 people log in at once through one provider,
// and everybody is who they are. The provider signs in whoever the
// authorization request hints at.
func TestNobodyIsSwapped(t *testing.T) {
	const people = 200
	w, idp := federated(t, true)
	idp.Set(fakeidp.Switches{Person: func(q url.Values) map[string]any {
		name := q.Get("login_hint")
		return map[string]any{"sub": "sub-" + name, "preferred_username": name, "name": strings.ToUpper(name)}
	}})
	for i := range people {
		w.contexts[fmt.Sprint("/authorize?u=", i)] = wiki(nil)
		w.contexts[fmt.Sprint("/authorize?u=", i)].LoginHint = fmt.Sprint("user", i)
	}
	start := make(chan struct{})
	var all sync.WaitGroup
	for i := range people {
		b := w.browser().through(idp)
		all.Go(func() {
			<-start
			target := fmt.Sprint("/authorize?u=", i)
			away := b.get("/login/work?return_url=" + url.QueryEscape(target))
			back := b.get(away.to()).Header.Get("Location")
			if a := b.get(back); a.to() != target {
				t.Errorf("user%d: %d to %q", i, a.StatusCode, a.to())
			}
			if who := b.who(); who != fmt.Sprint("user", i) {
				t.Errorf("user%d is signed in as %q", i, who)
			}
		})
	}
	close(start)
	all.Wait()
}
