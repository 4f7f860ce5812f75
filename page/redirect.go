package page

import "net/http"

// SeeOther leads the browser on. 303 and never 307, so that no form and no
// password travels on with it (RED-06); no cache may keep the answer (WEB-08),
// and no page learns the address it came from (WEB-06). location is trusted:
// whoever calls has checked it.
func SeeOther(w http.ResponseWriter, location string) error {
	h := w.Header()
	// One allocation for all of them: this is what strangers get, in floods.
	v := [...]string{location, "no-store", "no-referrer", "nosniff"}
	h["Location"], h["Cache-Control"], h["Referrer-Policy"], h["X-Content-Type-Options"] = v[0:1:1], v[1:2:2], v[2:3:3], v[3:4:4]
	w.WriteHeader(http.StatusSeeOther)
	return nil
}
