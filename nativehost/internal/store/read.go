package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/words"
)

// pageBytes is about the most bytes that After returns at once: one record can have a
// megabyte.
const pageBytes = 16 << 20

// Stored is a record at its place in the order of arrival.
type Stored struct {
	Row    int64 // 1, 2, 3 … without holes
	Record *record.Record
}

// Row is what tables show of a record. Its texts are cut to 200 bytes, with
// "…" at the end, except the id.
type Row struct {
	Row     int64
	ID      string
	Kind    record.Kind
	Time    record.Time
	Tab     *int   // nil where the record has none
	Site    string // origin of the page, as record.Record.Site gives it
	Session string // session_ctx.session_id, "" where there is none

	Event string // what happened, as record.Record.Happening gives it

	Severity int      // record.Severity.Rank of the worst finding, 0 for none
	Rules    []string // rules of all findings, each once, worst first
	Finding  string   // message of the worst finding, "" for none
}

// Query asks for a page of rows. The zero value of a field asks for nothing.
type Query struct {
	After  int64 // only rows greater than this
	Before int64 // only rows less than this
	Limit  int   // at most so many; must be positive
	Newest bool  // of those that match, the last ones rather than the first

	MinSeverity int // only records with a finding of at least this rank

	// Where are conditions that must all hold. If some of them are unknown for a record and
	// none is false, Match decides by the record's line of JSON. Match is required if a
	// condition can be unknown, and must not keep the line.
	Where []Condition
	Match func(row int64, line []byte) (bool, error)
}

// errDisorder ends the reading of a damaged or crafted file whose pages point to each
// other in a circle. Without it a reader would never come to an end.
var errDisorder = fmt.Errorf("its rows are not in their order: %w", ErrCorrupt)

// maxRules bounds, in bytes, the names of a record's rules: they are ours, and few.
const maxRules = 4 << 10

// order checks that the rows of one page keep their order and the limits of sizes.
type order struct {
	last    int64
	descend bool
	begun   bool
}

func (q Query) order() *order { return &order{last: q.After, descend: q.Newest, begun: !q.Newest} }

// next checks the next row, given the sizes of its texts in bytes.
func (o *order) next(row int64, sizes ...int) error {
	if o.begun && (row <= o.last) != o.descend || o.begun && row == o.last {
		return errDisorder
	}
	o.last, o.begun = row, true
	for _, size := range sizes {
		if size > maxRules {
			return fmt.Errorf("row %d has a text that this program does not write: %w", row, ErrCorrupt)
		}
	}
	return nil
}

// Last is the greatest row, which is also the number of records; 0 when empty.
func (s *Store) Last(ctx context.Context) (int64, error) {
	if err := s.intact(); err != nil {
		return 0, err
	}
	var last sql.NullInt64
	if err := s.db.QueryRowContext(ctx, "SELECT max(row) FROM events").Scan(&last); err != nil {
		return 0, explain(s.path, err)
	}
	s.learnFirst(ctx)
	return last.Int64, nil
}

// After returns records with rows greater than row, in the order of arrival: at
// most limit, and fewer when they are large. An empty answer is the end.
func (s *Store) After(ctx context.Context, row int64, limit int) ([]Stored, error) {
	return s.page(ctx, row, "SELECT row, json FROM payloads WHERE row > ? ORDER BY row LIMIT ?", row, limit)
}

// Document returns the first records of a document, by their ids, in the order of
// arrival: at most limit, and fewer when they are large.
func (s *Store) Document(ctx context.Context, document string, limit int) ([]Stored, error) {
	const first = "SELECT row FROM events WHERE id >= ? AND id < ? ORDER BY row LIMIT ?"
	return s.page(ctx, 0, "SELECT row, json FROM payloads WHERE row IN ("+first+") ORDER BY row", document+"/", document+"0", limit) // "0" follows "/" in ASCII
}

// page returns the records after row that a SELECT of rows and lines gives, fewer than
// limit when they are large.
func (s *Store) page(ctx context.Context, row int64, text string, args ...any) ([]Stored, error) {
	var page []Stored
	size := 0
	err := s.each(ctx, text, args, func(rows *sql.Rows) (bool, error) {
		var at Stored
		var line sql.RawBytes
		if err := rows.Scan(&at.Row, &line); err != nil {
			return false, err
		}
		if at.Row <= row {
			return false, errDisorder
		}
		row = at.Row
		var err error
		if at.Record, err = record.Decode(line); err != nil {
			return false, fmt.Errorf("row %d: %w", at.Row, err)
		}
		page = append(page, at)
		size += len(line)
		return size < pageBytes, nil
	})
	return page, err
}

// Record returns the record in row.
func (s *Store) Record(ctx context.Context, row int64) (*record.Record, error) {
	page, err := s.After(ctx, row-1, 1)
	if err != nil {
		return nil, err
	}
	if len(page) == 0 || page[0].Row != row {
		return nil, fmt.Errorf("store %s has no row %d", words.Path(s.path), row)
	}
	return page[0].Record, nil
}

// Rows returns a page of rows in the order of arrival, also when q asks for the newest.
func (s *Store) Rows(ctx context.Context, q Query) ([]Row, error) {
	if q.Limit <= 0 {
		return nil, fmt.Errorf("a page of %d rows was asked for", q.Limit)
	}
	var page []Row
	order := q.order()
	text, args := q.sql("id, kind, time, tab, site, session, event, severity, rules, finding")
	err := s.each(ctx, text, args, func(rows *sql.Rows) (bool, error) {
		var r Row
		var at int64
		var rules string
		var line sql.RawBytes
		err := rows.Scan(&r.Row, &line, &r.ID, &r.Kind, &at, &r.Tab, &r.Site, &r.Session, &r.Event, &r.Severity, &rules, &r.Finding)
		if err != nil {
			return false, err
		}
		if err := order.next(r.Row, len(r.ID), len(r.Kind), len(r.Site), len(r.Session), len(r.Event), len(rules), len(r.Finding)); err != nil {
			return false, err
		}
		if wanted, err := q.wants(r.Row, line); !wanted {
			return err == nil, err
		}
		r.Time = record.At(time.UnixMilli(at))
		r.Rules = strings.Fields(rules)
		page = append(page, r)
		return len(page) < q.Limit, nil
	})
	if q.Newest {
		slices.Reverse(page)
	}
	return page, err
}

// Records is like Rows, but returns whole records, and fewer than the limit when they
// are large. An empty answer is the end.
func (s *Store) Records(ctx context.Context, q Query) ([]Stored, error) {
	if q.Limit <= 0 {
		return nil, fmt.Errorf("a page of %d records was asked for", q.Limit)
	}
	var page []Stored
	size := 0
	order := q.order()
	text, args := q.sql("(SELECT json FROM payloads WHERE payloads.row = events.row)")
	err := s.each(ctx, text, args, func(rows *sql.Rows) (bool, error) {
		var at Stored
		var unsure, line sql.RawBytes
		if err := rows.Scan(&at.Row, &unsure, &line); err != nil {
			return false, err
		}
		if err := order.next(at.Row); err != nil {
			return false, err
		}
		if wanted, err := q.wants(at.Row, unsure); !wanted {
			return err == nil, err
		}
		var err error
		if at.Record, err = record.Decode(line); err != nil {
			return false, fmt.Errorf("row %d: %w", at.Row, err)
		}
		page = append(page, at)
		size += len(line)
		return len(page) < q.Limit && size < pageBytes, nil
	})
	if q.Newest {
		slices.Reverse(page)
	}
	return page, err
}

// wants tells whether a record is wanted. If a condition was unknown for it, unsure is its line
// of JSON, and Match decides. Otherwise unsure is empty, and the record is wanted.
func (q Query) wants(row int64, unsure []byte) (bool, error) {
	if unsure == nil {
		return true, nil
	}
	wanted, err := q.Match(row, unsure)
	if err != nil {
		return false, fmt.Errorf("row %d: %w", row, err)
	}
	return wanted, nil
}

// sql is the query's SELECT. It gives the row, the line of JSON if a condition is
// unknown there, and the columns. Each severity is a SELECT of its own, because the
// index gives the rows of one severity in order; "severity >= 1" would sort all rows
// with findings for each page.
func (q Query) sql(columns string) (text string, args []any) {
	where := []string{"TRUE"}
	var values []any
	add := func(condition string, more ...any) {
		where = append(where, condition)
		values = append(values, more...)
	}
	if q.After > 0 {
		add("row > ?", q.After)
	}
	if q.Before > 0 {
		add("row < ?", q.Before)
	}
	for _, c := range q.Where {
		if c.certain {
			add(c.sql, c.args...)
		} else {
			add(c.sql+" IS NOT FALSE", c.args...)
		}
	}
	order := " ORDER BY row"
	if q.Newest {
		order = " ORDER BY row DESC"
	}
	unsure := "NULL"
	if q.Match != nil {
		// Match may refuse any number of rows, so Rows applies the limit, not SQL.
		c := All(q.Where...)
		unsure = "CASE WHEN " + c.sql + " IS NULL THEN (SELECT json FROM payloads WHERE payloads.row = events.row) END"
		values = append(slices.Clone(c.args), values...)
	} else {
		order += " LIMIT ?"
		values = append(values, q.Limit)
	}
	one := "SELECT row, " + unsure + ", " + columns + " FROM events WHERE " + strings.Join(where, " AND ")
	if q.MinSeverity <= 0 {
		return one + order, values
	}
	var parts []string
	for rank := q.MinSeverity; rank <= max(q.MinSeverity, record.Error.Rank()); rank++ {
		parts = append(parts, fmt.Sprint("SELECT * FROM (", one, " AND severity = ", rank, order, ")"))
		args = append(args, values...)
	}
	if q.Match == nil {
		args = append(args, q.Limit)
	}
	return strings.Join(parts, " UNION ALL ") + order, args
}

// each calls row for every row that the SELECT text gives, until row returns false for
// more. No cursor stays open.
func (s *Store) each(ctx context.Context, text string, args []any, row func(*sql.Rows) (more bool, err error)) error {
	if err := s.intact(); err != nil {
		return err
	}
	rows, err := s.db.QueryContext(ctx, text, args...)
	if err != nil {
		return explain(s.path, err)
	}
	defer rows.Close()
	for rows.Next() {
		if more, err := row(rows); err != nil {
			return explain(s.path, err)
		} else if !more {
			return nil
		}
	}
	if err := rows.Err(); err != nil {
		return explain(s.path, err)
	}
	return nil
}
