package tui

import (
	"strings"
	"unicode"

	"github.com/gdamore/tcell/v2"
	"github.com/rivo/tview"

	"userlike-inspector/nativehost/internal/store"
)

// A filter says which records are listed. The zero filter lets all through.
type filter struct {
	text string // somewhere in the record, whatever the case
}

// parseFilter reads what was typed after "/".
func parseFilter(s string) filter { return filter{text: strings.TrimSpace(s)} }

// query narrows a query to what the filter lets through.
func (f filter) query(q store.Query) store.Query {
	q.Text = f.text
	return q
}

// newFilterField is the line in which a filter is typed.
func newFilterField(changed func(text string)) *tview.InputField {
	field := tview.NewInputField().
		SetLabel(" /").
		SetLabelStyle(tcell.StyleDefault.Bold(true)).
		SetFieldStyle(tcell.StyleDefault).
		SetPlaceholder("text in the event, the site, the findings or the arguments").
		SetPlaceholderStyle(tcell.StyleDefault.Dim(true)).
		SetChangedFunc(changed)
	field.SetBackgroundColor(tcell.ColorDefault)
	return field
}

// onlyVisible leaves out of pasted text what can't be seen.
func onlyVisible(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, visible(strings.TrimSpace(s)))
}
