package caddymodule_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/caddymodule"
)

// TestPortalAnswersInTime: a store that hangs until its caller gives up ends in
// a page of ours that says so (DOS-01, ERR-01).
func TestPortalAnswersInTime(t *testing.T) {
	w := caddymodule.Answered(t, 20*time.Millisecond, func(ctx context.Context) error {
		<-ctx.Done()
		return ctx.Err()
	})
	if w.Code != http.StatusServiceUnavailable || !strings.Contains(w.Body.String(), "<html") || strings.Contains(w.Body.String(), "deadline") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	w = caddymodule.Answered(t, time.Minute, func(context.Context) error { return errors.New("broken") })
	if w.Code != http.StatusInternalServerError {
		t.Errorf("what failed in time: %d", w.Code)
	}
}

// TestPatience: only the way back from a provider, which asks it for three
// things, may take longer; what providers say of a logout may not (DOS-01).
func TestPatience(t *testing.T) {
	for path, want := range map[string]time.Duration{
		"/login": 1, "/callback": 1, "/x/callback/work": 1,
		"/callback/work":                     3,
		"/callback/work/backchannel_logout":  1,
		"/callback/work/frontchannel_logout": 1,
		"/callback/":                         1,
	} {
		if got := caddymodule.Patience(path); got != want {
			t.Errorf("%s: %d times", path, got)
		}
	}
}

func TestTidied(t *testing.T) {
	for address, want := range map[string]string{
		"/": "", "/login": "", "/login/": "", "/a%2Fb": "", "/a%20b?x=//": "",
		"//login":         "/login",
		"//evil.test/":    "/evil.test/",
		"/x/../login?a=b": "/login?a=b",
		"/./a%20b%2F/":    "/a%20b%2F/", // escaped once
		"/..":             "/",
		"/login//":        "/login/",
	} {
		if got, done := caddymodule.Tidied(address); got != want || done != (want == "") {
			t.Errorf("%s leads to %q", address, got)
		}
	}
}

// A look at an untidy address leads to the tidy one. What was posted there is
// not sent on (RED-06).
func TestUntidyPost(t *testing.T) {
	for method, want := range map[string]int{"GET": 303, "HEAD": 303, "POST": 404, "PUT": 404} {
		got := caddymodule.AnsweredAt(t, method, "https://auth.example.com//login?a=b")
		if got.Code != want || (got.Header().Get("Location") == "/login?a=b") != (want == 303) {
			t.Errorf("%s: %d %q", method, got.Code, got.Header().Get("Location"))
		}
	}
}
