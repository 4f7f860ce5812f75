package conformance_test

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/gatehouse-auth/gatehouse/internal/rig"
)

// departure is a logout: who was signed in where, and what came of it.
type departure struct {
	flow
	b    *rig.Browser
	page *rig.Page
	// asked tells that the person had to say yes.
	asked bool
	// query is what the client received. Nil: nobody came back to it.
	query url.Values
}

// signedIn signs Alice in at a browser of her own, through a whole flow.
func (r *run) signedIn() departure {
	r.Helper()
	b := r.nobody()
	return departure{flow: r.whole(b, r.request()), b: b}
}

// leave brings a person to the end_session endpoint, who says yes if asked.
func (r *run) leave(d departure, more ...string) departure {
	r.Helper()
	q := url.Values{}
	for i := 0; i < len(more); i += 2 {
		q.Set(more[i], more[i+1])
	}
	d.page = d.b.Get(r.op.endpoint("end_session_endpoint") + "?" + q.Encode())
	if d.page.Status == http.StatusOK && strings.Contains(d.page.Body, "/end_session/confirm") {
		d.asked = true
		d.page = d.b.Submit(d.page, nil)
	}
	if strings.HasPrefix(d.page.URL.String(), r.op.bye) {
		d.query = d.page.URL.Query()
	}
	return d
}

// over checks that nobody is signed in any more.
func (r *run) over(d departure) {
	r.Helper()
	q := r.request("prompt", "none")
	a := r.ask(d.b, q)
	r.check("nobody is signed in afterwards: `login_required` under `prompt=none`", a.Get("error") == "login_required", a.Values, a.page.URL)
}

// stays checks that the person was not sent to the client, and was told so on a
// page.
func (r *run) stays(d departure) {
	r.Helper()
	r.check("the person stays here, on a page that says so", d.query == nil && d.page.Status == http.StatusOK && strings.HasPrefix(d.page.URL.String(), r.op.issuer), d.page.URL, d.page.Status)
}

// confirmed checks whether the person was asked.
func (r *run) confirmed(d departure, want bool) {
	r.Helper()
	if want {
		r.check("the person is asked first", d.asked)
		return
	}
	r.check("the person is not asked", !d.asked)
}
