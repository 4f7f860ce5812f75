package gatehouse_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const module = "github.com/gatehouse-auth/gatehouse"

// TestXcaddyBuild builds the program that xcaddy.md shows as xcaddy would: in a
// module of its own that replaces ours by the working copy. It needs no network,
// since it takes the versions that this module has.
func TestXcaddyBuild(t *testing.T) {
	page := read(t, "xcaddy.md")
	program := regexp.MustCompile("(?s)```go\n(.*?)```").FindStringSubmatch(page)
	if program == nil {
		t.Fatal("xcaddy.md shows no program")
	}
	here, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	mod := strings.Replace(read(t, "go.mod"), "module "+module, "module caddy", 1) +
		"\nrequire " + module + " v0.0.0\nreplace " + module + " => " + here + "\n"
	dir := t.TempDir()
	for name, text := range map[string]string{"main.go": program[1], "go.mod": mod, "go.sum": read(t, "go.sum")} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	run(t, dir, "go", "build", "-mod=mod", "-o", "caddy", ".")
	modules := run(t, dir, "./caddy", "list-modules")
	for _, name := range []string{"gatehouse", "http.handlers.gatehouse", "http.handlers.gatehouse_portal", "http.handlers.reverse_proxy"} {
		if !strings.Contains("\n"+modules, "\n"+name+"\n") {
			t.Errorf("the module %s is missing", name)
		}
	}
	if help := run(t, dir, "./caddy", "gatehouse", "--help"); !strings.Contains(help, "doctor") {
		t.Errorf("caddy gatehouse --help says %s", help)
	}
}

// TestVersions: the versions that xcaddy.md promises are those of go.mod.
func TestVersions(t *testing.T) {
	mod, page := read(t, "go.mod"), read(t, "xcaddy.md")
	caddy := regexp.MustCompile(`github\.com/caddyserver/caddy/v2 (v\S+)`).FindStringSubmatch(mod)
	language := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindStringSubmatch(mod)
	if caddy == nil || language == nil {
		t.Fatal("go.mod names no versions")
	}
	for _, row := range []string{"| Caddy | " + caddy[1] + " ", "| Go | " + language[1] + " "} {
		if !strings.Contains(page, row) {
			t.Errorf("xcaddy.md has no row %q", row)
		}
	}
	for _, found := range regexp.MustCompile(`xcaddy build (v\S+)`).FindAllStringSubmatch(page, -1) {
		if found[1] != caddy[1] {
			t.Errorf("xcaddy.md builds %s, go.mod has %s", found[1], caddy[1])
		}
	}
}

// TestLinks: what README.md and the pages in docs link to is there.
func TestLinks(t *testing.T) {
	pages, err := filepath.Glob("docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	link := regexp.MustCompile(`\]\(([^)#:]+)(?:#[^)]*)?\)`)
	for _, page := range append(pages, "README.md", "xcaddy.md", "CONTRIBUTING.md", "SECURITY.md") {
		for _, found := range link.FindAllStringSubmatch(read(t, page), -1) {
			if _, err := os.Stat(filepath.Join(filepath.Dir(page), found[1])); err != nil {
				t.Errorf("%s: %v", page, err)
			}
		}
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func run(t *testing.T, dir, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOPROXY=off", "GOFLAGS=", "GOWORK=off")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}
