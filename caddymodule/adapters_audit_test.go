package caddymodule_test

import (
	"errors"
	"net/http/httptest"
	"testing"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"github.com/gatehouse-auth/gatehouse/caddymodule"
	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/login"
)

// What anybody can make happen by a POST of rubbish is no security event, which
// somebody should look at (LOG-03); what a provider does is.
func TestRubbishIsNoSecurityEvent(t *testing.T) {
	for name, want := range map[login.EventName]zapcore.Level{login.NoticeRefused: zap.DebugLevel, login.ProviderFailed: zap.WarnLevel} {
		core, written := observer.New(zap.DebugLevel)
		caddymodule.AuditLogin(core, login.Event{
			Name: name, Request: httptest.NewRequest("POST", "/", nil), IDP: "work", Err: fault.Wrap(fault.Spent, "test", errors.New("why")),
		})
		highest := zap.DebugLevel
		for _, entry := range written.All() {
			highest = max(highest, entry.Level)
			if entry.ContextMap()["provider"] != "work" {
				t.Errorf("%s: %v", name, entry)
			}
		}
		if written.Len() == 0 || highest != want {
			t.Errorf("%s is at %s, %d entries", name, highest, written.Len())
		}
	}
}
