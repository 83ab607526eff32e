package glossary_test

import (
	"strings"
	"testing"

	"userlike-inspector/nativehost/internal/glossary"
)

// Every state has words of its own, and a remedy unless all is well.
func TestTerms(t *testing.T) {
	codes, meanings := map[glossary.Code]bool{}, map[string]bool{}
	for _, term := range glossary.Terms() {
		if codes[term.Code] || meanings[term.Meaning] {
			t.Errorf("%s is there twice", term.Code)
		}
		codes[term.Code], meanings[term.Meaning] = true, true
		if !strings.HasSuffix(term.Meaning, ".") {
			t.Errorf("%s: %q is no sentence", term.Code, term.Meaning)
		}
		if fine := term.Code == glossary.Fine || term.Code == glossary.CallsArrive; fine != (term.Remedy == "") || fine && term.Broken {
			t.Errorf("%s: remedy %q, broken %v", term.Code, term.Remedy, term.Broken)
		}
		if term.Code.Of() != term {
			t.Errorf("%s is %+v by its code", term.Code, term.Code.Of())
		}
	}
}
