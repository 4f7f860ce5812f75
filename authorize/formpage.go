package authorize

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"html/template"
	"net/http"
)

// The page of response_mode form_post. It is a form with a button, which is all
// it takes with script off. Where script is on, one line presses the button;
// the policy allows that line by its hash and nothing else (WEB-04).
const (
	formScript = `document.forms[0].submit()`
	formStyle  = `:root{color-scheme:light dark}body{font:1rem/1.5 system-ui,sans-serif;margin:0;display:grid;place-items:center;min-height:100vh;text-align:center}button{font:inherit;padding:.6em 1.6em;border-radius:.5em;cursor:pointer}`
	formHTML   = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{.Name}}</title><style>` + formStyle + `</style></head>
<body><main><p>You are going back to <strong>{{.Name}}</strong>.</p>
<form method="post" action="{{.Action}}">{{range .Pairs}}<input type="hidden" name="{{index . 0}}" value="{{index . 1}}">{{end}}<button type="submit">Continue</button></form></main>
<script>` + formScript + `</script></body></html>
`
)

// formPage parses the page and makes its policy. There is no form-action: the
// form leaves for the client, and browsers would apply it to whatever the
// client redirects to as well.
func formPage() (*template.Template, string) {
	hash := func(text string) string {
		sum := sha256.Sum256([]byte(text))
		return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	}
	policy := "default-src 'none'; script-src " + hash(formScript) + "; style-src " + hash(formStyle) +
		"; base-uri 'none'; frame-ancestors 'none'"
	return template.Must(template.New("form_post").Parse(formHTML)), policy
}

// writeForm answers with the page. Its referrer policy is strict-origin rather
// than none, because with none the browser would send Origin: null along with
// the form, and clients that look at it would refuse.
func (s *Server) writeForm(w http.ResponseWriter, action, name string, pairs [][2]string) error {
	var page bytes.Buffer
	err := s.form.Execute(&page, struct {
		Action, Name string
		Pairs        [][2]string
	}{action, name, pairs})
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", s.csp)
	h.Set("Referrer-Policy", "strict-origin")
	h.Set("X-Frame-Options", "DENY")
	w.WriteHeader(http.StatusOK)
	_, err = w.Write(page.Bytes())
	return err
}
