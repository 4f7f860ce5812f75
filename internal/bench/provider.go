package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// contender is an OpenID Provider under measurement.
type contender struct {
	name string // where its sessions and codes are
	*process
	*party
	admin string // address of Caddy's admin API
}

// providers compares our OpenID Provider with npm's oidc-provider: processor
// time for each code flow and each client's own token. Each has one CPU to
// itself in its turn and knows of no other; the load has another one.
func (b *bench) providers() error {
	dir, err := os.MkdirTemp("", "bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	app := httptest.NewServer(http.NotFoundHandler())
	defer app.Close()
	all, err := b.contenders(dir, app.URL+"/callback") // only a browser goes there
	for _, c := range all {
		defer c.stop()
	}
	if err != nil {
		return err
	}
	load, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return err
	}
	pairs := max(b.pairs/4, 1) // a flow is dear
	fmt.Printf("\nOpenID Provider, CPU time beside oidc-provider, %d pairs, load average %.4s\n", pairs, load)
	fmt.Printf("%-26s %12s %16s   %-27s %s\n", "", "Gatehouse", "oidc-provider", "so many times ours", "in a second")
	theirs := all[len(all)-1]
	for _, ours := range all[:len(all)-1] {
		for _, j := range jobs() {
			if err := beside(j, pairs, ours, theirs); err != nil {
				return fmt.Errorf("%s: %w", j.name, err)
			}
		}
		if b.profiles != "" {
			if err := ours.profile(filepath.Join(b.profiles, ours.name)); err != nil {
				return err
			}
		}
	}
	return nil
}

// contenders starts ours, with default stores and with sessions in memory, and
// theirs, all on one CPU, and leaves the other one to the load. What was
// started is returned with an error, too.
func (b *bench) contenders(dir, redirect string) (all []*contender, err error) {
	if err := pin(os.Getpid(), 0); err != nil { // what is started inherits it
		return nil, err
	}
	for _, sessions := range []string{"sqlite", "memory"} {
		ours, err := b.gatehouse(filepath.Join(dir, sessions), sessions, redirect)
		if err != nil {
			return all, fmt.Errorf("ours: %w", err)
		}
		all = append(all, ours)
	}
	theirs, err := yardstick(dir, redirect)
	if err != nil {
		return all, fmt.Errorf("oidc-provider: %w", err)
	}
	return append(all, theirs), pin(os.Getpid(), 1)
}

// job is what is measured.
type job struct {
	name  string
	times int // in a window
	do    func(*party) error
}

func jobs() []job {
	return []job{
		{"code flow, RS256", 640, func(p *party) error { return p.flow("wiki-rs256") }},
		{"code flow, ES256", 640, func(p *party) error { return p.flow("wiki-es256") }},
		{"client_credentials", 2560, func(p *party) error { return p.credentials("robot") }},
	}
}

// gatehouse starts ours, with default stores and a person who is signed in.
func (b *bench) gatehouse(dir, sessions, redirect string) (*contender, error) {
	if err := os.Mkdir(dir, 0o700); err != nil {
		return nil, err
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	adminPort, err := freePort()
	if err != nil {
		return nil, err
	}
	issuer := fmt.Sprintf("http://localhost:%d", port)
	c := &contender{name: sessions, admin: fmt.Sprintf("localhost:%d", adminPort)}
	file := providerFile(issuer, c.admin, sessions, redirect)
	if err := os.WriteFile(filepath.Join(dir, "Caddyfile"), []byte(file), 0o600); err != nil {
		return nil, err
	}
	add := command(b.full, dir, "gatehouse", "user", "add", "alice", "--name", "Alice A", "--email", "alice@example.com", "--password-stdin")
	add.Stdin = strings.NewReader(password + "\n")
	if out, err := add.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("adding a user: %w: %s", err, out)
	}
	if c.process, err = start(b.full, dir, file, issuer+"/.well-known/openid-configuration"); err != nil {
		return nil, err
	}
	return c, c.ready(issuer, redirect)
}

// providerFile has the clients that the yardstick has.
func providerFile(issuer, admin, sessions, redirect string) string {
	const client = "\t\tclient %s {\n\t\t\tfirst_party\n\t\t\tsecret %s\n\t\t\t%s\n\t\t}\n"
	text := fmt.Sprintf("{\n\tadmin %s\n\tpersist_config off\n\tlog {\n\t\tlevel ERROR\n\t}\n\tgatehouse {\n\t\tissuer %s\n\t\tusers\n", admin, issuer)
	if sessions == "memory" {
		text += "\t\tsessions memory\n"
	}
	for _, alg := range []string{"RS256", "ES256"} {
		text += fmt.Sprintf(client, "wiki-"+strings.ToLower(alg), clientSecret, "redirect_uri "+redirect+"\n\t\t\tid_token_alg "+alg)
	}
	text += fmt.Sprintf(client, "robot", clientSecret, "grant_types client_credentials")
	return text + fmt.Sprintf("\t}\n}\n%s {\n\tgatehouse_portal\n}\n", issuer)
}

// yardstick starts oidc-provider as e2e/parts/yardstick.mjs has it.
func yardstick(dir, redirect string) (*contender, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	issuer := fmt.Sprintf("http://localhost:%d", port)
	cmd := exec.Command("node", "yardstick.mjs", strconv.Itoa(port), redirect, clientSecret)
	cmd.Dir, cmd.Env = "e2e/parts", append(os.Environ(), "NODE_ENV=production", "HOME="+dir)
	c := new(contender)
	if c.process, err = launch(cmd, issuer+"/.well-known/openid-configuration"); err != nil {
		return nil, err
	}
	return c, c.ready(issuer, redirect)
}

// ready signs somebody in.
func (c *contender) ready(issuer, redirect string) (err error) {
	if c.party, err = newParty(issuer, redirect); err != nil {
		return err
	}
	return c.signIn("wiki-rs256")
}

// beside runs pairs of windows in turns and prints one row.
func beside(j job, pairs int, ours, theirs *contender) error {
	var ratios []float64
	var cost, rate [2][]float64
	both := [2]*contender{ours, theirs}
	for _, c := range both { // warm
		if err := many(2*j.times, func() error { return j.do(c.party) }); err != nil {
			return err
		}
	}
	for i := range pairs {
		for n := range both {
			n = n ^ i&1 // who comes first
			used, took, err := both[n].spend(j)
			if err != nil {
				return err
			}
			cost[n] = append(cost[n], used)
			rate[n] = append(rate[n], float64(j.times)/took.Seconds())
		}
		ratios = append(ratios, cost[1][i]/cost[0][i])
	}
	low, high := interval(ratios)
	fmt.Printf("%-26s %9.0f µs %13.0f µs   %5.1f× (95 %%: %.1f to %.1f)    %6.0f and %.0f\n",
		j.name+", "+ours.name, median(cost[0]), median(cost[1]), median(ratios), low, high, median(rate[0]), median(rate[1]))
	return nil
}

// spend does one window and gives microseconds of CPU for each time, and how
// long it took altogether.
func (c *contender) spend(j job) (float64, time.Duration, error) {
	before, err := c.cpu()
	if err != nil {
		return 0, 0, err
	}
	began := time.Now()
	if err := many(j.times, func() error { return j.do(c.party) }); err != nil {
		return 0, 0, err
	}
	took := time.Since(began)
	after, err := c.cpu()
	return float64((after - before).Nanoseconds()) / 1000 / float64(j.times), took, err
}
