package conformance_test

import (
	"slices"
	"testing"
	"time"
)

// run is one module at work in one variant. What it checks it writes down.
type run struct {
	*testing.T
	op     *provider
	v      variant
	checks *[]string
	waits  *[]wait
	name   string
}

// check holds one sentence of the document to be true. got is shown if it is
// not, and nothing of it gets into the document.
func (r *run) check(what string, holds bool, got ...any) {
	r.Helper()
	if !slices.Contains(*r.checks, what) {
		*r.checks = append(*r.checks, what)
	}
	if !holds {
		r.Errorf("not so: %s: %v", what, got)
	}
}

// must is check for what the rest of the module needs.
func (r *run) must(what string, holds bool, got ...any) {
	r.Helper()
	r.check(what, holds, got...)
	if !holds {
		r.FailNow()
	}
}

// need fails the module if something that is no check of its own goes wrong.
func (r *run) need(holds bool, got ...any) {
	r.Helper()
	if !holds {
		r.Fatal(got...)
	}
}

// after goes on with a module later, and lets others run meanwhile.
func (r *run) after(d time.Duration, rest func(*run)) {
	*r.waits = append(*r.waits, wait{time.Now().Add(d), r.name, r, rest})
}

// results are what all modules came to: checks by plan, module and variant.
type results map[string]*[]string

func key(p plan, m module, v variant) string { return p.title + "/" + v.name + "/" + m.name }

// checks gives what the variants of a module checked, each sentence once.
func (found results) checks(p plan, m module) []string {
	var list []string
	for _, v := range p.variants {
		if at := found[key(p, m, v)]; at != nil {
			for _, what := range *at {
				if !slices.Contains(list, what) {
					list = append(list, what)
				}
			}
		}
	}
	return list
}
