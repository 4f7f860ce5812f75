package conformance_test

import (
	"net/http"
	"time"
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
	r.after(91*time.Second, func(r *run) {
		r.stopped("a `request_uri` of more than 90 seconds ago", r.present(r.alice(), q.client, uri), "invalid_request_uri")
	})
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
