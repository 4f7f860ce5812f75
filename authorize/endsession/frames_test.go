package endsession_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/authorize/endsession"
)

// Every client of the session that wants it gets a frame with iss and sid, and
// the person goes on a moment later.
func TestFrontChannel(t *testing.T) {
	w := newWorld(t)
	w.signIn("sid 1", "alice", "mail", "app", "gone", "https://silent.example.com/client.json", "wiki")
	rec, err := w.get(values("id_token_hint", hint(t, "sid", "sid 1"), "post_logout_redirect_uri", wikiBye, "state", "a b&c").Encode())
	if err != nil {
		t.Fatal(err)
	}
	v, ok := w.shown.(endsession.SignedOut)
	if !ok || w.ends != 1 || rec.Header().Get("Location") != "" || v.Return != withState(wikiBye) || v.ClientName != "The Wiki" {
		t.Fatalf("%+v", w.shown)
	}
	want := []string{
		"https://mail.example.com/out?t=1&iss=https%3A%2F%2Fauth.example.com&sid=sid+1",
		"https://wiki.example.com/out?iss=https%3A%2F%2Fauth.example.com&sid=sid+1",
	}
	if !slices.Equal(v.FrontChannel, want) || !slices.Equal(v.FrameSources, []string{"https://mail.example.com", "https://wiki.example.com"}) {
		t.Errorf("%v", v)
	}
	if got := rec.Header().Get("Refresh"); got != "3; url="+v.Return {
		t.Errorf("Refresh %q", got)
	}
}

// Without a way back the page stays; without clients there is no page between.
func TestFrontChannelAlone(t *testing.T) {
	w := newWorld(t)
	w.signIn("sid-1", "alice", "wiki")
	rec, err := w.get(values("id_token_hint", hint(t)).Encode())
	if v, ok := w.shown.(endsession.SignedOut); err != nil || !ok || len(v.FrontChannel) != 1 || rec.Header().Get("Refresh") != "" {
		t.Errorf("%v, %+v", err, w.shown)
	}
	rec, err = w.get(values("client_id", "wiki", "post_logout_redirect_uri", wikiBye).Encode())
	if v, ok := w.shown.(endsession.SignedOut); err != nil || !ok || len(v.FrontChannel) != 0 || rec.Header().Get("Refresh") != "" || v.Return != wikiBye {
		t.Errorf("nobody signed in: %v, %+v", err, w.shown)
	}
}

func TestManyFrames(t *testing.T) {
	w := newWorld(t)
	var joined []string
	for i := range 60 {
		id := fmt.Sprint("c", i)
		w.clients[id] = &client.Client{ID: id, FrontchannelLogoutURI: "https://c.example.com/" + id}
		joined = append(joined, id)
	}
	w.signIn("sid-1", "alice", joined...)
	list, err := w.FrontChannel(t.Context(), "sid-1")
	if err != nil || len(list) != 50 || len(w.reported) != 1 || len(endsession.FrameSources(list)) != 1 {
		t.Errorf("%d, %v, %v", len(list), err, w.reported)
	}
	if list, err := w.FrontChannel(t.Context(), "over"); err != nil || len(list) != 0 {
		t.Errorf("over: %v, %v", list, err)
	}
	if strings.Contains(strings.Join(endsession.FrameSources([]string{"javascript:x", "https://a.example;b"}), " "), "javascript") {
		t.Error("a script is a source")
	}
}
