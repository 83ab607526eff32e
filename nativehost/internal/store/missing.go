package store

import (
	"context"
	"database/sql"
	"slices"
	"strconv"
	"strings"
)

// Span is a run of a document's record numbers, both ends included.
type Span struct{ From, To int64 }

// Missing lists the runs of numbers from 1 to last that no record of the
// document has. A record's number is read off its id, "<document>/<seq>".
func (s *Store) Missing(ctx context.Context, document string, last int64) ([]Span, error) {
	var there []int64
	// The ids of one document are one range of the index: "0" follows "/".
	query := "SELECT id FROM events WHERE id > ? AND id < ?"
	err := s.each(ctx, query, []any{document + "/", document + "0"}, func(rows *sql.Rows) (bool, error) {
		var id string
		if err := rows.Scan(&id); err != nil {
			return false, err
		}
		if seq, err := strconv.ParseInt(strings.TrimPrefix(id, document+"/"), 10, 64); err == nil && seq <= last {
			there = append(there, seq)
		}
		return true, nil
	})
	if err != nil {
		return nil, err
	}
	slices.Sort(there)
	var missing []Span
	next := int64(1)
	for _, seq := range append(there, last+1) {
		if seq > next {
			missing = append(missing, Span{next, seq - 1})
		}
		next = max(next, seq+1)
	}
	return missing, nil
}
