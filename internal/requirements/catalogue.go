package main

import (
	_ "embed"
	"fmt"
	"regexp"
	"strings"
)

//go:embed catalogue.txt
var catalogueText string

// number is the form in which a requirement is quoted.
var number = regexp.MustCompile(`\b[A-Z]{2,3}-[0-9]{2}\b`)

// requirement is one line of the catalogue.
type requirement struct {
	number string
	must   bool
	later  string // why it is not in scope yet, empty if it is
	text   string
}

// section is a heading and what stands under it.
type section struct {
	title        string
	requirements []requirement
}

// documents are the requirements on documentation and procedure: there a page
// or a script that quotes the number is the evidence.
var documents = map[string]bool{"PRX-12": true, "CFG-04": true, "SUP-01": true}

// parseCatalogue reads the embedded list. A line that does not fit is an
// error, so that no requirement gets lost by a slip.
func parseCatalogue(text string) ([]section, error) {
	var sections []section
	seen := map[string]bool{}
	for i, line := range strings.Split(text, "\n") {
		title, heading := strings.CutPrefix(line, "== ")
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
			continue
		case heading:
			sections = append(sections, section{title: title})
			continue
		}
		fields := strings.Split(line, " | ")
		if len(fields) != 4 || len(sections) == 0 || number.FindString(fields[0]) != fields[0] || fields[1] != "MUST" && fields[1] != "LATER" || seen[fields[0]] {
			return nil, fmt.Errorf("catalogue line %d: %q is malformed or doubled", i+1, line)
		}
		seen[fields[0]] = true
		r := requirement{number: fields[0], must: fields[1] == "MUST", text: fields[3]}
		if fields[2] != "-" {
			r.later = fields[2]
		}
		last := &sections[len(sections)-1]
		last.requirements = append(last.requirements, r)
	}
	return sections, nil
}
