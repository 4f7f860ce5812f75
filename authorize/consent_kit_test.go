package authorize_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/claims"
	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/authorize/consent"
	"github.com/gatehouse-auth/gatehouse/internal/seal"
	"github.com/gatehouse-auth/gatehouse/store"
)

// consentWorld is a world with the pages of package consent, and clients of
// every kind of consent.
type consentWorld struct {
	*world
	consents *consent.Consents
	mu       sync.Mutex
	events   []consent.Event
	book     claims.Book
	named    client.Resources
}

// heard lists the events so far, and forgets them.
func (w *consentWorld) heard() (names []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, e := range w.events {
		names = append(names, e.Name+" "+e.Terms.Client)
	}
	w.events = nil
	return names
}

// bare are pages that tests can read: the views as JSON.
type bare struct{}

func (bare) Ask(w http.ResponseWriter, _ *http.Request, v consent.AskView) error {
	return json.NewEncoder(w).Encode(v)
}

func (bare) Grants(w http.ResponseWriter, _ *http.Request, v consent.GrantsView) error {
	return json.NewEncoder(w).Encode(v)
}

func newConsentWorld(t testing.TB, open func(testing.TB, *parts) store.Records, change ...func(*parts)) *consentWorld {
	t.Helper()
	out := &consentWorld{}
	out.world, _ = newTokenWorld(t, open, func(cfg *parts) {
		out.consents = &consent.Consents{Records: cfg.Records, Shorts: cfg.Shorts, Now: cfg.Now}
		cfg.Consents = out.consents
		secrets := static(cfg)["wiki"].Secrets
		for _, c := range []*client.Client{
			{ID: "third", Name: "Third", LogoURI: "https://third.example/l.png", Secrets: secrets, RedirectURIs: []string{wikiURI}, Consent: "once", OfflineAccess: true, Resources: []string{apiURI, filesURI}},
			{ID: "short-memory", Secrets: secrets, RedirectURIs: []string{wikiURI}, Consent: "once", ConsentMaxAge: 24 * time.Hour},
			{ID: "strict", Secrets: secrets, RedirectURIs: []string{wikiURI}, Consent: "always"},
			{ID: "ours", Secrets: secrets, RedirectURIs: []string{wikiURI}, FirstParty: true, OfflineAccess: true},
		} {
			static(cfg)[c.ID] = c
		}
		for _, f := range change {
			f(cfg)
		}
		out.book, out.named = cfg.Book, cfg.Resources
	})
	master, err := seal.NewMaster([]byte("0123456789abcdefghijklmnopqrstuv"))
	if err != nil {
		t.Fatal(err)
	}
	pages, err := consent.New(consent.Config{
		Issuer: out.issuer, Consents: out.consents, Requests: out.Server, Sessions: out.sessions, Revoker: out.Grants,
		Pages: bare{}, Box: master.Box("consent"), Now: out.clock.Now,
		Clients: out.clients, Book: out.book, Resources: out.named,
		Audit: func(_ *http.Request, e consent.Event) {
			out.mu.Lock()
			defer out.mu.Unlock()
			out.events = append(out.events, e)
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	for path, h := range pages.Routes() {
		out.mux.HandleFunc(path, func(rw http.ResponseWriter, r *http.Request) { show(rw, h(rw, r)) })
	}
	return out
}

// onBothStores runs f with records in memory and on disk.
func onBothStores(t *testing.T, f func(t *testing.T, w *consentWorld)) {
	for name, open := range map[string]func(testing.TB, *parts) store.Records{"memory": inMemory, "sqlite": onDisk} {
		t.Run(name, func(t *testing.T) { f(t, newConsentWorld(t, open)) })
	}
}

// wants is a request of a client of the consent world.
func wants(client, scope string, pairs ...string) url.Values {
	return request(append([]string{"client_id", client, "scope", scope}, pairs...)...)
}

// atConsent gives the page that an answer leads to.
func (b *browser) atConsent(a answer) consent.AskView {
	b.w.t.Helper()
	if a.StatusCode != http.StatusSeeOther || a.to == nil || !strings.HasPrefix(a.to.String(), b.w.issuer+"/consent?return_url=%2Fauthorize%3F") {
		b.w.t.Fatalf("not at the consent page: %d %v %s", a.StatusCode, a.to, a.body)
	}
	return b.asked(a.to.String())
}

// asked reads the page at an address.
func (b *browser) asked(address string) (v consent.AskView) {
	b.w.t.Helper()
	a := b.get(address)
	if err := json.Unmarshal([]byte(a.body), &v); err != nil || a.StatusCode != 200 {
		b.w.t.Fatalf("%d %v %q: %v", a.StatusCode, a.to, a.body, err)
	}
	return v
}

// say answers a page as a browser does, and gives where that leads.
func (b *browser) say(v consent.AskView, action string, remember bool) answer {
	b.w.t.Helper()
	form := url.Values{consent.FieldToken: {v.Token}, consent.FieldAction: {action}}
	if remember {
		form.Set(consent.FieldRemember, "1")
	}
	return b.post(v.Action, form, fromUs(b.w))
}

// fromUs sets what a browser says about a form of our own.
func fromUs(w *world) func(*http.Request) {
	return func(r *http.Request) {
		r.Header.Set("Origin", w.issuer)
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
}

// agree takes a request through the question to its code.
func (b *browser) agree(v url.Values, remember bool) string {
	b.w.t.Helper()
	back := b.say(b.atConsent(b.ask(v)), consent.ActionAllow, remember)
	if back.StatusCode != http.StatusSeeOther || back.to.Path != "/authorize" {
		b.w.t.Fatalf("%d %v %s", back.StatusCode, back.to, back.body)
	}
	a := b.get(back.to.String())
	if a.to == nil || a.to.Query().Get("code") == "" {
		b.w.t.Fatalf("no code: %d %v %s", a.StatusCode, a.to, a.body)
	}
	return a.to.Query().Get("code")
}

// granted reads the page of what was allowed.
func (b *browser) granted() (v consent.GrantsView) {
	b.w.t.Helper()
	a := b.get(b.w.issuer + consent.PathGrants)
	if err := json.Unmarshal([]byte(a.body), &v); err != nil || a.StatusCode != 200 {
		b.w.t.Fatalf("%d %v %q: %v", a.StatusCode, a.to, a.body, err)
	}
	return v
}

// takeBack presses the button of a grant.
func (b *browser) takeBack(g consent.Grant) answer {
	b.w.t.Helper()
	return b.post(consent.PathGrants, url.Values{consent.FieldToken: {g.Token}, consent.FieldAction: {consent.ActionWithdraw}}, fromUs(b.w))
}
