package tui

import (
	"strings"
	"unicode"

	"github.com/gdamore/tcell/v2"
	"github.com/rivo/tview"
)

// A question is what is asked for in the line at the bottom.
type question struct {
	in      place // inFilter or inPrompt
	label   string
	hint    string // what to type, as long as nothing is there
	text    string // what is there at first
	changed func(text string)
	done    func(text string) // at Enter; the filter's are its own
}

// newField is the line in which questions are answered.
func newField(changed func(string)) *tview.InputField {
	field := tview.NewInputField().
		SetLabelStyle(tcell.StyleDefault.Bold(true)).
		SetFieldStyle(tcell.StyleDefault).
		SetPlaceholderStyle(tcell.StyleDefault.Dim(true)).
		SetChangedFunc(changed)
	field.SetBackgroundColor(tcell.ColorDefault)
	return field
}

// ask asks a question.
func (a *app) ask(q *question) {
	a.asking = nil // setting the text is no answer
	a.field.SetLabel(" " + q.label).SetPlaceholder(q.hint).SetText(q.text)
	a.asking = q
	a.field.Focus(nil)
}

// answered ends the question.
func (a *app) answered() {
	a.asking, a.typed = nil, nil
	a.field.Blur()
}

// answer takes what was typed.
func (a *app) answer() {
	q, text := a.asking, strings.TrimSpace(a.field.GetText())
	a.answered()
	if text != "" {
		q.done(text)
	}
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
