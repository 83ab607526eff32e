package tui

import (
	"slices"
	"strings"
	"unicode"

	"github.com/gdamore/tcell/v2"
	"github.com/rivo/tview"
	"github.com/rivo/uniseg"

	"userlike-inspector/nativehost/internal/filter"
)

// A question asks the user for a text, in the line at the bottom. Whatever is asked, ↑ brings
// back earlier answers, and Tab completes what is typed where that is possible.
type question struct {
	in      place             // inFilter or inPrompt
	about   topic             // what it is about: earlier answers about the same can be brought back
	label   string            // what is asked for
	hint    string            // what to type, shown while the line is empty
	text    string            // what is in the line at first
	note    func() string     // says above the line how it will be done; nil for nothing
	other   func()            // ^R: do it in the other way; nil if there is none
	changed func(text string) // called with each change; nil for nothing
	done    func(text string) // called at Enter, if the line is not empty; nil for a filter, whose Enter is keepFilter
	nothing func()            // called at Enter, if the line is empty; nil if that is no answer
	ofHelp  bool              // it is asked while the help is shown, and about it
	under   *question         // the question that it interrupted, asked again afterwards; nil for none

	// complete tells how the text before the cursor can go on, and from where in it; nil if
	// nothing can be suggested. When more is known later, call suggestAgain.
	complete func(before string) (from int, all []filter.Suggestion)
	completion

	back  int    // which earlier answer is in the line: 1 is the newest, 0 for none
	typed string // the text before the first of them was brought back
}

// A topic is what a question is about. Questions about the same share their history.
type topic int

const (
	aboutFilters topic = iota
	aboutTexts         // to find
	aboutMarks
	aboutEvents
	aboutPlans
	aboutRecordings
	aboutFiles // to write
)

// maxHistory is how many answers about one topic are kept.
const maxHistory = 100

// A completion is how the text can go on.
type completion struct {
	suggestions []filter.Suggestion
	taken       int    // the suggestion that Tab has put in, -1 for none
	stem        string // the text that the suggestions complete
	from        int    // where in stem a suggestion is put
	rest        string // the text behind the cursor, which completing does not change
	early       int    // the direction of a Tab that was pressed before there were suggestions, 0 for none
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
	a.asking = nil // or setting the text would be taken for typing
	a.field.SetLabel(" " + q.label).SetPlaceholder(q.hint).SetText(q.text)
	a.asking = q
	q.back = 0
	q.suggest(q.text, "")
	a.field.Focus(nil)
}

// answered ends the question, and goes back to the one that it interrupted.
func (a *app) answered() {
	if q := a.asking; q != nil && q.under != nil {
		a.ask(q.under)
		return
	}
	a.asking, a.typed = nil, nil
	a.field.Blur()
}

// answer is what Enter does: it ends the question with what was typed.
func (a *app) answer() {
	q, text := a.asking, strings.TrimSpace(a.field.GetText())
	a.answered()
	a.remember(q.about, text)
	switch {
	case text != "":
		q.done(text)
	case q.nothing != nil:
		q.nothing()
	}
}

// edited takes in that the text has changed.
func (a *app) edited(text string) {
	q := a.asking
	if q == nil {
		return
	}
	q.suggest(text, "")
	if q.changed != nil {
		q.changed(text)
	}
}

// remember keeps an answer, to be gone back to.
func (a *app) remember(about topic, text string) {
	if text == "" {
		return
	}
	all := append(slices.DeleteFunc(a.history[about], func(s string) bool { return s == text }), text)
	a.history[about] = all[max(0, len(all)-maxHistory):]
}

// earlier puts in the answer that was given before the one that is there, or after it.
// After the last one comes what was typed.
func (a *app) earlier(direction int) {
	q, all := a.asking, a.history[a.asking.about]
	back := q.back + direction
	if back < 0 || back > len(all) {
		return
	}
	if q.back == 0 {
		q.typed = a.field.GetText()
	}
	q.back = back
	if text := q.typed; back == 0 {
		a.field.SetText(text)
	} else {
		a.field.SetText(all[len(all)-back])
	}
}

// suggest looks for ways to go on between two parts of the text.
func (q *question) suggest(before, rest string) {
	q.completion = completion{taken: -1, stem: before, rest: rest}
	if q.complete == nil {
		return
	}
	q.from, q.suggestions = q.complete(before)
	// What is complete already is no suggestion.
	q.suggestions = slices.DeleteFunc(q.suggestions, func(s filter.Suggestion) bool { return s.Text == before[q.from:] })
}

// suggestAgain looks for ways to go on once more is known, if the question is still asked
// and the user is not going through the suggestions.
func (a *app) suggestAgain(q *question) {
	if a.asking != q || q.taken >= 0 {
		return
	}
	early := q.early
	if q.suggest(a.field.GetText(), ""); early != 0 {
		a.complete(early)
	}
}

// next is the text with the next suggestion in it, or the one before.
func (c *completion) next(direction int) (text string, ok bool) {
	n := len(c.suggestions)
	if n == 0 {
		return "", false
	}
	if c.taken < 0 && direction < 0 {
		c.taken = 0
	}
	c.taken = (c.taken + direction + n) % n
	return c.stem[:c.from] + c.suggestions[c.taken].Text, true
}

// complete puts a suggestion in at the cursor. Where there is only one, what can
// come after it is suggested at once.
func (a *app) complete(direction int) {
	q := a.asking
	if q.taken < 0 {
		if before, after := a.aroundCursor(); after != "" {
			q.suggest(before, after)
		}
	}
	text, ok := q.next(direction)
	if !ok {
		q.early = direction
		return
	}
	now := q.completion
	a.putText(text, now.rest)
	if len(now.suggestions) > 1 {
		q.completion = now
	}
}

// aroundCursor is the text before the cursor and that behind it. The field only tells
// by what it deletes.
func (a *app) aroundCursor() (before, after string) {
	asking, all := a.asking, a.field.GetText()
	a.asking = nil // this is no answer
	a.field.InputHandler()(tcell.NewEventKey(tcell.KeyCtrlK, 0, tcell.ModNone), func(tview.Primitive) {})
	before = a.field.GetText()
	after = strings.TrimPrefix(all, before)
	a.putText(before, after)
	a.asking = asking
	return before, after
}

// putText puts a text into the field, with the cursor before the rest of it.
func (a *app) putText(before, after string) {
	a.field.SetText(before + after)
	for range uniseg.GraphemeClusterCount(after) {
		a.field.InputHandler()(tcell.NewEventKey(tcell.KeyLeft, 0, tcell.ModNone), func(tview.Primitive) {})
	}
}

// beginning are those of texts that begin with one, whatever the case, as suggestions for
// the whole line.
func beginning(with string, texts []string) (from int, all []filter.Suggestion) {
	for _, s := range texts {
		if strings.HasPrefix(lowered(s), lowered(with)) && onlyVisible(s) == s {
			all = append(all, filter.Suggestion{Text: s})
		}
	}
	return 0, all
}

// onlyVisible is pasted text with escapes for what can't be seen, and without line breaks.
func onlyVisible(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, visible(strings.TrimSpace(s)))
}
