package tui

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"userlike-inspector/nativehost/internal/filter"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/store"
	"userlike-inspector/schema"
)

// openCopy opens the menu of what can be copied of the event that is shown.
func (a *app) openCopy() {
	if a.detail.rec == nil || a.detail.row != a.events.cursor {
		a.flash = "there is no event to copy from yet"
		return
	}
	a.copying = true
}

func (a *app) closeCopy() { a.copying = false }

// copyOf copies what part makes of the record and of the place under the
// detail's cursor, which is the whole call while the keys are in the events.
func (a *app) copyOf(what string, part func(*detail, *node) string) {
	a.copying = false
	var n *node
	if d := a.detail; a.pane == inDetail && d.cursor < len(d.all) {
		n = d.all[d.cursor].node
	}
	text := part(a.detail, n)
	if text == "" {
		a.flash = "there is no " + what + " here to copy"
		return
	}
	a.feed.start(func() {
		how, err := a.opts.Copy(a.feed.ctx, text)
		a.feed.post(a.feed.ctx, func() {
			if err != nil { // no clipboard but the terminal's
				a.screen.SetClipboard([]byte(text))
				how = "by the terminal (OSC 52), if it allows that"
			}
			a.flash = fmt.Sprintf("copied the %s %s", what, how)
		})
	})
}

// copiedValue is the value at a place as JSON, a text without its quotes.
func copiedValue(d *detail, n *node) string {
	if d.rec.Kind != record.Call {
		return d.rec.Text + d.rec.Why
	}
	if n == nil {
		return string(d.rec.Args)
	}
	args, err := schema.Decode(d.rec.Args)
	if err != nil {
		return ""
	}
	tokens, ok := schema.Tokens(n.at)
	value, there := schema.Lookup(args, tokens)
	if !ok || !there {
		return ""
	}
	if s, isText := value.(string); isText {
		return s
	}
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
	line, err := record.Encode(d.rec)
	if err != nil {
		return ""
	}
	return string(line)
}

// copiedFinding is the findings at a place, or else all of the record, as a
// ticket needs them.
func copiedFinding(d *detail, n *node) string {
	found := d.rec.Findings
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
	}
	if b.Len() == 0 {
		return ""
	}
	fmt.Fprintf(&b, "%s, %s, record %s\n", d.rec.URL, d.rec.Time, d.rec.ID)
	return b.String()
}

// exportOne asks where to write the event under the cursor to, exportAll where
// everything that is listed.
func (a *app) exportOne() {
	if row := a.events.cursor; row > 0 {
		a.export("this event", &filter.Filter{}, []int64{row})
	}
}

func (a *app) exportAll() {
	l := &a.events.list
	if n := l.count(); n > 0 {
		a.export(plural(n, "record"), l.filter, l.rows)
	}
}

// export asks for a file's name and writes there the rows, or all that a
// filter lets through.
func (a *app) export(what string, f *filter.Filter, rows []int64) {
	after, before := a.events.list.first, a.events.list.last+1
	a.ask(&question{in: inPrompt, label: "write " + what + " to: ", text: "userlike-" + a.opts.Now().Format("20060102-150405") + ".jsonl",
		done: func(path string) {
			a.feed.start(func() {
				n, err := a.feed.export(path, f, rows, after, before)
				a.feed.post(a.feed.ctx, func() {
					if a.flash = fmt.Sprintf("wrote %s to %s", plural(n, "record"), path); err != nil {
						a.flash = "not written: " + err.Error()
					}
				})
			})
		}})
}

// export writes records as JSON Lines into a new file that only the user can read.
func (f *feed) export(path string, flt *filter.Filter, rows []int64, after, before int64) (n int, err error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return 0, fmt.Errorf("%s is there already; choose another name", path)
	}
	if err != nil {
		return 0, err
	}
	defer func() {
		if err = errors.Join(err, file.Close()); err != nil {
			os.Remove(path) // half a recording would pass for a whole one
		}
	}()
	w := bufio.NewWriter(file)
	err = f.each(f.ctx, flt, rows, after, before, func(r *record.Record) error {
		line, err := record.Encode(r)
		if err == nil {
			n++
			_, err = w.Write(append(line, '\n'))
		}
		return err
	})
	return n, errors.Join(err, w.Flush())
}

// each calls do with records: of rows or, if there are none, of all between
// two rows that a filter lets through.
func (f *feed) each(ctx context.Context, flt *filter.Filter, rows []int64, after, before int64, do func(*record.Record) error) error {
	for _, row := range rows {
		r, err := f.store.Record(ctx, row)
		if err == nil {
			err = do(r)
		}
		if err != nil {
			return err
		}
	}
	for rows == nil {
		page, err := f.store.Records(ctx, flt.Narrow(store.Query{After: after, Before: before, Limit: chunkSize}))
		if err != nil || len(page) == 0 {
			return err
		}
		for _, one := range page {
			if err := do(one.Record); err != nil {
				return err
			}
			after = one.Row
		}
	}
	return nil
}
