package account

// Calls is how many hashes were computed so far. The number is the same for a
// failed login whether the name exists or not (ENU-02).
func (h *Hasher) Calls() int64 { return h.calls.Load() }
