package authorize

import (
	"net/http"

	"github.com/gatehouse-auth/gatehouse/authorize/checksession"
	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/identity"
)

// sessionState is what an answer says of who is signed in at this browser, nil
// for nobody (OpenID Connect Session Management, section 2), "" where that is
// not offered. An error has one as well: a client that hears login_required
// wants to notice when somebody signs in. The cookie it is made of follows.
func (s *Server) sessionState(w http.ResponseWriter, r *http.Request, to redirect, session *identity.Session) string {
	if s.CheckSession == nil {
		return ""
	}
	return checksession.State(to.client, client.Origin(to.uri), s.CheckSession.Sync(w, r, session))
}
