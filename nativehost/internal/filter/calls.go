package filter

import (
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/store"
)

// Calls makes a filter for the client's own calls for which fits is true. It has a name, but
// no text.
func Calls(name string, fits func(*record.Record) bool) *Filter {
	return &Filter{name: name, terms: []term{{test: calls(fits)}}}
}

// calls is a test for a call, not of a simulation, for which it is true.
type calls func(*record.Record) bool

func (t calls) match(s *subject) bool {
	return s.Kind == record.Call && !s.Simulated && t(s.Record)
}

// condition is never certain for calls: the row has too little of them.
func (calls) condition() store.Condition {
	return store.All(ofKind(record.Call), store.Unknown())
}
