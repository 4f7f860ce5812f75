package page

import "net/http"

// SeeOther leads the browser on. 303 and never 307, so that no form and no
// password travels on with it (RED-06); no cache may keep the answer (WEB-08),
// and no page learns the address it came from (WEB-06). location is trusted:
// whoever calls has checked it.
func SeeOther(w http.ResponseWriter, location string) error {
	h := w.Header()
	h.Set("Location", location)
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(http.StatusSeeOther)
	return nil
}
