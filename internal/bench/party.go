package main

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"sync"
)

// clientSecret is that of every client of both providers.
const clientSecret = "a-secret-of-more-than-32-characters-0123456789"

// party is a relying party, the same for both providers: it knows an address
// and asks discovery for the rest. Its connections are kept.
type party struct {
	http     *http.Client
	redirect string // where answers go
	cookie   string // of a browser in which somebody is signed in
	meta     struct {
		Authorize string `json:"authorization_endpoint"`
		Token     string `json:"token_endpoint"`
		UserInfo  string `json:"userinfo_endpoint"`
	}
}

// workers are the requests at a time.
const workers = 16

func newParty(issuer, redirect string) (*party, error) {
	p := &party{redirect: redirect, http: &http.Client{
		Transport:     &http.Transport{MaxIdleConnsPerHost: workers, DisableCompression: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	resp, err := http.Get(issuer + "/.well-known/openid-configuration")
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	return p, json.NewDecoder(resp.Body).Decode(&p.meta)
}

// signIn opens an authorization request in a browser and fills the login page,
// if one comes. The consent, if it takes one, is given then too.
func (p *party) signIn(client string) error {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return err
	}
	browser := &http.Client{Jar: jar}
	ask, _ := p.ask(client)
	at, err := url.Parse(ask)
	if err != nil {
		return err
	}
	ctx := context.Background()
	page, token, err := loginPage(ctx, browser, ask)
	if err == nil {
		form := url.Values{"username": {"alice"}, "password": {password}, "csrf_token": {token}, "return_url": {page.Query().Get("return_url")}, "action": {"login"}}
		_, err = post(ctx, browser, at.Scheme+"://"+at.Host, page, form)
	} else if page != nil && strings.HasPrefix(page.String(), p.redirect) {
		err = nil // nobody was asked
	}
	var cookies []string
	for _, c := range jar.Cookies(at) {
		cookies = append(cookies, c.Name+"="+c.Value)
	}
	p.cookie = strings.Join(cookies, "; ")
	return err
}

// ask makes an authorization request and the PKCE verifier for it.
func (p *party) ask(client string) (address, verifier string) {
	verifier = rand.Text() + rand.Text()
	challenge := sha256.Sum256([]byte(verifier))
	q := url.Values{
		"client_id": {client}, "response_type": {"code"}, "redirect_uri": {p.redirect}, "scope": {"openid profile email"},
		"state": {verifier[:16]}, "nonce": {verifier[16:32]},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(challenge[:])}, "code_challenge_method": {"S256"},
	}
	return p.meta.Authorize + "?" + q.Encode(), verifier
}

// flow is a code flow of somebody who is signed in: authorize, token, userinfo.
func (p *party) flow(client string) error {
	address, verifier := p.ask(client)
	req, err := http.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	req.Header.Set("Cookie", p.cookie)
	resp, err := p.http.Do(req)
	if err != nil {
		return err
	}
	io.Copy(io.Discard, resp.Body)
	resp.Body.Close()
	to, err := resp.Location()
	if err != nil {
		return fmt.Errorf("authorize answered %s: %w", resp.Status, err)
	}
	token, err := p.token(client, url.Values{
		"grant_type": {"authorization_code"}, "code": {to.Query().Get("code")}, "redirect_uri": {p.redirect}, "code_verifier": {verifier},
	})
	if err != nil {
		return fmt.Errorf("%w after %s", err, to)
	}
	if req, err = http.NewRequest(http.MethodGet, p.meta.UserInfo, nil); err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	var who struct{ Email string }
	return p.answer(req, &who, &who.Email)
}

// credentials gets a token for the client itself.
func (p *party) credentials(client string) error {
	_, err := p.token(client, url.Values{"grant_type": {"client_credentials"}})
	return err
}

func (p *party) token(client string, form url.Values) (string, error) {
	req, err := http.NewRequest(http.MethodPost, p.meta.Token, strings.NewReader(form.Encode()))
	if err != nil {
		return "", err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.SetBasicAuth(client, clientSecret)
	var tokens struct {
		Access string `json:"access_token"`
	}
	err = p.answer(req, &tokens, &tokens.Access)
	return tokens.Access, err
}

// answer reads JSON into v; what needs points at may not be empty.
func (p *party) answer(req *http.Request, v any, needs *string) error {
	resp, err := p.http.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if json.Unmarshal(body, v) != nil || *needs == "" {
		return fmt.Errorf("%s answered %s: %s", req.URL, resp.Status, body)
	}
	return nil
}

// many does a job n times over all connections.
func many(n int, job func() error) error {
	var wg sync.WaitGroup
	errs := make(chan error, workers)
	for range workers {
		wg.Go(func() {
			for range n / workers {
				if err := job(); err != nil {
					errs <- err
					return
				}
			}
		})
	}
	wg.Wait()
	close(errs)
	return <-errs
}
