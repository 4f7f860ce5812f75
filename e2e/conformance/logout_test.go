package conformance_test

import (
	"strings"

	"github.com/gatehouse-auth/gatehouse/internal/secret"
)

func logoutDiscovery(r *run) {
	r.check("`end_session_endpoint` is there, with https", strings.HasPrefix(r.op.endpoint("end_session_endpoint"), r.op.issuer), r.op.meta["end_session_endpoint"])
}

func logoutWhole(r *run) {
	d := r.signedIn()
	state := secret.New()
	d = r.leave(d, "id_token_hint", d.tokens.text("id_token"), "post_logout_redirect_uri", r.op.bye, "state", state)
	r.confirmed(d, false)
	r.check("the person comes back to `post_logout_redirect_uri` with the very `state`", d.query.Get("state") == state && len(d.query) == 1, d.page.URL)
	r.over(d)
	got := r.userinfo("GET", d.tokens.text("access_token"))
	r.check("the access token ended with the session", got.status == 401, got)
}

// RED-03
func logoutBadAddress(r *run) {
	d := r.signedIn()
	d = r.leave(d, "id_token_hint", d.tokens.text("id_token"), "post_logout_redirect_uri", r.op.bye+"x", "state", "s")
	r.stays(d)
}

// The suite changes the payload, so that the signature does not fit.
func logoutModifiedHint(r *run) {
	d := r.signedIn()
	parts := strings.Split(d.tokens.text("id_token"), ".")
	other := strings.Split(r.whole(r.alice(), r.request()).tokens.text("id_token"), ".")
	d = r.leave(d, "id_token_hint", parts[0]+"."+other[1]+"."+parts[2], "post_logout_redirect_uri", r.op.bye, "state", "s")
	r.confirmed(d, true)
	r.stays(d)
}

func logoutNoHint(r *run) {
	d := r.leave(r.signedIn(), "post_logout_redirect_uri", r.op.bye, "state", "s")
	r.confirmed(d, true)
	r.stays(d)
	state := secret.New()
	d = r.leave(r.signedIn(), "client_id", r.v.first.id, "post_logout_redirect_uri", r.op.bye, "state", state)
	r.confirmed(d, true)
	r.check("with `client_id` in place of the hint the person comes back with `state`", d.query.Get("state") == state, d.page.URL)
	r.over(d)
}

func logoutNothing(r *run) {
	d := r.leave(r.signedIn())
	r.confirmed(d, true)
	r.stays(d)
	r.over(d)
}

func logoutNoAddress(r *run) {
	d := r.signedIn()
	d = r.leave(d, "id_token_hint", d.tokens.text("id_token"), "state", "s")
	r.confirmed(d, false)
	r.stays(d)
	r.over(d)
}

func logoutNoState(r *run) {
	d := r.signedIn()
	d = r.leave(d, "id_token_hint", d.tokens.text("id_token"), "post_logout_redirect_uri", r.op.bye)
	r.check("the person comes back to `post_logout_redirect_uri`, without a `state`", d.query != nil && !d.query.Has("state"), d.page.URL)
	r.over(d)
}

func logoutOnlyState(r *run) {
	d := r.leave(r.signedIn(), "state", "s")
	r.confirmed(d, true)
	r.stays(d)
	r.over(d)
}

func logoutQueryAdded(r *run) {
	d := r.signedIn()
	d = r.leave(d, "id_token_hint", d.tokens.text("id_token"), "post_logout_redirect_uri", r.op.bye+"?foo=bar", "state", "s")
	r.stays(d)
}

func logoutBadHint(r *run) {
	d := r.leave(r.signedIn(), "id_token_hint", "bad", "post_logout_redirect_uri", r.op.bye, "state", "s")
	r.confirmed(d, true)
	r.stays(d)
}
