package guard

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/gatehouse-auth/gatehouse/identity"
)

// attribute is what a piece of a header's value is taken from.
type attribute uint8

const (
	literal attribute = iota
	attrUsername
	attrName
	attrEmail
	attrGroups
	attrSubject
	attrIDP
	attrAMR
	attrACR
	attrAuthTime
	attrSID
	attrClaim
)

// attributes are the words after "{http.auth.user."; any other word is the
// name of a claim.
var attributes = map[string]attribute{
	"id": attrSubject, "sub": attrSubject, "username": attrUsername, "name": attrName, "email": attrEmail, "groups": attrGroups,
	"idp": attrIDP, "amr": attrAMR, "acr": attrACR, "auth_time": attrAuthTime, "sid": attrSID,
}

// piece is a part of a value: an attribute, or literal text, or a claim's name.
type piece struct {
	from attribute
	text string
}

const placeholder = "{http.auth.user."

// parseValue reads the value of a header from the configuration: text with
// placeholders {http.auth.user.*}. It is read once, here; what a person or
// provider says is never read for placeholders (HDR-09).
func parseValue(value string) ([]piece, error) {
	var pieces []piece
	for rest := value; rest != ""; {
		i := strings.IndexAny(rest, "{}")
		if i < 0 {
			i = len(rest)
		}
		if i > 0 {
			if !carriable(rest[:i]) {
				return nil, fmt.Errorf("the text %q holds characters that a header can't carry", rest[:i])
			}
			pieces = append(pieces, piece{literal, rest[:i]})
			rest = rest[i:]
			continue
		}
		name, after, ok := strings.Cut(rest, "}")
		word, known := strings.CutPrefix(name, placeholder)
		if !ok || !known || word == "" || strings.ContainsAny(word, "{ ") {
			return nil, fmt.Errorf("only placeholders such as {http.auth.user.username} are possible in %q", value)
		}
		rest = after
		if attr, known := attributes[word]; known {
			pieces = append(pieces, piece{attr, ""})
		} else {
			pieces = append(pieces, piece{attrClaim, word})
		}
	}
	if len(pieces) == 0 {
		return nil, fmt.Errorf("the value is empty")
	}
	return pieces, nil
}

// usual encodes as headers do unless the configuration says otherwise.
var usual = &Headers{separator: ","}

// Claim gives one fact about who is there, by the word that follows
// "{http.auth.user.", in the encoding of a header; "" if there is none.
func Claim(s *identity.Session, word string) string {
	attr, known := attributes[word]
	if !known {
		attr = attrClaim
	}
	return usual.value(piece{attr, word}, s)
}

// value gives the bytes of one piece, encoded; empty if there is no value, or
// none that a header can carry.
func (h *Headers) value(p piece, s *identity.Session) string {
	switch p.from {
	case literal:
		return p.text
	case attrUsername:
		return h.single(s.User.Username)
	case attrName:
		// For reading only, so surplus white space may go.
		return h.single(strings.TrimSpace(s.User.Name))
	case attrEmail:
		return h.single(s.User.Email)
	case attrGroups:
		return h.joined(s.User.Groups)
	case attrSubject:
		return h.single(string(s.User.Subject))
	case attrIDP:
		return h.single(s.IDP)
	case attrAMR:
		return h.joined(s.AMR)
	case attrACR:
		return h.single(s.ACR)
	case attrAuthTime:
		if s.At.IsZero() {
			return ""
		}
		return strconv.FormatInt(s.At.Unix(), 10)
	case attrSID:
		return h.single(s.SID)
	case attrClaim:
		if v, ok := s.Claims[p.text]; ok {
			return h.single(v)
		}
		return h.single(s.User.Claims[p.text])
	}
	return ""
}
