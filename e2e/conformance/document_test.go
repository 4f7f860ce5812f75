package conformance_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

// write makes the document instead of holding the run against it:
//
//	go test ./e2e/conformance -write
var write = flag.Bool("write", false, "write docs/conformance.md from this run")

const document = "../../docs/conformance.md"

// hold holds the document against what the run found.
func hold(t *testing.T, found results) {
	t.Helper()
	text := page(found)
	if *write {
		if t.Failed() {
			t.Fatal("nothing is written from a run that failed")
		}
		if err := os.WriteFile(document, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	before, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	if string(before) != text {
		t.Error("docs/conformance.md says something else than this run: go test ./e2e/conformance -write")
	}
}

// page is the document.
func page(found results) string {
	var b strings.Builder
	b.WriteString(opening)
	b.WriteString("\n| plan | modules and variants | passed | warning | deviation | – |\n|---|---|---|---|---|---|\n")
	for _, p := range plans() {
		count := map[class]int{}
		for _, m := range p.modules {
			for _, v := range p.variants {
				count[m.in(v).class]++
			}
		}
		fmt.Fprintf(&b, "| %s | %d × %d | %d | %d | %d | %d |\n", p.title, len(p.modules), len(p.variants),
			count[passed], count[warning], count[deviation], count[absent])
	}
	for _, p := range plans() {
		p.write(&b, found)
	}
	b.WriteString(closing)
	return b.String()
}

func (p plan) write(b *strings.Builder, found results) {
	fmt.Fprintf(b, "\n## %s\n\n`%s`", p.title, strings.Join(p.names, "`, `"))
	if p.about != "" {
		b.WriteString("\n\n" + p.about)
	}
	b.WriteString("\n\n| module |")
	for _, v := range p.variants {
		fmt.Fprintf(b, " %s |", v.name)
	}
	b.WriteString(" what was checked, and why it is not simply passed |\n|---|" + strings.Repeat("---|", len(p.variants)+1) + "\n")
	for _, m := range p.modules {
		fmt.Fprintf(b, "| `%s` |", m.name)
		var reasons []string
		for _, v := range p.variants {
			said := m.in(v)
			fmt.Fprintf(b, " %s |", said.class)
			if text := fmt.Sprintf("**%s**: %s", said.class, said.reason); said.reason != "" && !strings.Contains(strings.Join(reasons, "\n"), text) {
				reasons = append(reasons, text)
			}
		}
		fmt.Fprintf(b, " %s |\n", strings.Join(append(found.checks(p, m), reasons...), "; "))
	}
}
