package guard

import (
	"net/http"
	"strings"
)

// cleanConnection reduces the Connection header to what concerns the
// connection itself. A proxy deletes every header that is named there after
// our handler ran, so a client could remove an identity header with it
// (HDR-04; RFC 9110, section 7.6.1).
func cleanConnection(h http.Header, upgrade bool) {
	lines := h["Connection"]
	if len(lines) == 1 && plainConnection(lines[0], upgrade) {
		return
	}
	var closes, keeps, upgrades bool
	for _, line := range lines {
		for token := range strings.SplitSeq(line, ",") {
			switch token = strings.Trim(token, " \t"); {
			case equalASCII(token, "close"):
				closes = true
			case equalASCII(token, "keep-alive"):
				keeps = true
			case equalASCII(token, "upgrade"):
				upgrades = upgrade
			}
		}
	}
	tokens := make([]string, 0, 2)
	switch {
	case closes:
		tokens = append(tokens, "close")
	case keeps:
		tokens = append(tokens, "keep-alive")
	}
	if upgrades {
		tokens = append(tokens, "Upgrade")
	}
	if len(tokens) == 0 {
		delete(h, "Connection")
		return
	}
	h["Connection"] = []string{strings.Join(tokens, ", ")}
}

// plainConnection tells whether a line can stay as it is.
func plainConnection(line string, upgrade bool) bool {
	switch line {
	case "close", "keep-alive", "Keep-Alive":
		return true
	case "Upgrade", "upgrade", "keep-alive, Upgrade":
		return upgrade
	}
	return false
}

// webSocketUpgrade tells whether a request with an Upgrade header is exactly a
// WebSocket handshake (RFC 6455, section 4.1). Whatever else is accepted here
// would be tunnelled byte by byte past every later decision.
func webSocketUpgrade(r *http.Request) bool {
	lines := r.Header["Upgrade"]
	return len(lines) == 1 && equalASCII(strings.Trim(lines[0], " \t"), "websocket") &&
		r.Method == http.MethodGet && r.ProtoMajor == 1 && r.ProtoMinor >= 1 &&
		r.ContentLength == 0 && len(r.TransferEncoding) == 0 && namesUpgrade(r.Header["Connection"])
}

func namesUpgrade(lines []string) bool {
	for _, line := range lines {
		for token := range strings.SplitSeq(line, ",") {
			if equalASCII(strings.Trim(token, " \t"), "upgrade") {
				return true
			}
		}
	}
	return false
}

// extendedWebSocket tells whether a CONNECT opens a WebSocket over HTTP/2
// (RFC 8441, section 4), where Go keeps the protocol as a header, or HTTP/3
// (RFC 9220), where quic-go keeps it in Proto.
func extendedWebSocket(r *http.Request) bool {
	switch r.ProtoMajor {
	case 2:
		protocol := r.Header[":protocol"]
		return len(protocol) == 1 && protocol[0] == "websocket"
	case 3:
		return r.Proto == "websocket"
	}
	return false
}

// WebSocket tells whether a request opens a WebSocket, over any version of
// HTTP. The request must have passed [Cleaner.Request].
func WebSocket(r *http.Request) bool {
	if r.Method == http.MethodConnect {
		return extendedWebSocket(r)
	}
	_, ok := r.Header["Upgrade"]
	return ok
}
