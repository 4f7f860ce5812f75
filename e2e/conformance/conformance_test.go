package conformance_test

import (
	"testing"
	"time"

	_ "github.com/caddyserver/caddy/v2/modules/standard"

	_ "github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/internal/rig"
)

func TestMain(m *testing.M) { rig.Main(m) }

// plans is the one table of what is claimed.
func plans() []plan {
	return []plan{basic(), config(), logout(), backchannel(), frontchannel(), sessionManagement(), fapi()}
}

// Every module of every plan, and a document that says what came of them.
func TestConformance(t *testing.T) {
	op := start(t)
	found, waits := results{}, []wait{}
	for _, p := range plans() {
		for _, v := range p.variants {
			for _, m := range p.modules {
				name := key(p, m, v)
				found[name] = new([]string)
				t.Run(name, func(t *testing.T) { try(&run{t, op, v, found[name], &waits, name}, m) })
				goOn(t, &waits, time.Now())
			}
		}
	}
	for len(waits) > 0 { // other modules ran meanwhile
		time.Sleep(time.Until(waits[0].at))
		goOn(t, &waits, waits[0].at)
	}
	t.Run("document", func(t *testing.T) { hold(t, found) })
}

// goOn goes on with the modules whose time has come by now. It is asked after
// each module, so that what is to happen after half a minute happens then,
// however slow the machine is: a minute later a code is no longer known at all.
func goOn(t *testing.T, waits *[]wait, now time.Time) {
	all := *waits
	*waits = nil
	for _, w := range all {
		if w.at.After(now) {
			*waits = append(*waits, w)
			continue
		}
		t.Run(w.name+"/later", func(t *testing.T) {
			w.run.T = t
			w.rest(w.run)
		})
	}
}

// try runs a module and holds its verdict against what it did.
func try(r *run, m module) {
	said := m.in(r.v)
	switch {
	case said.class == absent:
		return
	case said.class != passed && said.reason == "":
		r.Fatalf("%s without a reason", said.class)
	case m.run == nil:
		r.Fatalf("%s, but there is nothing to run", said.class)
	}
	m.run(r)
	if len(*r.checks) == 0 {
		r.Fatalf("%s, but nothing was checked", said.class)
	}
}
