package filter

import (
	"slices"
	"strings"

	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/store"
)

// maxDocuments is how many documents of a visit the filter can name.
const maxDocuments = maxValues / 2

// Visit makes a filter for one visit: the calls with its session_id, and in its documents
// the calls without a session_id and all other records. It has a name, but no text.
func Visit(name, session string, documents []string) *Filter {
	return &Filter{name: name, terms: []term{{test: visit{session, documents[:min(len(documents), maxDocuments)]}}}}
}

// visit is a test for records of a visit.
type visit struct {
	session   string
	documents []string
}

func (v visit) match(s *subject) bool {
	switch s.Kind {
	case record.Call:
		if session := s.SessionID(); session != "" {
			return session == v.session
		}
	case record.Mark:
		return false
	}
	return slices.ContainsFunc(v.documents, func(d string) bool { return strings.HasPrefix(s.ID, d+"/") })
}

func (v visit) condition() store.Condition {
	var within []store.Condition
	for _, d := range v.documents {
		within = append(within, store.Like(store.ID, d+"/", ""))
	}
	is := store.All(store.Like(store.Session, ""), store.Any(within...), store.Not(ofKind(record.Mark)))
	if v.session != "" {
		is = store.Any(store.All(ofKind(record.Call), store.Like(store.Session, v.session)), is)
	}
	return is
}
