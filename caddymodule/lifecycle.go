package caddymodule

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/internal/house"
	"github.com/gatehouse-auth/gatehouse/internal/seal"
	"github.com/gatehouse-auth/gatehouse/keys"
)

// houses is what outlives a reload. Its key is the address of the stores and
// nothing else, so that a changed configuration finds its sessions again.
var houses = caddy.NewUsagePool()

// startLimit bounds what Start does with the stores.
const startLimit = 30 * time.Second

// running is the part of an App that is not configuration.
type running struct {
	log     *zap.Logger
	ctx     context.Context // ends with this configuration
	address string
	house   *house.House
	survey  survey
	mu      sync.Mutex
	service atomic.Pointer[service]
	// notices counts what came of telling clients of logouts.
	notices *prometheus.CounterVec
}

// Provision implements caddy.Provisioner. It opens nothing: `caddy validate`
// provisions as well.
func (a *App) Provision(ctx caddy.Context) error {
	a.running.log, a.running.ctx = ctx.Logger(), ctx
	if err := a.loadGuests(ctx); err != nil {
		return err
	}
	if err := a.check(); err != nil {
		return err
	}
	if err := a.awaitStart(ctx); err != nil {
		return err
	}
	var err error
	if a.running.notices, err = countNotices(ctx.GetMetricsRegistry()); err != nil {
		return err
	}
	plan := a.Plan(a.running.log)
	found, _, err := houses.LoadOrNew(plan.Address, func() (caddy.Destructor, error) { return house.New(plan), nil })
	if err != nil {
		return err
	}
	a.running.address, a.running.house = plan.Address, found.(*house.House)
	for _, warning := range a.Warnings() {
		a.running.log.Warn(warning)
	}
	return nil
}

// Start implements caddy.App. It opens the house, so that an unusable store is
// found now and not by the first visitor.
func (a *App) Start() error {
	for _, warning := range a.running.survey.Warnings {
		a.running.log.Warn(warning)
	}
	if a.running.survey.Issuer == "" {
		return nil // nothing is guarded
	}
	ctx, cancel := context.WithTimeout(a.running.ctx, startLimit)
	defer cancel()
	svc, err := a.enter(ctx)
	if err != nil {
		return fmt.Errorf("gatehouse: %w", err)
	}
	svc.house.Release()
	return nil
}

// Stop implements caddy.App.
func (*App) Stop() error { return nil }

// Cleanup implements caddy.CleanerUpper. Requests of this configuration that
// are still running hold the house themselves.
func (a *App) Cleanup() error {
	if a.running.house == nil {
		return nil
	}
	_, err := houses.Delete(a.running.address)
	return err
}

// Plan says where this configuration keeps everything. The App must have been
// checked.
func (a *App) Plan(log *zap.Logger) house.Plan {
	return house.Plan{
		Address: a.loaded.store.Address() + "\x00" + a.loaded.sessions.Address(),
		Records: a.loaded.store.OpenRecords,
		Shorts:  a.loaded.sessions.OpenShorts, PrivateSessions: a.loaded.sessions.Private(),
		Master: a.master,
		Keys:   a.keySettings(),
		Log:    log,
	}
}

// MasterKeyPath is the file of the master key.
func (a *App) MasterKeyPath() string {
	if a.loaded.masterKey != "" {
		return a.loaded.masterKey
	}
	if s, ok := a.loaded.store.(*SQLiteStore); ok {
		return filepath.Join(filepath.Dir(s.Path), "master.key")
	}
	return filepath.Join(DataDir(), "master.key")
}

// master reads the master key. A configured one must exist; the default one is
// made at the first start, and never again: a new key would open nothing that
// the old one sealed.
func (a *App) master(sealed bool) (*seal.Master, error) {
	path := a.MasterKeyPath()
	if a.loaded.masterKey == "" && !sealed {
		return keys.EnsureMaster(path)
	}
	master, err := keys.LoadMaster(path)
	switch {
	case !fault.Is(err, fault.NotFound):
		return master, err
	case sealed:
		return nil, fmt.Errorf("there is no master key at %s, and the database was made with one: put that file back, from where copies of it are kept (no new one is made, since it would open nothing)", path)
	}
	return nil, fmt.Errorf("there is no master key at %s", path)
}
