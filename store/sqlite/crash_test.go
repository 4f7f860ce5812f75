package sqlite_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/store"
)

// crashDir in the environment makes this binary the victim of TestKill, in the
// directory that it names.
const crashDir = "GATEHOUSE_TEST_CRASH"

func TestMain(m *testing.M) {
	if dir := os.Getenv(crashDir); dir != "" {
		victim(dir)
	}
	os.Exit(m.Run())
}

var accountTable = []store.Migration{{ID: "account/0001", SQL: "CREATE TABLE accounts (name TEXT PRIMARY KEY, padding BLOB)"}}

// victim writes accounts and sessions and prints what was confirmed, until it
// is killed.
func victim(dir string) {
	die := func(err error) {
		if err != nil {
			fmt.Println("error", err)
			os.Exit(1)
		}
	}
	db, err := openPair(dir)
	die(err)
	ctx, run := context.Background(), os.Getpid()
	die(db.records.Migrate(ctx, accountTable))
	for i := 0; ; i++ {
		name := fmt.Sprint(run, "-", i)
		die(db.records.Update(ctx, func(tx store.Tx) error {
			if _, err := tx.Exec("INSERT INTO accounts (name, padding) VALUES ($1, $2)", name, make([]byte, 3000)); err != nil {
				return err
			}
			return tx.Publish(store.Change{Topic: store.TopicSubject, Key: name})
		}))
		fmt.Println("account", name)
		die(db.shorts.Create(ctx, item(name)))
		fmt.Println("session", name)
		code := item(name)
		code.Kind = "code"
		die(db.shorts.Create(ctx, code))
		_, err := db.shorts.Take(ctx, code.Kind, name, "victim")
		die(err)
		fmt.Println("code", name)
	}
}

// TestKill: after kill -9 in the middle of writing, ten times on the same
// files, everything that was confirmed is there.
func TestKill(t *testing.T) {
	dir := t.TempDir()
	confirmed := map[string][]string{}
	for round := range 10 {
		run(t, dir, time.Duration(30+17*round)*time.Millisecond, confirmed)
		db, err := openPair(dir)
		if err != nil {
			t.Fatal(err)
		}
		if err := db.Check(t.Context()); err != nil {
			t.Errorf("round %d: %v", round, err)
		}
		if err := db.records.Migrate(t.Context(), accountTable); err != nil {
			t.Fatal(err)
		}
		err = db.records.View(t.Context(), func(tx store.Tx) error {
			for _, name := range confirmed["account"] {
				var found string
				if err := tx.QueryRow("SELECT name FROM accounts WHERE name = $1", name).Scan(&found); err != nil {
					return fmt.Errorf("account %s: %w", name, err)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		for _, name := range confirmed["session"] {
			if _, err := db.shorts.Get(t.Context(), "session", name); err != nil {
				t.Fatalf("round %d: session %s: %v", round, name, err)
			}
		}
		for _, name := range confirmed["code"] {
			if _, err := db.shorts.Take(t.Context(), "code", name, "again"); !fault.Is(err, fault.Spent) {
				t.Fatalf("round %d: code %s was taken, and again: %v", round, name, err)
			}
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if len(confirmed["account"]) < 50 {
		t.Errorf("only %d accounts were confirmed: the victims died before they wrote", len(confirmed["account"]))
	}
}

// run starts a victim, kills it a while after its first confirmation and adds
// what it confirmed.
func run(t *testing.T, dir string, life time.Duration, confirmed map[string][]string) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), crashDir+"="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	started := false
	for lines := bufio.NewScanner(out); lines.Scan(); {
		what, name, _ := strings.Cut(lines.Text(), " ")
		if what == "error" {
			t.Errorf("the victim says %s", name)
			continue
		}
		confirmed[what] = append(confirmed[what], name)
		if !started {
			started = true
			time.AfterFunc(life, func() { _ = cmd.Process.Kill() })
		}
	}
	_ = cmd.Wait() // killed
}
