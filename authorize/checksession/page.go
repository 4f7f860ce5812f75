package checksession

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strings"

	"github.com/gatehouse-auth/gatehouse/authorize/internal/answer"
)

// script answers a message "client_id session_state" from the page around the
// frame with unchanged, changed or error (section 3.2). It believes the origin
// that the browser gives, and nothing else of the sender: a page that asks for
// another client's state computes with its own origin and hears "changed".
//
// crypto.subtle exists only where the pages around are secure too; elsewhere
// the answer is error, as for whatever else goes wrong.
const script = `"use strict";
var cookie = "COOKIE=";
function state() {
  var found = document.cookie.split("; ").filter(function (c) { return c.indexOf(cookie) === 0; });
  return found.length === 1 ? found[0].slice(cookie.length) : "";
}
function base64url(buffer) {
  var text = String.fromCharCode.apply(null, new Uint8Array(buffer));
  return btoa(text).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}
window.addEventListener("message", function (e) {
  if (!e.source || e.source === window || typeof e.data !== "string") { return; }
  function answer(text) { e.source.postMessage(text, e.origin); }
  var parts = e.data.split(" ");
  var dot = (parts[1] || "").lastIndexOf(".");
  if (parts.length !== 2 || !parts[0] || dot < 1 || e.data.length > 1000 || e.origin === "null") {
    if (e.origin !== "null") { answer("error"); }
    return;
  }
  var salt = parts[1].slice(dot + 1);
  try {
    var text = new TextEncoder().encode(parts[0] + " " + e.origin + " " + state() + " " + salt);
    crypto.subtle.digest("SHA-256", text).then(function (sum) {
      answer(base64url(sum) === parts[1].slice(0, dot) ? "unchanged" : "changed");
    }, function () { answer("error"); });
  } catch (wrong) { answer("error"); }
});
`

// makePage makes the page for a cookie's name, and the source expression that
// allows its script in a policy.
func makePage(cookie string) (page []byte, hash string) {
	text := "\n" + strings.Replace(script, "COOKIE", cookie, 1)
	sum := sha256.Sum256([]byte(text))
	html := `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Session</title></head><body><script>` + text + `</script></body></html>` + "\n"
	return []byte(html), "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// Page is the check_session_iframe. An error is that of Origins. It is the same
// for everybody and reads no cookie. Only pages of registered clients may put it
// into a frame (amendment to WEB-05); X-Frame-Options, which knows no list, is
// left out.
func (c *Checker) Page(w http.ResponseWriter, r *http.Request) error {
	h := w.Header()
	answer.Public(h)
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return answer.Method(w, http.MethodGet, http.MethodHead)
	}
	ancestors, err := c.ancestors(r.Context())
	if err != nil {
		return err
	}
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; script-src "+c.script+"; base-uri 'none'; form-action 'none'; frame-ancestors "+ancestors)
	h.Set("Cache-Control", "private, max-age=60")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	h.Del("X-Frame-Options")
	w.WriteHeader(http.StatusOK)
	if r.Method == http.MethodHead {
		return nil
	}
	_, err = w.Write(c.page)
	return err
}

// ancestors lists who may frame the page. What could end the directive was
// refused when the client was read; it is left out here all the same.
func (c *Checker) ancestors(ctx context.Context) (string, error) {
	origins, err := c.Origins(ctx)
	if err != nil {
		return "", err
	}
	list := []string{"'self'"}
	for _, origin := range origins {
		if !strings.ContainsAny(origin, " ;,'*") {
			list = append(list, origin)
		}
	}
	return strings.Join(list, " "), nil
}
