package recording

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"

	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/schema"
)

// csvColumn is a column of --format csv.
type csvColumn struct {
	name string
	text func(r *record.Record, at func(pointer string) string) string
}

// csvColumns are what most tables are made of first, then each documented field,
// and everything else of the arguments in the last one.
func csvColumns() []csvColumn {
	type at = func(pointer string) string
	number := func(n *int) string {
		if n == nil {
			return ""
		}
		return strconv.Itoa(*n)
	}
	browser := func(r *record.Record) record.Browser {
		if r.Browser == nil {
			return record.Browser{}
		}
		return *r.Browser
	}
	columns := []csvColumn{
		{"time", func(r *record.Record, _ at) string { return r.Time.String() }},
		{"kind", func(r *record.Record, _ at) string { return string(r.Kind) }},
		{"event", func(r *record.Record, _ at) string { return r.Happening() }},
		{"severity", func(r *record.Record, _ at) string { return string(record.Worst(r.Findings)) }},
		{"findings", func(r *record.Record, _ at) string {
			var all []string
			for _, f := range r.Findings {
				all = append(all, f.Rule+": "+f.Message)
			}
			return strings.Join(all, "\n")
		}},
		{"url", func(r *record.Record, _ at) string { return r.URL }},
		{"title", func(r *record.Record, _ at) string { return r.Title }},
		{"browser", func(r *record.Record, _ at) string {
			return strings.TrimSpace(browser(r).Name + " " + browser(r).Version)
		}},
		{"tab", func(r *record.Record, _ at) string { return number(r.Tab) }},
		{"frame", func(r *record.Record, _ at) string { return number(r.Frame) }},
		{"id", func(r *record.Record, _ at) string { return r.ID }},
		{"handler_threw", func(r *record.Record, _ at) string { return r.Threw() }},
	}
	for _, f := range schema.Catalogue().Fields {
		columns = append(columns, csvColumn{f.Name, func(_ *record.Record, at at) string { return at(f.At) }})
	}
	return append(columns, csvColumn{"args", func(r *record.Record, _ at) string { return string(r.Args) }})
}

func csvHeader(columns []csvColumn) []byte {
	var names []string
	for _, c := range columns {
		names = append(names, c.name)
	}
	return csvRow(names)
}

func csvLine(columns []csvColumn, r *record.Record) []byte {
	args, err := schema.Decode(r.Args)
	if err != nil {
		args = nil // no call
	}
	at := func(pointer string) string {
		tokens, _ := schema.Tokens(pointer)
		v, there := schema.Lookup(args, tokens)
		if s, ok := v.(string); ok || !there {
			return s
		}
		var b bytes.Buffer
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		if e.Encode(v) != nil {
			return "" // cannot be: it was JSON
		}
		return strings.TrimSpace(b.String())
	}
	var texts []string
	for _, c := range columns {
		texts = append(texts, c.text(r, at))
	}
	return csvRow(texts)
}

// csvRow is one record of RFC 4180. It is not encoding/csv's, which drops carriage
// returns within a text when lines end as the RFC has it.
func csvRow(texts []string) []byte {
	var b bytes.Buffer
	for i, text := range texts {
		if i > 0 {
			b.WriteByte(',')
		}
		if isFormula(text) {
			text = "'" + text
		}
		if strings.ContainsAny(text, "\",\r\n") {
			text = `"` + strings.ReplaceAll(text, `"`, `""`) + `"`
		}
		b.WriteString(text)
	}
	b.WriteString("\r\n")
	return b.Bytes()
}

// isFormula tells whether a spreadsheet may compute a text: it begins, perhaps
// after spaces, with one of the characters that OWASP's page on CSV injection lists.
// A plain number is none.
func isFormula(text string) bool {
	text = strings.TrimLeft(text, " ")
	if !strings.HasPrefix(text, "=") && !strings.HasPrefix(text, "@") {
		if _, err := strconv.ParseFloat(text, 64); err == nil {
			return false
		}
	}
	for _, start := range []string{"=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"} {
		if strings.HasPrefix(text, start) {
			return true
		}
	}
	return false
}
