package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// tree makes a module with one file of each sort.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func TestScan(t *testing.T) {
	q := func(n string) string { return "// AAA-" + n + "\n" } // not quoted here by accident
	root := tree(t, map[string]string{
		"a/a_test.go":              "package a\n\n" + q("01") + "func TestOne() {\n\t" + q("02") + "\t_ = \"AAA-03\"\n}\n\nvar rows = []int{\n\t1, " + q("04") + "}\n\n" + q("05") + "func FuzzTwo() {}\n",
		"a/a.go":                   "package a\n\n" + q("06"),
		"a/testdata/x_test.go":     "package x\n\n" + q("06"),
		"store/storetest/suite.go": "package storetest\n\n" + q("07") + "func Suite() {}\n",
		"e2e/x.test.mjs":           "import x\n" + q("08") + "test('it works | well', () => {\n  " + q("09") + "})\n\ntest(`AAA-10 too`, f)\n",
		"x.sh":                     "# AAA-11\n",
		"README.md":                "PRX-12 and AAA-12, UTF-16\n",
		output:                     "PRX-12\n",
	})
	found, err := scan(root)
	if err != nil {
		t.Fatal(err)
	}
	for n, want := range map[string][]place{
		"AAA-01": {{"a/a_test.go", "TestOne"}}, "AAA-02": {{"a/a_test.go", "TestOne"}}, "AAA-03": nil, "AAA-04": {{"a/a_test.go", "rows"}}, "AAA-05": {{"a/a_test.go", "FuzzTwo"}}, "AAA-06": nil, "AAA-07": {{"store/storetest/suite.go", "Suite"}},
		"AAA-08": {{"e2e/x.test.mjs", "it works | well"}}, "AAA-09": {{"e2e/x.test.mjs", "it works | well"}}, "AAA-10": {{"e2e/x.test.mjs", "AAA-10 too"}}, "AAA-11": {{"x.sh", ""}}, "AAA-12": nil, "PRX-12": {{"README.md", ""}},
	} {
		if !slices.Equal(found[n], want) {
			t.Errorf("%s: %v, want %v", n, found[n], want)
		}
	}
	if got := places(found["AAA-08"]); got != "`e2e/x.test.mjs`: it works \\| well" {
		t.Errorf("places = %s", got)
	}
}

func TestCheck(t *testing.T) {
	root := tree(t, map[string]string{"docs/x.md": "", "a/a_test.go": "package a\n\n// PRX-" + "01, PRX-" + "99\nfunc TestOne() {}\n"})
	problems, err := run(root, true)
	all := strings.Join(problems, "\n")
	if err != nil || !strings.Contains(all, "is stale") || !strings.Contains(all, "no test holds PRX-02") || strings.Contains(all, "no test holds PRX-01") || !strings.Contains(all, "PRX-99 is quoted in a/a_test.go") {
		t.Fatalf("%v, %v", problems, err)
	}
	if strings.Contains(all, "MFA-") || strings.Contains(all, "HDR-15") {
		t.Error("what is for later is demanded now")
	}
	if _, err := run(root, false); err != nil {
		t.Fatal(err)
	}
	problems, _ = run(root, true)
	if slices.ContainsFunc(problems, func(p string) bool { return strings.Contains(p, "stale") }) {
		t.Error("a fresh page is called stale")
	}
}

func TestCatalogue(t *testing.T) {
	sections, err := parseCatalogue(catalogueText)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, s := range sections {
		n += len(s.requirements)
	}
	if n != 234 {
		t.Errorf("%d requirements, not 234", n)
	}
	for _, bad := range []string{"AAA-01 | MUST | - | x", "== x\nAAA-1 | MUST | - | x", "== x\nAAA-01 | MAY | - | x", "== x\nAAA-01 | MUST | x", "== x\nAAA-01 | MUST | - | x\nAAA-01 | MUST | - | x"} {
		if _, err := parseCatalogue(bad); err == nil {
			t.Errorf("%q is accepted", bad)
		}
	}
}
