package caddymodule

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/gatehouse-auth/gatehouse/page"
)

// reserved answers below /.gatehouse/, the part of every guarded host that is
// ours. In single-site mode the login's pages are there, and they need the
// cookies that were taken off. It answers everything itself: nothing of this
// goes to an error route.
func (p *passage) reserved(w http.ResponseWriter, r *http.Request, cookies []string) error {
	path, _, _ := strings.Cut(p.target, "?")
	switch {
	case path == singlePrefix+"/session":
		return p.whoAmI(w, r)
	case p.service.single:
		if len(cookies) > 0 {
			r.Header["Cookie"] = cookies
			defer delete(r.Header, "Cookie")
		}
		p.service.portal.serve(w, r)
		return nil
	case strings.HasPrefix(path, singlePrefix+"/static/"):
		asSent(r)
		p.service.sitePages.Static().ServeHTTP(w, r)
		return nil
	case path == singlePrefix+"/logout":
		return page.SeeOther(w, p.logoutURL())
	}
	return p.service.show(w, r, page.ProblemFor(http.StatusNotFound))
}

// logoutURL is where this site's people sign out.
func (p *passage) logoutURL() string {
	return p.service.issuer + "/logout?return_url=" + url.QueryEscape(p.site.origin+"/")
}

// whoAmI tells a site's own scripts who is signed in.
func (p *passage) whoAmI(w http.ResponseWriter, r *http.Request) error {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		return writeJSON(w, http.StatusMethodNotAllowed, map[string]string{"error": "method_not_allowed"})
	}
	if p.live == nil {
		return p.unauthorized(w)
	}
	user := p.live.User
	return writeJSON(w, http.StatusOK, struct {
		Subject  string   `json:"sub"`
		Username string   `json:"username"`
		Name     string   `json:"name,omitempty"`
		Email    string   `json:"email,omitempty"`
		Groups   []string `json:"groups,omitempty"`
		IDP      string   `json:"idp"`
		AMR      []string `json:"amr"`
		AuthTime int64    `json:"auth_time"`
		Expires  int64    `json:"expires"`
	}{
		string(user.Subject), user.Username, user.Name, user.Email, user.Groups,
		p.live.IDP, p.live.AMR, p.live.At.Unix(), p.live.Expires.Unix(),
	})
}
