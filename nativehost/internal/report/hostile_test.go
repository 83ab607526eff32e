package report_test

import (
	"encoding/json"
	"io"
	"regexp"
	"strings"
	"testing"

	"userlike-inspector/nativehost/internal/report/reporttest"
)

// TestHostileText: the text report contains only printable characters, and this program's own
// colours.
func TestHostileText(t *testing.T) {
	for name, r := range recordings.Reports(t, false) {
		text := string(reporttest.Written(t, func(w io.Writer) error { return r.Text(w, true) }))
		text = regexp.MustCompile(`\x1b\[(1|1;31|33|36|32|0)m`).ReplaceAllString(text, "")
		if bad := regexp.MustCompile(`[\x00-\x09\x0b-\x1f\x7f-\x{9f}\x{200b}-\x{200f}\x{202a}-\x{202e}\x{2066}-\x{2069}\x{feff}\x{fffe}]`).FindStringIndex(text); bad != nil {
			t.Errorf("%s has %q in %q", name, text[bad[0]:bad[1]], text[max(0, bad[0]-40):bad[1]])
		}
	}
}

func TestHostileJSON(t *testing.T) {
	for name, r := range recordings.Reports(t, false) {
		if !json.Valid(reporttest.Written(t, r.JSON)) {
			t.Errorf("%s is not JSON", name)
		}
	}
}

// TestHostileHTML: the HTML report contains only elements of its own, and nothing that loads or
// runs.
func TestHostileHTML(t *testing.T) {
	const own = " html head meta title style body header p h1 h2 h3 span ul li b nav a main section dl div dt dd article code details summary table thead tbody tr th td br footer label input "
	allowed := map[string]bool{}
	for _, name := range strings.Fields(own) {
		allowed[name] = true
	}
	for _, redacted := range []bool{true, false} {
		for name, r := range recordings.Reports(t, redacted) {
			page := string(reporttest.Written(t, r.HTML))
			if len(page) > 8<<20 {
				t.Errorf("%s has %d bytes", name, len(page))
			}
			for _, m := range regexp.MustCompile(`<([a-zA-Z][a-zA-Z0-9]*)([^>]*)>`).FindAllStringSubmatch(page, -1) {
				if !allowed[m[1]] {
					t.Errorf("%s has the element %s", name, m[0])
				}
				names := regexp.MustCompile(`"[^"]*"`).ReplaceAllString(m[2], `""`) // without the values
				if attr := regexp.MustCompile(`(?i)\s(on[a-z]+|src|style|srcset)=`).FindString(names); attr != "" {
					t.Errorf("%s has the attribute%s in %s", name, attr, m[0])
				}
				if m[1] == "a" && !strings.HasPrefix(m[2], ` href="#`) {
					t.Errorf("%s has a link to elsewhere: %s", name, m[0])
				}
			}
			if strings.Contains(page, "\u202e") || strings.Contains(page, "\x1b") || strings.Contains(page, "ZgotmplZ") {
				t.Errorf("%s has an invisible character, or a value that the template refused", name)
			}
		}
	}
}
