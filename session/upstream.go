package session

import (
	"context"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/internal/secret"
	"github.com/gatehouse-auth/gatehouse/store"
)

// index is what a session can be found by: its account, and the login at a
// provider that it came of.
func (r *record) index() store.Index {
	return store.Index{Sub: string(r.Sub), Family: upstream(r.Login.IDP, r.Login.IDPSession)}
}

// upstream names a login at a provider, "" if the provider gave it no name.
func upstream(idp, sid string) string {
	if sid == "" {
		return ""
	}
	return secret.Hash("upstream", idp, sid)
}

// EndUpstream ends the sessions that came of a login at the provider idp which
// is over there, and says how many there were. sid is the provider's name of
// that login, sub the account: sid alone means whoever's it is, sub alone all
// that the person got by this provider. Sessions that the same person has by
// other ways go on. With neither, fault.Invalid.
func (m *Manager) EndUpstream(ctx context.Context, idp string, sub identity.Subject, sid string) (int, error) {
	const op = "session.EndUpstream"
	if idp == "" || sub == "" && sid == "" {
		return 0, fault.New(fault.Invalid, op, "")
	}
	by, value := store.BySub, string(sub)
	if sid != "" {
		by, value = store.ByFamily, upstream(idp, sid)
	}
	ended := 0
	for cursor, more := "", true; more; more = cursor != "" {
		const page = 100
		items, next, err := m.shorts.ListByIndex(ctx, kindSession, by, value, cursor, page)
		if err != nil {
			return ended, fault.At(op, err)
		}
		for _, item := range items {
			var rec record
			if decode(item.Value, &rec) != nil || rec.Login.IDP != idp || sub != "" && rec.Sub != sub {
				continue
			}
			switch err := m.EndSession(ctx, item.Key, ProviderLogout); {
			case err == nil:
				ended++
			case !fault.Is(err, fault.NotFound): // else somebody was faster
				return ended, fault.At(op, err)
			}
		}
		cursor = next
	}
	return ended, nil
}
