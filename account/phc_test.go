package account_test

import (
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/account"
	"github.com/gatehouse-auth/gatehouse/fault"
)

const (
	salt = "c29tZXNhbHRzb21lc2FsdA"
	key  = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
)

func TestValidHash(t *testing.T) {
	for _, hash := range []string{ // LGN-04
		"$argon2id$v=19$m=19456,t=2,p=1$" + salt + "$" + key,
		"$argon2id$v=19$m=47104,t=1,p=1$" + salt + "$" + key, // caddy hash-password --algorithm argon2id
		"$argon2id$v=19$m=65536,t=3,p=4$" + salt + "$" + key,
		"$argon2id$v=19$m=262144,t=4,p=16$" + salt + "$" + key,
		"$2a$14$4n4jrVMDQmwtCAVVi1BL7uAX0lvLkXQNcJKx61JMYwUdmaXUV1Tty", // caddy hash-password
		"$2y$05$4n4jrVMDQmwtCAVVi1BL7uAX0lvLkXQNcJKx61JMYwUdmaXUV1Tty", // htpasswd -B
		"$2b$12$4n4jrVMDQmwtCAVVi1BL7uAX0lvLkXQNcJKx61JMYwUdmaXUV1Tty",
	} {
		if err := account.ValidHash(hash); err != nil {
			t.Errorf("%s: %v", hash, err)
		}
	}
	for _, hash := range []string{
		"", "secret", "$", "$$$$$",
		"$argon2i$v=19$m=19456,t=2,p=1$" + salt + "$" + key,
		"$argon2d$v=19$m=19456,t=2,p=1$" + salt + "$" + key,
		"$argon2id$v=16$m=19456,t=2,p=1$" + salt + "$" + key,
		"$argon2id$m=19456,t=2,p=1$" + salt + "$" + key,
		"$argon2id$v=19$m=4194304,t=100,p=1$" + salt + "$" + key, // the bombs of dependencies.md d
		"$argon2id$v=19$m=262145,t=1,p=1$" + salt + "$" + key,
		"$argon2id$v=19$m=262144,t=5,p=1$" + salt + "$" + key,
		"$argon2id$v=19$m=1,t=4294967295,p=1$" + salt + "$" + key,
		"$argon2id$v=19$m=4294967295,t=4294967295,p=1$" + salt + "$" + key,
		"$argon2id$v=19$m=4294967297,t=1,p=1$" + salt + "$" + key,
		"$argon2id$v=19$m=19456,t=2,p=255$" + salt + "$" + key,
		"$argon2id$v=19$m=19456,t=2,p=257$" + salt + "$" + key,
		"$argon2id$v=19$m=19456,t=2,p=0$" + salt + "$" + key,
		"$argon2id$v=19$m=19456,t=0,p=1$" + salt + "$" + key,
		"$argon2id$v=19$m=0,t=2,p=1$" + salt + "$" + key,
		"$argon2id$v=19$m=-1,t=2,p=1$" + salt + "$" + key,
		"$argon2id$v=19$m=+19456,t=2,p=1$" + salt + "$" + key,
		"$argon2id$v=19$m=019456,t=2,p=1$" + salt + "$" + key,
		"$argon2id$v=19$t=2,m=19456,p=1$" + salt + "$" + key,
		"$argon2id$v=19$m=19456,t=2$" + salt + "$" + key,
		"$argon2id$v=19$m=19456,t=2,p=1,x=1$" + salt + "$" + key,
		"$argon2id$v=19$m=19456,t=2,p=1$$" + key,
		"$argon2id$v=19$m=19456,t=2,p=1$" + salt + "$",
		"$argon2id$v=19$m=19456,t=2,p=1$" + salt + "$AAEC",
		"$argon2id$v=19$m=19456,t=2,p=1$" + salt + "$" + key + "=",
		"$argon2id$v=19$m=19456,t=2,p=1$" + salt + "$" + key + "$",
		"$argon2id$v=19$m=19456,t=2,p=1$" + salt + "$" + strings.Repeat("A", 1<<16),
		"$2a$16$4n4jrVMDQmwtCAVVi1BL7uAX0lvLkXQNcJKx61JMYwUdmaXUV1Tty", // too dear
		"$2a$31$4n4jrVMDQmwtCAVVi1BL7uAX0lvLkXQNcJKx61JMYwUdmaXUV1Tty",
		"$2a$03$4n4jrVMDQmwtCAVVi1BL7uAX0lvLkXQNcJKx61JMYwUdmaXUV1Tty",
		"$2a$14$4n4jrVMDQmwtCAVVi1BL7uAX0lvLkXQNcJKx61JMYwUdmaXUV1Tt",
		"$2x$14$4n4jrVMDQmwtCAVVi1BL7uAX0lvLkXQNcJKx61JMYwUdmaXUV1Tty",
		"$2$14$4n4jrVMDQmwtCAVVi1BL7uAX0lvLkXQNcJKx61JMYwUdmaXUV1Ttyy",
		"$2a$14$4n4jrVMDQmwtCAVVi1BL7uAX0lvLkXQNcJKx61JMYwUdmaXUV1T\xffy",
		"$6$rounds=999999999$salt$hash", "$1$salt$hash", "$apr1$salt$hash", "{SHA}AAAA", "plain:secret",
	} {
		err := account.ValidHash(hash)
		if err == nil {
			t.Errorf("%.100q is accepted", hash)
		} else if len(hash) > 8 && strings.Contains(err.Error(), hash) {
			t.Errorf("the error repeats the hash: %v", err)
		}
	}
}

func FuzzValidHash(f *testing.F) {
	f.Add("$argon2id$v=19$m=19456,t=2,p=1$" + salt + "$" + key)
	f.Add("$2a$14$4n4jrVMDQmwtCAVVi1BL7uAX0lvLkXQNcJKx61JMYwUdmaXUV1Tty")
	f.Add("$argon2id$v=19$m=,t=,p=$$")
	f.Fuzz(func(t *testing.T, hash string) { // DOS-04
		if account.ValidHash(hash) != nil {
			return
		}
		for _, r := range hash {
			if r < '!' || r > '~' {
				t.Fatalf("accepted %q", hash)
			}
		}
		if len(hash) > 512 {
			t.Fatalf("accepted %d bytes", len(hash))
		}
	})
}

func TestParams(t *testing.T) {
	for _, p := range []account.Params{account.DefaultParams(), {46 << 10, 1, 1}, {64 << 10, 3, 4}, {12 << 10, 3, 1}} {
		if err := p.Validate(); err != nil {
			t.Errorf("%+v: %v", p, err)
		}
	}
	for _, p := range []account.Params{{1024, 1, 1}, {19 << 10, 1, 1}, {0, 2, 1}, {19 << 10, 0, 1}, {19 << 10, 2, 0}, {1 << 30, 2, 1}, {19 << 10, 2, 17}, {128, 300, 16}, {256 << 10, 5, 1}} {
		_, err := account.NewHasher(account.HasherOptions{Params: p}) // LGN-04
		if !fault.Is(err, fault.Invalid) || fault.Public(err) == "" {
			t.Errorf("%+v: %v", p, err)
		}
	}
}
