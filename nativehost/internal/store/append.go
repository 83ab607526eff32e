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
	"userlike-inspector/nativehost/internal/words"
)

// columnLimit is the most bytes of a text in the table events. A page chooses these
// texts, and the table must stay small.
const columnLimit = 200

const (
	// maxWAL is the size in bytes at which this package empties the WAL. SQLite
	// does that by itself only while nobody reads, which may never happen when
	// several processes read all the time.
	maxWAL = 16 << 20
	// moreWAL is how many bytes the WAL may grow before the next attempt, when
	// readers prevented the last one.
	moreWAL = 4 << 20
	// emptyingTimeout is how long an attempt waits for readers. It is short,
	// because new calls wait meanwhile.
	emptyingTimeout = 100 * time.Millisecond
)

// writer is the connection that appends, with its statements.
type writer struct {
	conn           *sql.Conn
	event, payload *sql.Stmt
	maxWAL         int64
}

// close also closes the statements, which database/sql does not do for a single
// connection. SQLite would not remove the WAL while a statement is open.
func (w *writer) close() {
	for _, statement := range []*sql.Stmt{w.event, w.payload} {
		if statement != nil {
			statement.Close()
		}
	}
	w.conn.Close()
}

// Append stores all of recs in their order, or none. When it returns nil, they are
// safe even if this process dies. A record whose id is already in the store is not
// stored again; added counts the others. The caller sets the records' findings before.
//
// If Temporary(err) holds, the caller may try again with the same recs; after
// ErrReplaced it has to open the store again. A record that Decode would refuse is
// an error, and nothing is stored.
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
	// If the file was removed or replaced meanwhile, the records went with it.
	if err := s.intact(); err != nil {
		return 0, err
	}
	return added, nil
}

// Floor is how many bytes of the disk stay free. A page can send as fast as a disk
// writes, and a full disk harms everything else on the machine.
const Floor = 256 << 20

// Room returns ErrLow when less than Floor is free and nothing may be appended. If the
// free space is not known, it is taken to be enough.
func (s *Store) Room() error {
	if free, err := s.free(filepath.Dir(s.resolved)); err == nil && free < Floor {
		return fmt.Errorf("store %s: %w", words.Path(s.path), ErrLow)
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
	// SQLite numbers the rows: one more than the greatest. A record whose id exists
	// gets no row, so the numbers have no holes.
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

// append is one transaction. It takes the write lock at its beginning (IMMEDIATE): a
// transaction that begins by reading cannot wait for the lock when it writes later.
func (w *writer) append(ctx context.Context, recs []*record.Record, lines [][]byte) (added int, err error) {
	if _, err := w.conn.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
		return 0, err
	}
	// From here on ctx must not interrupt the driver. To watch it costs a goroutine
	// for each statement, and an interrupted commit could have happened or not.
	whole := context.WithoutCancel(ctx)
	defer func() {
		if err != nil {
			w.conn.ExecContext(whole, "ROLLBACK") // fails if SQLite has already rolled back
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

// boundWAL empties the WAL when it has grown too large. It ignores errors: what was
// appended is safe anyway.
func (w *writer) boundWAL(ctx context.Context, path string) {
	ctx = context.WithoutCancel(ctx) // otherwise the changed timeout might not be set back
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

// Judged returns the row with these findings instead of its own.
func (r Row) Judged(findings []record.Finding) Row {
	var rules string
	r.Severity, rules, r.Finding = verdict(findings)
	r.Rules = strings.Fields(rules)
	return r
}

// verdict summarises findings: the rank and message of the worst one, and the names of
// all rules, each once, worst first.
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
			name = ellipsis // not one of our rules; the column cannot hold such a name
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
