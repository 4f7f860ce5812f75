package caddymodule

import (
	"io"
	"net/http"
	"strings"

	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
)

// private makes answers of protected paths private: a cache before or after us
// must not give one person's page to another (WEB-08). What the application
// says itself stays, unless it says `public`.
func private(w http.ResponseWriter) http.ResponseWriter {
	return &privateWriter{ResponseWriterWrapper: caddyhttp.ResponseWriterWrapper{ResponseWriter: w}}
}

type privateWriter struct {
	caddyhttp.ResponseWriterWrapper
	done bool
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
	h.Add("Vary", "Cookie")
	lines, ok := h["Cache-Control"]
	if !ok {
		h["Cache-Control"] = []string{"private"}
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
