package page

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"sort"
	"strings"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

// Bounds on what a stranger can make the language matcher read.
const (
	maxLocales = 256
	maxTags    = 16
)

// languages are all catalogues and the choice among them.
type languages struct {
	all      []*catalogue // in the matcher's order, the default first
	matcher  language.Matcher
	fallback *catalogue
}

// loadLanguages takes the embedded catalogues and puts over on top: by file
// name, new languages or single sentences of known ones.
func loadLanguages(over map[string][]byte, preferred string) (*languages, error) {
	bundle := i18n.NewBundle(language.English)
	tags := map[language.Tag]map[Key]*i18n.Message{}
	add := func(name string, body []byte, known map[Key]*i18n.Message) error {
		file, err := i18n.ParseMessageFileBytes(body, name, map[string]i18n.UnmarshalFunc{"json": json.Unmarshal})
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if file.Tag == language.Und {
			return fmt.Errorf("%s: no language in the name, want active.<language>.json", name)
		}
		if tags[file.Tag] == nil {
			tags[file.Tag] = map[Key]*i18n.Message{}
		}
		for _, m := range file.Messages {
			if known != nil && known[Key(m.ID)] == nil {
				return fmt.Errorf("%s: there is no sentence %q", name, m.ID)
			}
			tags[file.Tag][Key(m.ID)] = m
		}
		return bundle.AddMessages(file.Tag, file.Messages...)
	}
	names, err := fs.Glob(embedded, "catalog/active.*.json")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		body, err := embedded.ReadFile(name)
		if err != nil {
			return nil, err
		}
		if err := add(path.Base(name), body, nil); err != nil {
			return nil, err
		}
	}
	english := tags[language.English]
	for _, name := range sortedKeys(over) {
		if err := add(name, over[name], english); err != nil {
			return nil, err
		}
	}
	return newLanguages(bundle, tags, preferred)
}

func newLanguages(bundle *i18n.Bundle, tags map[language.Tag]map[Key]*i18n.Message, preferred string) (*languages, error) {
	first := language.English
	if preferred != "" {
		tag, err := language.Parse(preferred)
		if err != nil || tags[tag] == nil {
			return nil, fmt.Errorf("default language %q: there is no catalogue for it", preferred)
		}
		first = tag
	}
	order := []language.Tag{first}
	for tag := range tags {
		if tag != first {
			order = append(order, tag)
		}
	}
	sort.Slice(order[1:], func(i, j int) bool { return order[i+1].String() < order[j+1].String() })
	// What a catalogue lacks is said in the default language, else in English.
	english, err := newCatalogue(bundle, language.English, tags[language.English], nil)
	if err != nil {
		return nil, err
	}
	fallback := english
	if first != language.English {
		if fallback, err = newCatalogue(bundle, first, tags[first], english); err != nil {
			return nil, err
		}
	}
	l := &languages{matcher: language.NewMatcher(order), fallback: fallback}
	for _, tag := range order {
		c := fallback
		switch tag {
		case first:
		case language.English:
			c = english
		default:
			if c, err = newCatalogue(bundle, tag, tags[tag], fallback); err != nil {
				return nil, err
			}
		}
		l.all = append(l.all, c)
	}
	return l, nil
}

// Languages are the tags of the languages that pages can be in, the default
// first (OpenID Connect Discovery, section 3, ui_locales_supported).
func (p *Pages) Languages() []string {
	tags := make([]string, len(p.languages.all))
	for i, c := range p.languages.all {
		tags[i] = c.tag
	}
	return tags
}

// pick chooses a language: what the request of the client asks for, then what
// the browser asks for, then the default.
func (l *languages) pick(uiLocales, accept string) *catalogue {
	if uiLocales != "" && len(uiLocales) <= maxLocales {
		var tags []language.Tag
		for _, field := range strings.Fields(uiLocales) {
			if tag, err := language.Parse(field); err == nil && len(tags) < maxTags {
				tags = append(tags, tag)
			}
		}
		if c := l.match(tags); c != nil {
			return c
		}
	}
	if accept != "" && len(accept) <= maxLocales {
		if tags, _, err := language.ParseAcceptLanguage(accept); err == nil {
			if c := l.match(tags[:min(len(tags), maxTags)]); c != nil {
				return c
			}
		}
	}
	return l.fallback
}

// match tries one wish after the other: the matcher by itself would weigh all
// of them together, and prefer a near miss early in the list.
func (l *languages) match(tags []language.Tag) *catalogue {
	for _, tag := range tags {
		if _, i, confidence := l.matcher.Match(tag); confidence >= language.Low && tag != language.Und {
			return l.all[i]
		}
	}
	return nil
}

func sortedKeys(m map[string][]byte) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}
