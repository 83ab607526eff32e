package tui

import (
	"strconv"
	"strings"
	"time"

	"github.com/gdamore/tcell/v2"
	"github.com/rivo/tview"

	"userlike-inspector/nativehost/internal/record"
)

// events is the table of what was recorded. Rows are told apart by their
// number in the store, never by where they are in the table: that changes
// while a search finds older ones.
type events struct {
	tview.TableContentReadOnly
	theme *theme
	now   func() time.Time

	*eventList
	cache    cache
	relative bool // times are how long ago something was

	table   *tview.Table
	top     int64 // the row at the top of the table
	columns [5]int
}

func newEvents(t *theme, now func() time.Time) *events {
	e := &events{theme: t, now: now, eventList: newEventList(), table: newTable()}
	e.table.SetFixed(1, 0).SetContent(e)
	return e
}

// draw draws the table into a rectangle, reading nothing but what is in it.
func (e *events) draw(screen tcell.Screen, x, y, cells, rows int, focused bool) {
	e.settle()
	e.measure(cells)
	e.cache.missing = e.cache.missing[:0]
	e.table.SetRect(x, y, cells, rows)
	e.table.SetSelectedStyle(cursorStyle(focused))
	e.table.SetOffset(max(0, min(e.list.find(e.top), e.list.count()+1-rows)), 0)
	e.table.Select(e.list.find(e.cursor)+1, 0)
	e.table.Draw(screen)
	if offset, _ := e.table.GetOffset(); offset < e.list.count() {
		e.top = e.list.at(offset)
	}
}

// measure shares out the width: time, site and tab, event and, the rest, the verdict.
func (e *events) measure(cells int) {
	timeCells, site, event := 8, 13, 28
	if cells >= wide-2 {
		timeCells, site, event = 12, 24, 30
	}
	rest := max(cells-timeCells-site-event-5, 8)
	e.columns = [5]int{timeCells, site, event, rest, 0}
}

// GetRowCount, GetColumnCount and GetCell make the listing the table's
// content. The table asks for the cells that are on the screen alone.
func (e *events) GetRowCount() int    { return e.list.count() + 1 }
func (e *events) GetColumnCount() int { return 4 }
func (e *events) GetCell(row, column int) *tview.TableCell {
	if row < 0 || row > e.list.count() || column < 0 || column > 3 {
		return nil
	}
	cells := e.columns[column]
	if row == 0 {
		title := [...]string{"TIME", "SITE", "EVENT", "VERDICT"}[column]
		if column == 1 && e.roomy() {
			title = "SITE, TAB"
		}
		return newCell(e.theme.paint([]span{{faint, pad(title, cells, "")}}, cells)).SetSelectable(false)
	}
	r := e.cache.get(e.list.at(row - 1))
	if r == nil {
		return newCell(e.theme.paint([]span{{faint, e.theme.ellipsis}}, cells))
	}
	return newCell(e.theme.paint(e.cell(r, column), cells))
}

// roomy tells whether there is room for what is not told in narrow windows.
func (e *events) roomy() bool { return e.columns[0] > 8 }

func (e *events) cell(r *listed, column int) []span {
	text, st := e.theme.headline(r)
	switch column {
	case 0:
		if e.relative {
			return []span{{quiet(st), strings.TrimSuffix(ago(r.Time.Time, e.now()), " ago")}}
		}
		return []span{{quiet(st), clock(r.Time.Time, e.now(), e.roomy())}}
	case 1:
		where := []span{{quiet(st), site(r.Site)}}
		if r.Tab != nil && e.roomy() {
			where = append(where, span{faint, " " + strconv.Itoa(*r.Tab)})
		}
		return where
	case 2:
		if e.simulated(r.Row.Row) {
			return []span{{isInfo, e.theme.tester + " "}, {st, text}}
		}
		return []span{{st, text}}
	}
	if r.Kind == record.Call && r.Severity == 0 && e.simulated(r.Row.Row) { // there is room to say it
		return append(e.theme.remark(r), span{faint, " " + byTester})
	}
	return e.theme.remark(r)
}

// quiet is the style of what stands beside a headline.
func quiet(st style) style {
	if st == faint {
		return faint
	}
	return plain
}

// clock is a time as there is room for it: of the last day the time, of others
// the month's day too.
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

// moment is a time in full, without its day where that goes without saying.
func moment(t, now time.Time) string {
	t = t.In(now.Location())
	if lately(t, now) {
		return t.Format("15:04:05.000")
	}
	return t.Format("2006-01-02 15:04:05.000")
}

// stamp is a time in full, with its day and zone: that of the lists.
func stamp(t record.Time, zone *time.Location) string {
	return t.In(zone).Format("2006-01-02T15:04:05.000Z07:00")
}

func lately(t, now time.Time) bool { return now.Sub(t).Abs() < 24*time.Hour }

// site is an origin without what every site has.
func site(origin string) string {
	for _, scheme := range []string{"https://", "http://"} {
		if len(origin) > len(scheme) && origin[:len(scheme)] == scheme {
			return origin[len(scheme):]
		}
	}
	return origin
}
