package corpus_test

import (
	"strings"
	"testing"

	"userlike-inspector/nativehost/internal/corpus"
)

// Every page can be read, and says what it expects.
func TestPages(t *testing.T) {
	for _, browser := range []string{"chromium", "firefox-esr"} {
		pages, err := corpus.Pages(browser)
		if err != nil {
			t.Fatal(err)
		}
		if len(pages) < 150 {
			t.Errorf("%s: only %d pages", browser, len(pages))
		}
		for _, p := range pages {
			if !strings.HasSuffix(p.About, ".") {
				t.Errorf("%s: %q is no sentence", p.Path, p.About)
			}
		}
	}
}
