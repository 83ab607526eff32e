package tui

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"userlike-inspector/nativehost/internal/inspect"
	"userlike-inspector/nativehost/internal/markdown"
	"userlike-inspector/nativehost/internal/plan"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/redact"
	"userlike-inspector/nativehost/internal/store"
	"userlike-inspector/nativehost/internal/words"
)

// eventsBefore is how many earlier events a ticket lists.
const eventsBefore = 10

// A ticket says what a ticket's text is made of.
type ticket struct {
	row   int64                     // of the record that it is about; 0 is none
	only  func(record.Finding) bool // which of the record's findings it is about
	plain bool                      // with the contact's values instead of pseudonyms
}

// ticketOfEvent copies the text of a ticket about the event that is shown.
func (a *app) ticketOfEvent(plain bool) {
	a.menu = 0
	a.copyTicket(ticket{a.detail.row, func(record.Finding) bool { return true }, plain})
}

// ticketOfLine copies the text of a ticket about the line under a board's cursor.
func (a *app) ticketOfLine() {
	if l := a.board().current(); l != nil && l.ticket != nil {
		a.copyTicket(*l.ticket)
		return
	}
	a.flash = "this line is about no single event; Enter lists its events, and y copies from one"
}

func (a *app) copyTicket(t ticket) {
	if t.row == 0 {
		a.flash = "this is about no single event"
		return
	}
	zone, judge := a.opts.Now().Location(), a.opts.Inspector.Judge
	a.feed.start(func() {
		text, err := a.feed.ticket(a.feed.ctx, t, func() (*redact.Redactor, error) { return a.opts.Redactor(judge) }, func(at record.Time) string { return stamp(at, zone) })
		a.feed.post(a.feed.ctx, func() {
			if err != nil {
				a.flash = "no ticket: " + words.Plain(err)
				return
			}
			what := "text of a ticket, with pseudonyms"
			if t.plain {
				what = "text of a ticket, with the contact's values"
			}
			a.copyText(what, text)
		})
	})
}

// ticket makes a ticket's text, in Markdown. redactor is called if pseudonyms are wanted, and
// when writes times.
func (f *feed) ticket(ctx context.Context, t ticket, redactor func() (*redact.Redactor, error), when func(record.Time) string) (string, error) {
	one, _, err := f.read(ctx, t.row)
	if err != nil {
		return "", err
	}
	r := one.record
	visit := f.visitOf(ctx, visitAsk{row: t.row, page: r.Document, session: r.SessionID()})
	before, err := f.store.Records(ctx, visit.Narrow(store.Query{Before: t.row, Newest: true, Limit: eventsBefore}))
	if err != nil {
		return "", err
	}
	slices.SortFunc(before, func(a, b store.Stored) int { return int(a.Row - b.Row) })
	var found []reported
	for _, own := range r.Findings {
		if t.only(own) {
			found = append(found, reported{own, one.accepted[own]})
		}
	}
	shown := func(text string) string { return text }
	if !t.plain {
		x, err := redactor()
		if err != nil {
			return "", err
		}
		last, err := f.store.Last(ctx)
		if err != nil {
			return "", err
		}
		// Titles and addresses may have values that the contact gave elsewhere in the visit.
		if err := f.each(ctx, visit, 0, last+1, func(r *record.Record) error { x.Learn(r); return nil }); err != nil {
			return "", err
		}
		if r, err = withPseudonyms(x, r, found); err != nil {
			return "", err
		}
		shown = x.Text
	}
	var b strings.Builder
	writeFindings(&b, r, found)
	writePlace(&b, r, when)
	if len(before) > 0 {
		b.WriteString("\n**Events before it**\n\n")
		for _, e := range before {
			fmt.Fprintf(&b, "1. %s %s\n", when(e.Record.Time), markdown.Code(shown(happening(e.Record))))
		}
	}
	return b.String(), nil
}

// reported is a finding that a ticket reports.
type reported struct {
	record.Finding
	by *plan.Acceptance // by what the plan accepts it, nil if it does not
}

// withPseudonyms is a copy of a record with pseudonyms. It also replaces the values in the
// texts of found. The findings themselves stay: they are about the values that were sent.
func withPseudonyms(x *redact.Redactor, r *record.Record, found []reported) (*record.Record, error) {
	hidden, err := x.Record(r)
	if err != nil {
		return nil, err
	}
	left := slices.Clone(hidden.Findings)
	for i := range found {
		f := &found[i].Finding
		*f = x.Finding(*f)
		if len(hidden.Redacted) > 0 && inspect.QuotesValues(f.Rule) {
			left = redact.Reword(f, left, "y T copies it with the contact's values")
		}
	}
	out := *hidden
	out.URL = redact.WithoutQuery(out.URL)
	return &out, nil
}

// happening names a record by its kind and event, a call by its event alone.
func happening(r *record.Record) string {
	if r.Kind == record.Call {
		return r.Happening()
	}
	return string(r.Kind) + " " + r.Happening()
}

// writeFindings writes what was found, and for each finding the value that was sent.
func writeFindings(b *strings.Builder, r *record.Record, found []reported) {
	if len(found) == 0 {
		fmt.Fprintf(b, "## %s\n\nNothing was found to be wrong with it.\n", markdown.Code(happening(r)))
	}
	for i, f := range found {
		if i > 0 {
			b.WriteString("\n")
		}
		fmt.Fprintf(b, "## %s in %s\n\n%s\n\n", f.Rule, markdown.Code(happening(r)), markdown.Prose(f.Message))
		fact(b, "Severity", string(f.Severity), markdown.Prose)
		fact(b, "Where", f.At, markdown.Code)
		fact(b, "Expected", f.Expected, markdown.Code)
		fact(b, "Actual", f.Actual, markdown.Code)
		fact(b, "Sent", sentAt(r, f.At), markdown.Code)
		fact(b, "Demanded by", f.Demand, markdown.Prose)
		if f.by != nil {
			fact(b, "Accepted", "by the plan until "+f.by.Last()+f.by.Why(), markdown.Prose)
		}
	}
}

// maxSent is how many bytes of a value a ticket quotes at most.
const maxSent = 500

// sentAt is the value at a place of a call's arguments as JSON, "" where there is none.
func sentAt(r *record.Record, at string) string {
	if at == "" || r.Kind != record.Call {
		return ""
	}
	value, there := valueAt(r.Args, at)
	if !there {
		return ""
	}
	text := asJSON(value)
	if len(text) > maxSent {
		text = strings.ToValidUTF8(text[:maxSent], "") + "…"
	}
	return text
}

// writePlace writes where and when the record was made.
func writePlace(b *strings.Builder, r *record.Record, when func(record.Time) string) {
	b.WriteString("\n**Where and when**\n\n")
	if r.Browser != nil {
		fact(b, "Browser", strings.TrimSpace(r.Browser.Name+" "+r.Browser.Version), markdown.Prose)
	}
	fact(b, "Page", r.URL, markdown.Code)
	fact(b, "Title", r.Title, markdown.Prose)
	fact(b, "Session", r.SessionID(), markdown.Code)
	fmt.Fprintf(b, "- Time: %s\n", when(r.Time))
	fact(b, "Record", r.ID, markdown.Code)
}

// fact writes a list item with a name and a text, unless the text is empty. as escapes the
// text for Markdown.
func fact(b *strings.Builder, name, text string, as func(string) string) {
	if text != "" {
		fmt.Fprintf(b, "- %s: %s\n", name, as(text))
	}
}
