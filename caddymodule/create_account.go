package caddymodule

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/gatehouse-auth/gatehouse/internal/origin"
)

// What the page where people make an account is told, in its query.
const (
	createReturn  = "return_url"
	createHint    = "login_hint"
	createLocales = "ui_locales"
)

// isCreateAddress accepts the address of such a page.
func isCreateAddress(s string) error {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.User != nil || strings.ContainsAny(s, "#\\ ") || isLine(s) != nil {
		return fmt.Errorf("%q is not the address of a page: https://…, without a fragment", s)
	}
	if _, err := origin.Parse(u.Scheme + "://" + u.Host); err != nil {
		return err
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil || query.Has(createReturn) || query.Has(createHint) || query.Has(createLocales) {
		return errors.New("its query can't be read, or has return_url, login_hint or ui_locales, which are ours to add")
	}
	return nil
}

// createAccount makes the addresses that lead to the page where people make an
// account, and from there to back. Nil: there is none.
func (a *App) createAccount() func(back, loginHint, uiLocales string) string {
	if a.CreateAccount == "" {
		return nil
	}
	base := a.CreateAccount + "?"
	if strings.Contains(a.CreateAccount, "?") {
		base = strings.TrimSuffix(a.CreateAccount, "&") + "&"
	}
	return func(back, loginHint, uiLocales string) string {
		told := url.Values{createReturn: {back}}
		if loginHint != "" {
			told.Set(createHint, loginHint)
		}
		if uiLocales != "" {
			told.Set(createLocales, uiLocales)
		}
		return base + told.Encode()
	}
}
