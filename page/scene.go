package page

import (
	"hash/fnv"
	"strings"
	"time"
	"unicode"
)

// scene is what a template sees: the view as V and the few things that every
// page asks for. There are no template functions besides these methods.
type scene struct {
	V      View
	F      Frame
	Status int
	logo   logo
	pages  *Pages
	lang   *catalogue
}

// T gives a sentence without data.
func (s *scene) T(key Key) (string, error) { return s.lang.say(Say(key)) }

// Name gives a sentence about a name.
func (s *scene) Name(key Key, name string) (string, error) { return s.lang.say(About(key, name)) }

// Count gives a sentence with a number.
func (s *scene) Count(key Key, n int) (string, error) { return s.lang.say(Counted(key, n)) }

// Say gives the sentence of a message.
func (s *scene) Say(m Message) (string, error) { return s.lang.say(m) }

// Heading is the title of the page.
func (s *scene) Heading() (string, error) { return s.lang.say(s.V.heading()) }

// Code is the HTTP status on the page.
func (s *scene) Code() int {
	if p, ok := s.V.(Problem); ok && p.Status != 0 {
		return p.Status
	}
	return s.Status
}

// Password tells whether the page asks for one.
func (s *scene) Password() bool {
	switch v := s.V.(type) {
	case Login:
		return v.Local
	case Setup:
		return !v.Closed
	}
	return false
}

// Lang is the tag of the page's language.
func (s *scene) Lang() string { return s.lang.tag }

// Dir is the direction of the page's script: "ltr" or "rtl".
func (s *scene) Dir() string { return s.lang.dir }

// Product is the name on the pages.
func (s *scene) Product() string { return s.pages.product }

// Page is the name of the page, for the style sheet.
func (s *scene) Page() string { return s.V.template() }

// Link gives the address of one of our own paths.
func (s *scene) Link(path string) string { return s.pages.base + path }

// Asset gives the address of a static file by its name without the hash.
func (s *scene) Asset(name string) (string, error) { return s.pages.assets.path(name) }

// Logo is the client's picture if it may be shown, else "".
func (s *scene) Logo() string { return s.logo.url }

// Initial is the letter that stands for a name on its badge.
func (s *scene) Initial(name string) string {
	for _, r := range name {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return strings.ToUpper(string(r))
		}
	}
	return "·"
}

// Tone picks one of the five badge colours, always the same for one name.
func (s *scene) Tone(name string) int {
	h := fnv.New32a()
	_, _ = h.Write([]byte(name)) // a hash never fails
	return int(h.Sum32() % 5)
}

// Stamp writes a time for machines.
func (s *scene) Stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// Ago says how long ago something was: without script the person's time zone
// is unknown, and a length of time needs none.
func (s *scene) Ago(t time.Time) (string, error) {
	switch d := s.pages.now().Sub(t); {
	case d < time.Minute:
		return s.T("ago.now")
	case d < time.Hour:
		return s.Count("ago.minutes", int(d/time.Minute))
	case d < 48*time.Hour:
		return s.Count("ago.hours", int(d/time.Hour))
	default:
		return s.Count("ago.days", int(d/(24*time.Hour)))
	}
}
