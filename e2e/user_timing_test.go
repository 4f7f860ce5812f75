package e2e_test

import (
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/internal/rig"
)

// ENU-01, ENU-02, ENU-04: whether a name is known can't be told from the time
// that a wrong password takes, nor from the answer. A busy machine makes single
// times worthless, so names are tried in turn and compared within each round,
// where all meet the same machine: a name that is quicker or slower than alice
// in nearly every round gives itself away. By chance, 40 rounds leave the
// middle 60 % once in 20,000 times; work left out leaves it every time.
func TestUnknownNamesTakeAsLong(t *testing.T) {
	h := loginHost(t, "throttle {\n\t\t\tattempts 100\n\t\t\taddress_attempts 100000\n\t\t}", "")
	h.addUser("disabled")
	h.must("", "gatehouse", "user", "disable", "disabled")
	names := []string{"alice", "nobody", "disabled", "not a name at all"}
	post := wrongPassword(t, h)
	answer, _ := post("alice")
	const rounds = 40
	slower, ratios := map[string]int{}, map[string][]float64{}
	for round := range rounds {
		took := map[string]time.Duration{}
		for i := range names {
			name := names[(i+round)%len(names)] // no name always comes first
			var text string
			text, took[name] = post(name)
			if got := strings.ReplaceAll(text, `value="`+name+`"`, `value="alice"`); got != answer {
				t.Fatalf("%s is answered otherwise than alice:\n%s\n%s", name, got, answer)
			}
		}
		for _, name := range names[1:] {
			if took[name] > took["alice"] {
				slower[name]++
			}
			ratios[name] = append(ratios[name], float64(took[name])/float64(took["alice"]))
		}
	}
	for _, name := range names[1:] {
		slices.Sort(ratios[name])
		share, median := float64(slower[name])/rounds, ratios[name][rounds/2]
		t.Logf("%s: slower than alice in %.0f %% of rounds, %.2f times as long", name, 100*share, median)
		if share < 0.2 || share > 0.8 || median < 1/1.5 || median > 1.5 {
			t.Errorf("%s is slower than alice in %.0f %% of rounds, by a factor of %.2f", name, 100*share, median)
		}
	}
}

// wrongPassword gives a function that posts the login form with a name and a
// wrong password, and says what was answered and when.
func wrongPassword(t *testing.T, h *house) func(name string) (string, time.Duration) {
	b := rig.NewBrowser(t)
	page := b.Get(h.auth + "/login")
	form := url.Values{"csrf_token": {between(page.Body, `name="csrf_token" value="`)}, "password": {"not the password"}}
	return func(name string) (string, time.Duration) {
		t.Helper()
		form.Set("username", name)
		req, err := http.NewRequest("POST", h.auth+"/login", strings.NewReader(form.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Origin", h.auth)
		began := time.Now()
		resp := b.Do(req)
		text, err := io.ReadAll(resp.Body)
		took := time.Since(began)
		resp.Body.Close()
		if err != nil || resp.StatusCode != http.StatusUnauthorized {
			t.Fatalf("%s: %d, %v: %.500s", name, resp.StatusCode, err, text)
		}
		return strings.Replace(string(text), between(string(text), `name="csrf_token" value="`), "", 1), took
	}
}
