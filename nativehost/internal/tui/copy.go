package tui

import (
	"encoding/json"
	"fmt"
	"strings"

	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/schema"
)

// openCopy opens the menu of what can be copied from the event that is shown.
func (a *app) openCopy() {
	if a.detail.reading == nil || a.detail.row != a.events.cursor {
		a.flash = "there is no event to copy from yet"
		return
	}
	a.menu = inCopy
}

func (a *app) closeMenu() { a.menu = 0 }

// copyOf copies what part returns. part gets the place under the detail's cursor, or nil
// while the keys are in the list of events, which means the whole record.
func (a *app) copyOf(what string, part func(*detail, *node) string) {
	a.menu = 0
	var n *node
	if d := a.detail; a.pane == inDetail && d.cursor < len(d.all) {
		n = d.all[d.cursor].node
	}
	text := part(a.detail, n)
	if text == "" {
		a.flash = "there is no " + what + " here to copy"
		return
	}
	a.copyText(what, text)
}

// copyText puts a text on the clipboard; what is how the message about it calls the text.
func (a *app) copyText(what, text string) {
	a.feed.start(func() {
		err := a.opts.Copy(a.feed.ctx, text)
		a.feed.post(a.feed.ctx, func() {
			a.flash = fmt.Sprintf("copied the %s to the clipboard", what)
			if err != nil { // no clipboard here, so ask the terminal, which may be on another machine
				a.screen.SetClipboard([]byte(text))
				a.flash = fmt.Sprintf("copied the %s by the terminal (OSC 52), if it allows that", what)
			}
		})
	})
}

// copiedValue is the value at a place as JSON, but a text without its quotes.
func copiedValue(d *detail, n *node) string {
	all := d.record.Args
	switch d.record.Kind {
	case record.Call:
	case record.Hit:
		all = d.record.Handed.Data
	default:
		return d.record.Text + string(d.record.Why)
	}
	if n == nil {
		return string(all)
	}
	value, there := valueAt(all, n.at)
	if !there {
		return ""
	}
	if s, isText := value.(string); isText {
		return s
	}
	return asJSON(value)
}

// valueAt is the value at a JSON Pointer in a JSON text. ok is false where there is none.
func valueAt(text []byte, at string) (value any, ok bool) {
	whole, err := schema.Decode(text)
	tokens, isPointer := schema.Tokens(at)
	if err != nil || !isPointer {
		return nil, false
	}
	return schema.Lookup(whole, tokens)
}

// asJSON is a value as indented JSON.
func asJSON(value any) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if e.Encode(value) != nil {
		return ""
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func copiedPointer(_ *detail, n *node) string {
	if n == nil {
		return ""
	}
	return n.at
}

func copiedRecord(d *detail, _ *node) string {
	line, err := record.Encode(d.record)
	if err != nil {
		return ""
	}
	return string(line)
}

// copiedFinding is the text of the findings at a place or, where the place has none, of all
// the record's findings.
func copiedFinding(d *detail, n *node) string {
	found := d.record.Findings
	if n != nil && len(n.findings) > 0 {
		found = n.findings
	}
	var b strings.Builder
	for _, f := range found {
		fmt.Fprintf(&b, "%s (%s)", f.Rule, f.Severity)
		if f.At != "" {
			fmt.Fprintf(&b, " at %s", f.At)
		}
		fmt.Fprintf(&b, "\n%s\n", f.Message)
		for _, fact := range []struct{ name, text string }{{"Expected: ", f.Expected}, {"Found: ", f.Actual}, {"Demanded by: ", f.Demand}} {
			if fact.text != "" {
				b.WriteString(fact.name + fact.text + "\n")
			}
		}
		if by := d.accepted[f]; by != nil {
			fmt.Fprintf(&b, "Accepted by the plan until %s%s\n", by.Last(), by.Why())
		}
	}
	if b.Len() == 0 {
		return ""
	}
	fmt.Fprintf(&b, "%s, %s, record %s\n", d.record.URL, d.record.Time, d.record.ID)
	return b.String()
}
