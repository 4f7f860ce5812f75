// Command requirements writes docs/requirements.md: every requirement of the
// security catalogue with the tests that quote its number. It owns the list of
// requirements (catalogue.txt) and the page; it does not run any test.
//
//	go run ./internal/requirements          write the page
//	go run ./internal/requirements -check   exit 1 if the page is stale, a
//	                                        MUST in scope has no test, or a
//	                                        test quotes a number that is none
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

// output is the page, from the module's root.
const output = "docs/requirements.md"

func main() {
	check := flag.Bool("check", false, "write nothing; exit 1 if the page is stale or a requirement has no test")
	root := flag.String("root", ".", "the module's root")
	flag.Parse()
	problems, err := run(*root, *check)
	if err != nil {
		fmt.Fprintln(os.Stderr, "requirements:", err)
		os.Exit(2)
	}
	for _, p := range problems {
		fmt.Fprintln(os.Stderr, p)
	}
	if len(problems) > 0 && *check {
		os.Exit(1)
	}
}

// run writes or checks the page of the tree at root and gives what is wrong.
func run(root string, check bool) ([]string, error) {
	sections, err := parseCatalogue(catalogueText)
	if err != nil {
		return nil, err
	}
	found, err := scan(root)
	if err != nil {
		return nil, err
	}
	problems := unknown(sections, found)
	for _, m := range missing(sections, found) {
		problems = append(problems, "no test holds "+m)
	}
	name, page := filepath.Join(root, filepath.FromSlash(output)), write(sections, found)
	if !check {
		return problems, os.WriteFile(name, []byte(page), 0o644)
	}
	if old, err := os.ReadFile(name); err != nil || string(old) != page {
		problems = append(problems, output+" is stale: run make docs")
	}
	return problems, nil
}
