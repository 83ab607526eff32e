package filter

import (
	"slices"
	"strings"

	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/store"
)

// maxDocuments bounds how many documents of a visit are looked into.
const maxDocuments = maxValues / 2

// Visit gives a filter that wants the calls of one visit: those with its session_id
// and, of its documents, those without any. It has a name, but no text.
func Visit(name, session string, documents []string) *Filter {
	return &Filter{name: name, terms: []term{{test: visit{session, documents[:min(len(documents), maxDocuments)]}}}}
}

// visit asks whether a record is one of a visit's calls.
type visit struct {
	session   string
	documents []string
}

func (v visit) match(s *subject) bool {
	if s.Kind != record.Call {
		return false
	}
	if session := s.SessionID(); session != "" {
		return session == v.session
	}
	return slices.ContainsFunc(v.documents, func(d string) bool { return strings.HasPrefix(s.ID, d+"/") })
}

func (v visit) condition() store.Condition {
	var within []store.Condition
	for _, d := range v.documents {
		within = append(within, store.Like(store.ID, d+"/", ""))
	}
	is := store.All(store.Like(store.Session, ""), store.Any(within...))
	if v.session != "" {
		is = store.Any(store.Like(store.Session, v.session), is)
	}
	return store.All(store.Like(store.Kind, string(record.Call)), is)
}
