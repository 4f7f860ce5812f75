package page

import (
	"strconv"
	"strings"
)

// said are the sentences of errors that people may see, in the words of the
// code that made them, and the keys that say the same in every language. A test
// walks the code for sentences that are missing here.
var said = map[string]Key{
	"The user name or the password is wrong.":                        MsgWrongPassword,
	"The name has at most 200 characters and no control characters.": MsgNameInvalid,
	"A password is needed.":                                          MsgPasswordMissing,
	"The password is too long: it may have 1024 bytes.":              MsgPasswordLong,
	"The password has characters that can't be used.":                MsgPasswordInvalid,
	"This password is too easy to guess.":                            MsgPasswordCommon,

	"This site is not protected by this login.":               "problem.reason.unprotected",
	"A sign-in can only be completed by opening its address.": "problem.reason.ticket_use",
	"This address could be read in more than one way.":        "problem.reason.ambiguous",
	"Access denied.":                                                                                                           "problem.reason.denied",
	"This form was sent from another site.":                                                                                    "problem.reason.foreign_form",
	"This link is too old. Please start again.":                                                                                "problem.reason.link_old",
	"No user name is free for this login. Please ask your administrator.":                                                      "problem.reason.no_free_name",
	"Signing in can't be done in advance.":                                                                                     "problem.reason.advance",
	"Signing out can't be done in advance.":                                                                                    "problem.reason.advance_out",
	"Open the application in a window of its own to sign in.":                                                                  "problem.reason.own_window",
	"Signing in again did not help. Open the application once more.":                                                           "problem.reason.again_no_help",
	"The address that brought you here is damaged. Go back to the application and try again.":                                  "problem.reason.damaged",
	"The address that brought you here is damaged or too old. Open the application again.":                                     "problem.reason.damaged_old",
	"This page is damaged or too old. Go back to the application and try again.":                                               "problem.reason.page_damaged",
	"The request of the application is too old, was answered before, or is damaged. Go back to the application and try again.": "problem.reason.request_old",
	"This page is damaged or too old. Enter the code of your device once more.":                                                "problem.reason.device_damaged",
	"The application that sent you here can't be reached. Please try again later.":                                             "problem.reason.client_silent",
	"Too many applications that are new here were opened from your network. Please wait a minute.":                             "problem.reason.client_throttled",
	"Only an upgrade to WebSocket is possible here.":                                                                           "problem.reason.upgrade",
	"This is no method.":                        "problem.reason.no_method",
	"CONNECT is possible for WebSockets only.":  "problem.reason.connect",
	"The request names its host in an odd way.": "problem.reason.odd_host",
	"This host is not served here.":             "problem.reason.other_host",
}

// shortBefore and shortAfter stand around the number in the one sentence that
// has one.
const shortBefore, shortAfter = "The password is too short: it needs ", " characters."

// Said makes a message of an error's sentence. One that is not known is shown
// as it is.
func Said(sentence string) Message {
	if key, ok := said[sentence]; ok {
		return Say(key)
	}
	if rest, ok := strings.CutPrefix(sentence, shortBefore); ok {
		if n, err := strconv.Atoi(strings.TrimSuffix(rest, shortAfter)); err == nil {
			return Counted(MsgPasswordShort, n)
		}
	}
	return Plain(sentence)
}
