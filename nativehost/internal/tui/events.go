package tui

import (
	"strconv"
	"strings"
	"time"

	"github.com/gdamore/tcell/v2"
	"github.com/rivo/tview"

	"userlike-inspector/nativehost/internal/journey"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/words"
)

// events is the table of what was recorded. A row is named by its number in the store, never
// by its place in the table, which changes when a search finds older ones.
type events struct {
	tview.TableContentReadOnly // what a table needs that is only shown
	theme                      *theme

	*eventList       // which rows are listed, and the cursor
	cache      cache // what is known of the rows that were on the screen lately

	table *tview.Table
	top   int64        // the row at the top of the table
	cells [columns]int // the columns' widths; 0 is not shown
	below []demand     // told below the events
}

func newEvents(t *theme) *events {
	e := &events{theme: t, eventList: newEventList(), table: newTable()}
	e.table.SetFixed(1, 0).SetContent(e)
	return e
}

// draw draws the table into a rectangle. It looks up only the rows that are seen there.
func (e *events) draw(screen tcell.Screen, x, y, cells, rows int, focused bool) {
	e.settle()
	e.measure(cells)
	e.cache.missing = e.cache.missing[:0]
	e.below = e.lacking()
	e.table.SetRect(x, y, cells, rows)
	e.table.SetSelectedStyle(cursorStyle(focused))
	at, all := e.list.find(e.cursor), e.GetRowCount()
	offset := min(e.list.find(e.top), all-rows)
	if at == e.list.count()-1 { // what is below it belongs to it
		offset = all - rows
	}
	e.table.SetOffset(max(0, offset), 0)
	e.table.Select(at+1, 0)
	e.table.Draw(screen)
	if offset, _ := e.table.GetOffset(); offset < e.list.count() {
		e.top = e.list.at(offset)
	}
}

// The columns of the table.
const (
	signColumn = iota // of the verdict, first: a window may be too narrow for the rest of it
	timeColumn
	siteColumn // and tab
	eventColumn
	verdictColumn
	columns
)

// measure shares the width out among the columns; what is left is the verdict's.
func (e *events) measure(cells int) {
	timeCells, site, event := 8, 13, 28
	if cells >= wide-2 {
		timeCells, site, event = 12, 24, 30
	}
	if cells < narrowest { // the verdict matters more than the site
		site, event = 0, min(cells/3, 24)
	}
	rest := max(cells-1-timeCells-site-event-(columns-1), 8)
	e.cells = [columns]int{1, timeCells, site, event, rest}
}

// GetRowCount, GetColumnCount and GetCell make the list of events the table's content. The
// table asks only for the cells that are on the screen. Its row 0 is the titles.
func (e *events) GetRowCount() int    { return e.list.count() + 1 + len(e.below) }
func (e *events) GetColumnCount() int { return columns }
func (e *events) GetCell(row, column int) *tview.TableCell {
	if row < 0 || row >= e.GetRowCount() || column < 0 || column >= columns {
		return nil
	}
	cells := e.cells[column]
	if i := row - 1 - e.list.count(); i >= 0 {
		return newCell(e.theme.paint(e.lack(e.below[i], column), cells)).SetSelectable(false)
	}
	if row == 0 {
		title := [columns]string{"", "TIME", "SITE", "EVENT", "VERDICT"}[column]
		if column == timeColumn && e.times == timesBetween {
			title = "AFTER"
		}
		if column == siteColumn && cells > 0 && e.roomy() {
			title = "SITE, TAB"
		}
		return newCell(e.theme.paint([]span{{faint, pad(title, cells, "")}}, cells)).SetSelectable(false)
	}
	r := e.cache.get(e.list.at(row - 1))
	if r == nil {
		return newCell(e.theme.paint([]span{{faint, e.theme.ellipsis}}, cells))
	}
	if column == siteColumn && e.sameSite(row, r) {
		return newCell("")
	}
	return newCell(e.theme.paint(e.cell(r, column), cells))
}

// roomy tells whether the window is wide enough for milliseconds and tabs.
func (e *events) roomy() bool { return e.cells[timeColumn] > 8 }

// sameSite tells whether the row above has the same site and tab. The row at the top of the
// pane has none above it.
func (e *events) sameSite(row int, r *listed) bool {
	if offset, _ := e.table.GetOffset(); row-1 <= offset {
		return false
	}
	above := e.cache.get(e.list.at(row - 2))
	return above != nil && above.Site == r.Site && (!e.roomy() || sameTab(above.Tab, r.Tab))
}

func sameTab(a, b *int) bool { return a == b || a != nil && b != nil && *a == *b }

func (e *events) cell(r *listed, column int) []span {
	text, st := e.theme.headline(r)
	switch column {
	case signColumn:
		if e.undecided(r) {
			return []span{{isPending, e.theme.pending}}
		}
		sign, _ := e.theme.remark(r)
		return []span{sign}
	case timeColumn:
		switch e.times {
		case timesAgo:
			return []span{{quiet(st), strings.TrimSuffix(e.theme.ago(r.Time.Time), " ago")}}
		case timesBetween:
			return []span{{quiet(st), e.sinceBefore(r)}}
		}
		return []span{{quiet(st), clock(r.Time.Time, e.theme.now(), e.roomy())}}
	case siteColumn:
		where := []span{{quiet(st), withoutScheme(r.Site)}}
		if r.Tab != nil && e.roomy() {
			where = append(where, span{faint, " " + strconv.Itoa(*r.Tab)})
		}
		return where
	case eventColumn:
		return append(e.signs(r.Row.Row), span{st, text})
	}
	return e.verdict(r)
}

// undecided tells whether nothing was found on a row so far, and something still may be.
func (e *events) undecided(r *listed) bool {
	return r.Severity == 0 && len(r.accepted) == 0 && e.isPending(r)
}

// verdict is the last column: what was found, what the plan demands there, and whether a
// tester had it simulated, as far as there is room.
func (e *events) verdict(r *listed) []span {
	_, says := e.theme.remark(r)
	add := func(more ...span) {
		if len(says) > 0 {
			says = append(says, span{faint, " " + e.theme.dot + " "})
		}
		says = append(says, more...)
	}
	for _, d := range e.demanded(r.Row.Row) {
		switch {
		case d.State == journey.Missing: // the finding tells it
		case d.Event != r.Event:
			add(span{plain, d.Event + " "}, span{faint, d.standing(e.theme.now())})
		default:
			add(span{faint, d.standing(e.theme.now())})
		}
	}
	if e.undecided(r) && len(says) == 0 {
		add(span{faint, "pending"})
	}
	if r.Kind == record.Call && r.Severity == 0 && e.simulated(r.Row.Row) {
		add(span{faint, byTester})
	}
	return says
}

// lack is a row for a demand that is not met.
func (e *events) lack(d demand, column int) []span {
	sign, st := d.sign(e.theme)
	switch column {
	case signColumn:
		return []span{{st, sign}}
	case eventColumn:
		return []span{{plain, d.Event}}
	case verdictColumn:
		return []span{{plain, d.standing(e.theme.now())}}
	}
	return nil
}

// signs stand before what has happened: whether the user has bookmarked the row, or noted it
// to be compared, and whether it was simulated.
func (e *events) signs(row int64) (all []span) {
	if e.bookmarks[row] {
		all = append(all, span{strong, e.theme.bookmark + " "})
	}
	if e.noted != nil && e.noted.row == row {
		all = append(all, span{isKey, e.theme.noted + " "})
	}
	if e.simulated(row) {
		all = append(all, span{isInfo, e.theme.tester + " "})
	}
	return all
}

// sinceBefore is how long after the row above it a row came; of the first row it is the
// time.
func (e *events) sinceBefore(r *listed) string {
	i := e.list.find(r.Row.Row)
	if i == 0 {
		return clock(r.Time.Time, e.theme.now(), e.roomy())
	}
	before := e.cache.get(e.list.at(i - 1))
	if before == nil {
		return e.theme.ellipsis
	}
	return words.After(r.Time.Sub(before.Time.Time))
}

// quiet is the style of a row's other columns, given the headline's.
func quiet(st style) style {
	if st == faint {
		return faint
	}
	return plain
}

// clock is a time in a column: for the last 24 hours the time of day, for others with the
// date instead of the seconds.
func clock(t, now time.Time, wide bool) string {
	if t.IsZero() {
		return ""
	}
	t = t.In(now.Location())
	switch recent := lately(t, now); {
	case recent && wide:
		return t.Format("15:04:05.000")
	case recent:
		return t.Format("15:04:05")
	case wide:
		return t.Format("Jan _2 15:04")
	}
	return t.Format("_2 15:04")
}

// moment is a time with milliseconds, with the date unless it is of the last 24 hours.
func moment(t, now time.Time) string {
	t = t.In(now.Location())
	if lately(t, now) {
		return t.Format("15:04:05.000")
	}
	return t.Format("2006-01-02 15:04:05.000")
}

// stamp is a time in full, with its date and zone.
func stamp(t record.Time, zone *time.Location) string {
	return t.In(zone).Format("2006-01-02T15:04:05.000Z07:00")
}

func lately(t, now time.Time) bool { return now.Sub(t).Abs() < 24*time.Hour }

// withoutScheme is an address without http:// or https://, as it is shown and typed in filters.
func withoutScheme(address string) string {
	for _, scheme := range []string{"https://", "http://"} {
		if len(address) > len(scheme) && address[:len(scheme)] == scheme {
			return address[len(scheme):]
		}
	}
	return address
}
