package backchannel_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/authorize/backchannel"
	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/authorize/document"
)

// shelf is where the document of a client is, or is not.
type shelf struct {
	out  string // where it wants to be told
	code int    // 0: nothing is heard
}

func (s *shelf) Do(r *http.Request) (*http.Response, error) {
	if s.code == 0 {
		return nil, errors.New("connection refused")
	}
	text := fmt.Sprintf(`{"client_id":%q,"redirect_uris":["http://127.0.0.1/cb"],"backchannel_logout_uri":%q}`, r.URL, s.out)
	return &http.Response{StatusCode: s.code, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(text))}, nil
}

// A notice for a client that is described by a document waits while its address
// is silent, whatever else is asked for meanwhile, and is dropped when the
// document is gone. SES-09
func TestSilentDocuments(t *testing.T) {
	for code, told := range map[int]int{200: 1, 404: 0} {
		w := newWorld(t, records(t))
		const id = "https://agent.example.com/client.json"
		at := &shelf{out: w.app.URL + "/logout"}
		agents := document.New(document.Config{Next: client.Static{}, HTTP: at, Now: w.clock.Now, Asker: func(context.Context) string { return "" }})
		w.Sender = w.sender(w.outbox, func(cfg *backchannel.Config) { cfg.Clients = agents })
		for i := range 100 { // so that nothing new may be fetched
			_, _ = agents.Client(t.Context(), fmt.Sprintf("https://stranger-%d.example/x", i))
		}
		w.over("sid", id)
		w.deliver()
		if d := w.told(); len(d) != 1 || !errors.Is(d[0].Err, client.ErrSilent) || d[0].GaveUp {
			t.Fatalf("%+v", d)
		}
		w.pending(1)
		at.code = code
		w.clock.pass(soon)
		w.deliver()
		w.pending(0)
		if n := len(w.app.got()); n != told {
			t.Errorf("after %d it was told %d times", code, n)
		}
	}
}
