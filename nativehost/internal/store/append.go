package store

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"userlike-inspector/nativehost/internal/record"
)

// columnLimit bounds, in bytes, each text of a narrow row that a page can choose.
const columnLimit = 200

const (
	// maxWAL is the size in bytes at which the WAL is emptied. SQLite begins it anew
	// at a moment without readers, but when several read on and on there is none.
	maxWAL = 16 << 20
	// moreWAL is how much it may grow before that is tried again where readers
	// were in the way.
	moreWAL = 4 << 20
	// emptyingTimeout is how long to wait for them, with calls waiting meanwhile.
	emptyingTimeout = 100 * time.Millisecond
)

// writer is the connection that appends, with its statements.
type writer struct {
	conn           *sql.Conn
	event, payload *sql.Stmt
	maxWAL         int64
}

// close ends the statements too: database/sql leaves those of a single connection
// to us, and SQLite would leave the WAL beside the file of a connection that still has some.
func (w *writer) close() {
	for _, statement := range []*sql.Stmt{w.event, w.payload} {
		if statement != nil {
			statement.Close()
		}
	}
	w.conn.Close()
}

// Append stores recs in their order, all or none: when it returns nil they
// outlive the death of this process. Records whose id the store has are left as
// they are there; added counts the others. Findings must be in the records
// already.
//
// An error that Temporary approves of is worth trying again with the same recs;
// ErrReplaced asks for a newly opened store. A record that Decode would not read
// back is an error and stores nothing.
func (s *Store) Append(ctx context.Context, recs []*record.Record) (added int, err error) {
	lines := make([][]byte, len(recs))
	for i, r := range recs {
		if lines[i], err = record.Encode(r); err != nil {
			return 0, err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.intact(); err != nil {
		return 0, err
	}
	if err := s.Room(); err != nil {
		return 0, err
	}
	if err := s.openWriter(ctx); err != nil {
		return 0, explain(s.path, err)
	}
	if added, err = s.writer.append(ctx, recs, lines); err != nil {
		return 0, explain(s.path, err)
	}
	s.writer.boundWAL(ctx, s.resolved+"-wal")
	// Who took the file away while it was written to took these records with it.
	if err := s.intact(); err != nil {
		return 0, err
	}
	return added, nil
}

// Floor is how many bytes of the disk stay free: a page can send as fast as a disk
// writes, and a full one harms everything else that runs.
const Floor = 256 << 20

// Room says by its error, ErrLow, that nothing may be appended for want of space.
// A disk that does not tell is taken for large enough.
func (s *Store) Room() error {
	if free, err := s.free(filepath.Dir(s.resolved)); err == nil && free < Floor {
		return fmt.Errorf("store %q: %w", s.path, ErrLow)
	}
	return nil
}

// openWriter makes the writer, once.
func (s *Store) openWriter(ctx context.Context) error {
	if s.writer != nil {
		return nil
	}
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return err
	}
	w := &writer{conn: conn, maxWAL: maxWAL}
	// Rows are numbered by SQLite: one more than the greatest. An id that exists
	// takes no number, so that there are no holes.
	if w.event, err = conn.PrepareContext(ctx, `INSERT INTO events (id, kind, time, tab, site, session, event, severity, rules, finding)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`); err == nil {
		w.payload, err = conn.PrepareContext(ctx, "INSERT INTO payloads (row, json) VALUES (?, ?)")
	}
	if err != nil {
		w.close()
		return err
	}
	s.writer = w
	return nil
}

// append is one transaction. It begins IMMEDIATE: one that begins by reading
// cannot wait for the lock when it comes to write.
func (w *writer) append(ctx context.Context, recs []*record.Record, lines [][]byte) (added int, err error) {
	if _, err := w.conn.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
		return 0, err
	}
	// From here on the driver is not to interrupt: watching the context costs a
	// goroutine a statement, and a commit is done or not, never in doubt.
	whole := context.WithoutCancel(ctx)
	defer func() {
		if err != nil {
			w.conn.ExecContext(whole, "ROLLBACK") // fails where SQLite has done it itself
		}
	}()
	for i, r := range recs {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		severity, rules, finding := verdict(r.Findings)
		result, err := w.event.ExecContext(whole, r.ID, string(r.Kind), r.Time.UnixMilli(), r.Tab, cut(r.Site()), cut(r.SessionID()),
			cut(r.Happening()), severity, rules, finding)
		if err != nil {
			return 0, err
		}
		if n, err := result.RowsAffected(); err != nil {
			return 0, err
		} else if n == 0 {
			continue
		}
		row, err := result.LastInsertId()
		if err != nil {
			return 0, err
		}
		if _, err := w.payload.ExecContext(whole, row, string(lines[i])); err != nil {
			return 0, err
		}
		added++
	}
	_, err = w.conn.ExecContext(whole, "COMMIT")
	return added, err
}

// boundWAL empties the WAL when it has grown too large. An error is of no
// account: what was appended is safe.
func (w *writer) boundWAL(ctx context.Context, path string) {
	ctx = context.WithoutCancel(ctx) // or the timeout could stay
	if sizeOf(path) < w.maxWAL {
		return
	}
	wait := func(d time.Duration) {
		w.conn.ExecContext(ctx, "PRAGMA busy_timeout = "+strconv.FormatInt(d.Milliseconds(), 10))
	}
	wait(emptyingTimeout)
	w.conn.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)")
	wait(busyTimeout)
	w.maxWAL = max(maxWAL, sizeOf(path)+moreWAL)
}

// sizeOf is a file's size in bytes, 0 where there is none.
func sizeOf(path string) int64 {
	file, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return file.Size()
}

// Judged is the row with other findings.
func (r Row) Judged(findings []record.Finding) Row {
	var rules string
	r.Severity, rules, r.Finding = verdict(findings)
	r.Rules = strings.Fields(rules)
	return r
}

// verdict sums findings up: the worst one's rank and message, and all rules once, worst first.
func verdict(findings []record.Finding) (severity int, rules, finding string) {
	if len(findings) == 0 {
		return 0, "", ""
	}
	sorted := slices.SortedStableFunc(slices.Values(findings), func(a, b record.Finding) int {
		return cmp.Compare(b.Severity.Rank(), a.Severity.Rank())
	})
	var names []string
	for _, f := range sorted {
		name := f.Rule
		if name == "" || strings.ContainsAny(name, " \x00") {
			name = ellipsis // no rule of ours; the column cannot hold it
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return sorted[0].Severity.Rank(), strings.Join(names, " "), cut(sorted[0].Message)
}

// ellipsis stands at the end of a text that was cut.
const ellipsis = "…"

// cut shortens a text to columnLimit, between characters, and shows that it did. It
// also ends it before a NUL, where SQLite's LIKE stops reading.
func cut(text string) string {
	nul := strings.IndexByte(text, 0)
	if nul < 0 && len(text) <= columnLimit {
		return text
	}
	end := columnLimit - len(ellipsis)
	if nul >= 0 {
		end = min(end, nul)
	}
	for !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + ellipsis
}
