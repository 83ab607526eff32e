package report_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"strings"
	"testing"
	"time"

	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/report"
)

// In every format, what a reader must know first comes first, and a report that judges
// nothing does not look like a pass.
func TestTop(t *testing.T) {
	r := &report.Report{
		Unjudged: []string{"Chromium could not open https://shop.example/: net::ERR_CONNECTION_REFUSED"},
		Notes:    []string{"Chromium: a dialog said “Hello”."},
		Made:     time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC),
	}
	for _, f := range formats {
		t.Run(f.name, func(t *testing.T) {
			var b bytes.Buffer
			if err := f.write(r, &b); err != nil {
				t.Fatal(err)
			}
			text := b.String()
			for _, want := range []string{"net::ERR_CONNECTION_REFUSED", "Hello"} {
				if !strings.Contains(strings.ReplaceAll(text, "&#95;", "_"), want) {
					t.Errorf("%q is missing in\n%s", want, text)
				}
			}
			for _, pass := range []string{"Nothing wrong", "Nothing was found", "0001-01-01", "the extension was not running", "\x1b[32m"} {
				if strings.Contains(text, pass) {
					t.Errorf("it says %q", pass)
				}
			}
		})
	}
	var b bytes.Buffer
	if err := r.JUnit(&b, record.Error); err != nil {
		t.Fatal(err)
	}
	var suites struct {
		Suite struct {
			Timestamp string `xml:"timestamp,attr"`
			Tests     int    `xml:"tests,attr"`
			Errors    int    `xml:"errors,attr"`
			Cases     []struct {
				Error *struct {
					Message string `xml:"message,attr"`
				} `xml:"error"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	if err := xml.Unmarshal(b.Bytes(), &suites); err != nil {
		t.Fatal(err)
	}
	if s := suites.Suite; s.Timestamp != "2026-11-28T12:00:00" || s.Tests != 1 || s.Errors != 1 || len(s.Cases) != 1 || s.Cases[0].Error == nil {
		t.Errorf("JUnit: %+v", suites)
	}
	b.Reset()
	if err := r.JSON(&b); err != nil {
		t.Fatal(err)
	}
	var object struct{ Unjudged, Notes []string }
	if err := json.Unmarshal(b.Bytes(), &object); err != nil || len(object.Unjudged) != 1 || len(object.Notes) != 1 {
		t.Errorf("JSON: %+v, %v", object, err)
	}
}
