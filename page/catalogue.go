package page

import (
	"fmt"
	"strings"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

// catalogue is one language. It is immutable.
type catalogue struct {
	tag, dir string
	// next says what this one can't. Nil for English, which can say all.
	next *catalogue
	// fixed are the sentences without data, ready for use.
	fixed map[Key]string
	// form tells of each sentence of this catalogue whether it has plural forms.
	form      map[Key]bool
	localizer *i18n.Localizer
}

// newCatalogue keeps the sentences ready that data make no difference to, and
// tries all others, so that a mistake is found at start.
func newCatalogue(bundle *i18n.Bundle, tag language.Tag, messages map[Key]*i18n.Message, next *catalogue) (*catalogue, error) {
	c := &catalogue{
		tag: tag.String(), dir: direction(tag), next: next, localizer: i18n.NewLocalizer(bundle, tag.String()),
		fixed: map[Key]string{}, form: map[Key]bool{},
	}
	for key, m := range messages {
		c.form[key] = m.One != "" || m.Zero != "" || m.Two != "" || m.Few != "" || m.Many != ""
		if !c.form[key] && !strings.Contains(m.Other, "{{") {
			c.fixed[key] = m.Other
			continue
		}
		// One number of each plural form that a language can have.
		for _, n := range []int{0, 1, 2, 3, 6, 11, 21, 1_000_000} {
			if _, err := c.localize(Message{Key: key, Data: Data{Name: "n", Host: "h", Cookie: "c", Method: "m", Count: n}}); err != nil {
				return nil, fmt.Errorf("active.%s.json: %s: %w", c.tag, key, err)
			}
		}
	}
	return c, nil
}

// say gives the sentence of m. A key that is not in the catalogue is an error
// of the caller's.
func (c *catalogue) say(m Message) (string, error) {
	if m.Key == "" {
		return m.Text, nil
	}
	if text, ok := c.fixed[m.Key]; ok {
		return text, nil
	}
	return c.localize(m)
}

func (c *catalogue) localize(m Message) (string, error) {
	plural, ok := c.form[m.Key]
	if !ok && c.next != nil {
		return c.next.say(m)
	}
	config := i18n.LocalizeConfig{MessageID: string(m.Key), TemplateData: m.Data}
	if plural {
		config.PluralCount = m.Data.Count
	}
	return c.localizer.Localize(&config)
}

// direction tells how the language's usual script runs.
func direction(tag language.Tag) string {
	script, _ := tag.Script()
	switch script.String() {
	case "Arab", "Hebr", "Thaa", "Syrc", "Nkoo", "Adlm", "Mand", "Samr", "Rohg":
		return "rtl"
	}
	return "ltr"
}
