package house

import (
	"context"

	"github.com/gatehouse-auth/gatehouse/authorize/consent"
	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/session"
)

// SignOut ends everything that is open of a person: sessions on every site,
// and whatever clients hold, offline or not (SES-16). It says how many sessions
// there were, as far as they can be seen from here.
func (r *Rooms) SignOut(ctx context.Context, sub identity.Subject, why session.Reason) (sessions int, err error) {
	const op = "house.SignOut"
	sessions, err = r.Sessions.EndSubject(ctx, sub, why)
	if err != nil {
		return sessions, fault.At(op, err)
	}
	err = r.Grants.EndSubject(ctx, sub)
	if err == nil && r.remote {
		err = r.order(ctx, orderSignOut, why, string(sub))
	}
	return sessions, fault.At(op, err)
}

// Disable refuses an account from now on and signs it out, so that nothing of
// before comes back to life when it is enabled again.
func (r *Rooms) Disable(ctx context.Context, sub identity.Subject) error {
	return r.change(ctx, sub, r.Accounts.Disable)
}

// Enable lets a disabled account in again.
func (r *Rooms) Enable(ctx context.Context, sub identity.Subject) error {
	return r.change(ctx, sub, r.Accounts.Enable)
}

// Delete deletes an account, signs it out and forgets what it allowed.
func (r *Rooms) Delete(ctx context.Context, sub identity.Subject) error {
	if err := r.change(ctx, sub, r.Accounts.Delete); err != nil {
		return err
	}
	allowed := consent.Consents{Records: r.Records, Shorts: r.Shorts}
	return fault.At("house.Delete", allowed.EndSubject(ctx, sub))
}

// change does one thing to an account and signs it out, which is harmless where
// it lets somebody in.
func (r *Rooms) change(ctx context.Context, sub identity.Subject, do func(context.Context, identity.Subject) error) error {
	if err := do(ctx, sub); err != nil {
		return err
	}
	_, err := r.SignOut(ctx, sub, session.AccountChanged)
	return err
}
