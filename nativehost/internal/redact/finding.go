package redact

import (
	"slices"
	"strings"

	"userlike-inspector/nativehost/internal/record"
)

// Reword replaces the message of a finding by that of the same finding on the redacted
// record, and returns the remaining findings of that record. If there is no such finding,
// the message says that the value is left out, and with shown how it can be seen.
func Reword(f *record.Finding, redacted []record.Finding, shown string) (rest []record.Finding) {
	i := slices.IndexFunc(redacted, func(own record.Finding) bool { return own.Rule == f.Rule && own.At == f.At })
	if i < 0 {
		f.Message = "What is wrong here cannot be said without the contact's data, which is left out; " + shown + "."
		f.Expected, f.Actual = "", ""
		return redacted
	}
	f.Message, f.Expected, f.Actual = redacted[i].Message, redacted[i].Expected, redacted[i].Actual
	return slices.Delete(redacted, i, i+1)
}

// Finding is a finding without the personal values that were learnt.
func (x *Redactor) Finding(f record.Finding) record.Finding {
	f.At, f.Message, f.Expected, f.Actual, f.Demand = x.pointer(f.At), x.Text(f.Message), x.Text(f.Expected), x.Text(f.Actual), x.Text(f.Demand)
	return f
}

// WithoutQuery is an address without its query and fragment, where sites put what they know
// of their visitors.
func WithoutQuery(address string) string {
	if i := strings.IndexAny(address, "?#"); i >= 0 {
		return address[:i+1] + "…"
	}
	return address
}
