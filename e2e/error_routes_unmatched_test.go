package e2e_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/internal/rig"
)

// Error routes that take some errors and not ours: the others keep our pages
// (ERR-01), and those that are taken are the operator's.
func TestErrorRoutesForOtherErrors(t *testing.T) {
	tests := []struct {
		name, routes string
		mine         string // the statuses that the operator answers
	}{
		{"none", "", ""},
		{"another status", "handle_errors 404 {\n\t\trespond mine\n\t}", ""},
		{"no handler", "handle_errors {\n\t}", ""},
		{"nothing that says anything", "handle_errors {\n\t\theader X-Mine mine\n\t}", ""},
		{"another path", "handle_errors {\n\t\thandle /elsewhere {\n\t\t\trespond mine\n\t\t}\n\t}", ""},
		{"a matcher", "handle_errors {\n\t\t@gone expression `{err.status_code} == 410`\n\t\trespond @gone mine\n\t}", ""},
		{"this status", "handle_errors 403 {\n\t\trespond mine\n\t}", "403"},
		{"its class", "handle_errors 4xx {\n\t\trespond mine\n\t}", "400 403"},
		{"everything", "handle_errors {\n\t\theader X-Mine mine\n\t\trespond mine\n\t}", "400 403"},
		{"second of two", "handle_errors 404 {\n\t\trespond gone\n\t}\n\thandle_errors 403 {\n\t\trespond mine\n\t}", "403"},
		{"original path", "rewrite * /rewritten\n\thandle_errors {\n\t\thandle /x {\n\t\t\trespond mine\n\t\t}\n\t}", "403"},
	}
	port := rig.Ports(t, 1)[0]
	h := &house{app: rig.NewApp(t), port: port, auth: fmt.Sprintf("http://auth.localhost:%d", port)}
	var text strings.Builder
	fmt.Fprintf(&text, "{\n\tadmin ADMIN\n\tpersist_config off\n\tgatehouse {\n\t\tissuer %[1]s\n\t\tusers\n\t}\n}\n%[1]s {\n\tgatehouse_portal\n}\n", h.auth)
	site := func(i int) string { return fmt.Sprintf("http://s%d.localhost:%d", i, port) }
	for i, tt := range tests {
		fmt.Fprintf(&text, "%s {\n\tgatehouse {\n\t\tallow group staff\n\t\tpublic /pub/*\n\t}\n\treverse_proxy %s\n\t%s\n}\n", site(i), h.app.Addr(), tt.routes)
	}
	h.Caddy = rig.Prepare(t, text.String())
	h.addUser("bob")
	h.Start()
	bob := rig.NewBrowser(t)
	h.login(t, bob, h.auth+"/", "bob")
	for i, tt := range tests {
		for path, status := range map[string]int{"/x": 403, "/x%2f..%2fy": 400} { // AUZ-01, PTH-04
			p := bob.Get(site(i) + path)
			if strings.Contains(tt.mine, fmt.Sprint(status)) {
				if p.Body != "mine" {
					t.Errorf("%s, %d: not the operator's answer: %d: %.300s", tt.name, status, p.Status, p.Body)
				}
			} else if p.Status != status || !strings.Contains(p.Body, "<h1>") {
				t.Errorf("%s, %d: not our page: %d: %.300s", tt.name, status, p.Status, p.Body)
			}
		}
	}
}
