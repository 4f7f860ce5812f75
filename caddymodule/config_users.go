package caddymodule

// LocalUsers turns local accounts on. Its zero value is meaningful: accounts
// are on, none is declared here, and `caddy gatehouse user add` or the setup
// link makes them.
type LocalUsers struct {
	// Accounts are declared by user name and are made, changed and disabled
	// to match at every load: what is gone from here is disabled.
	// Default: none.
	Accounts map[string]*Account `json:"accounts,omitempty"`
}

// Account is one declared local account.
type Account struct {
	// PasswordHash is the hash of the password: Argon2id in PHC form, or
	// bcrypt. Never the password. Make one with
	// `caddy hash-password --algorithm argon2id`.
	// Example: "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$…". Default: none; needed.
	PasswordHash string `json:"password_hash,omitempty"`

	// Name is what pages and applications call the person.
	// Example: "Alice A". Default: none; no Remote-Name is sent then.
	Name string `json:"name,omitempty"`

	// Email is the address. It counts as verified, since an administrator
	// wrote it. Example: "alice@example.com". Default: none.
	Email string `json:"email,omitempty"`

	// Groups are the groups the account is in.
	// Example: ["staff", "admins"]. Default: none.
	Groups []string `json:"groups,omitempty"`

	// Admin lets the account administer others.
	// Default: false.
	Admin bool `json:"admin,omitempty"`
}
