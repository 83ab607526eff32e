package recording

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/sanitize"
	"userlike-inspector/schema"
)

// csvColumn is a column of --format csv.
type csvColumn struct {
	name string
	cell func(r *record.Record, at func(pointer string) csvCell) csvCell
}

// csvColumns are first the columns that are used most, then those of hits, then one for each
// documented field, and one for everything else in the arguments.
func csvColumns() []csvColumn {
	type at = func(pointer string) csvCell
	text := func(name string, of func(r *record.Record) string) csvColumn {
		return csvColumn{name, func(r *record.Record, _ at) csvCell { return csvCell{text: of(r)} }}
	}
	number := func(name string, of func(r *record.Record) *int) csvColumn {
		return csvColumn{name, func(r *record.Record, _ at) csvCell {
			if n := of(r); n != nil {
				return csvCell{text: strconv.Itoa(*n), number: true}
			}
			return csvCell{}
		}}
	}
	hit := func(name string, of func(h *record.Handed) csvCell) csvColumn {
		return csvColumn{name, func(r *record.Record, _ at) csvCell {
			if r.Handed == nil {
				return csvCell{}
			}
			return of(r.Handed)
		}}
	}
	columns := []csvColumn{
		text("time", func(r *record.Record) string { return r.Time.String() }),
		text("kind", func(r *record.Record) string { return string(r.Kind) }),
		text("event", (*record.Record).Happening),
		text("severity", func(r *record.Record) string { return string(record.Worst(r.Findings)) }),
		text("findings", func(r *record.Record) string {
			var all []string
			for _, f := range r.Findings {
				all = append(all, f.Rule+": "+f.Message)
			}
			return strings.Join(all, "\n")
		}),
		text("url", func(r *record.Record) string { return r.URL }),
		text("title", func(r *record.Record) string { return r.Title }),
		text("browser", func(r *record.Record) string {
			if r.Browser == nil {
				return ""
			}
			return strings.TrimSpace(r.Browser.Name + " " + r.Browser.Version)
		}),
		number("tab", func(r *record.Record) *int { return r.Tab }),
		number("frame", func(r *record.Record) *int { return r.Frame }),
		text("id", func(r *record.Record) string { return r.ID }),
		text("handler_threw", (*record.Record).Threw),
		text("simulated", func(r *record.Record) string {
			if r.Simulated {
				return "yes" // as in a filter
			}
			return ""
		}),
		hit("to", func(h *record.Handed) csvCell { return csvCell{text: h.To} }),
		hit("system", func(h *record.Handed) csvCell { return csvCell{text: h.System} }),
		hit("because", func(h *record.Handed) csvCell { return csvCell{text: string(h.Because)} }),
		hit("calls", func(h *record.Handed) csvCell { return csvCell{text: strings.Join(h.Calls, "\n")} }),
		hit("carries", func(h *record.Handed) csvCell {
			var all []string
			for _, c := range h.Carries {
				all = append(all, strings.TrimSpace(c.What+" at "+c.At+" "+string(c.As)))
			}
			return csvCell{text: strings.Join(all, "\n")}
		}),
		hit("failed", func(h *record.Handed) csvCell {
			if h.Failed == nil {
				return csvCell{}
			}
			return csvCell{text: h.Failed.String()}
		}),
		hit("data", func(h *record.Handed) csvCell { return csvCell{string(h.Data), true} }),
	}
	for _, f := range schema.Catalogue().Fields {
		columns = append(columns, csvColumn{f.Name, func(_ *record.Record, at at) csvCell { return at(f.At) }})
	}
	return append(columns, csvColumn{"args", func(r *record.Record, _ at) csvCell { return csvCell{string(r.Args), true} }})
}

func csvHeader(columns []csvColumn) []byte {
	var names []csvCell
	for _, c := range columns {
		names = append(names, csvCell{text: c.name})
	}
	return append([]byte(csvMark), csvRow(names)...)
}

func csvLine(columns []csvColumn, r *record.Record) []byte {
	args, err := schema.Decode(r.Args)
	if err != nil {
		args = nil // not a call
	}
	at := func(pointer string) csvCell {
		tokens, _ := schema.Tokens(pointer)
		v, there := schema.Lookup(args, tokens)
		if s, ok := v.(string); ok || !there {
			return csvCell{text: s}
		}
		var b bytes.Buffer
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		if e.Encode(v) != nil {
			return csvCell{} // cannot be: it was JSON
		}
		return csvCell{strings.TrimSpace(b.String()), true}
	}
	var cells []csvCell
	for _, c := range columns {
		cells = append(cells, c.cell(r, at))
	}
	return csvRow(cells)
}

// csvMark makes spreadsheets read the file as UTF-8; without it they take their
// system's old encoding.
const csvMark = "\ufeff"

// csvCell is a value for a spreadsheet.
type csvCell struct {
	text   string
	number bool // it is JSON, and no string
}

// csvRow is one line of RFC 4180. encoding/csv is not used: with the line ends of the RFC it
// drops carriage returns within texts.
func csvRow(cells []csvCell) []byte {
	var b bytes.Buffer
	for i, c := range cells {
		if i > 0 {
			b.WriteByte(',')
		}
		text := c.shown()
		if strings.ContainsAny(text, "\",;\t\r\n") { // some spreadsheets split at each of these
			text = `"` + strings.ReplaceAll(text, `"`, `""`) + `"`
		}
		b.WriteString(text)
	}
	b.WriteString("\r\n")
	return b.Bytes()
}

// Limits of spreadsheets
// (https://support.microsoft.com/office/1672b34d-7043-467e-8e27-269d656771c3).
const (
	maxCell        = 32_767 // UTF-16 units in a cell; further ones are lost without notice
	maxFormulaText = 255    // characters of a text in a formula
	maxDigits      = 15     // of a number; further ones become zeros
)

// shown is the text of a cell with which a spreadsheet shows exactly the value, and does not
// convert or compute it.
func (c csvCell) shown() string {
	another := spreadsheetValue.MatchString(c.text)
	if c.number {
		another = another && len(strings.Trim(notDigits.ReplaceAllString(c.text, ""), "0")) > maxDigits
	}
	switch {
	case another && len(c.text) <= maxFormulaText:
		return `="` + c.text + `"`
	case another:
		return csvCut("'" + c.text)
	case c.number && spreadsheetValue.MatchString(c.text):
		return c.text // such as -5, which is not a formula
	}
	return csvCut(disarmed(sanitize.Text(c.text)))
}

// notDigits matches everything in a JSON number except the digits before its exponent.
var notDigits = regexp.MustCompile(`[^0-9]|[eE].*`)

// spreadsheetValue matches texts that spreadsheets convert to a number, an amount, a
// percentage, a date, a time, a truth value or an error, in some language.
var spreadsheetValue = regexp.MustCompile(`^(?i:` + strings.Join([]string{
	`[-+(]?[$€£¥]?(?:\d+|\d{1,3}(?:[.,'\s\x{a0}\x{202f}]\d{3})+)(?:[.,]\d*)?(?:e[-+]?\d+)?\s?[%$€£¥)]*`, // 00012, 1E5, 1.000,5 €, (5), 5 %
	`[-+]?[.,]\d+(?:e[-+]?\d+)?%?`, // .5
	`\d{1,4}[-/.]\d{1,4}(?:[-/.](?:\d{1,4})?)?(?:[ T]\d{1,2}:\d\d(?::\d\d)?(?:[.,]\d+)?)?`, // 1/2, 1-2-2026, 2026-11-22 10:13
	`\d+:\d+(?::\d+)?(?:[.,]\d+)?(?:\s?[ap]m?)?|\d+\s?[ap]m?`,                              // 10:13, 5 pm
	`\d+ \d+/\d+`,                            // 1 1/2
	`(?:\d{1,4}[-/. ]*)` + month,             // 2-Mar
	month + `[-/., ]*\d{1,4}(?:[, ]+\d{4})?`, // SEPT1, March 2, 2026
	`true|false|wahr|falsch|vrai|faux|verdadero|falso|vero`,
	`#(?:n/a|nv|name\?|ref!|bezug!|value!|wert!|num!|zahl!|div/0!|null!)`,
}, "|") + `)$`)

const month = `(?:jan|feb|mar|mär|mrz|apr|may|mai|jun|jul|aug|sep|oct|okt|nov|dec|dez)[a-zäé]{0,6}\.?`

// csvCut cuts a text that a cell cannot hold, and says so at its end.
func csvCut(text string) string {
	units := 0
	for _, r := range text {
		units += utf16.RuneLen(r)
	}
	if units <= maxCell {
		return text
	}
	note := fmt.Sprintf("… (cut here: %d characters; the format jsonl has them all)", units)
	left := maxCell - utf8.RuneCountInString(note)
	for i, r := range text {
		if left -= utf16.RuneLen(r); left < 0 {
			return text[:i] + note
		}
	}
	return text
}

// disarmed puts an apostrophe before everything in a text that a spreadsheet could take for
// a formula: what begins, also after spaces or quotes, with one of the characters that
// https://owasp.org/www-community/attacks/CSV_Injection lists. This can also be within the
// text, as a spreadsheet with another separator begins a new cell there.
func disarmed(text string) string {
	if !strings.ContainsAny(text, formulaStarts) {
		return text
	}
	var b strings.Builder
	begins := true
	for i, r := range text {
		switch {
		case strings.ContainsRune(formulaStarts, r):
			if begins {
				b.WriteByte('\'')
			}
			begins = false
		case strings.ContainsRune(";\t\r\n", r):
			begins = true
		case !unicode.IsSpace(r) && !strings.ContainsRune("\"'\ufeff", r):
			begins = false
		}
		b.WriteString(text[i : i+utf8.RuneLen(r)])
	}
	return b.String()
}

const formulaStarts = "=+-@＝＋－＠"
