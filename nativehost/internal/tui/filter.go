package tui

import (
	"slices"
	"strconv"
	"strings"

	"github.com/gdamore/tcell/v2"
	"github.com/rivo/tview"
	"github.com/rivo/uniseg"

	"userlike-inspector/nativehost/internal/filter"
	"userlike-inspector/nativehost/internal/record"
)

// A filtering is the filter that is being typed.
type filtering struct {
	before *filter.Filter // what was in force when typing began
	cursor int64          // the row that the cursor was on
	known  filter.Known
	err    error // why what was typed is none, nil if it is

	from        int // where in the text the suggestions go
	suggestions []filter.Suggestion
	taken       int // the suggestion that Tab has put in, -1 for none
	stem        string
	rest        string // behind the cursor, which stays as it is
}

// knownRows is how many of the rows at hand are looked through for values to
// suggest.
const knownRows = 300

// newFiltering begins typing a filter.
func newFiltering(before *filter.Filter, seen []listed) *filtering {
	f := &filtering{before: before, known: filter.Documented()}
	values := filter.Known{}
	for _, r := range seen[max(0, len(seen)-knownRows):] {
		if r.Kind == record.Hit {
			values["to"] = append(values["to"], placeOf(r.Event))
			if r.hit != nil {
				values["system"] = append(values["system"], r.hit.system)
			}
		} else {
			values["event"] = append(values["event"], r.Event)
		}
		values["site"] = append(values["site"], site(r.Site))
		values["journey"] = append(values["journey"], r.Session)
		if r.Tab != nil {
			values["tab"] = append(values["tab"], strconv.Itoa(*r.Tab))
		}
	}
	for field, seen := range values {
		f.known.Add(field, seen...)
	}
	f.suggest(before.String())
	return f
}

// suggest looks for ways to go on at the end of text.
func (f *filtering) suggest(text string) {
	f.stem, f.rest, f.taken = text, "", -1
	f.from, f.suggestions = filter.Complete(text, len(text), f.known)
	// What is complete already is no suggestion.
	f.suggestions = slices.DeleteFunc(f.suggestions, func(s filter.Suggestion) bool { return s.Text == text[f.from:] })
}

// complete is the text with the next suggestion in it, or the one before.
func (f *filtering) complete(direction int) (text string, ok bool) {
	n := len(f.suggestions)
	if n == 0 {
		return "", false
	}
	if f.taken < 0 && direction < 0 {
		f.taken = 0
	}
	f.taken = (f.taken + direction + n) % n
	return f.stem[:f.from] + f.suggestions[f.taken].Text, true
}

// openFilter begins typing a filter, which is applied with every key as long
// as it is one.
func (a *app) openFilter() {
	a.show(viewEvents)
	a.typed = newFiltering(a.events.list.filter, a.events.cache.newest())
	a.typed.cursor = a.events.cursor
	replace(a.judge.asked, struct{}{})
	a.ask(&question{
		in: inFilter, label: "/", hint: "a text or event:NAME; Tab completes, F1 explains",
		text: a.events.list.filter.String(),
		changed: func(text string) {
			a.typed.suggest(text)
			a.setFilter(text)
		},
	})
}

// placed takes in which places there are, to be suggested.
func (a *app) placed(places []string) {
	if a.typed == nil {
		return
	}
	a.typed.known.Add("/", places...)
	if a.typed.taken < 0 {
		a.typed.suggest(a.field.GetText())
	}
}

// completeFilter puts a suggestion in at the cursor. Where there is only one, what can
// come after it is suggested at once.
func (a *app) completeFilter(direction int) {
	f := a.typed
	if f.taken < 0 {
		if before, after := a.aroundCursor(); after != "" {
			f.suggest(before)
			f.rest = after
		}
	}
	text, ok := f.complete(direction)
	if !ok {
		return
	}
	now := *f
	a.putText(text, f.rest)
	if len(now.suggestions) > 1 {
		now.err, *f = f.err, now
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

// keepFilter ends typing. What is no filter is not kept.
func (a *app) keepFilter() {
	if err := a.typed.err; err != nil {
		a.flash = "the filter stays as it was: " + err.Error()
	}
	a.answered()
	a.pane = inEvents // it is about these
}

func (a *app) dropFilter() {
	before, cursor := a.typed.before, a.typed.cursor
	a.answered()
	a.list(before)
	a.events.seek(cursor)
}

// setFilter lists what a filter lets through; what is none changes nothing.
func (a *app) setFilter(text string) {
	f, err := filter.Parse(text, a.opts.Now())
	if a.typed != nil {
		a.typed.err = err
	}
	if err == nil && f.String() != a.events.list.filter.String() {
		a.list(f)
	}
}

// list begins the listing of what a filter lets through. The cursor stays on
// its row if that is among it.
func (a *app) list(f *filter.Filter) {
	if a.search != nil {
		a.search.cancel()
		a.search = nil
	}
	a.events.begin(f)
	if l := &a.events.list; !l.all() {
		a.search = a.feed.search(l.wanted(), l.first, l.last, a)
	}
}
