package tui

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"userlike-inspector/nativehost/internal/plan"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/schema"
)

// A detail is the pane that shows everything about one record. Boards use its ways to lay out
// text for the pane below their list, and then it has no record.
type detail struct {
	*lines
	row      int64                      // of the record in the store; 0 is none, or that it is to be read again
	*reading                            // the record; nil without one
	docs     map[string]schema.DocEvent // the documented events, by name
	raw      bool                       // it shows the record as JSON

	toFinding int // which finding of the next record the cursor goes to: 1 is the first, -1 the last, 0 none
}

// documentedEvents are the documented events by name.
func documentedEvents() map[string]schema.DocEvent {
	events := map[string]schema.DocEvent{}
	for _, e := range schema.Catalogue().Events {
		events[e.Name] = e
	}
	return events
}

// take shows a record that has been read, nil for none, and goes to the finding that was asked
// for before.
func (d *detail) take(row int64, one *reading) {
	if d.reading != nil && one != nil && d.record.ID == one.record.ID && len(d.all) > 0 { // the same record, with new findings
		d.showAgain(row, one)
	} else {
		d.show(row, one)
	}
	if d.toFinding < 0 {
		d.cursor = len(d.all)
	}
	for ; d.toFinding > 0 && d.finding(1); d.toFinding-- {
	}
	for ; d.toFinding < 0 && d.finding(-1); d.toFinding++ {
	}
	d.toFinding = 0
}

// show lays out another record, nil for none. Its tree has been made in the background,
// because it can be large.
func (d *detail) show(row int64, one *reading) {
	d.row, d.reading = row, one
	d.cursor, d.top = 0, 0
	d.layout()
}

// showAgain lays out the same record again, with new findings or hits. What the user has
// folded stays folded, and the cursor stays on its line.
func (d *detail) showAgain(row int64, one *reading) {
	if d.tree != nil && one.tree != nil {
		for at, n := range one.tree.byAt {
			if before := d.tree.byAt[at]; before != nil && before.chosen {
				n.open, n.chosen = before.open, true
			}
		}
	}
	d.move(0) // the cursor may be behind the last line, as take puts it for N
	cursor, top, on := d.cursor, d.top, d.all[d.cursor]
	d.show(row, one)
	if on.node != nil {
		d.goTo(one.tree.byAt[on.node.at])
	}
	same := func(i int) bool { return i >= 0 && i < len(d.all) && slices.Equal(d.all[i].spans, on.spans) }
	for n := range d.all { // several lines may read the same; take the nearest
		if same(cursor + n) {
			d.cursor = cursor + n
			break
		}
		if same(cursor - n) {
			d.cursor = cursor - n
			break
		}
	}
	d.top = max(0, top+d.cursor-cursor)
}

// resize lays the record out again if the pane's width has changed. Lines are broken at other
// places then, so it counts whole ones to keep the cursor where it was.
func (d *detail) resize(cells int) {
	if d.cells == cells {
		return
	}
	cursor, n := d.cursor, -1 // n is the index of the cursor's line if none were broken
	for _, l := range d.all[:min(cursor+1, len(d.all))] {
		if !l.more {
			n++
		}
	}
	d.cells = cells
	d.layout()
	for i, l := range d.all {
		if !l.more {
			n--
		}
		if n < 0 {
			d.cursor = i
			break
		}
	}
	d.top = max(0, d.top+d.cursor-cursor)
}

// layout makes the lines from the record, given what is folded.
func (d *detail) layout() {
	d.all = nil
	if d.reading == nil {
		return
	}
	switch {
	case d.raw:
		d.asJSON()
	case d.record.Kind == record.Call:
		d.call()
		d.circumstances()
	case d.record.Kind == record.Hit:
		d.hit()
		d.circumstances()
	default:
		for _, s := range explain(d.record) {
			d.text(plain, s)
		}
		for _, f := range d.record.Findings {
			d.judgement(f, 0)
		}
		d.undecided()
		d.circumstances()
	}
	d.move(0)
}

// call lays out a call: its meaning, a summary of its findings, where it went, its arguments
// with the findings in full, and the function that was called.
func (d *detail) call() {
	d.tester()
	name := d.record.EventName()
	if e, ok := d.docs[name]; ok {
		d.text(plain, e.Description)
		if len(e.Needs) > 0 {
			d.text(faint, "Comes after "+strings.Join(e.Needs, " or ")+".")
		}
		if len(e.Then) > 0 {
			d.text(faint, fmt.Sprintf("Followed by %s within %s.", strings.Join(e.Then, " or "), e.Within))
		}
	} else {
		d.text(plain, "This event is not documented.")
	}
	d.overview()
	d.wentTo()
	d.branches()
	if len(d.hits) == 0 && !d.beside {
		d.fact("went to", d.wentNowhere())
	}
	if h := d.record.Handled; h != nil {
		d.fact("handler", handlerState[h.State])
		if h.Threw != "" {
			d.add(line{spans: []span{{isError, d.theme.bad + " it threw "}, {plain, h.Threw}}})
		}
	}
}

// tester says that a simulation caused the record, if it did.
func (d *detail) tester() {
	if d.record.Simulated {
		d.add(line{spans: []span{{isInfo, d.theme.tester + " " + byTester}}})
	}
}

// branches lays out the tree of arguments or data.
func (d *detail) branches() {
	for _, f := range d.tree.root.findings {
		d.judgement(f, 0)
	}
	for _, n := range d.tree.root.children {
		d.branch(n, 0)
	}
}

// handlerState is what to say of the page's own function at the time of a call.
var handlerState = map[record.HandlerState]string{
	record.Assigned: "the page had assigned a function to userlikeTrackingEvent",
	record.Declared: "the page had declared the function userlikeTrackingEvent",
	record.StandIn:  "the page had no function; the stand-in took the call",
}

// overview lists the findings, each on a line from which Enter goes to its place.
func (d *detail) overview() {
	for _, f := range d.record.Findings {
		glyph, st := d.sign(f)
		at := f.At
		if at == "" {
			at = "the call"
		}
		text := "  " + f.Message
		if f.Expected != "" || f.Actual != "" {
			text = fmt.Sprintf("  expected %s, found %s", f.Expected, f.Actual)
		}
		d.add(line{jumps: true, jump: f.At, rule: f.Rule,
			spans: []span{{st, glyph + " " + f.Rule + " "}, {isKey, at}, {plain, text}}})
	}
	d.undecided()
}

// undecided lists what may still be found on the record.
func (d *detail) undecided() {
	for _, o := range d.open {
		says := "pending: " + o.Rule + " is found " + o.Why
		if !o.Until.IsZero() {
			says += ", decided by " + o.Until.In(d.theme.now().Location()).Format("15:04:05")
		}
		for i, s := range d.wrap(says, d.cells-2) {
			glyph := d.theme.pending
			if i > 0 {
				glyph = " "
			}
			d.add(line{spans: []span{{isPending, glyph + " "}, {plain, s}}, more: i > 0})
		}
	}
}

// acceptance is the plan's acceptance of a finding, nil if it does not accept it.
func (d *detail) acceptance(f record.Finding) *plan.Acceptance {
	if d.reading == nil {
		return nil
	}
	return d.accepted[f]
}

// sign is the sign of a finding's severity, or of an accepted finding.
func (d *detail) sign(f record.Finding) (glyph string, st style) {
	if d.acceptance(f) != nil {
		return d.theme.other, faint
	}
	return d.theme.severity(f.Severity)
}

// branch lays out a node, its findings and, if it is unfolded, what is in it.
func (d *detail) branch(n *node, depth int) {
	indent := strings.Repeat("  ", min(depth, 20))
	value, kind := n.says()
	marker := "  "
	var rest []string // a long value that is unfolded, as lines below the node's own
	n.long = false
	name := clip(visible(d.theme.head(n.name, maxSpan)), d.cells/2, d.theme.ellipsis)
	if room := max(d.cells-len(indent)-width(name)-len(kind)-6, 8); n.branch() {
		marker = d.marker(n)
	} else if len(value) > room {
		short := visible(d.theme.head(value, maxSpan))
		if n.long = width(short) > room; n.long {
			marker = d.marker(n)
			if n.open {
				rest, short = wrap(visible(d.theme.head(value, maxValue)), d.cells-len(indent)-4), ""
			}
		}
		value = clip(short, room, d.theme.ellipsis)
	}
	spans := []span{{faint, indent + marker}, {isKey, name}, {plain, ": "}}
	if value == "missing" && kind == "" {
		spans = append(spans, span{isError, value})
	} else {
		spans = append(spans, span{plain, value})
	}
	spans = append(spans, span{faint, "  " + kind})
	for _, c := range n.carries {
		spans = append(spans, span{isInfo, "  " + d.theme.from + " " + carriedField(c)})
	}
	if n.branch() && !n.open && n.worst != "" {
		glyph, st := d.theme.severity(n.worst)
		spans = append(spans, span{st, "  " + glyph})
	}
	d.add(line{spans: spans, node: n})
	for _, s := range rest {
		d.add(line{spans: []span{{plain, indent + "    " + s}}, node: n, more: true})
	}
	for _, f := range n.findings {
		d.judgement(f, len(indent)+4)
	}
	if n.open {
		for _, c := range n.children {
			d.branch(c, depth+1)
		}
	}
}

func (d *detail) marker(n *node) string {
	if n.open {
		return d.theme.unfolded + " "
	}
	return d.theme.folded + " "
}

// judgement lays out a finding in full, indented by so many cells.
func (d *detail) judgement(f record.Finding, indent int) {
	glyph, st := d.sign(f)
	space := strings.Repeat(" ", indent)
	inner := d.cells - indent - 2
	var at *node
	if d.reading != nil && d.tree != nil {
		at = d.tree.byAt[f.At]
	}
	for i, s := range d.wrap(f.Rule+": "+f.Message, inner) {
		l := line{spans: []span{{plain, space + "  " + s}}, node: at, rule: f.Rule, more: i > 0}
		if i == 0 {
			rest, _ := strings.CutPrefix(s, f.Rule)
			l.spans = []span{{st, space + glyph + " " + s[:len(s)-len(rest)]}, {plain, rest}}
			l.finding = true
		}
		d.add(l)
	}
	if by := d.acceptance(f); by != nil {
		for i, s := range d.wrap("the plan accepts it until "+by.Last()+by.Why(), inner) {
			d.add(line{spans: []span{{isGood, space + "  " + s}}, node: at, more: i > 0})
		}
	}
	var facts []string
	for _, fact := range []struct{ name, text string }{
		{"expected ", f.Expected}, {"found ", f.Actual}, {"demanded by ", f.Demand},
	} {
		if fact.text != "" {
			facts = append(facts, fact.name+fact.text)
		}
	}
	if len(facts) > 0 {
		for i, s := range d.wrap(strings.Join(facts, " "+d.theme.dot+" "), inner) {
			d.add(line{spans: []span{{faint, space + "  " + s}}, node: at, more: i > 0})
		}
	}
}

// circumstances lays out where and when the record was made.
func (d *detail) circumstances() {
	r := d.record
	d.fact("page", r.Title)
	d.fact("url", r.URL)
	if r.TopURL != r.URL {
		d.fact("inside", r.TopURL)
	}
	var where []string
	if b := r.Browser; b != nil {
		where = append(where, b.Name+" "+b.Version)
	}
	if r.Tab != nil {
		where = append(where, "tab "+strconv.Itoa(*r.Tab))
	}
	if r.Frame != nil && *r.Frame != 0 {
		where = append(where, "frame "+strconv.Itoa(*r.Frame))
	}
	d.fact("browser", strings.Join(where, " "+d.theme.dot+" "))
	d.fact("time", d.theme.stamp(r.Time))
	d.fact("record", r.ID)
}

// fact lays out a name with its value, unless the value is empty.
func (d *detail) fact(name, text string) {
	if text == "" {
		return
	}
	for i, s := range d.wrap(text, d.cells-9) {
		if i > 0 {
			name = ""
		}
		d.add(line{spans: []span{{faint, pad(name, 9, "")}, {plain, s}}, more: i > 0})
	}
}

// text lays out a text in a style.
func (d *detail) text(st style, s string) {
	for i, s := range d.wrap(s, d.cells) {
		d.add(line{spans: []span{{st, s}}, more: i > 0})
	}
}

// wrap breaks a text into lines. The text may come from anywhere.
func (d *detail) wrap(s string, cells int) []string {
	return wrap(visible(d.theme.head(s, maxSpan)), cells)
}

func (d *detail) add(l line) { d.all = append(d.all, l) }

// fold folds or unfolds the node under the cursor. Folding what can't be folded any more goes
// up to the node that it is in.
func (d *detail) fold(open bool) {
	if d.reading == nil || len(d.all) == 0 || d.all[d.cursor].node == nil {
		return
	}
	n := d.all[d.cursor].node
	switch {
	case open:
		n.open, n.chosen = true, true
	case n.open && (n.branch() || n.long):
		n.open, n.chosen = false, true
	case n.parent != nil && n.parent != d.tree.root:
		n = n.parent
	}
	d.layout()
	d.goTo(n)
}

// enter goes to the place of the finding on the cursor's line, or folds or unfolds its node.
func (d *detail) enter() {
	if d.reading == nil || len(d.all) == 0 {
		return
	}
	l := d.all[d.cursor]
	switch {
	case l.jumps:
		n := d.tree.byAt[l.jump]
		if n == nil {
			n = d.tree.root
		}
		for up := n; up != nil; up = up.parent {
			up.open = true
		}
		d.layout()
		d.goTo(n)
	case l.node != nil:
		l.node.open, l.node.chosen = !l.node.open, true
		d.layout()
		d.goTo(l.node)
	}
}

// goTo moves the cursor to a node's first line.
func (d *detail) goTo(n *node) {
	for i, l := range d.all {
		if l.node == n {
			d.cursor = i
			return
		}
	}
}
