package account

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/store"
)

// tries is how many numbered names are tried before one made of a hash.
const tries = 50

// freeName finds the user name of a new account from a provider: what the
// provider calls the person, else the local part of the address, else a name
// made of the provider's subject; if it was ever used, with @provider, then
// @provider-2 and so on. A name is only a label: nothing is looked up by it.
func freeName(tx store.Tx, ext identity.External) (string, error) {
	tag := short(ext)
	base, err := identity.Canonical(ext.Username)
	if err != nil {
		local, _, _ := strings.Cut(ext.Email, "@")
		base, err = identity.Canonical(local)
	}
	if err != nil {
		base = "user-" + tag
	}
	for i := range tries {
		name := base
		switch {
		case i == 1:
			name = joined(base, "@"+ext.Provider)
		case i > 1:
			name = joined(base, "@"+ext.Provider+"-"+strconv.Itoa(i))
		}
		if name, err = identity.Canonical(name); err != nil {
			continue // a provider whose name makes no user name
		}
		if used, err := nameUsed(tx, name); err != nil || !used {
			return name, err
		}
	}
	name := joined(base, "-"+tag)
	used, err := nameUsed(tx, name)
	if err == nil && used {
		err = fault.New(fault.Exists, "account.Resolve", "No user name is free for this login. Please ask your administrator.")
	}
	return name, err
}

// joined shortens base so that the suffix fits.
func joined(base, suffix string) string {
	runes := []rune(base)
	if room := identity.MaxUsername - len([]rune(suffix)); len(runes) > max(room, 1) {
		runes = runes[:max(room, 1)]
	}
	return string(runes) + suffix
}

// short is the same 64 bits for the same person at the same provider.
func short(ext identity.External) string {
	sum := sha256.Sum256([]byte(ext.Provider + "\x00" + ext.Subject))
	return hex.EncodeToString(sum[:8])
}
