package account

import (
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"strconv"
	"strings"

	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/bcrypt"
)

// Bounds for hashes that were made elsewhere. A hash chooses how much work
// each guess costs us, so one with m=4194304,t=100 would be a weapon.
const (
	maxMemory   = 256 << 10 // KiB
	maxWork     = 1 << 20   // KiB × passes, about 2 s
	maxThreads  = 16
	maxBcrypt   = 15 // Caddy's hash-password makes 14
	bcryptBytes = 72 // bcrypt ignores what follows
	saltSize    = 16
	keySize     = 32
)

// errHash is the only error about a hash: it never repeats it.
var errHash = errors.New("a password hash must be $argon2id$v=19$m=…,t=…,p=…$salt$hash with m ≤ 262144 and m·t ≤ 1048576, or bcrypt $2a$, $2b$, $2y$ with a cost of at most 15")

// Params are the costs of Argon2id (RFC 9106, section 3.1).
type Params struct {
	Memory  uint32 // KiB
	Time    uint32 // passes
	Threads uint8  // lanes
}

// DefaultParams are 19 MiB, 2 passes, 1 lane.
func DefaultParams() Params { return Params{Memory: 19 << 10, Time: 2, Threads: 1} }

// Validate refuses parameters that are weaker than the default's floor, or
// so costly that we would not read back what we write.
func (p Params) Validate() error {
	switch {
	case p.Memory < 8*uint32(p.Threads), !p.bounded():
		return errors.New("argon2id: m must be 8·p to 262144 KiB, t at least 1, p 1 to 16, m·t at most 1048576")
	case p.Memory < 7<<10 || uint64(p.Memory)*uint64(p.Time) < 35<<10:
		// LGN-04: 19 MiB × 2 and what is taken for its equal, 46 × 1, 12 × 3, 7 × 5.
		return errors.New("argon2id: m must be at least 7 MiB and m·t at least 35 MiB, for example m=19456, t=2")
	}
	return nil
}

func (p Params) bounded() bool {
	return p.Time >= 1 && p.Threads >= 1 && p.Threads <= maxThreads && p.Memory <= maxMemory && uint64(p.Memory)*uint64(p.Time) <= maxWork
}

// argonHash is a parsed Argon2id hash in PHC string form.
type argonHash struct {
	Params
	salt, key []byte
}

func (argonHash) String() string   { return "REDACTED" }
func (argonHash) GoString() string { return "REDACTED" }

func (h argonHash) encode() encoded {
	b64 := base64.RawStdEncoding.EncodeToString
	u := func(n uint32) string { return strconv.FormatUint(uint64(n), 10) }
	return encoded("$argon2id$v=19$m=" + u(h.Memory) + ",t=" + u(h.Time) + ",p=" + u(uint32(h.Threads)) + "$" + b64(h.salt) + "$" + b64(h.key))
}

func (h argonHash) matches(password []byte) bool {
	key := argon2.IDKey(password, h.salt, h.Time, h.Memory, h.Threads, uint32(len(h.key)))
	return subtle.ConstantTimeCompare(key, h.key) == 1
}

func (h argonHash) derive(password []byte) []byte {
	return argon2.IDKey(password, h.salt, h.Time, h.Memory, h.Threads, keySize)
}

// parseArgon reads the PHC string form strictly: this order of parameters,
// decimal numbers without signs or leading zeros, unpadded base64.
func parseArgon(text encoded) (argonHash, error) {
	fields := strings.Split(string(text), "$")
	if len(text) > 512 || len(fields) != 6 || fields[0] != "" || fields[1] != "argon2id" || fields[2] != "v=19" {
		return argonHash{}, errHash
	}
	costs := strings.Split(fields[3], ",")
	if len(costs) != 3 {
		return argonHash{}, errHash
	}
	var h argonHash
	m, ok1 := cost(costs[0], "m=")
	t, ok2 := cost(costs[1], "t=")
	p, ok3 := cost(costs[2], "p=")
	if !ok1 || !ok2 || !ok3 || p > maxThreads {
		return argonHash{}, errHash
	}
	h.Params = Params{Memory: m, Time: t, Threads: uint8(p)}
	var err1, err2 error
	h.salt, err1 = base64.RawStdEncoding.Strict().DecodeString(fields[4])
	h.key, err2 = base64.RawStdEncoding.Strict().DecodeString(fields[5])
	if err1 != nil || err2 != nil || !h.bounded() || len(h.salt) < 8 || len(h.salt) > 64 || len(h.key) < 16 || len(h.key) > 64 {
		return argonHash{}, errHash
	}
	return h, nil
}

func cost(field, name string) (uint32, bool) {
	digits, ok := strings.CutPrefix(field, name)
	if !ok || digits == "" || digits[0] < '1' || digits[0] > '9' {
		return 0, false
	}
	n, err := strconv.ParseUint(digits, 10, 32)
	return uint32(n), err == nil
}

// bcryptHash is a hash as Caddy's hash-password and htpasswd -B make it.
type bcryptHash []byte

func (bcryptHash) String() string   { return "REDACTED" }
func (bcryptHash) GoString() string { return "REDACTED" }

// matches pays for the work before it refuses what bcrypt would cut off, so
// that the length is not told by the clock (LGN-03).
func (h bcryptHash) matches(password []byte) bool {
	cut := password[:min(len(password), bcryptBytes)]
	return bcrypt.CompareHashAndPassword(h, cut) == nil && len(password) <= bcryptBytes
}

func parseBcrypt(text encoded) (bcryptHash, error) {
	s := string(text)
	if len(s) != 60 || s[6] != '$' || (s[:4] != "$2a$" && s[:4] != "$2b$" && s[:4] != "$2y$") {
		return nil, errHash
	}
	if n, err := bcrypt.Cost([]byte(s)); err != nil || n > maxBcrypt {
		return nil, errHash
	}
	for _, r := range s[7:] {
		if r > 'z' || !strings.ContainsRune("./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", r) {
			return nil, errHash
		}
	}
	return bcryptHash(s), nil
}

// encoded is a password hash as it is stored. It prints as REDACTED.
type encoded string

// String implements fmt.Stringer without giving the hash away.
func (encoded) String() string { return "REDACTED" }

// GoString does the same for %#v.
func (encoded) GoString() string { return "REDACTED" }

// MarshalText does the same for encoders.
func (encoded) MarshalText() ([]byte, error) { return []byte("REDACTED"), nil }

type verifier interface{ matches(password []byte) bool }

// parse is the explicit list of formats that are read (LGN-04).
func (e encoded) parse() (verifier, error) {
	if strings.HasPrefix(string(e), "$argon2id$") {
		return parseArgon(e)
	}
	return parseBcrypt(e)
}

// ValidHash tells whether a password hash made elsewhere can be used, without
// doing its work. The error names the accepted forms and never the hash.
func ValidHash(hash string) error {
	_, err := encoded(hash).parse()
	return err
}
