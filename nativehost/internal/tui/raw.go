package tui

import (
	"bytes"
	"encoding/json"
	"strings"

	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/words"
)

// toggleRaw shows records as JSON, or as trees again.
func (d *detail) toggleRaw() {
	d.raw = !d.raw
	d.cursor, d.top = 0, 0
	d.layout()
}

// asJSON lays out the whole record as indented JSON.
func (d *detail) asJSON() {
	encoded, err := record.Encode(d.record)
	var b bytes.Buffer
	if err == nil {
		err = json.Indent(&b, encoded, "", "  ")
	}
	if err != nil {
		d.text(plain, "This record can't be written as JSON: "+words.Plain(err))
		return
	}
	for s := range strings.Lines(b.String()) {
		d.jsonLine(strings.TrimSuffix(s, "\n"))
	}
}

// jsonLine lays out a line of indented JSON, broken into as many lines as it needs.
func (d *detail) jsonLine(s string) {
	text := strings.TrimLeft(s, " ")
	indent := repeat(" ", min(len(s)-len(text), d.cells/2))
	name := visible(memberName(text))
	for i, part := range wrap(visible(d.theme.head(text, maxValue)), d.cells-len(indent)-2) {
		spans := []span{{plain, indent + "  " + part}}
		if i == 0 {
			spans = []span{{plain, indent + part}}
			if value, whole := strings.CutPrefix(part, name); whole {
				spans = []span{{isKey, indent + name}, {plain, value}}
			}
		}
		d.add(line{spans: spans, more: i > 0})
	}
}

// memberName is the name of the member that begins on a line of indented JSON, with its
// quotes, or "" for an element of an array.
func memberName(line string) string {
	for i := 1; i < len(line) && line[0] == '"'; i++ {
		switch line[i] {
		case '\\':
			i++
		case '"':
			if strings.HasPrefix(line[i+1:], ": ") {
				return line[:i+1]
			}
			return ""
		}
	}
	return ""
}
