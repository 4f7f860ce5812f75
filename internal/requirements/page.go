package main

import (
	"fmt"
	"slices"
	"strings"
)

// write makes the page. It depends on the tree alone, not on time or place.
func write(sections []section, found evidence) string {
	var b strings.Builder
	b.WriteString("# Requirements and the tests that hold them\n\n")
	b.WriteString("Written by `make docs` from the numbers that tests quote; do not edit. A MUST without a test is an error, unless the\nremark says which part of the product it waits for.\n")
	for _, s := range sections {
		fmt.Fprintf(&b, "\n## %s\n\n| number | | what must hold | held by | remark |\n|---|---|---|---|---|\n", s.title)
		for _, r := range s.requirements {
			word := "later"
			if r.must {
				word = "MUST"
			}
			fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", r.number, word, r.text, places(found[r.number]), r.later)
		}
	}
	return b.String()
}

// places writes tests file by file.
func places(list []place) string {
	var files []string
	names := map[string][]string{}
	for _, p := range list {
		if !slices.Contains(files, p.file) {
			files = append(files, p.file)
		}
		if p.name != "" && !slices.Contains(names[p.file], p.name) {
			names[p.file] = append(names[p.file], p.name)
		}
	}
	slices.Sort(files)
	for i, file := range files {
		slices.Sort(names[file])
		text := "`" + file + "`"
		if len(names[file]) > 0 {
			text += ": " + strings.ReplaceAll(strings.Join(names[file], ", "), "|", "\\|")
		}
		files[i] = text
	}
	return strings.Join(files, "<br>")
}

// missing gives the MUSTs in scope that no test quotes.
func missing(sections []section, found evidence) []string {
	var list []string
	for _, s := range sections {
		for _, r := range s.requirements {
			if r.must && r.later == "" && len(found[r.number]) == 0 {
				list = append(list, r.number+": "+r.text)
			}
		}
	}
	return list
}

// unknown gives quoted numbers of our families that the catalogue does not
// have: slips of the pen.
func unknown(sections []section, found evidence) []string {
	numbers, families := map[string]bool{}, map[string]bool{}
	for _, s := range sections {
		for _, r := range s.requirements {
			numbers[r.number] = true
			families[r.number[:strings.IndexByte(r.number, '-')]] = true
		}
	}
	var list []string
	for n, where := range found {
		if !numbers[n] && families[n[:strings.IndexByte(n, '-')]] {
			list = append(list, n+" is quoted in "+where[0].file+", but there is no such requirement")
		}
	}
	slices.Sort(list)
	return list
}
