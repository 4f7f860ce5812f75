package caddymodule_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2/caddyconfig"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
)

const dashes = "----------"

// goldens reads testdata/adapt: the Caddyfile, a line of dashes, then the JSON
// or a part of the error.
func goldens(t testing.TB) map[string][2]string {
	t.Helper()
	files, err := filepath.Glob("testdata/adapt/*.caddyfiletest")
	if err != nil || len(files) == 0 {
		t.Fatalf("no golden files: %v", err)
	}
	all := map[string][2]string{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		input, want, ok := strings.Cut(string(data), dashes+"\n")
		if !ok {
			t.Fatalf("%s: no line of dashes", file)
		}
		all[file] = [2]string{input, strings.TrimSpace(want)}
	}
	return all
}

// exampleFiles are the Caddyfiles that users copy.
func exampleFiles(t testing.TB) map[string]string {
	t.Helper()
	files, err := filepath.Glob("../examples/*.Caddyfile")
	if err != nil || len(files) == 0 {
		t.Fatalf("no examples: %v", err)
	}
	all := map[string]string{}
	for _, file := range append(files, "../Caddyfile.example") {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all[file] = string(data)
	}
	return all
}

func adapt(input string) ([]byte, error) {
	config, _, err := caddyconfig.GetAdapter("caddyfile").Adapt([]byte(input), map[string]any{"filename": "Testfile"})
	return config, err
}

func TestAdapt(t *testing.T) {
	for file, golden := range goldens(t) {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".caddyfiletest"), func(t *testing.T) {
			compare(t, file, golden)
		})
	}
}

func compare(t *testing.T, file string, golden [2]string) {
	config, err := adapt(golden[0])
	if strings.HasPrefix(filepath.Base(file), "error_") {
		if err == nil || golden[1] == "" || !strings.Contains(err.Error(), golden[1]) {
			t.Errorf("the error is\n%v\nand should contain\n%s", err, golden[1])
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := json.Indent(&out, config, "", "\t"); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(file, []byte(golden[0]+dashes+"\n"+out.String()+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if out.String() != golden[1] {
		t.Errorf("got\n%s\nwant\n%s", out.String(), golden[1])
	}
}

// TestExamplesAdapt keeps what the README's first command reads working.
func TestExamplesAdapt(t *testing.T) {
	for file, input := range exampleFiles(t) {
		config, err := adapt(input)
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		if !bytes.Contains(config, []byte(`"handler":"gatehouse"`)) {
			t.Errorf("%s guards nothing", file)
		}
		if err := validate(config); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
}

// TestExamplesAreFormatted: `caddy fmt` has nothing to do.
func TestExamplesAreFormatted(t *testing.T) {
	inputs := exampleFiles(t)
	for file, golden := range goldens(t) {
		inputs[file] = golden[0]
	}
	for file, input := range inputs {
		if got := string(caddyfile.Format([]byte(input))); got != input {
			t.Errorf("%s: caddy fmt makes of it\n%s", file, got)
		}
	}
}

// TestAdaptIsPure: nothing is read, resolved or made while adapting (CFG-02).
func TestAdaptIsPure(t *testing.T) {
	t.Setenv("WIKI_SECRET", "this-secret-must-never-be-in-a-config-dump")
	dir := t.TempDir()
	input := `{
	gatehouse {
		issuer https://auth.example.com
		client wiki {
			secret {env.WIKI_SECRET}
			redirect_uri https://wiki.example.com/cb
		}
		store sqlite ` + dir + `/new/gatehouse.sqlite
		master_key {file.` + dir + `/missing}
	}
}`
	config, err := adapt(input)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(config, []byte("this-secret")) || !bytes.Contains(config, []byte("{env.WIKI_SECRET}")) {
		t.Errorf("the configuration is\n%s", config)
	}
	if made, _ := os.ReadDir(dir); len(made) != 0 {
		t.Errorf("adapting made %v", made)
	}
}
