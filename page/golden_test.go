package page_test

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/gatehouse-auth/gatehouse/page"
)

var update = flag.Bool("update", false, "write the golden files anew")

// hashes change with every change of the style sheet; that is not what the
// golden files are about.
var hashes = regexp.MustCompile(`(/static/[a-z-]+)-[0-9a-f]{12}\.`)

func TestGolden(t *testing.T) {
	p := open(t, page.Options{})
	seen := map[string]bool{}
	for _, lang := range []string{"en", "de"} {
		for _, v := range views(same) {
			name := v.name + "." + lang + ".html"
			seen[name] = true
			file := filepath.Join("testdata", "golden", name)
			got := hashes.ReplaceAll(get(t, p, v.view, "Accept-Language", lang).Body.Bytes(), []byte("$1-HASH."))
			if *update {
				if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(file, got, 0o644); err != nil {
					t.Fatal(err)
				}
				continue
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Error(err)
			} else if string(got) != string(want) {
				t.Errorf("%s differs; look at the change, then run go test ./page -update", name)
			}
		}
	}
	files, err := os.ReadDir(filepath.Join("testdata", "golden"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !seen[f.Name()] {
			t.Errorf("%s: no view makes this file", f.Name())
		}
	}
}
