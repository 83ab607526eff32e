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

// A prompt is the line at the bottom in which questions are answered.
type prompt struct {
	field   *tview.InputField
	asking  *question          // nil while nothing is asked
	typed   *filtering         // nil while no filter is typed
	history map[topic][]string // answers to questions, the newest last
}

func newPrompt() *prompt {
	p := &prompt{history: map[topic][]string{}}
	p.field = tview.NewInputField().
		SetLabelStyle(tcell.StyleDefault.Bold(true)).
		SetFieldStyle(tcell.StyleDefault).
		SetPlaceholderStyle(tcell.StyleDefault.Dim(true)).
		SetChangedFunc(p.edited)
	p.field.SetBackgroundColor(tcell.ColorDefault)
	return p
}

// ask asks a question.
func (p *prompt) ask(q *question) {
	p.asking = nil // or setting the text would be taken for typing
	p.field.SetLabel(" " + q.label).SetPlaceholder(q.hint).SetText(q.text)
	p.asking = q
	q.back = 0
	q.suggest(q.text, "")
	p.field.Focus(nil)
}

// answered ends the question, and goes back to the one that it interrupted.
func (p *prompt) answered() {
	if q := p.asking; q != nil && q.under != nil {
		p.ask(q.under)
		return
	}
	p.asking, p.typed = nil, nil
	p.field.Blur()
}

// answer is what Enter does: it ends the question with what was typed.
func (p *prompt) answer() {
	q, text := p.asking, strings.TrimSpace(p.field.GetText())
	p.answered()
	p.remember(q.about, text)
	switch {
	case text != "":
		q.done(text)
	case q.nothing != nil:
		q.nothing()
	}
}

// edited takes in that the text has changed.
func (p *prompt) edited(text string) {
	q := p.asking
	if q == nil {
		return
	}
	q.suggest(text, "")
	if q.changed != nil {
		q.changed(text)
	}
}

// otherAnswer is what ^R does: it switches between the two ways of doing what is asked about,
// where there are two.
func (p *prompt) otherAnswer() {
	if p.asking.other != nil {
		p.asking.other()
	}
}

// remember keeps an answer, to be gone back to.
func (p *prompt) remember(about topic, text string) {
	if text == "" {
		return
	}
	all := append(slices.DeleteFunc(p.history[about], func(s string) bool { return s == text }), text)
	p.history[about] = all[max(0, len(all)-maxHistory):]
}

// earlier puts in the answer that was given before the one that is there, or after it.
// After the last one comes what was typed.
func (p *prompt) earlier(direction int) {
	q, all := p.asking, p.history[p.asking.about]
	back := q.back + direction
	if back < 0 || back > len(all) {
		return
	}
	if q.back == 0 {
		q.typed = p.field.GetText()
	}
	q.back = back
	if text := q.typed; back == 0 {
		p.field.SetText(text)
	} else {
		p.field.SetText(all[len(all)-back])
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
func (p *prompt) suggestAgain(q *question) {
	if p.asking != q || q.taken >= 0 {
		return
	}
	early := q.early
	if q.suggest(p.field.GetText(), ""); early != 0 {
		p.complete(early)
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
func (p *prompt) complete(direction int) {
	q := p.asking
	if q.taken < 0 {
		if before, after := p.aroundCursor(); after != "" {
			q.suggest(before, after)
		}
	}
	text, ok := q.next(direction)
	if !ok {
		q.early = direction
		return
	}
	now := q.completion
	p.putText(text, now.rest)
	if len(now.suggestions) > 1 {
		q.completion = now
	}
}

// aroundCursor is the text before the cursor and that behind it. The field only tells
// by what it deletes.
func (p *prompt) aroundCursor() (before, after string) {
	asking, all := p.asking, p.field.GetText()
	p.asking = nil // this is no answer
	p.field.InputHandler()(tcell.NewEventKey(tcell.KeyCtrlK, 0, tcell.ModNone), func(tview.Primitive) {})
	before = p.field.GetText()
	after = strings.TrimPrefix(all, before)
	p.putText(before, after)
	p.asking = asking
	return before, after
}

// putText puts a text into the field, with the cursor before the rest of it.
func (p *prompt) putText(before, after string) {
	p.field.SetText(before + after)
	for range uniseg.GraphemeClusterCount(after) {
		p.field.InputHandler()(tcell.NewEventKey(tcell.KeyLeft, 0, tcell.ModNone), func(tview.Primitive) {})
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
