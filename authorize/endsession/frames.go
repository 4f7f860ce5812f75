package endsession

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/fault"
)

// maxFrames bounds how many pages of others are loaded at a logout.
const maxFrames = 50

var errFrames = errors.New("more clients with a front channel than a page can hold")

// FrontChannel gives the addresses of the front channel for a session's
// clients, in the order in which they joined (OpenID Connect Front-Channel
// Logout, section 3). It must be asked before the session ends; of one that is
// over there are none.
func (s *Server) FrontChannel(ctx context.Context, sid string) ([]string, error) {
	ids, err := s.Sessions.Clients(ctx, sid)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return nil, fault.At("endsession.FrontChannel", err)
	}
	var list []string
	for _, id := range ids {
		c, err := s.Clients.Client(client.Vouch(ctx), id) // it is in our own session
		switch {
		case client.Absent(err):
			continue
		case err != nil:
			return nil, fault.At("endsession.FrontChannel", err)
		}
		if c != nil && c.FrontchannelLogoutURI != "" {
			list = append(list, FrameURL(c.FrontchannelLogoutURI, s.Issuer, sid))
		}
	}
	if len(list) > maxFrames {
		s.Report(ctx, fault.Wrap(fault.Invalid, "endsession.FrontChannel", errFrames))
		list = list[:maxFrames]
	}
	return list, nil
}

// FrameURL adds iss and sid to a client's front-channel address, also where the
// client does not demand them: without both it could not tell a logout from
// anybody's frame (section 2; SES-13).
func FrameURL(uri, issuer, sid string) string {
	joint := "?"
	if strings.Contains(uri, "?") {
		joint = "&"
	}
	return uri + joint + "iss=" + url.QueryEscape(issuer) + "&sid=" + url.QueryEscape(sid)
}

// FrameSources are the origins of frames for a page's policy, each once.
func FrameSources(frames []string) []string {
	var list []string
	for _, frame := range frames {
		if org := client.Origin(frame); org != "" && !slices.Contains(list, org) {
			list = append(list, org)
		}
	}
	return list
}
