package page

import (
	"bytes"
	"fmt"
	"html/template"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
)

// Options say how the pages are set up. The zero Options are the embedded
// pages at the root of the host.
type Options struct {
	// Base is the path prefix of all links: "" or a path such as
	// "/.gatehouse", without a slash at the end.
	Base string
	// Dir is a directory of overrides: <page>.html replaces a template,
	// active.<tag>.json adds a language or changes sentences, static/<file>
	// replaces or adds a picture, font or style sheet. Empty means none.
	Dir string
	// Product is the name on the pages. Empty means Gatehouse.
	Product string
	// DefaultLanguage is used when nothing that is asked for is there. Empty
	// means English.
	DefaultLanguage string
	// Now tells the time. Nil means time.Now.
	Now func() time.Time
}

// Pages renders the views. It is immutable and safe for concurrent use.
type Pages struct {
	base, product string
	now           func() time.Time
	templates     map[string]*template.Template
	assets        *assets
	languages     *languages
	buffers       sync.Pool
}

// New parses the embedded pages and what Options.Dir overrides. With overrides
// everything is rendered once, so that a broken template, catalogue or sentence is an error
// here (fault.Invalid, naming the file) and not on somebody's screen.
func New(opts Options) (*Pages, error) {
	const op = "page.New"
	if err := checkBase(opts.Base); err != nil {
		return nil, fault.Wrap(fault.Invalid, op, err)
	}
	p := &Pages{base: opts.Base, product: opts.Product, now: opts.Now}
	if p.product == "" {
		p.product = "Gatehouse"
	}
	if p.now == nil {
		p.now = time.Now
	}
	p.buffers.New = func() any { return new(bytes.Buffer) }
	over, err := readOverrides(opts.Dir)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, op, err)
	}
	if p.languages, err = loadLanguages(over.catalogues, opts.DefaultLanguage); err != nil {
		return nil, fault.Wrap(fault.Invalid, op, err)
	}
	if p.assets, err = loadAssets(p.base, over.static); err != nil {
		return nil, fault.Wrap(fault.Invalid, op, err)
	}
	if p.templates, err = parseTemplates(over.templates); err != nil {
		return nil, fault.Wrap(fault.Invalid, op, err)
	}
	if opts.Dir != "" { // the embedded ones alone are rehearsed by the tests
		if err := p.rehearse(); err != nil {
			return nil, fault.Wrap(fault.Invalid, op, err)
		}
	}
	return p, nil
}

// At gives the same pages below another base. What was parsed is shared.
// fault.Invalid: base is no path prefix.
func (p *Pages) At(base string) (*Pages, error) {
	if err := checkBase(base); err != nil {
		return nil, fault.Wrap(fault.Invalid, "page.At", err)
	}
	there := &Pages{
		base: base, product: p.product, now: p.now,
		templates: p.templates, assets: p.assets.move(p.base, base), languages: p.languages,
	}
	there.buffers.New = p.buffers.New
	return there, nil
}

func checkBase(base string) error {
	if base == "" {
		return nil
	}
	if !strings.HasPrefix(base, "/") || strings.HasSuffix(base, "/") || strings.HasPrefix(base, "//") {
		return fmt.Errorf("base %q: want a path that begins with one slash and does not end in one", base)
	}
	return nil
}

// Write answers with a page: renders it, sets every header, then writes, so
// that a failure leaves the answer untouched. HEAD gets the headers alone.
func (p *Pages) Write(w http.ResponseWriter, r *http.Request, status int, v View) error {
	const op = "page.Write"
	lang := p.languages.pick(v.frame().UILocales, r.Header.Get("Accept-Language"))
	buf := p.buffers.Get().(*bytes.Buffer)
	defer p.buffers.Put(buf)
	buf.Reset()
	logo := logoOf(v.frame().ClientLogo)
	if err := p.render(buf, lang, status, logo, v); err != nil {
		return fault.Wrap(fault.Internal, op, err)
	}
	setHeaders(w.Header(), lang, logo, v)
	w.Header().Set("Content-Length", strconv.Itoa(buf.Len()))
	w.WriteHeader(status)
	if r.Method == http.MethodHead {
		return nil
	}
	if _, err := w.Write(buf.Bytes()); err != nil {
		return fault.Wrap(fault.Unavailable, op, err)
	}
	return nil
}

func (p *Pages) render(buf *bytes.Buffer, lang *catalogue, status int, logo logo, v View) error {
	t, ok := p.templates[v.template()]
	if !ok {
		return fmt.Errorf("no template for %T", v)
	}
	return t.ExecuteTemplate(buf, "layout", &scene{V: v, F: v.frame(), Status: status, logo: logo, pages: p, lang: lang})
}

// Static serves style sheet and pictures at <base>/static/<name>-<hash>.<ext>.
func (p *Pages) Static() http.Handler { return p.assets }
