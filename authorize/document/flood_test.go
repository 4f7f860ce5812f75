package document_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/authorize/document"
	"github.com/gatehouse-auth/gatehouse/authorize/internal/ration"
	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/store/storetest"
)

// anywhere is a network in which every address has a good document.
type anywhere struct {
	asked map[string]int
	hangs map[string]bool // hosts that are silent
}

func (a *anywhere) Do(r *http.Request) (*http.Response, error) {
	if a.asked[r.URL.String()]++; a.hangs[r.URL.Host] {
		return nil, context.DeadlineExceeded
	}
	text := fmt.Sprintf(`{"client_id":%q,"client_name":"Agent","redirect_uris":["http://127.0.0.1/cb"]}`, r.URL)
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(text))}, nil
}

// street is where people and a flood meet.
type street struct {
	*testing.T
	clock *storetest.Clock
	net   *anywhere
	dir   *document.Directory
}

type from struct{}

func newStreet(t *testing.T) *street {
	s := &street{T: t, clock: storetest.NewClock(), net: &anywhere{asked: map[string]int{}, hangs: map[string]bool{}}}
	s.dir = document.New(document.Config{
		Next: client.Static{}, HTTP: s.net, Now: s.clock.Now,
		Asker: func(ctx context.Context) string { who, _ := ctx.Value(from{}).(string); return who },
	})
	return s
}

// comes looks a client up from somewhere.
func (s *street) comes(who, id string) error {
	s.Helper()
	c, err := s.dir.Client(context.WithValue(s.Context(), from{}, who), id)
	if (c == nil) != (err != nil) || err != nil && !fault.Is(err, fault.Throttled) && !fault.Is(err, fault.Unavailable) {
		s.Errorf("%s: %+v, %v", id, c, err)
	}
	return err
}

// flood has n documents fetched, each of another host, from as many networks as
// that takes.
func (s *street) flood(name string, n int) {
	s.Helper()
	for i := range n {
		if i%(ration.InAll/2) == 0 {
			s.clock.Add(time.Minute)
		}
		if err := s.comes(fmt.Sprint(name, i/ration.PerAsker), fmt.Sprintf("https://%s-%d.example/x", name, i)); err != nil {
			s.Fatalf("%d: %v", i, err)
		}
	}
}

const (
	honest = "https://agent.example.com/client.json"
	office = "the office"
)

// OAU-41, DOS-05: what people use stays, however many documents strangers have us
// fetch from however many hosts and networks, and is there when its own host is
// not; what is only looked at is no use.
func TestFloodDoesNotPushOutWhatIsUsed(t *testing.T) {
	for name, use := range map[string]func(s *street){
		"a token": func(s *street) { s.dir.Used(honest) },
		"what was given out": func(s *street) {
			if _, err := s.dir.Client(client.Vouch(t.Context()), honest); err != nil {
				t.Error(err)
			}
		},
	} {
		s := newStreet(t)
		if err := s.comes(office, honest); err != nil {
			t.Fatal(err)
		}
		use(s)
		s.flood("flood", 2500)
		s.net.hangs["agent.example.com"] = true
		if err := s.comes(office, honest); err != nil || s.net.asked[honest] != 1 {
			t.Errorf("%s: %v, asked %d times", name, err, s.net.asked[honest])
		}
		if n := document.Remembered(s.dir); n != 1000 {
			t.Errorf("%d documents are remembered", n)
		}
	}
	s := newStreet(t)
	for range 100 {
		if err := s.comes("stranger", honest); err != nil {
			t.Fatal(err)
		}
	}
	s.flood("flood", 1000)
	if s.comes(office, honest); s.net.asked[honest] != 2 {
		t.Error("what nobody used was kept")
	}
	s.dir.Used("https://nobody.example/x") // no harm
}

// A use counts for a week, and who used a client last is kept longest.
func TestUseFades(t *testing.T) {
	s := newStreet(t)
	for _, id := range []string{honest, honest + "/newer"} {
		if err := s.comes(office, id); err != nil {
			t.Fatal(err)
		}
		s.dir.Used(id)
		s.clock.Add(24 * time.Hour)
	}
	s.clock.Add(5*24*time.Hour + 12*time.Hour) // a week and a half day; six days and a half day
	look := func() (newer, older int) {
		s.comes(office, honest+"/newer")
		s.comes(office, honest)
		return s.net.asked[honest+"/newer"], s.net.asked[honest]
	}
	if newer, older := look(); newer != 2 || older != 2 { // both were too old
		t.Fatalf("asked for %d and %d times", newer, older)
	}
	s.flood("flood", 1001)
	if newer, older := look(); newer != 2 || older != 3 {
		t.Errorf("after the flood they were asked for %d and %d times", newer, older)
	}
}

// DOS-05: a flood costs the flooder only: their network gets nothing new for a
// while, and others get all, from the same hosts too; what is known is not
// counted, and what people use is fetched again whatever else is.
func TestFloodCostsTheFlooder(t *testing.T) {
	s := newStreet(t)
	if err := s.comes(office, honest); err != nil {
		t.Fatal(err)
	}
	s.dir.Used(honest)
	got := 0
	for i := range 100 {
		if s.comes("flooder", fmt.Sprintf("https://agent.example.com/%d", i)) == nil {
			got++
		}
	}
	if got != ration.PerAsker {
		t.Errorf("one network got %d", got)
	}
	if n := document.Remembered(s.dir); n != ration.PerAsker+1 {
		t.Errorf("%d documents are remembered", n)
	}
	if err := s.comes("flooder", honest); err != nil {
		t.Errorf("what is known: %v", err)
	}
	if err := s.comes("somebody", "https://agent.example.com/theirs"); err != nil {
		t.Errorf("somebody else, the same host: %v", err)
	}
	if err := s.comes(office, "https://another.example.com/x"); err != nil {
		t.Errorf("somebody else: %v", err)
	}
	for i := range 100 { // now from everywhere
		s.comes(fmt.Sprint("botnet", i), fmt.Sprintf("https://agent.example.com/all%d", i))
	}
	if err := s.comes("somebody else", "https://agent.example.com/last"); !fault.Is(err, fault.Throttled) || !client.Absent(err) {
		t.Errorf("the host is asked without end: %v", err)
	}
	s.clock.Add(2 * time.Hour)
	for i := range 100 {
		s.comes(fmt.Sprint("botnet", i), fmt.Sprintf("https://agent.example.com/more%d", i))
	}
	if err := s.comes("flooder", honest); err != nil || s.net.asked[honest] != 2 {
		t.Errorf("what is used: %v, asked %d times", err, s.net.asked[honest])
	}
}

// What nobody uses, and may not be fetched again now, goes on for a day like one
// whose address is silent; and its time is not over by that.
func TestThrottledRenewal(t *testing.T) {
	s := newStreet(t)
	if err := s.comes(office, honest); err != nil {
		t.Fatal(err)
	}
	s.clock.Add(2 * time.Hour)
	spend := func() {
		for i := range ration.PerAsker {
			s.comes(office, fmt.Sprintf("https://other-%d.example/%s", i, s.clock.Now().Format("150405")))
		}
	}
	if spend(); s.comes(office, honest) != nil || s.net.asked[honest] != 1 {
		t.Errorf("asked %d times", s.net.asked[honest])
	}
	if err := s.comes("somebody", honest); err != nil || s.net.asked[honest] != 2 {
		t.Errorf("somebody else: %v, asked %d times", err, s.net.asked[honest])
	}
	s.clock.Add(25 * time.Hour)
	if spend(); !fault.Is(s.comes(office, honest), fault.Throttled) {
		t.Error("older than a day")
	}
}
