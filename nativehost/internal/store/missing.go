package store

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Span is a run of a document's record numbers, both ends included.
type Span struct{ From, To int64 }

// Missing lists the runs of numbers from 1 to last that no record of the document has,
// and that no gap made by the host has counted. Numbers come from the ids: a record's is
// "<document>/<seq>", that of the host's gap "<document>/over-<from>-<to>".
func (s *Store) Missing(ctx context.Context, document string, last int64) ([]Span, error) {
	var there []Span
	// All ids of one document are one range of the index, as "0" follows "/" in ASCII.
	query := "SELECT id FROM events WHERE id > ? AND id < ?"
	err := s.each(ctx, query, []any{document + "/", document + "0"}, func(rows *sql.Rows) (bool, error) {
		var id string
		if err := rows.Scan(&id); err != nil {
			return false, err
		}
		id = strings.TrimPrefix(id, document+"/")
		if seq, err := strconv.ParseInt(id, 10, 64); err == nil && seq <= last {
			there = append(there, Span{seq, seq})
		}
		var span Span
		if numbers, ok := strings.CutPrefix(id, "over-"); ok {
			if n, _ := fmt.Sscanf(numbers, "%d-%d", &span.From, &span.To); n == 2 && span.From <= last {
				there = append(there, span)
			}
		}
		return true, nil
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(there, func(a, b Span) int { return cmp.Compare(a.From, b.From) })
	var missing []Span
	next := int64(1)
	for _, span := range append(there, Span{last + 1, last + 1}) {
		if span.From > next {
			missing = append(missing, Span{next, span.From - 1})
		}
		next = max(next, span.To+1)
	}
	return missing, nil
}
