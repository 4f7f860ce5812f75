package page

import (
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"os"
	"path"
	"regexp"
	"strings"
)

//go:embed templates catalog static
var embedded embed.FS

// names are the pages; layout and parts are shared by all of them.
var names = []string{"login", "choose", "setup", "logout", "loggedout", "problem", "home", "consent", "grants", "device", "device_confirm", "device_done"}

// overrides are the files of an operator's directory, by name.
type overrides struct {
	templates, catalogues, static map[string][]byte
}

var catalogueName = regexp.MustCompile(`^active\.[A-Za-z0-9-]+\.json$`)

// maxOverride bounds one file of the directory.
const maxOverride = 1 << 20

// readOverrides reads a directory. A file whose name nothing asks for is an
// error: it is a misspelt one, and its author believes it to be in force.
func readOverrides(dir string) (overrides, error) {
	o := overrides{map[string][]byte{}, map[string][]byte{}, map[string][]byte{}}
	if dir == "" {
		return o, nil
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return o, fmt.Errorf("pages directory: %w", err)
	}
	defer root.Close()
	return o, fs.WalkDir(root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return fmt.Errorf("pages directory: %w", err)
		}
		if name != "." && strings.HasPrefix(d.Name(), ".") {
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if d.IsDir() {
			return nil
		}
		return o.take(root, name)
	})
}

func (o overrides) take(root *os.Root, name string) error {
	info, err := root.Stat(name)
	if err != nil {
		return err
	}
	if info.Size() > maxOverride {
		return fmt.Errorf("%s: larger than 1 MiB", name)
	}
	body, err := root.ReadFile(name)
	if err != nil {
		return err
	}
	switch dir, file := path.Split(name); {
	case dir == "static/":
		o.static[file] = body
	case dir == "" && catalogueName.MatchString(file):
		o.catalogues[file] = body
	case dir == "" && isTemplate(file):
		if err := lint(body); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		o.templates[file] = body
	default:
		return fmt.Errorf("%s: nothing is called so; templates are layout, parts, %s (.html), catalogues active.<language>.json, other files static/<name>",
			name, strings.Join(names, ", "))
	}
	return nil
}

func isTemplate(file string) bool {
	page, ok := strings.CutSuffix(file, ".html")
	if page == "layout" || page == "parts" {
		return ok
	}
	for _, name := range names {
		if page == name {
			return ok
		}
	}
	return false
}

// forbidden is what the policy would block in a browser, or what would quietly
// loosen a header: better said at start (WEB-15).
var forbidden = []struct {
	pattern *regexp.Regexp
	why     string
}{
	{regexp.MustCompile(`(?i)<script`), "pages work without script, and the policy blocks it"},
	{regexp.MustCompile(`(?i)<style|\sstyle\s*=`), "the policy blocks inline style: put it into static/gatehouse.css"},
	{regexp.MustCompile(`(?i)<[^>]*\son[a-z]+\s*=`), "the policy blocks inline event handlers"},
	{regexp.MustCompile(`(?i)javascript:`), "the policy blocks script addresses"},
	{regexp.MustCompile(`(?i)http-equiv|<meta[^>]*referrer|referrerpolicy\s*=\s*["']?(unsafe|origin|strict|no-referrer-when)`), "headers are not up to a template"},
	{regexp.MustCompile(`(?i)<(base|iframe|object|embed|frame|applet)[\s>/]`), "the policy blocks this element"},
}

func lint(body []byte) error {
	for _, f := range forbidden {
		if at := f.pattern.FindIndex(body); at != nil {
			line := 1 + strings.Count(string(body[:at[0]]), "\n")
			return fmt.Errorf("line %d: %q: %s", line, body[at[0]:at[1]], f.why)
		}
	}
	return nil
}

// parseTemplates parses one set per page: shared parts, layout, the page.
func parseTemplates(over map[string][]byte) (map[string]*template.Template, error) {
	source := func(name string) (string, error) {
		if body, ok := over[name+".html"]; ok {
			return string(body), nil
		}
		body, err := embedded.ReadFile("templates/" + name + ".html")
		return string(body), err
	}
	all := map[string]*template.Template{}
	for _, page := range names {
		t := template.New(page).Option("missingkey=error")
		for _, name := range []string{"parts", "layout", page} {
			text, err := source(name)
			if err != nil {
				return nil, err
			}
			if _, err := t.New(name + ".html").Parse(text); err != nil {
				return nil, err
			}
		}
		for _, need := range []string{"layout", "content"} {
			if t.Lookup(need) == nil {
				return nil, errors.New(page + `.html: it has to {{define "` + need + `"}}`)
			}
		}
		all[page] = t
	}
	return all, nil
}
