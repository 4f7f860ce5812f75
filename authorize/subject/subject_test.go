package subject_test

import (
	"testing"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/authorize/subject"
	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/internal/seal"
)

func names(t *testing.T, key string) *subject.Names {
	t.Helper()
	master, err := seal.NewMaster([]byte(key))
	if err != nil {
		t.Fatal(err)
	}
	return subject.New(master)
}

func pairwise(sector string) *client.Client {
	return &client.Client{SubjectType: client.SubjectPairwise, SectorIdentifier: sector}
}

// Who knows the one name can't say the other, and nobody without the key can
// say any. What was given out stays (OpenID Connect Core, section 8.1).
func TestFor(t *testing.T) {
	const key = "0123456789abcdefghijklmnopqrstuv"
	n := names(t, key)
	first := n.For(pairwise("a.example.com"), "alice")
	if first != names(t, key).For(pairwise("a.example.com"), "alice") || len(first) != 43 {
		t.Errorf("it became another: %s", first)
	}
	for name, other := range map[string]string{
		"sector": n.For(pairwise("b.example.com"), "alice"), "person": n.For(pairwise("a.example.com"), "bob"),
		"installation": names(t, "another-key-0123456789-abcdefghi").For(pairwise("a.example.com"), "alice"),
	} {
		if other == first || other == "" || other == "alice" {
			t.Errorf("another %s: %s", name, other)
		}
	}
	if n.For(&client.Client{}, "alice") != "alice" || (*subject.Names)(nil).For(&client.Client{}, "alice") != "alice" {
		t.Error("a public client has other names")
	}
	for _, nobody := range []string{(*subject.Names)(nil).For(pairwise("a.example.com"), "alice"), n.For(pairwise(""), "alice"), n.For(pairwise("a.example.com"), "")} {
		if nobody != "" {
			t.Errorf("%q where it can't be told", nobody)
		}
	}
}

// What is sealed into a token is good in that token alone.
func TestSeal(t *testing.T) {
	n := names(t, "0123456789abcdefghijklmnopqrstuv")
	text := n.Seal(pairwise("a.example.com"), "alice", "id-1")
	if who, err := n.Open(text, "id-1"); err != nil || who != "alice" {
		t.Errorf("%s %v", who, err)
	}
	for _, wrong := range [][2]string{{text, "id-2"}, {text + "A", "id-1"}, {"", "id-1"}, {"alice", "id-1"}} {
		if who, err := n.Open(wrong[0], wrong[1]); !fault.Is(err, fault.Invalid) || who != "" {
			t.Errorf("%v: %s %v", wrong, who, err)
		}
	}
	if n.Seal(&client.Client{}, "alice", "id-1") != "" {
		t.Error("sealed for a public client")
	}
}
