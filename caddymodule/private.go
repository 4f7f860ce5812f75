package caddymodule

import (
	"io"
	"net/http"
	"strings"

	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
)

// privateWriter makes an answer of a protected path private: a cache before or
// after us must not give one person's page to another (WEB-08). What the
// application says itself stays, unless it says `public`.
type privateWriter struct {
	caddyhttp.ResponseWriterWrapper
	done bool
	// Room for the two header lines, so that they cost nothing of their own.
	// Each answer has its own: handlers may write to what they find in a header.
	vary, cache [1]string
}

// WriteHeader implements http.ResponseWriter. Informational answers are not
// the answer yet.
func (p *privateWriter) WriteHeader(status int) {
	if status >= 200 || status == http.StatusSwitchingProtocols {
		p.mark()
	}
	p.ResponseWriterWrapper.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (p *privateWriter) Write(b []byte) (int, error) {
	p.mark()
	return p.ResponseWriterWrapper.Write(b)
}

// ReadFrom implements io.ReaderFrom.
func (p *privateWriter) ReadFrom(r io.Reader) (int64, error) {
	p.mark()
	return p.ResponseWriterWrapper.ReadFrom(r)
}

// FlushError implements what http.ResponseController looks for: a flush sends
// the header as well.
func (p *privateWriter) FlushError() error {
	p.mark()
	return http.NewResponseController(p.ResponseWriter).Flush()
}

func (p *privateWriter) mark() {
	if p.done {
		return
	}
	p.done = true
	h := p.Header()
	if vary, ok := h["Vary"]; ok {
		h["Vary"] = append(vary, "Cookie")
	} else {
		p.vary[0] = "Cookie"
		h["Vary"] = p.vary[:]
	}
	lines, ok := h["Cache-Control"]
	if !ok {
		p.cache[0] = "private"
		h["Cache-Control"] = p.cache[:]
		return
	}
	for i, line := range lines {
		lines[i] = forOneOnly(line)
	}
}

// forOneOnly turns `public` into `private`, and s-maxage as well, which speaks
// to shared caches only (RFC 9111, sections 5.2.2.9 and 5.2.2.10).
func forOneOnly(line string) string {
	lower := strings.ToLower(line)
	if !strings.Contains(lower, "public") && !strings.Contains(lower, "s-maxage") {
		return line
	}
	kept := []string{"private"}
	for part := range strings.SplitSeq(line, ",") {
		part = strings.TrimSpace(part)
		name, _, _ := strings.Cut(strings.ToLower(part), "=")
		switch strings.TrimSpace(name) {
		case "public", "private", "s-maxage", "":
		default:
			kept = append(kept, part)
		}
	}
	return strings.Join(kept, ", ")
}
