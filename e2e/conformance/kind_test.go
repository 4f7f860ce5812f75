package conformance_test

import "time"

// class is what a module came to.
type class string

const (
	passed    class = "passed"
	warning   class = "warning"   // all that is demanded holds, something recommended does not
	deviation class = "deviation" // on purpose something else than the module expects
	absent    class = "–"         // the plan does not have the module in this variant
)

// verdict is a class with its reason, which only passed goes without.
type verdict struct {
	class  class
	reason string
}

// module is one of the Foundation's test modules.
type module struct {
	// name is the Foundation's.
	name string
	// verdict is what the run must come to; but says where a variant differs.
	verdict verdict
	but     map[string]verdict
	// run is the checks.
	run func(*run)
}

// plan is one of the Foundation's test plans, or two with the same modules.
type plan struct {
	// title heads the plan in the document, names are the Foundation's.
	title string
	names []string
	// about is a paragraph for the document.
	about    string
	variants []variant
	modules  []module
}

// variant is one way to run the modules of a plan.
type variant struct {
	name string
	// first and second are the clients, as the suite wants two.
	first, second *client
	// pkce says that requests carry a challenge. mode is their response_mode.
	pkce bool
	mode string
}

// client is one that the Caddyfile of the run registers.
type client struct {
	id, secret string
	// proves is how it proves itself, if not by its secret, and bound what its
	// tokens are bound to, if they are.
	proves, bound means
	// plain says that it does not speak OpenID Connect.
	plain bool
}

// means is a key that signs, or a certificate.
type means string

const (
	byKey         means = "key"
	byCertificate means = "certificate"
)

// in gives the verdict for a variant.
func (m module) in(v variant) verdict {
	if other, ok := m.but[v.name]; ok {
		return other
	}
	return m.verdict
}

// The verdicts.
func pass() verdict                { return verdict{class: passed} }
func warn(reason string) verdict   { return verdict{class: warning, reason: reason} }
func differ(reason string) verdict { return verdict{class: deviation, reason: reason} }

// wait is a part of a module that can go on only after a while.
type wait struct {
	at   time.Time
	name string
	run  *run
	rest func(*run)
}
