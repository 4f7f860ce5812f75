package rig

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	caddycmd "github.com/caddyserver/caddy/v2/cmd"
)

// asCaddy is the environment variable that turns a test binary into Caddy.
const asCaddy = "GATEHOUSE_RIG_CADDY"

// Main runs the tests of a package, or Caddy if the rig started this binary as
// such: what is tested is exactly what was compiled, race detector included.
func Main(m *testing.M) {
	if os.Getenv(asCaddy) != "" {
		caddycmd.Main() // returns after a command that went well
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// Caddy is a running Caddy.
type Caddy struct {
	// Dir holds the Caddyfile, the data directory and the admin socket.
	Dir string
	t   testing.TB
	cmd *exec.Cmd
	log *logBuffer
	end chan struct{}
}

// Prepare makes a directory with this Caddyfile and starts nothing. The text
// may begin with a global block; "ADMIN" in it becomes the admin socket's
// address.
func Prepare(t testing.TB, caddyfile string) *Caddy {
	t.Helper()
	dir, err := os.MkdirTemp("", "rig") // t.TempDir is too long for a socket's path
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	c := &Caddy{Dir: dir, t: t, log: new(logBuffer)}
	c.Write(caddyfile)
	return c
}

// Start prepares, starts and waits until Caddy answers on its admin socket.
func Start(t testing.TB, caddyfile string) *Caddy {
	t.Helper()
	c := Prepare(t, caddyfile)
	c.Start()
	return c
}

// Write replaces the Caddyfile.
func (c *Caddy) Write(caddyfile string) {
	c.t.Helper()
	text := strings.ReplaceAll(caddyfile, "ADMIN", "unix/"+c.admin())
	if err := os.WriteFile(filepath.Join(c.Dir, "Caddyfile"), []byte(text), 0o600); err != nil {
		c.t.Fatal(err)
	}
}

// Start runs Caddy and waits until it has loaded the Caddyfile.
func (c *Caddy) Start() {
	c.t.Helper()
	before := len(c.Log())
	c.cmd = c.command("run", "--config", "Caddyfile", "--adapter", "caddyfile")
	c.cmd.Stdout, c.cmd.Stderr = c.log, c.log
	if err := c.cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
	c.end = make(chan struct{})
	go func(cmd *exec.Cmd, end chan struct{}) { cmd.Wait(); close(end) }(c.cmd, c.end)
	c.t.Cleanup(c.Stop)
	deadline := time.Now().Add(60 * time.Second)
	for !strings.Contains(c.Log()[before:], "serving initial configuration") {
		select {
		case <-c.end:
			c.t.Fatalf("caddy ended:\n%s", c.Log())
		case <-time.After(20 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			c.t.Fatalf("caddy did not start:\n%s", c.Log())
		}
	}
}

// Stop ends Caddy gracefully, or after 10 s without grace.
func (c *Caddy) Stop() {
	if c.cmd == nil {
		return
	}
	c.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-c.end:
	case <-time.After(10 * time.Second):
		c.cmd.Process.Kill()
		<-c.end
	}
	if c.t.Failed() {
		c.t.Logf("caddy's log:\n%s", c.Log())
	}
	c.cmd = nil
}

// Kill ends Caddy as a power failure would.
func (c *Caddy) Kill() {
	c.cmd.Process.Kill()
	<-c.end
	c.cmd = nil
}

// Pid is the process number of the running Caddy.
func (c *Caddy) Pid() int { return c.cmd.Process.Pid }

// Reload does what `caddy reload` does.
func (c *Caddy) Reload() error {
	out, err := c.Run("", "reload", "--config", "Caddyfile", "--adapter", "caddyfile", "--address", "unix/"+c.admin(), "--force")
	if err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	return nil
}

// Run runs another command of the same binary in the same surroundings, with
// input on standard input, and returns everything it printed.
func (c *Caddy) Run(input string, args ...string) (string, error) {
	cmd := c.command(args...)
	cmd.Stdin = strings.NewReader(input)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// Admin asks the admin API and returns status and body.
func (c *Caddy) Admin(path string) (int, string) {
	c.t.Helper()
	client := http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", c.admin())
		},
		DisableKeepAlives: true,
	}}
	resp, err := client.Get("http://localhost" + path)
	if err != nil {
		c.t.Fatal(err)
	}
	defer resp.Body.Close()
	var b bytes.Buffer
	b.ReadFrom(resp.Body)
	return resp.StatusCode, b.String()
}

// Log is everything Caddy wrote so far.
func (c *Caddy) Log() string { return c.log.String() }

func (c *Caddy) admin() string { return filepath.Join(c.Dir, "admin.sock") }

func (c *Caddy) command(args ...string) *exec.Cmd {
	self, err := os.Executable()
	if err != nil {
		c.t.Fatal(err)
	}
	cmd := exec.Command(self, args...)
	cmd.Dir = c.Dir
	cmd.Env = append(os.Environ(), asCaddy+"=1", "HOME="+c.Dir, "XDG_DATA_HOME="+c.Dir, "XDG_CONFIG_HOME="+c.Dir)
	return cmd
}

// logBuffer is a bytes.Buffer for one writer and many readers.
type logBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
