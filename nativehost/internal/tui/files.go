package tui

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"userlike-inspector/nativehost/internal/filter"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/store"
)

// exportOne asks where to write the event under the cursor to, exportAll where
// everything that is listed.
func (a *app) exportOne() {
	if row := a.events.cursor; row > 0 && a.events.list.count() > 0 {
		a.export("this event", &filter.Filter{}, row-1, row+1)
	} else {
		a.flash = "there is nothing to write"
	}
}

func (a *app) exportAll() {
	l := &a.events.list
	if n := l.count(); n > 0 || !l.whole() {
		what := plural(n, "record")
		if l.quiet {
			what += " and the hidden hits" // without them what calls were forwarded to would be missing
		}
		a.export(what, l.filter, l.first, l.last+1)
	} else {
		a.flash = "there is nothing to write"
	}
}

// export asks for a file's name and writes there all between two rows that a
// filter lets through.
func (a *app) export(what string, f *filter.Filter, after, before int64) {
	a.ask(&question{in: inPrompt, label: "write " + what + " to: ", text: "userlike-" + a.opts.Now().Format("20060102-150405") + ".jsonl",
		done: func(path string) {
			a.feed.start(func() {
				n, err := a.feed.export(path, f, after, before)
				a.feed.post(a.feed.ctx, func() {
					if a.flash = fmt.Sprintf("wrote %s to %s", plural(n, "record"), path); err != nil {
						a.flash = "not written: " + err.Error()
					}
				})
			})
		}})
}

// export writes records as JSON Lines.
func (f *feed) export(path string, flt *filter.Filter, after, before int64) (n int, err error) {
	err = writeNew(path, func(w io.Writer) error {
		return f.each(f.ctx, flt, after, before, func(r *record.Record) error {
			line, err := record.Encode(r)
			if err == nil {
				n++
				_, err = w.Write(append(line, '\n'))
			}
			return err
		})
	})
	return n, err
}

// expanded is a path that was typed; one that begins with ~/ is in the user's home
// folder, as a shell would have it.
func expanded(path string) (string, error) {
	below, ok := strings.CutPrefix(path, "~/")
	if !ok {
		return path, nil
	}
	home, err := os.UserHomeDir()
	return filepath.Join(home, below), err
}

// writeNew writes a new file that only the user can read.
func writeNew(path string, write func(io.Writer) error) (err error) {
	if path, err = expanded(path); err != nil {
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
		os.Remove(path) // half a recording would pass for a whole one
	}
	return err
}

// each calls do with all records between two rows that a filter lets through as
// they are judged now.
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
