package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"regexp"
	"strings"
)

const password = "correct horse battery"

// requests compares the cost of a request: signed in, and not signed in. Caddy
// has one CPU to itself, the load and the application have another.
func (b *bench) requests() error {
	if err := pin(os.Getpid(), 1); err != nil {
		return err
	}
	bare, barePort, err := b.site(false, 0)
	if err != nil {
		return err
	}
	defer bare.stop()
	guarded, port, err := b.site(true, 0)
	if err != nil {
		return err
	}
	defer guarded.stop()
	cookie, err := login(port)
	if err != nil {
		return fmt.Errorf("signing in: %w", err)
	}
	small, browser := lines("User-Agent: bench", "Accept: text/html"), lines(browserHeaders...)
	signedIn, identity := lines("Cookie: "+cookie), lines(identityHeaders...)
	for _, c := range []comparison{
		// Both sides get the same request, but for the last line of each pair.
		{"signed in", barePort, small + signedIn, guarded, port, small + signedIn, "200"},
		{"signed in, a browser", barePort, browser + signedIn, guarded, port, browser + signedIn, "200"},
		{"unguarded, client's headers", barePort, small + signedIn, bare, barePort, small + identity, "200"},
		{"redirect to the login", barePort, small, guarded, port, small, "303"},
	} {
		if err := b.compare(c, bare); err != nil {
			return err
		}
	}
	return b.inFlood()
}

// comparison is two ways to ask: the base, always of the unguarded Caddy, and
// the other one.
type comparison struct {
	name     string
	basePort int
	base     string // header lines
	process  *process
	port     int
	other    string
	status   string // of the other
}

func lines(of ...string) string { return strings.Join(of, "\r\n") + "\r\n" }

// browserHeaders are what Chromium sends with a navigation.
var browserHeaders = []string{
	"User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
	"Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8",
	"Accept-Encoding: gzip, deflate, br, zstd", "Accept-Language: en-GB,en;q=0.9",
	`Sec-Ch-Ua: "Chromium";v="142", "Not_A Brand";v="99"`, "Sec-Ch-Ua-Mobile: ?0", `Sec-Ch-Ua-Platform: "Linux"`,
	"Sec-Fetch-Dest: document", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Site: same-origin", "Sec-Fetch-User: ?1",
	"Upgrade-Insecure-Requests: 1", "Referer: http://localhost/list",
}

// identityHeaders are what the guard gives to the application, sent by the
// client: what it costs an unguarded Caddy to carry them.
var identityHeaders = []string{
	"Remote-User: alice", "Remote-Name: Alice A", "Remote-Email: alice@example.com", "Remote-Groups: staff",
	"Remote-Sub: 6b0f1f9e-6f3c-4a0e-9d3b-0a8d1b7c2e5f",
}

// inFlood measures on all CPUs.
func (b *bench) inFlood() error {
	if err := pin(os.Getpid(), 0, 1); err != nil {
		return err
	}
	guarded, port, err := b.site(true, 0, 1)
	if err != nil {
		return err
	}
	defer guarded.stop()
	cookie, err := login(port)
	if err != nil {
		return fmt.Errorf("signing in: %w", err)
	}
	signedIn, err := newPool(newTarget(port, "/", lines("Cookie: "+cookie), "200"), 1)
	if err != nil {
		return err
	}
	return b.flood(port, signedIn)
}

// site starts one Caddy on these CPUs, with an account if it is guarded.
func (b *bench) site(guarded bool, cpus ...int) (*process, int, error) {
	dir, err := os.MkdirTemp("", "bench")
	if err != nil {
		return nil, 0, err
	}
	port, err := freePort()
	if err != nil {
		return nil, 0, err
	}
	if err := os.WriteFile(dir+"/Caddyfile", []byte(b.caddyfile(port, guarded)), 0o600); err != nil {
		return nil, 0, err
	}
	if guarded {
		add := command(b.full, dir, "gatehouse", "user", "add", "alice", "--name", "Alice A", "--email", "alice@example.com", "--group", "staff", "--password-stdin")
		add.Stdin = strings.NewReader(password + "\n")
		if out, err := add.CombinedOutput(); err != nil {
			return nil, 0, fmt.Errorf("adding a user: %w: %s", err, out)
		}
	}
	p, err := start(b.full, dir, b.caddyfile(port, guarded), fmt.Sprintf("http://localhost:%d/", port))
	if err != nil {
		return nil, 0, err
	}
	return p, port, pin(p.cmd.Process.Pid, cpus...)
}

// compare runs pairs of windows in turns and prints the ratio of CPU time.
func (b *bench) compare(c comparison, bare *process) error {
	var ratios, tax []float64
	// Connections of their own: Caddy closes those that were idle for long.
	base, err := newPool(newTarget(c.basePort, "/", c.base, "200"), 32)
	if err != nil {
		return err
	}
	other, err := newPool(newTarget(c.port, "/", c.other, c.status), 32)
	if err != nil {
		return err
	}
	if err := errors.Join(base.send(2*b.window), other.send(2*b.window)); err != nil {
		return err
	}
	for i := range b.pairs {
		first, second := func() (float64, error) { return b.cost(base, bare) }, func() (float64, error) { return b.cost(other, c.process) }
		if i%2 == 1 {
			first, second = second, first
		}
		x, err := first()
		if err != nil {
			return err
		}
		y, err := second()
		if err != nil {
			return err
		}
		if i%2 == 1 {
			x, y = y, x
		}
		ratios, tax = append(ratios, y/x), append(tax, y-x)
	}
	low, high := interval(ratios)
	fmt.Printf("%-27s %.3f of a bare proxied request (95 %%: %.3f to %.3f, %d pairs), %+.1f µs\n", c.name, median(ratios), low, high, len(ratios), median(tax))
	return nil
}

// cost is the CPU time of one request in microseconds, over a window.
func (b *bench) cost(p *pool, on *process) (float64, error) {
	before, err := on.cpu()
	if err != nil {
		return 0, err
	}
	if err := p.send(b.window); err != nil {
		return 0, err
	}
	after, err := on.cpu()
	return float64((after - before).Nanoseconds()) / 1000 / float64(b.window), err
}

var tokenField = regexp.MustCompile(`name="csrf_token" value="([^"]+)"`)

// login signs in and returns the session cookie as it is sent.
func login(port int) (string, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return "", err
	}
	client := &http.Client{Jar: jar}
	site := fmt.Sprintf("http://localhost:%d", port)
	ctx := context.Background()
	page, token, err := loginPage(ctx, client, site+"/")
	if err != nil {
		return "", err
	}
	form := url.Values{"username": {"alice"}, "password": {password}, "csrf_token": {token}, "return_url": {"/"}, "action": {"login"}}
	status, err := post(ctx, client, site, page, form)
	if err != nil {
		return "", err
	}
	name := fmt.Sprintf("gatehouse-%d", port)
	for _, c := range jar.Cookies(page) {
		if c.Name == name {
			return c.Name + "=" + c.Value, nil
		}
	}
	return "", fmt.Errorf("no session after the login (%d)", status)
}
