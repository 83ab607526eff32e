package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"userlike-inspector/nativehost/internal/words"
)

const (
	// applicationID marks the file as this program's in SQLite's header: "ULIN".
	applicationID = 0x554c494e

	// schemaVersion is the layout below, in the header's user_version.
	schemaVersion = 1
)

// schema is the layout. Texts in the table events are cut to columnLimit, so that it
// stays small whatever a page sends. The index on severity has all rows, because SQLite
// would not use a partial one ("> 0") for "= 2". Every index also holds the row.
const schema = `
CREATE TABLE events (
	row      INTEGER PRIMARY KEY,
	id       TEXT    NOT NULL UNIQUE,
	kind     TEXT    NOT NULL,
	time     INTEGER NOT NULL, -- milliseconds since 1970, UTC
	tab      INTEGER,
	site     TEXT    NOT NULL, -- origin
	session  TEXT    NOT NULL, -- session_ctx.session_id
	event    TEXT    NOT NULL,
	severity INTEGER NOT NULL, -- the worst finding's: 3 error, 2 warning, 1 info, 0 none
	rules    TEXT    NOT NULL, -- of the findings, worst first, separated by spaces
	finding  TEXT    NOT NULL  -- the worst one's message
) STRICT;
CREATE INDEX events_by_severity ON events (severity);
CREATE TABLE payloads (
	row  INTEGER PRIMARY KEY, -- as in events
	json TEXT NOT NULL        -- the record as record.Encode writes it
) STRICT;
`

// prepare checks that the file is a store of this version. If it is opened with toMake, an
// empty file is made a store.
func (s *Store) prepare(ctx context.Context, to purpose) error {
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	empty, err := identify(ctx, conn)
	switch {
	case err != nil:
		return err
	case empty && to != toMake:
		return fmt.Errorf("nothing was recorded into it: %w", ErrNotStore)
	case empty:
		if err := s.initialise(ctx, conn); err != nil {
			return err
		}
	}
	if to != toRead {
		return useWAL(ctx, conn)
	}
	return nil
}

// identify checks which program's database conn's file is. empty is true for a file
// without any content.
func identify(ctx context.Context, conn *sql.Conn) (empty bool, err error) {
	var app, version, tables int64
	err = conn.QueryRowContext(ctx, `SELECT application_id, user_version, (SELECT count(*) FROM sqlite_schema)
		FROM pragma_application_id, pragma_user_version`).Scan(&app, &version, &tables)
	switch {
	case err != nil:
		return false, err
	case app == 0 && version == 0 && tables == 0:
		return true, nil
	case app != applicationID:
		return false, fmt.Errorf("it belongs to another program: %w", ErrNotStore)
	case version > schemaVersion:
		return false, fmt.Errorf("it has schema version %d, this program knows versions up to %d: %w", version, schemaVersion, ErrNewer)
	case version != schemaVersion:
		return false, fmt.Errorf("it has schema version %d, versions start at 1: %w", version, ErrNotStore)
	}
	if err := plain(ctx, conn); err != nil {
		return false, err
	}
	// Reading the last row of both tables finds missing tables and gross damage now.
	var events, payloads sql.NullInt64
	err = conn.QueryRowContext(ctx, "SELECT (SELECT max(row) FROM events), (SELECT max(row) FROM payloads)").Scan(&events, &payloads)
	if err == nil && events != payloads {
		err = fmt.Errorf("its two tables do not have the same rows: %w", ErrCorrupt)
	}
	return false, err
}

// plain checks that conn's file has this program's tables and index and nothing else. A
// view, a trigger or a computed column in a crafted file could make reading go on for ever.
func plain(ctx context.Context, conn *sql.Conn) error {
	var want []string
	for statement := range strings.SplitSeq(comment.ReplaceAllString(schema, ""), ";") {
		if statement = normal(statement); statement != "" {
			want = append(want, statement)
		}
	}
	rows, err := conn.QueryContext(ctx, "SELECT type, name, sql FROM sqlite_schema")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var kind, name string
		var text sql.NullString // NULL for an index that SQLite makes for a table
		if err := rows.Scan(&kind, &name, &text); err != nil {
			return err
		}
		i := slices.Index(want, normal(text.String))
		switch {
		case !text.Valid && kind == "index":
		case i < 0:
			return fmt.Errorf("it has %s %s, which this program does not make: %w", words.Article(kind), words.Quote(name), ErrNotStore)
		default:
			want = slices.Delete(want, i, i+1)
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	if len(want) > 0 {
		return fmt.Errorf("a part of it is missing, %s: %w", words.Quote(want[0]), ErrCorrupt)
	}
	return nil
}

var comment = regexp.MustCompile(`--.*`)

// normal is an SQL statement without comments and with single spaces.
func normal(statement string) string {
	return strings.Join(strings.Fields(comment.ReplaceAllString(statement, "")), " ")
}

// initialise makes conn's empty file a store, unless another process has done so meanwhile.
func (s *Store) initialise(ctx context.Context, conn *sql.Conn) error {
	if _, err := conn.ExecContext(ctx, "BEGIN EXCLUSIVE"); err != nil {
		return err
	}
	undo := context.WithoutCancel(ctx)
	defer conn.ExecContext(undo, "ROLLBACK") // does nothing after COMMIT
	if empty, err := identify(ctx, conn); err != nil || !empty {
		return err
	}
	// SQLite treats a file that is too short to be a database as empty, too.
	if file, err := os.Stat(s.resolved); err != nil {
		return err
	} else if file.Size() != 0 {
		return ErrNotStore
	}
	// An empty file is not in WAL mode, and while we hold the exclusive lock nobody can
	// change that. So a -wal and -shm here belong to a deleted file. A process may still
	// have that one open, and must not share its index with the new file.
	for _, suffix := range []string{"-wal", "-shm"} {
		if err := os.Remove(s.resolved + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	// An empty file may have been there before, readable by others.
	if err := os.Chmod(s.resolved, 0o600); err != nil {
		return err
	}
	header := fmt.Sprintf("PRAGMA application_id = %d; PRAGMA user_version = %d;", applicationID, schemaVersion)
	_, err := conn.ExecContext(ctx, schema+header+"COMMIT")
	return err
}

// useWAL turns WAL mode on; the file remembers it. When processes do so at the same
// time, SQLITE_BUSY can come at once in spite of the busy timeout, so it tries again.
func useWAL(ctx context.Context, conn *sql.Conn) error {
	deadline := time.Now().Add(busyTimeout)
	for {
		_, err := conn.ExecContext(ctx, "PRAGMA journal_mode = WAL")
		if err == nil || !errors.Is(meaningOf(err), ErrBusy) || time.Now().After(deadline) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(5 * time.Millisecond):
		}
	}
}
