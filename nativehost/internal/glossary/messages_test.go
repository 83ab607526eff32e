package glossary_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"

	"userlike-inspector/extension"
	"userlike-inspector/nativehost/internal/glossary"
)

var update = flag.Bool("update", false, "write what the extension's popup and the README have of the glossary")

// The English texts of the extension's popup are those of the glossary.
func TestMessages(t *testing.T) {
	const name = "_locales/en/messages.json"
	b, err := fs.ReadFile(extension.FS(), name)
	if err != nil {
		t.Fatal(err)
	}
	var messages map[string]struct{ Message string }
	if err := json.Unmarshal(b, &messages); err != nil {
		t.Fatal(err)
	}
	fresh, states := b, 0
	for key, m := range messages {
		what, code, ok := strings.Cut(key, "_")
		if !ok {
			continue
		}
		states++
		term, known := find(glossary.Code(strings.ReplaceAll(code, "_", "-")))
		want := map[string]string{"state": term.Meaning, "remedy": term.Remedy}[what]
		if !known || want == "" {
			t.Errorf("%s: the glossary has no %s of %q", name, what, code)
			continue
		}
		if _, there := messages["remedy_"+code]; there != (term.Remedy != "") {
			t.Errorf("%s: %q has a remedy: %v", name, code, there)
		}
		want = strings.ReplaceAll(want, "$", "$$") // $ begins a placeholder
		if m.Message != want {
			if !*update {
				t.Errorf("%s: %s is\n%q, in the glossary\n%q (go test -update takes that over)", name, key, m.Message, want)
			}
			fresh = bytes.Replace(fresh, member(t, key, m.Message), member(t, key, want), 1)
		}
	}
	if states == 0 {
		t.Errorf("%s has nothing of the glossary", name)
	}
	if *update {
		if err := os.WriteFile("../../../extension/"+name, fresh, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// The README lists the states that block records, with the words of the glossary.
func TestREADME(t *testing.T) {
	const name = "../../../README.md"
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	const mark = "<!-- the glossary's, by its test -->\n"
	before, rest, ok := strings.Cut(string(b), mark)
	there, after, closed := strings.Cut(rest, "\n\n")
	if !ok || !closed {
		t.Fatalf("%s has no table after %q", name, mark)
	}
	want := "| what is wrong | what to do |\n|---|---|"
	for _, term := range glossary.Terms() {
		if term.Broken || term.Code == glossary.ExtensionUnheard { // everybody sees this one first
			want += "\n| " + term.Meaning + " | " + term.Remedy + " |"
		}
	}
	switch {
	case there == want:
	case !*update:
		t.Errorf("the README's table is\n%s\nin the glossary it is\n%s\n(go test -update takes that over)", there, want)
	default:
		if err := os.WriteFile(name, []byte(before+mark+want+"\n\n"+after), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// member is a message in the form of the file.
func member(t *testing.T, key, message string) []byte {
	t.Helper()
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(message); err != nil {
		t.Fatal(err)
	}
	return slices.Concat([]byte("  \""+key+"\": {\n    \"message\": "), bytes.TrimSpace(b.Bytes()))
}

func find(code glossary.Code) (glossary.Term, bool) {
	all := glossary.Terms()
	i := slices.IndexFunc(all, func(term glossary.Term) bool { return term.Code == code })
	if i < 0 {
		return glossary.Term{}, false
	}
	return all[i], true
}
