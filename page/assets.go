package page

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
)

// kinds are the static files that a page may use under its policy.
var kinds = map[string]string{
	".css":   "text/css; charset=utf-8",
	".svg":   "image/svg+xml",
	".png":   "image/png",
	".webp":  "image/webp",
	".avif":  "image/avif",
	".jpg":   "image/jpeg",
	".ico":   "image/x-icon",
	".woff2": "font/woff2",
}

type asset struct {
	path, kind string
	body       []byte
}

// assets are the static files, by name and by address.
type assets struct {
	byName, byPath map[string]*asset
}

// loadAssets takes the embedded files and puts over on top.
func loadAssets(base string, over map[string][]byte) (*assets, error) {
	files := map[string][]byte{}
	entries, err := embedded.ReadDir("static")
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		body, err := embedded.ReadFile("static/" + e.Name())
		if err != nil {
			return nil, err
		}
		files[e.Name()] = body
	}
	for name, body := range over {
		files[name] = body
	}
	a := &assets{byName: map[string]*asset{}, byPath: map[string]*asset{}}
	for name, body := range files {
		ext := path.Ext(name)
		kind, ok := kinds[ext]
		if !ok {
			return nil, fmt.Errorf("static/%s: not a kind of file that pages may load", name)
		}
		sum := sha256.Sum256(body)
		f := &asset{
			path: base + "/static/" + strings.TrimSuffix(name, ext) + "-" + hex.EncodeToString(sum[:6]) + ext,
			kind: kind, body: bytes.Clone(body),
		}
		a.byName[name], a.byPath[f.path] = f, f
	}
	return a, nil
}

// move gives the same files below another base.
func (a *assets) move(from, to string) *assets {
	moved := &assets{byName: map[string]*asset{}, byPath: map[string]*asset{}}
	for name, known := range a.byName {
		f := &asset{path: to + strings.TrimPrefix(known.path, from), kind: known.kind, body: known.body}
		moved.byName[name], moved.byPath[f.path] = f, f
	}
	return moved
}

// path gives the address of a file by its plain name.
func (a *assets) path(name string) (string, error) {
	f, ok := a.byName[name]
	if !ok {
		return "", fmt.Errorf("static/%s does not exist", name)
	}
	return f.path, nil
}

// ServeHTTP answers GET and HEAD for exact addresses. The hash in the name
// makes the body immutable; any other path is not found and not stored, so that
// nothing can be planted in a cache (WEB-08).
func (a *assets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	// An SVG that is opened by itself is a document: it gets nothing at all.
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; sandbox")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	f, ok := a.byPath[r.URL.Path]
	switch {
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		h.Set("Allow", "GET, HEAD")
		h.Set("Cache-Control", "no-store")
		plain(w, http.StatusMethodNotAllowed)
	case !ok:
		h.Set("Cache-Control", "no-store")
		plain(w, http.StatusNotFound)
	default:
		h.Set("Content-Type", f.kind)
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
		h.Set("Content-Length", strconv.Itoa(len(f.body)))
		w.WriteHeader(http.StatusOK)
		if r.Method == http.MethodGet {
			_, _ = w.Write(f.body) // the browser went away: nobody left to tell
		}
	}
}

func plain(w http.ResponseWriter, status int) {
	w.Header().Set("Content-Type", mime.FormatMediaType("text/plain", map[string]string{"charset": "utf-8"}))
	w.WriteHeader(status)
	_, _ = w.Write([]byte(http.StatusText(status) + "\n")) // net/http drops the body of HEAD
}
