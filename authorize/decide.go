package authorize

import (
	"slices"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/identity"
)

// Facts is everything besides the request that a decision looks at.
type Facts struct {
	// Session is who is signed in at this browser. Nil: nobody.
	Session *identity.Session
	// Subject is what the client calls them. Empty: it can't be told, and is
	// none that a client asks for.
	Subject identity.Subject
	// Now is the time of the decision.
	Now time.Time
	// FirstSeen is when this browser first brought this request.
	FirstSeen time.Time
	// Sent counts how often this browser was sent to the login with this
	// request although somebody was signed in.
	Sent int
	// Denied tells that the person turned the request down, at the login page
	// or when they were asked for consent.
	Denied bool
	// Created tells that the person was sent to make an account for this request.
	Created bool
	// Allowed tells that the person has just said yes to this request, with all
	// that it asks for. It was not used yet.
	Allowed bool
	// Covered tells that a consent which is remembered allows what is asked
	// for.
	Covered bool
	// Use tells whether the person may use the client, if it has rules about
	// that.
	Use client.Verdict
}

// Outcome is what a decision can come to: [SendToLogin], [CreateAccount],
// [AskConsent], [Refuse] or [Issue], and nothing else.
type Outcome interface{ outcome() }

// SendToLogin lets the person prove who they are, and come back.
type SendToLogin struct{}

// CreateAccount lets the person make an account elsewhere, and come back.
type CreateAccount struct{}

// AskConsent lets the person say what the client may know, and come back.
type AskConsent struct{}

// Refuse answers with an error.
type Refuse struct{ Code, Description string }

// Issue answers with a code, or a ticket.
type Issue struct{}

func (SendToLogin) outcome()   {}
func (CreateAccount) outcome() {}
func (AskConsent) outcome()    {}
func (Refuse) outcome()        {}
func (Issue) outcome()         {}

// maxSent is how often a request may go to the login while somebody is signed
// in. A provider that signs people in without asking, on the strength of a
// login older than the request, would else go round for ever; browsers give up
// after 20 redirects, and one round takes about four.
const maxSent = 4

// Decide says what becomes of a request. The rules are tried in order and the
// first that applies wins. "Fresh" means that the person proved who they are
// after the request was first seen. A login that is fresh but does not fit is
// answered with an error: signing in once more the same way would not help,
// and the client can start again.
//
//	    rule                                         not fresh   fresh
//	1   the person said no                           access_denied
//	2   prompt=create, and they were not sent yet    to make an account
//	3   prompt=login, select_account, create;
//	    max_age=0                                    login       goes on
//	4   nobody is signed in                          login       (can't be)
//	5   id_token_hint or claims name somebody else   login       login_required
//	6   acr_values tenant: names another             login       unmet_authentication_requirements
//	7   acr_values idp: names another                login       unmet_authentication_requirements
//	8   claims demand another acr                    login       unmet_authentication_requirements
//	9   the login is older than max_age              login       goes on
//	10  the client does not take this provider       login       access_denied
//	11  the login is older than the client allows    login       goes on
//	12  the client's rules demand a newer login      login       login
//	13  the client's rules refuse the person         access_denied
//	14  consent is needed, and was not given         consent     consent
//	15  "login" under prompt=none                    login_required
//	16  "login" for the fifth time                   as if fresh, or login_required
//	17  "consent" under prompt=none                  consent_required
//
// Rule 14 asks unless the client is first-party, until the person says yes to this
// very request; a yes that is remembered from before does as well, except under
// prompt=consent and for clients that always ask. offline_access is a scope like
// any other in this: so it is never granted without consent but to a first-party
// client (OpenID Connect Core, section 11).
func Decide(q *Request, f Facts) Outcome {
	if f.Denied {
		return Refuse{codeAccessDenied, "the person turned the request down"}
	}
	if q.Create && !f.Created {
		return CreateAccount{}
	}
	out := judge(q, f)
	_, login := out.(SendToLogin)
	_, ask := out.(AskConsent)
	switch {
	case ask && q.None:
		return Refuse{codeConsentRequired, "the person would have to be asked"}
	case !login:
		return out
	case q.None:
		return Refuse{codeLoginRequired, "the person would have to sign in"}
	}
	if f.Session != nil && f.Sent >= maxSent {
		return Refuse{codeLoginRequired, "signing in again did not give a newer login"}
	}
	return out
}

// judge is rules 3 to 14.
func judge(q *Request, f Facts) Outcome {
	who := f.Session
	if who == nil || who.User == nil {
		return SendToLogin{}
	}
	fresh := fresh(who, f.FirstSeen)
	again := !fresh && f.Sent < maxSent // who was asked that often gives no other answer
	if (q.Login || q.MaxAge != nil && *q.MaxAge == 0) && !fresh {
		return SendToLogin{}
	}
	if len(q.Subjects) > 0 && !f.is(q.Subjects) {
		return unless(again, Refuse{codeLoginRequired, "somebody else is signed in"})
	}
	if q.Tenant != "" && q.Tenant != tenant(who) {
		return unless(again, Refuse{codeUnmet, "the person belongs to another tenant"})
	}
	if q.IDP != "" && q.IDP != who.IDP {
		return unless(again, Refuse{codeUnmet, "the person signed in through another provider"})
	}
	if len(q.EssentialACR) > 0 && !slices.Contains(q.EssentialACR, who.ACR) {
		return unless(again, Refuse{codeUnmet, "the login has none of the classes in claims"})
	}
	if q.MaxAge != nil && !fresh && age(f) > *q.MaxAge {
		return SendToLogin{}
	}
	if !q.Client.Takes(who.IDP) {
		return unless(again, Refuse{codeAccessDenied, "the client does not take logins through this provider"})
	}
	if limit := q.Client.UserSSOLifetime; limit > 0 && !fresh && age(f) > limit {
		return SendToLogin{}
	}
	if q.Client.Restricted() && f.Use != client.Admitted {
		if f.Use == client.NeedsLogin {
			return SendToLogin{}
		}
		return Refuse{codeAccessDenied, "the client is not for this person"}
	}
	if q.asks() && !f.Allowed && (!f.Covered || q.Consent || q.Client.ConsentMode() == client.ConsentAlways) {
		return AskConsent{}
	}
	return Issue{}
}

// fresh tells whether a login was made after the request was first seen. A
// provider gives its auth_time in whole seconds, rounded down; so one of the
// very second of the first sight is taken to have followed it, or a provider
// that is quick would be asked twice.
func fresh(who *identity.Session, first time.Time) bool {
	if who.IDP != identity.Local && who.At.Nanosecond() == 0 {
		return !who.At.Before(first.Truncate(time.Second))
	}
	return who.At.After(first)
}

// unless sends to the login again, but answers no to somebody who just came from
// it, or came from it in vain too often.
func unless(again bool, no Refuse) Outcome {
	if again {
		return SendToLogin{}
	}
	return no
}

// is tells whether the person is one of these, as the client calls them. Nobody
// is who has no name there: the account's own would tell a pairwise client whose
// it is (OpenID Connect Core, section 8.1).
func (f Facts) is(subjects []identity.Subject) bool {
	return f.Subject != "" && slices.Contains(subjects, f.Subject)
}

// age is how long ago the person proved who they are, as the client will see
// it: auth_time is in whole seconds.
func age(f Facts) time.Duration { return f.Now.Sub(f.Session.At.Truncate(time.Second)) }

// tenant is the tenant of a session: the login's, else the account's.
func tenant(who *identity.Session) string {
	if t, ok := who.Claims["tenant"]; ok {
		return t
	}
	return who.User.Claims["tenant"]
}
