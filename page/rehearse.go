package page

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"github.com/gatehouse-auth/gatehouse/identity"
)

// rehearsal is a view with everything in it, and what its page must contain to
// be of use: a template without the token makes a form that never works.
type rehearsal struct {
	view View
	must []string
}

// rehearse renders every page once in every language, so that a template that
// asks for something that is not there fails at start.
func (p *Pages) rehearse() error {
	var buf bytes.Buffer
	for _, lang := range p.languages.all {
		for _, r := range rehearsals(p.now()) {
			buf.Reset()
			if err := p.render(&buf, lang, 200, logoOf(r.view.frame().ClientLogo), r.view); err != nil {
				return err
			}
			for _, must := range r.must {
				if !strings.Contains(buf.String(), must) {
					return fmt.Errorf("%s.html: the page lacks %s", r.view.template(), must)
				}
			}
		}
	}
	return nil
}

func field(name string) string { return `name="` + name + `"` }

func rehearsals(now time.Time) []rehearsal {
	frame := Frame{ClientName: "client", ClientLogo: "https://client.example/logo", ClientHost: "client.example"}
	user := &identity.User{Username: "u", Name: "n", Email: "e@example.com", Groups: []string{"g"}}
	ways := []Provider{{Name: "p", URL: "/login/p"}, {Name: "d", Down: true}, {Name: "q", Title: "Q", URL: "/login/q"}}
	hidden := []string{field(FieldToken), `value="token-value"`}
	login := append([]string{field(FieldReturnURL), field(FieldUsername), field(FieldPassword)}, hidden...)
	setup := append([]string{
		field(FieldSetupToken), field(FieldUsername), field(FieldName), field(FieldEmail), field(FieldPassword), field(FieldPasswordConfirm),
	}, hidden...)
	const token = "token-value"
	scopes := []Scope{{Name: "openid"}, {Name: "profile", Values: []string{"n"}}, {Name: "email", Values: []string{"e"}}, {Name: "groups", Values: []string{"g"}}, {Name: "x"}, {Name: "y", Description: "d", At: "a"}}
	return []rehearsal{
		{Login{Frame: frame, Token: token, Local: true, Failed: true, RememberOffered: true, CancelOffered: true, CreateURL: "https://create.example/", Providers: ways}, login},
		{Login{Frame: frame, Token: token, Local: true, Expired: true, Again: true, Notice: Plain("x"), Providers: ways[:2]}, login},
		{Login{Throttled: time.Minute, Local: true}, nil},
		{Login{}, nil},
		{Login{New: true}, nil},
		{Choose{Frame: frame, Token: token, Providers: ways, Switching: true, RememberOffered: true, CancelOffered: true, CreateURL: "https://create.example/", Notice: Plain("x")}, append([]string{`action="/login/p"`, field(FieldReturnURL), field(FieldRemember), field(FieldSwitch)}, hidden...)},
		{Setup{Token: token, Error: Plain("x")}, setup},
		{Setup{Token: token, Error: Say(MsgUsernameTaken), Errors: SetupErrors{Plain("a"), Plain("b"), Plain("c"), Plain("d"), Plain("e")}}, setup},
		{Setup{Closed: true}, nil},
		{Logout{Frame: frame, Token: token, User: user, ReturnURL: "/x"}, append([]string{field(FieldReturnURL)}, hidden...)},
		{Logout{Token: token}, hidden},
		{LoggedOut{Frame: frame, ContinueURL: "/x"}, []string{`href="/x"`}},
		{LoggedOut{}, nil},
		{LoggedOut{Elsewhere: Link{Title: "t", URL: "https://p.example/out"}}, nil},
		{Logout{Frame: frame, Token: token, User: user, Action: "/a", Unheeded: true}, append([]string{`action="/a"`}, hidden...)},
		{LoggedOut{Frame: frame, ContinueURL: "/x", Unheeded: true, Frames: []string{"https://f.example/out?sid=s"}}, []string{`href="/x"`}},
		{
			Problem{Frame: frame, Title: Plain("t"), Detail: Plain("d"), RequestID: "request-id", ContinueURL: "/x", User: user, SwitchURL: "/s", LogoutURL: "/l"},
			[]string{"request-id", `href="/x"`, `href="/s"`, `href="/l"`},
		},
		{Problem{}, nil},
		{Home{Frame: frame, User: user, IDP: "p", AuthTime: now.Add(-time.Hour), LogoutURL: "/l", Token: token, Applications: []Link{{"a", "https://a.example"}, {"b", "/b"}}}, hidden},
		{Home{User: user, IDP: identity.Local, LogoutURL: "/l", GrantsURL: "/g", DeviceURL: "/d"}, []string{`href="/l"`, `href="/g"`, `href="/d"`}},
		{Home{User: &identity.User{}}, nil},
		{
			Consent{Frame: frame, Unvouched: true, OnDevice: true, Source: "source.example", Action: "/c", Token: token, User: user, SwitchURL: "/s", Scopes: scopes, Resources: []string{"r"}, Offline: true, RememberOffered: true, Days: 2},
			append([]string{`action="/c"`, "source.example", field(FieldRemember), `value="allow"`, `value="deny"`, `href="/s"`}, hidden...),
		},
		{Consent{Token: token}, hidden},
		{
			Grants{User: user, Action: "/g", HomeURL: "/", Withdrawn: true, Grants: []Grant{{Token: token, Title: "t", Scopes: scopes, Resources: []string{"r"}, Granted: now, Used: now, Expires: now, Offline: true}}},
			append([]string{`action="/g"`, `value="withdraw"`}, hidden...),
		},
		{Grants{}, nil},
		{Device{Frame: frame, Action: "/d", Token: token, User: user, SwitchURL: "/s", UserCode: "c", Error: Say(MsgDeviceWrong)}, append([]string{`action="/d"`, field(FieldUserCode), `value="continue"`}, hidden...)},
		{Device{Token: token, Throttled: time.Minute}, hidden},
		{
			DeviceConfirm{
				Frame: frame, Action: "/d", Token: token, User: user, SwitchURL: "/s", UserCode: "the-code", Began: now, Address: "address", Scopes: scopes,
				Resources: []string{"r"}, Offline: true, RememberOffered: true, Days: 2, MineMissing: true,
			},
			append([]string{`action="/d"`, field(FieldMine), field(FieldRemember), `value="allow"`, `value="deny"`, "the-code", ">address<"}, hidden...),
		},
		{DeviceConfirm{Token: token, Here: true, Address: "a"}, hidden},
		{DeviceDone{Frame: frame, Allowed: true, HomeURL: "/h"}, []string{`href="/h"`}},
		{DeviceDone{}, nil},
	}
}
