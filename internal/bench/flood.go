package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// flood compares how long signed-in requests wait while many addresses guess
// passwords, with how long they wait in peace (DOS-04).
func (b *bench) flood(port int, signedIn *pool) error {
	calm, err := latencies(signedIn, 2*time.Second)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	var mu sync.Mutex
	guesses := map[int]int{}
	for i := range 16 {
		wg.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				status := guess(ctx, port, i, n)
				mu.Lock()
				guesses[status]++
				mu.Unlock()
			}
		})
	}
	storm, err := latencies(signedIn, 4*time.Second)
	cancel()
	wg.Wait()
	fmt.Printf("in a login flood            signed-in p50 %.1f ms, p99 %.1f ms; in peace %.1f and %.1f; answers to the flood by status: %v\n",
		at(storm, 50), at(storm, 99), at(calm, 50), at(calm, 99), guesses)
	return err
}

// guess tries one password from an address of its own, on loopback.
func guess(ctx context.Context, port, who, n int) int {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return 0
	}
	source := &net.TCPAddr{IP: net.IPv4(127, 1, byte(who), byte(1+n%250))}
	transport := &http.Transport{DialContext: (&net.Dialer{LocalAddr: source}).DialContext, DisableKeepAlives: true}
	client := &http.Client{Jar: jar, Transport: transport, Timeout: 10 * time.Second}
	site := fmt.Sprintf("http://localhost:%d", port)
	page, token, err := loginPage(ctx, client, site+"/")
	if err != nil {
		return 0
	}
	form := url.Values{"username": {fmt.Sprintf("nobody%d-%d", who, n)}, "password": {"guess"}, "csrf_token": {token}, "return_url": {"/"}, "action": {"login"}}
	status, err := post(ctx, client, site, page, form)
	if err != nil {
		return 0
	}
	return status
}

// latencies asks on one connection for a time and gives sorted milliseconds.
func latencies(p *pool, d time.Duration) ([]float64, error) {
	var all []float64
	for began := time.Now(); time.Since(began) < d; {
		one := time.Now()
		if err := p.clients[0].ask(p.request, p.status); err != nil {
			return nil, err
		}
		all = append(all, time.Since(one).Seconds()*1000)
	}
	slices.Sort(all)
	return all, nil
}

func at(sorted []float64, percent int) float64 {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[min(len(sorted)*percent/100, len(sorted)-1)]
}

// loginPage opens an address and gives the address and token of the login form
// that comes. Where none comes, the address comes with the error.
func loginPage(ctx context.Context, client *http.Client, address string) (*url.URL, string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, "", err
	}
	req.Header.Set("Accept", "text/html")
	resp, err := client.Do(req)
	if err != nil {
		return nil, "", err
	}
	defer resp.Body.Close()
	var page strings.Builder
	if err := resp.Write(&page); err != nil {
		return nil, "", err
	}
	token := tokenField.FindStringSubmatch(page.String())
	if token == nil {
		return resp.Request.URL, "", fmt.Errorf("no form at %s", resp.Request.URL)
	}
	return resp.Request.URL, token[1], nil
}

// post sends a form as a browser on that page would.
func post(ctx context.Context, client *http.Client, site string, page *url.URL, form url.Values) (int, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, page.String(), strings.NewReader(form.Encode()))
	if err != nil {
		return 0, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Origin", site)
	resp, err := client.Do(req)
	if err != nil {
		return 0, err
	}
	return resp.StatusCode, resp.Body.Close()
}
