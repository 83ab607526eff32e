package tui

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"userlike-inspector/nativehost/internal/files"
	"userlike-inspector/nativehost/internal/filter"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/redact"
	"userlike-inspector/nativehost/internal/store"
	"userlike-inspector/nativehost/internal/words"
)

// exportOne asks for a file, and writes the event under the cursor there.
func (a *app) exportOne() {
	if row := a.events.cursor; row > 0 && a.events.list.count() > 0 {
		a.export("this event", &filter.Filter{}, row-1, row+1)
	} else {
		a.flash = "there is nothing to write"
	}
}

// exportAll asks for a file, and writes there everything that is listed, and the hidden hits.
func (a *app) exportAll() {
	l := &a.events.list
	if n := l.count(); n > 0 || !l.whole() {
		what := words.Plural(n, "record")
		if l.quiet {
			what += " and the hidden hits" // without them, calls would seem not to have been forwarded
		}
		a.export(what+a.scope.within(a.theme), l.filter, l.first, l.last+1)
	} else {
		a.flash = "there is nothing to write"
	}
}

// export asks for a file's name, and writes the records between two rows there that a filter
// lets through. ^R chooses between the contact's values and pseudonyms.
func (a *app) export(what string, f *filter.Filter, after, before int64) {
	if a.outage.reopening {
		a.flash = "nothing can be written: " + a.outage.problem()
		return
	}
	hidden := false // with pseudonyms
	judge := a.opts.Inspector.With(nil).Judge
	a.askForFile(&question{in: inPrompt, about: aboutFiles, label: "write " + what + " to: ", text: "userlike-" + a.opts.Now().Format("20060102-150405") + ".jsonl",
		note: func() string {
			if hidden {
				return "with pseudonyms in the place of the contact's values; ^R keeps the values"
			}
			return "with the contact's values as they are; ^R puts pseudonyms in their place"
		},
		other: func() { hidden = !hidden },
		done: func(path string) {
			said := ""
			hide := func() (*redact.Redactor, error) { return nil, nil }
			if hidden {
				said = ", with pseudonyms for the contact's values"
				hide = func() (*redact.Redactor, error) { return a.opts.Redactor(judge) }
			}
			a.write(func() (string, error) {
				n, err := a.feed.export(path, hide, f, after, before, a.tellWritten)
				return fmt.Sprintf("wrote %s to %s%s", words.Plural(n, "record"), path, said), err
			})
		}})
}

// tellWritten shows in the header how far writing a file has come.
func (a *app) tellWritten(says string) {
	a.feed.post(a.feed.ctx, func() { a.exit.written = says })
}

// toldAfter is the number of records after which the progress of writing is shown again.
const toldAfter = 500

// export writes records as JSON Lines. hide may return a redactor, which puts pseudonyms in
// the place of personal values, or nil. told is called with the progress.
func (f *feed) export(path string, hide func() (*redact.Redactor, error), flt *filter.Filter, after, before int64, told func(string)) (n int, err error) {
	err = writeNew(path, func(w io.Writer) error {
		x, err := hide()
		if err != nil {
			return err
		}
		if x != nil { // a value that is personal in one record is hidden in all of them
			if err := f.learn(x, told); err != nil {
				return err
			}
		}
		return f.each(f.ctx, flt, after, before, func(r *record.Record) error {
			if x != nil {
				if r, err = x.Record(r); err != nil {
					return err
				}
			}
			line, err := record.Encode(r)
			if err != nil {
				return err
			}
			if n++; n%toldAfter == 0 {
				told("writing, " + words.Plural(n, "record"))
			}
			_, err = w.Write(append(line, '\n'))
			return err
		})
	})
	return n, err
}

// learn shows a redactor everything that was recorded, so that it knows all personal values.
func (f *feed) learn(x *redact.Redactor, told func(string)) error {
	last, err := f.store.Last(f.ctx)
	if err != nil {
		return err
	}
	n := 0
	return f.each(f.ctx, &filter.Filter{}, 0, last+1, func(r *record.Record) error {
		if n++; n%toldAfter == 0 {
			told("reading, " + words.Plural(n, "record"))
		}
		x.Learn(r)
		return nil
	})
}

// writeNew writes a new file that only the user can read. A file that is there already is
// not overwritten.
func writeNew(path string, write func(io.Writer) error) (err error) {
	if path, err = files.InHome(path); err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s is there already; choose another name", path)
	}
	if err != nil {
		return err
	}
	w := bufio.NewWriter(file)
	if err = errors.Join(write(w), w.Flush(), file.Close()); err != nil {
		os.Remove(path) // or half a recording would be taken for a whole one
	}
	return err
}

// each calls do with the records between two rows that a filter lets through. They have the
// findings that they were stored with; the filter itself goes by the current verdicts.
func (f *feed) each(ctx context.Context, flt *filter.Filter, after, before int64, do func(*record.Record) error) error {
	for after+1 < before {
		q := store.Query{After: after, Before: min(after+chunkSize+1, before), Limit: chunkSize}
		page, err := f.store.Records(ctx, f.narrow(ctx, flt, q))
		if err != nil {
			return err
		}
		if len(page) == 0 {
			after = q.Before - 1
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
