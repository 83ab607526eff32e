// Package ending waits, when a browser is closed, for the last records of its pages, and
// reports what may be missing.
package ending

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"userlike-inspector/nativehost/internal/contact"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/recording"
	"userlike-inspector/nativehost/internal/store"
	"userlike-inspector/nativehost/internal/words"
)

// Wait waits until the last records of a browser's pages are in the store.
type Wait struct {
	store *store.Store
	after int64 // rows up to this one are older

	open       map[string]document // open documents of any browser, by id
	unheard    bool                // no extension has reached a host
	unfinished []record.Browser    // their extensions may still have records
	gone       []document          // documents of any browser that could not send their last records
	left       []document          // this browser's open documents
	cut        []document          // this browser's among gone
	err        error               // why the store could not be read
}

// For makes a Wait for the records after a row.
func For(s *store.Store, after int64) *Wait { return &Wait{store: s, after: after} }

// document is a document of which no end was heard yet.
type document struct {
	id      string
	browser *record.Browser
	url     string
}

// unheard is the record which says that a document's last calls may be missing. The
// extension makes the same one, with the same id, if it comes that far.
func (d document) unheard() record.Record {
	return record.Record{ID: d.id + "/unheard", Browser: d.browser, Document: d.id, URL: d.url, Why: record.NoEnd}
}

// Settle asks the extension in a session's browser, whose pages have been closed, for all
// records that it still has. It returns when they are stored, or when ctx ends.
func (w *Wait) Settle(ctx context.Context, folder string) {
	w.open = map[string]document{}
	if w.err = contact.Finish(folder); w.err != nil {
		return
	}
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for waiting := true; waiting; {
		select {
		case <-tick.C:
		case <-ctx.Done():
			waiting = false // except for a last look
		}
		var finished bool
		if finished, w.err = w.look(context.WithoutCancel(ctx), contact.Of(folder)); finished || w.err != nil {
			return
		}
	}
	w.err = w.keepUnheard(context.WithoutCancel(ctx))
}

// keepUnheard records, for every page that is still open, that its last calls may be
// missing. If no page is open, an extension that did not finish may still have records of
// any page.
func (w *Wait) keepUnheard(ctx context.Context) error {
	var gaps []record.Record
	for _, d := range w.left {
		gaps = append(gaps, d.unheard())
	}
	if len(w.left) == 0 {
		for _, b := range w.unfinished {
			gaps = append(gaps, record.Record{ID: "unconfirmed/" + uuid.NewString(), Browser: &b, Why: record.Unconfirmed})
		}
	}
	return w.keep(ctx, gaps)
}

// KeepCut records, after Settle, for every page that could not send its last records, that
// its last calls may be missing. That is only said of a visit in which a page hung or
// crashed. In others, a page that closes itself would be accused, as Firefox often gives
// such a page no chance to send its end.
func (w *Wait) KeepCut(ctx context.Context) error {
	var gaps []record.Record
	for _, d := range w.cut {
		gaps = append(gaps, d.unheard())
	}
	return w.keep(ctx, gaps)
}

// keep stores gaps that this program found itself.
func (w *Wait) keep(ctx context.Context, gaps []record.Record) error {
	if len(gaps) == 0 {
		return nil
	}
	now := record.At(time.Now())
	var all []*record.Record
	for _, gap := range gaps {
		gap.V, gap.Kind, gap.Time, gap.Received = record.Version, record.Gap, now, &now
		all = append(all, &gap)
	}
	_, err := w.store.Append(ctx, all)
	return err
}

// look tells whether all extensions say that they have finished, and then reads the new
// records. Everything that an extension sent is stored before it says so.
func (w *Wait) look(ctx context.Context, contacts string) (finished bool, err error) {
	heard, err := contact.All(contacts)
	if err != nil {
		return false, err
	}
	if err := w.read(ctx); err != nil {
		return false, err
	}
	w.unheard, w.unfinished = len(heard) == 0, nil
	for _, c := range heard {
		if !c.Finished {
			w.unfinished = append(w.unfinished, c.Browser)
		}
	}
	others := func(d document) bool {
		return d.browser == nil || !slices.ContainsFunc(heard, func(c contact.Contact) bool { return c.Browser.Profile == d.browser.Profile })
	}
	byAddress := func(a, b document) int { return cmp.Or(cmp.Compare(a.url, b.url), cmp.Compare(a.id, b.id)) }
	w.left = slices.DeleteFunc(slices.SortedFunc(maps.Values(w.open), byAddress), others)
	w.cut = slices.DeleteFunc(slices.Clone(w.gone), others)
	return !w.unheard && len(w.unfinished) == 0, nil
}

// read reads the new records in the store.
func (w *Wait) read(ctx context.Context) error {
	for {
		rows, err := w.store.Rows(ctx, store.Query{After: w.after, Limit: recording.Page})
		if err != nil || len(rows) == 0 {
			return err
		}
		for _, row := range rows {
			w.after = row.Row
			if row.Kind != record.Page {
				continue
			}
			id := record.DocumentOf(row.ID)
			if row.Event == string(record.Closed) {
				if d, known := w.open[id]; known && record.ClosedForPage(row.ID) {
					w.gone = append(w.gone, d)
				}
				delete(w.open, id)
				continue
			}
			if _, known := w.open[id]; known {
				continue
			}
			r, err := w.store.Record(ctx, row.Row)
			if err != nil {
				return err
			}
			w.open[id] = document{id: id, url: r.URL, browser: r.Browser}
		}
	}
}

// addresses are those of documents, one in a line.
func addresses(all []document) string {
	var lines []string
	for _, d := range all {
		lines = append(lines, "\n  "+words.Address(d.url))
	}
	return strings.Join(lines, "")
}

// Complain writes what may have been lost at the end of the visit. log is the host's log.
func (w *Wait) Complain(to io.Writer, log string) {
	switch {
	case w.err != nil:
		fmt.Fprintf(to, "It is not known whether the last calls were recorded: %s\n", words.Plain(w.err))
	case w.unheard:
		fmt.Fprintf(to, "Nothing was recorded: the extension did not reach this program. Run it again; if it stays so, see whether %s says why.\n", words.Path(log))
	case len(w.unfinished) > 0 && len(w.left) > 0:
		fmt.Fprintf(to, "The last records of these pages did not arrive in time, so calls made as they were closed may be missing:%s\n", addresses(w.left))
	case len(w.unfinished) > 0:
		fmt.Fprintln(to, "The extension did not confirm in time that it has sent everything, so the last calls may be missing.")
	case len(w.cut) > 0:
		fmt.Fprintf(to, "The browser closed these pages before they had sent everything, so calls made as they were closed may be missing:%s\n", addresses(w.cut))
	}
}
