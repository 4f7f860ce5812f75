package registration_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/authorize/registration"
	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/internal/secret"
	"github.com/gatehouse-auth/gatehouse/store"
)

// RFC 7591, section 3, and RFC 7592: the life of a client that looks after
// itself. OAU-11: its secret and tokens are random, and shown once.
func TestLife(t *testing.T) {
	each(t, registration.Limits{}, func(w *world) {
		told := w.registered()
		id, plain, manage := text(told, "client_id"), text(told, "client_secret"), text(told, "registration_access_token")
		at := text(told, "registration_client_uri")
		if !secret.Valid(id) || !secret.Valid(plain) || !secret.Valid(manage) || at != issuer+"/register/"+id {
			w.Fatalf("%v", told)
		}
		if told["client_secret_expires_at"] != 0.0 || told["client_id_issued_at"] == nil || text(told, "token_endpoint_auth_method") != "client_secret_basic" {
			w.Errorf("%v", told)
		}
		c, err := w.clients.Client(w.Context(), id)
		if err != nil || !c.Authenticate(plain) || !c.Dynamic || c.ConsentMode() != client.ConsentAlways || c.Name != "The Wiki" {
			w.Fatalf("%+v, %v", c, err)
		}

		rec, again := w.do("GET", at, manage, "")
		w.want("read", rec, http.StatusOK, "")
		if text(again, "client_name") != "The Wiki" || text(again, "client_uri") == "" || text(again, "client_id") != id || again["client_secret"] != nil || again["registration_access_token"] != nil {
			w.Errorf("%v", again)
		}

		change := func(more string) (*httptest.ResponseRecorder, map[string]any) {
			return w.do("PUT", at, manage, `{"client_id":"`+id+`",`+more+`}`)
		}
		rec, _ = change(wiki[1 : len(wiki)-1]) // the same again
		if w.want("the same", rec, http.StatusOK, ""); len(w.ended) > 0 {
			w.Errorf("nothing changed, and its grants are ended")
		}
		rec, again = change(`"redirect_uris":["https://wiki.example.com/other"],"client_secret":"` + plain + `"`)
		w.want("change", rec, http.StatusOK, "")
		if text(again, "client_name") != "" || text(again, "client_uri") != "" || !slices.Contains(w.ended, id) { // what is left out is gone
			w.Errorf("%v, %v", again, w.ended)
		}
		if c, err = w.clients.Client(w.Context(), id); err != nil || c.Redirects("https://wiki.example.com/cb") || !c.Redirects("https://wiki.example.com/other") || !c.Authenticate(plain) || !c.Dynamic {
			w.Fatalf("%+v, %v", c, err)
		}
		rec, again = change(`"redirect_uris":["https://wiki.example.com/other"],"token_endpoint_auth_method":"none"`)
		if w.want("public", rec, http.StatusOK, ""); again["client_secret"] != nil {
			w.Errorf("%v", again)
		}
		rec, again = change(`"redirect_uris":["https://wiki.example.com/other"]`)
		if w.want("confidential again", rec, http.StatusOK, ""); !secret.Valid(text(again, "client_secret")) || text(again, "client_secret") == plain {
			w.Errorf("%v", again)
		}

		w.ended = nil
		rec, _ = w.do("DELETE", at, manage, "")
		w.want("delete", rec, http.StatusNoContent, "")
		if _, err := w.clients.Client(w.Context(), id); !fault.Is(err, fault.NotFound) || !slices.Contains(w.ended, id) {
			w.Errorf("%v, %v", err, w.ended)
		}
		for _, method := range []string{"GET", "DELETE"} {
			rec, _ = w.do(method, at, manage, "")
			w.want("after deletion", rec, http.StatusUnauthorized, "invalid_token")
		}
		if got := strings.Join(w.events, " "); got != "registered updated updated updated updated deleted" {
			w.Errorf("audit: %s", got)
		}
	})
}

// OAU-42: nobody registers without an initial token that is good, and nobody
// touches another's registration.
func TestTokensAreNeeded(t *testing.T) {
	each(t, registration.Limits{}, func(w *world) {
		old := w.token(1, time.Minute)
		w.clock.Add(2 * time.Minute)
		one, other := w.registered(), w.registered()
		used := w.token(1, time.Hour)
		rec, _ := w.do("POST", "/register", used, wiki)
		w.want("once", rec, http.StatusCreated, "")
		manage := text(one, "registration_access_token")
		for what, token := range map[string]string{"none": "", "made up": secret.New(), "short": "x", "used": used, "expired": old, "of a client": manage} {
			rec, _ := w.do("POST", "/register", token, wiki)
			w.want(what, rec, http.StatusUnauthorized, "invalid_token")
			if !strings.HasPrefix(rec.Header().Get("WWW-Authenticate"), "Bearer ") {
				w.Errorf("%s: %v", what, rec.Header())
			}
		}
		for _, method := range []string{"GET", "PUT", "DELETE"} {
			for what, at := range map[string]string{
				"another's": text(other, "registration_client_uri"), "nobody's": "/register/" + secret.New(), "odd": "/register/%00",
			} {
				rec, _ := w.do(method, at, manage, wiki)
				w.want(method+" "+what, rec, http.StatusUnauthorized, "invalid_token")
			}
			rec, _ := w.do(method, text(one, "registration_client_uri"), w.token(1, time.Hour), wiki)
			w.want(method+" by an initial token", rec, http.StatusUnauthorized, "invalid_token")
		}
		r := httptest.NewRequest("POST", "/register", strings.NewReader(wiki)) // OAU-36
		r.Header["Authorization"] = []string{"Bearer " + w.token(1, time.Hour), "Bearer x"}
		rec, _ = w.send(r)
		w.want("two headers", rec, http.StatusUnauthorized, "invalid_token")
		rec, _ = w.do("POST", "/register?access_token="+w.token(1, time.Hour), "", wiki) // OAU-36
		w.want("in the query", rec, http.StatusUnauthorized, "invalid_token")
	})
}

// A client of an administrator has no management, whatever is guessed, and one
// that an administrator deletes has none any more.
func TestAdministratorsClients(t *testing.T) {
	each(t, registration.Limits{}, func(w *world) {
		if _, err := w.clients.Create(w.Context(), &client.Client{ID: "fixed", Public: true, RedirectURIs: []string{"https://a.example.com/cb"}}); err != nil {
			w.Fatal(err)
		}
		rec, _ := w.do("GET", "/register/fixed", secret.New(), "")
		w.want("fixed", rec, http.StatusUnauthorized, "invalid_token")
		told := w.registered()
		id := text(told, "client_id")
		if err := w.clients.Delete(w.Context(), id); err != nil {
			w.Fatal(err)
		}
		if _, err := w.clients.Create(w.Context(), &client.Client{ID: id, Public: true, RedirectURIs: []string{"https://a.example.com/cb"}}); err != nil {
			w.Fatal(err)
		}
		rec, _ = w.do("GET", "/register/"+id, text(told, "registration_access_token"), "")
		w.want("a client of the same id", rec, http.StatusUnauthorized, "invalid_token")
	})
}

// What an administrator decided about a client stays when the client changes
// what it says.
func TestDecisionsStay(t *testing.T) {
	each(t, registration.Limits{}, func(w *world) {
		told := w.registered()
		id := text(told, "client_id")
		_, err := w.clients.Update(w.Context(), id, func(c *client.Client) error {
			c.Local, c.UserSSOLifetime = new(false), time.Hour
			return nil
		})
		if err != nil {
			w.Fatal(err)
		}
		rec, _ := w.do("PUT", "/register/"+id, text(told, "registration_access_token"), `{"client_id":"`+id+`","redirect_uris":["https://wiki.example.com/2"]}`)
		w.want("change", rec, http.StatusOK, "")
		if c, err := w.clients.Client(w.Context(), id); err != nil || c.TakesLocal() || c.UserSSOLifetime != time.Hour {
			w.Errorf("%+v, %v", c, err)
		}
	})
}

// What an administrator settled stays, also of what the client itself may say, and
// the answer tells; the rest is the client's. What is left to it again is too.
func TestSettledStays(t *testing.T) {
	each(t, registration.Limits{}, func(w *world) {
		told := w.registered()
		id, token := text(told, "client_id"), text(told, "registration_access_token")
		settle := func(settled ...string) {
			_, err := w.clients.Update(w.Context(), id, func(c *client.Client) error {
				c.Scopes, c.DPoPBoundTokens, c.Settled = []string{"openid"}, true, settled
				return nil
			})
			if err != nil {
				w.Fatal(err)
			}
		}
		put := func() (map[string]any, *client.Client) {
			rec, told := w.do("PUT", "/register/"+id, token, `{"client_id":"`+id+`","redirect_uris":["https://wiki.example.com/2"],"scope":"openid email"}`)
			w.want("change", rec, http.StatusOK, "")
			c, err := w.clients.Client(w.Context(), id)
			if err != nil {
				w.Fatal(err)
			}
			return told, c
		}
		settle("dpop_bound_tokens", "scopes")
		if told, c := put(); c.MayAsk("email") || !c.DPoPBoundTokens || !c.Redirects("https://wiki.example.com/2") || text(told, "scope") != "openid" || told["dpop_bound_access_tokens"] != true {
			w.Errorf("settled: %v, %+v", told, c)
		}
		settle()
		if told, c := put(); !c.MayAsk("email") || c.DPoPBoundTokens || text(told, "scope") != "openid email" {
			w.Errorf("left to it: %v, %+v", told, c)
		}
	})
}

// OAU-23: whatever comes is answered by the error that its RFC names, spends no
// token, and leaves nothing behind.
func TestMalformed(t *testing.T) {
	each(t, registration.Limits{}, func(w *world) {
		told := w.registered()
		initial, id, manage := w.token(1, time.Hour), text(told, "client_id"), text(told, "registration_access_token")
		for i, c := range []struct {
			body   string
			status int
			code   string
		}{
			{`{`, 400, "invalid_client_metadata"},
			{`[]`, 400, "invalid_client_metadata"},
			{`{"redirect_uris":["javascript:x"]}`, 400, "invalid_redirect_uri"},
			{`{"redirect_uris":["https://a.example/"],"software_statement":"x"}`, 400, "unapproved_software_statement"},
			{`{"redirect_uris":["https://a.example/"],"client_id":"mine"}`, 400, "invalid_client_metadata"},
			{`{"redirect_uris":["https://a.example/"],"client_secret":"` + secret.New() + `"}`, 400, "invalid_client_metadata"},
			{`{"redirect_uris":["https://a.example/"],"client_id_issued_at":1}`, 400, "invalid_client_metadata"},
			{`{"redirect_uris":["` + strings.Repeat("x", 40<<10) + `"]}`, 413, "invalid_client_metadata"},
			{strings.Repeat("[", 20<<10), 400, "invalid_client_metadata"},
			{"\xff\xfe", 400, "invalid_client_metadata"},
		} {
			w.from = fmt.Sprint("network ", i)
			rec, _ := w.do("POST", "/register", initial, c.body)
			w.want(c.body[:min(len(c.body), 60)], rec, c.status, c.code)
			rec, _ = w.do("PUT", "/register/"+id, manage, c.body)
			w.want("PUT "+c.body[:min(len(c.body), 60)], rec, c.status, "") // the id is wrong, too
		}
		for header, value := range map[string]string{"Content-Type": "text/plain", "Content-Encoding": "gzip"} { // CSR-03
			r := httptest.NewRequest("POST", "/register", strings.NewReader(wiki))
			r.Header.Set("Authorization", "Bearer "+initial)
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set(header, value)
			rec, _ := w.send(r)
			w.want(header, rec, http.StatusUnsupportedMediaType, "invalid_client_metadata")
		}
		for path, methods := range map[string][]string{"/register": {"GET", "PUT", "OPTIONS", "HEAD"}, "/register/" + id: {"POST", "OPTIONS", "PATCH"}} {
			for _, method := range methods {
				r := httptest.NewRequest(method, path, nil)
				rec := httptest.NewRecorder()
				if w.http.ServeHTTP(rec, r); rec.Code != http.StatusMethodNotAllowed || rec.Header().Get("Allow") == "" {
					w.Errorf("%s %s: %d", method, path, rec.Code)
				}
			}
		}
		rec, _ := w.do("POST", "/register", initial, wiki)
		w.want("the token was not spent", rec, http.StatusCreated, "")
		if _, err := w.clients.Client(w.Context(), id); err != nil {
			w.Error(err)
		}
	})
}

// 64 bring the last use of a token, and one has it.
func TestOneWinner(t *testing.T) {
	each(t, registration.Limits{}, func(w *world) {
		initial := w.token(1, time.Hour)
		var wg sync.WaitGroup
		codes := make(chan int, 64)
		for range 64 {
			wg.Go(func() {
				rec, _ := w.do("POST", "/register", initial, wiki)
				codes <- rec.Code
			})
		}
		wg.Wait()
		close(codes)
		count := map[int]int{}
		for code := range codes {
			count[code]++
		}
		if count[http.StatusCreated] != 1 || count[http.StatusUnauthorized] != 63 {
			w.Errorf("%v", count)
		}
		if page, _, err := w.clients.List(w.Context(), "", 0); err != nil || len(page) != 1 {
			w.Errorf("%d clients, %v", len(page), err)
		}
	})
}

func TestLimits(t *testing.T) {
	each(t, registration.Limits{Clients: 2}, func(w *world) {
		initial := w.token(5, time.Hour)
		for range 2 {
			rec, _ := w.do("POST", "/register", initial, wiki)
			w.want("within", rec, http.StatusCreated, "")
		}
		rec, told := w.do("POST", "/register", initial, wiki)
		w.want("one too many", rec, http.StatusForbidden, "access_denied")
		if told["client_id"] != nil {
			w.Errorf("%v", told)
		}
		if list, err := w.book.Tokens(w.Context()); err != nil || len(list) != 1 || list[0].Uses != 3 {
			w.Errorf("%v, %v", list, err)
		}
		for range 200 {
			rec, _ = w.do("POST", "/register", "x", "")
		}
		w.want("too often", rec, http.StatusTooManyRequests, "temporarily_unavailable")
		if rec.Header().Get("Retry-After") == "" {
			w.Error("no Retry-After")
		}
		w.from = "198.51.100.0/32"
		rec, _ = w.do("POST", "/register", "x", "")
		w.want("from elsewhere", rec, http.StatusUnauthorized, "")
	})
}

// LOG-01, SES-18: a copy of the database has nothing that opens anything.
func TestNothingSecretIsKept(t *testing.T) {
	each(t, registration.Limits{}, func(w *world) {
		initial := w.token(2, time.Hour)
		_, told := w.do("POST", "/register", initial, wiki)
		var all strings.Builder
		err := w.records.View(w.Context(), func(tx store.Tx) error {
			for _, query := range []string{`SELECT id || settings || secrets FROM clients`, `SELECT client || token || about FROM registrations`, `SELECT id || hash || name FROM initial_tokens`} {
				var row string
				if err := tx.QueryRow(query).Scan(&row); err != nil {
					return err
				}
				all.WriteString(row)
			}
			return nil
		})
		if err != nil {
			w.Fatal(err)
		}
		for _, plain := range []string{initial, text(told, "client_secret"), text(told, "registration_access_token")} {
			if plain == "" || strings.Contains(all.String(), plain) {
				w.Errorf("%q is kept", plain)
			}
		}
	})
}
