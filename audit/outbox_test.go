package audit_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/gatehouse-auth/gatehouse/audit"
	"github.com/gatehouse-auth/gatehouse/store"
	"github.com/gatehouse-auth/gatehouse/store/memory"
	"github.com/gatehouse-auth/gatehouse/store/sqlite"
)

// lines is a log that can be written to and read at the same time.
type lines struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

// wait gives the entries when there are n.
func (l *lines) wait(t *testing.T, n int) []map[string]any {
	t.Helper()
	for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(2 * time.Millisecond) {
		l.mu.Lock()
		text := l.buf.String()
		l.mu.Unlock()
		if strings.Count(text, "\n") < n && time.Now().Before(deadline) {
			continue
		}
		var all []map[string]any
		for line := range strings.Lines(text) {
			var entry map[string]any
			if err := json.Unmarshal([]byte(line), &entry); err != nil {
				t.Fatal(err)
			}
			all = append(all, entry)
		}
		if len(all) != n {
			t.Fatalf("%d entries, want %d:\n%s", len(all), n, text)
		}
		return all
	}
}

func (l *lines) log() *audit.Log {
	config := zap.NewProductionEncoderConfig()
	return audit.New(zap.New(zapcore.NewCore(zapcore.NewJSONEncoder(config), zapcore.AddSync(l), zap.InfoLevel)))
}

func onEachStore(t *testing.T, f func(*testing.T, store.Records)) {
	for name, open := range map[string]func() (store.Records, error){
		"memory": func() (store.Records, error) { return memory.OpenRecords(nil) },
		"sqlite": func() (store.Records, error) {
			return sqlite.OpenRecords(filepath.Join(t.TempDir(), "gatehouse.sqlite"), sqlite.Options{})
		},
	} {
		t.Run(name, func(t *testing.T) {
			records, err := open()
			if err != nil {
				t.Fatal(err)
			}
			if err := records.Migrate(t.Context(), audit.Migrations()); err != nil {
				t.Fatal(err)
			}
			f(t, records)
		})
	}
}

// LOG-03: what commands did is in the server's log, each once though two servers
// look, in order, with the time it was done; what was done before one started
// too.
func TestCommandsAreLogged(t *testing.T) {
	onEachStore(t, func(t *testing.T, records store.Records) {
		at := time.Date(2026, 11, 26, 4, 0, 0, 0, time.UTC)
		failed := func(err error) { t.Error(err) }
		command := audit.NewOutbox(records, func() time.Time { return at }, failed)
		command.Log().SetupLinkMade("command")
		var out lines
		ctx, cancel := context.WithCancel(t.Context())
		var servers sync.WaitGroup
		for range 2 {
			servers.Go(func() {
				if err := audit.NewOutbox(records, nil, failed).Run(ctx, out.log()); !errors.Is(err, context.Canceled) {
					t.Error(err)
				}
			})
		}
		out.wait(t, 1)
		for i := range 250 {
			command.Log().AccountChanged("command", "0b8e", fmt.Sprint("user", i), "added")
		}
		command.Log().ClientRefused(audit.Source{}, "wiki", "refused")
		entries := out.wait(t, 252)
		if e := entries[0]; e["msg"] != "setup.link_made" || e["event"] != "setup.link_made" || e["level"] != "info" || e["at"] != "2026-11-26T04:00:00Z" || e["actor"] != "command" {
			t.Errorf("%v", e)
		}
		names := map[any]bool{}
		for _, e := range entries[1:] {
			names[e["username"]] = true
			if e["event"] == "client.refused" && (e["level"] != "warn" || e["client"] != "wiki") {
				t.Errorf("%v", e)
			}
		}
		if len(names) != 251 {
			t.Errorf("%d different entries", len(names))
		}
		cancel()
		servers.Wait()
	})
}

// LOG-02: what is in the outbox, which others can write to who can write to the
// database, forges no line and stops nobody.
func TestHostileOutbox(t *testing.T) {
	onEachStore(t, func(t *testing.T, records store.Records) {
		command := audit.NewOutbox(records, nil, func(err error) { t.Error(err) })
		command.Log().AccountChanged("a\nb", "\x1b[2J", strings.Repeat("x", 1000), "added")
		err := records.Update(t.Context(), func(tx store.Tx) error {
			_, err := tx.Exec(`INSERT INTO audit_outbox (id, at, seq, level, entry) VALUES ('x', 1, 1, 0, 'no JSON')`)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		var out lines
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go command.Run(ctx, out.log())
		entries := out.wait(t, 2)
		if e := entries[1]; e["actor"] != "a?b" || len(e["username"].(string)) != 64 {
			t.Errorf("%v", e)
		}
	})
}

// A command that can't leave an entry goes on and says so.
func TestOutboxFails(t *testing.T) {
	records, err := memory.OpenRecords(nil)
	if err != nil {
		t.Fatal(err)
	}
	var failed error
	audit.NewOutbox(records, nil, func(err error) { failed = err }).Log().KeyRotated("ES256", "k1") // no table
	if failed == nil {
		t.Error("nobody heard")
	}
}
