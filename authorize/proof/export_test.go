package proof

// BindingOf gives what a request shows without using it up.
func BindingOf(s *Shown) Binding { return s.binding }

// Target is the form in which addresses are compared.
func Target(address string) (string, bool) { return target(address) }
