package caddymodule

import (
	"encoding/json"
	"errors"
	"net/http"

	"github.com/caddyserver/caddy/v2"

	"github.com/gatehouse-auth/gatehouse/fault"
)

// Provision implements caddy.Provisioner. The app is looked for when somebody
// asks: it may be loaded after us.
func (a *AdminAPI) Provision(ctx caddy.Context) error {
	a.ctx = ctx
	return nil
}

// Routes implements caddy.AdminRouter.
func (a *AdminAPI) Routes() []caddy.AdminRoute {
	return []caddy.AdminRoute{{Pattern: "/gatehouse/status", Handler: caddy.AdminHandlerFunc(a.status)}}
}

// providerStatus tells whether people can sign in through a provider now.
type providerStatus struct {
	Name  string `json:"name"`
	Ready bool   `json:"ready"`
	Error string `json:"error,omitempty"`
}

// status tells an operator whether the login works: the issuer, the sites, and
// each provider with the reason why it can't be used.
func (a *AdminAPI) status(w http.ResponseWriter, r *http.Request) error {
	if r.Method != http.MethodGet {
		return caddy.APIError{HTTPStatus: http.StatusMethodNotAllowed, Err: errors.New("method not allowed")}
	}
	module, err := a.ctx.AppIfConfigured("gatehouse")
	app, ok := module.(*App)
	if err != nil || !ok {
		return caddy.APIError{HTTPStatus: http.StatusNotFound, Err: errors.New("nothing is protected by gatehouse")}
	}
	answer := struct {
		Issuer    string           `json:"issuer"`
		Sites     []string         `json:"sites"`
		Open      bool             `json:"open"`
		Error     string           `json:"error,omitempty"`
		Providers []providerStatus `json:"providers"`
	}{Issuer: app.running.survey.Issuer, Sites: app.running.survey.Origins, Providers: []providerStatus{}}
	svc, err := app.enter(r.Context())
	if answer.Open = err == nil; err != nil {
		answer.Error = fault.KindOf(err).String()
	} else {
		defer svc.house.Release()
		answer.Providers = svc.providerStatus()
	}
	w.Header().Set("Content-Type", "application/json")
	return json.NewEncoder(w).Encode(answer)
}

func (s *service) providerStatus() []providerStatus {
	list := []providerStatus{}
	for _, p := range s.providers {
		status := providerStatus{Name: p.Name(), Ready: true}
		if err := p.Ready(); err != nil {
			status.Ready, status.Error = false, err.Error()
		}
		list = append(list, status)
	}
	return list
}
