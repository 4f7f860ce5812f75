package conformance_test

import (
	"database/sql"
	"net/http"
	"path/filepath"
	"strings"
	"time"

	"github.com/gatehouse-auth/gatehouse/internal/secret"
)

// outside puts another value beside the address of what was pushed, where it
// does not count.
func outside(name string) func(*run) {
	return func(r *run) {
		q := r.request()
		a := r.present(r.alice(), q.client, r.accepted(q, ways{}), name, "somethingelse")
		r.completed(q, a, ways{})
		r.check("another `"+name+"` beside `request_uri` does not count", true)
	}
}

func stateOutside(r *run) {
	q := r.request("state", "")
	a := r.present(r.alice(), q.client, r.accepted(q, ways{}), "state", "outside")
	r.check("a `state` that was not pushed does not come back", !a.Has("state"), a.Values)
	r.completed(q, a, ways{})
}

func longNonce(r *run) {
	r.denied("a `nonce` of 384 characters", r.push(r.request("nonce", long(384)), ways{}), "invalid_request")
}

// unpushable is a request that the PAR endpoint refuses.
func unpushable(what string, params ...string) func(*run) {
	return func(r *run) {
		r.denied(what, r.push(r.request(params...), ways{}), "invalid_request", "unsupported_response_type", "unauthorized_client")
	}
}

func unregistered(r *run) {
	r.denied("a redirect address that is not registered", r.push(r.request("redirect_uri", r.op.secure+"/other"), ways{}), "invalid_request")
}

func withoutPushing(r *run) {
	q := r.request()
	r.refused(q, r.ask(r.alice(), q), "invalid_request")
}

func broughtTwice(r *run) {
	q := r.request()
	address := r.presented(q.client, r.accepted(q, ways{}))
	b := r.nobody()
	login := b.Get(address)
	r.must("the login page is shown at the first visit", login.Status == http.StatusOK, login)
	a := r.follow(b, b.Get(address))
	r.check("at the second visit it is shown again, and leads to an answer", a.logins == 1, a.logins)
	r.completed(q, a, ways{})
}

// OAU-26
func answeredTwice(r *run) {
	q := r.request()
	uri := r.accepted(q, ways{})
	b := r.alice()
	r.completed(q, r.present(b, q.client, uri), ways{})
	r.stopped("a `request_uri` that was answered", r.present(b, q.client, uri), "invalid_request_uri")
}

func expiredRequest(r *run) {
	q := r.request()
	uri := r.accepted(q, ways{})
	r.op.age(r, "pushed", strings.TrimPrefix(uri, requestURN), 90*time.Second)
	r.stopped("a `request_uri` that is too old", r.present(r.alice(), q.client, uri), "invalid_request_uri")
}

// age makes what a random name stands for too old, as time would, and checks
// that it was made to live for so long at most.
func (op *provider) age(r *run, kind, name string, atMost time.Duration) {
	r.Helper()
	db, err := sql.Open("sqlite", filepath.Join(op.Dir, "caddy", "gatehouse", "sessions.sqlite")+"?_pragma=busy_timeout(5000)")
	r.need(err == nil, err)
	defer db.Close()
	key := secret.Hash(name) // which is all that is kept of the name
	var expires int64
	err = db.QueryRow("SELECT expires FROM shorts WHERE kind = $1 AND key = $2", kind, key).Scan(&expires)
	r.need(err == nil, err)
	r.check("it lives for "+atMost.String()+" at most", time.Until(time.UnixMilli(expires)) <= atMost, time.UnixMilli(expires))
	_, err = db.Exec("UPDATE shorts SET expires = $1 WHERE kind = $2 AND key = $3", time.Now().UnixMilli()-1, kind, key)
	r.need(err == nil, err)
}

func otherClientsRequest(r *run) {
	uri := r.accepted(r.request(), ways{})
	r.stopped("a `request_uri` of another client", r.present(r.alice(), r.v.second, uri), "invalid_request_uri", "invalid_request", "invalid_request_object")
}

func pushedByPut(r *run) {
	q := r.request()
	got := r.push(q, ways{raw: func(req *http.Request) { req.Method = http.MethodPut }})
	r.check("PUT is refused with 405", got.status == http.StatusMethodNotAllowed && got.text("request_uri") == "", got)
}
