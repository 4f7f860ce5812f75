package login

import (
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"github.com/gatehouse-auth/gatehouse/page"
)

// maxBody is the largest form in bytes (DOS-02).
const maxBody = 64 << 10

// fields are the ones we read; each may come once (LGN-07).
var fields = []string{
	page.FieldToken, page.FieldReturnURL, page.FieldUsername, page.FieldPassword, page.FieldPasswordConfirm,
	page.FieldName, page.FieldEmail, page.FieldRemember, page.FieldSwitch, page.FieldSetupToken, page.FieldAction,
}

// form reads a posted form: the body alone, never the query (LGN-09). It
// answers by itself, and gives nil, if the request is another site's or can't
// be read. Nothing in the answer depends on what was sent.
func (h *Handler) form(w http.ResponseWriter, r *http.Request) (url.Values, error) {
	if err := h.own(r); err != nil {
		return nil, err
	}
	status := http.StatusOK
	var values url.Values
	switch {
	case !formType(r.Header.Values("Content-Type")) || len(r.Header.Values("Content-Encoding")) > 0:
		status = http.StatusUnsupportedMediaType
	case r.ContentLength > maxBody:
		status = http.StatusRequestEntityTooLarge
	default:
		values, status = read(r.Body)
	}
	if status == http.StatusOK {
		return values, nil
	}
	return nil, h.problem(w, r, problemFor(status))
}

// sent is form with where it is to lead: its return address, judged.
func (h *Handler) sent(w http.ResponseWriter, r *http.Request) (url.Values, destination, error) {
	form, err := h.form(w, r)
	if form == nil {
		return nil, destination{}, err
	}
	d, err := h.destination(r.Context(), returnURL(form))
	if err != nil {
		return nil, destination{}, err
	}
	return form, d, nil
}

func problemFor(status int) page.Problem {
	p := page.ProblemFor(status)
	p.Status = status
	return p
}

func read(body io.Reader) (url.Values, int) {
	text, err := io.ReadAll(io.LimitReader(body, maxBody+1))
	if len(text) > maxBody {
		return nil, http.StatusRequestEntityTooLarge
	}
	if err != nil {
		return nil, http.StatusBadRequest
	}
	values, err := url.ParseQuery(string(text))
	if err != nil {
		return nil, http.StatusBadRequest
	}
	for _, name := range fields {
		if len(values[name]) > 1 {
			return nil, http.StatusBadRequest
		}
	}
	return values, http.StatusOK
}

// formType accepts one content type: with others, another site's form could
// be posted without the browser asking us first (CSR-03, LGN-08).
func formType(headers []string) bool {
	if len(headers) != 1 {
		return false
	}
	kind, params, err := mime.ParseMediaType(headers[0])
	if err != nil || kind != "application/x-www-form-urlencoded" {
		return false
	}
	charset, given := params["charset"]
	return !given || strings.EqualFold(charset, "utf-8")
}
