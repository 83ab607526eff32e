//go:build unix

package browser_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"userlike-inspector/nativehost/internal/browser"
)

// A program of any name is known by what it says of itself.
func TestChooseByVersion(t *testing.T) {
	for version, want := range map[string]struct {
		family browser.Family
		says   string
	}{
		"Google Chrome 156.0.1":          {browser.Chromium, ""},
		"Chromium 156.0 built on Debian": {browser.Chromium, ""},
		"Mozilla Firefox 153.7.0esr":     {browser.Firefox, ""},
		"GNU sed 4.9":                    {"", `"GNU sed 4.9"`},
	} {
		path := filepath.Join(t.TempDir(), "browse")
		write(t, path, "#!/bin/sh\n[ \"$1\" = --version ] && echo '"+version+"'\n")
		b, err := browser.Choose(t.Context(), path)
		if want.says != "" {
			if !errors.Is(err, browser.ErrNone) || !strings.Contains(err.Error(), want.says) {
				t.Errorf("%q: error %v", version, err)
			}
		} else if err != nil || b.Family != want.family || b.Path != path {
			t.Errorf("%q: %+v, %v", version, b, err)
		}
	}
}
