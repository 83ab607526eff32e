package inspect

import "userlike-inspector/nativehost/internal/record"

// The names of the rules.
const (
	UndocumentedEvent = "undocumented-event"
	MissingArgument   = "missing-argument"
	ExtraArgument     = "extra-argument"
	MissingField      = "missing-field"
	WrongType         = "wrong-type"
	UndocumentedField = "undocumented-field"
	InvalidValue      = "invalid-value"
	NotSerializable   = "not-serializable"
	HandlerThrew      = "handler-threw"
	HandlerShadowed   = "handler-shadowed"
	HandlerRemoved    = "handler-removed"
	CaptureGap        = "capture-gap"
)

// Rule describes one kind of verdict.
type Rule struct {
	Name     string
	Severity record.Severity
	On       string // what it is judged on: call or page
	Meaning  string
}

// Rules is the table of all rules, in the order the documentation uses. Each
// caller has a copy of its own.
func Rules() []Rule {
	return []Rule{
		{UndocumentedEvent, record.Error, "call", "The event's name is not among the documented ones."},
		{MissingArgument, record.Error, "call", "The call has fewer than the three documented arguments."},
		{ExtraArgument, record.Warning, "call", "The call has more than the three documented arguments."},
		{MissingField, record.Error, "call", "A field that every call has to send is absent or undefined."},
		{WrongType, record.Error, "call", "An argument or field has another type than the documented one."},
		{UndocumentedField, record.Warning, "call", "A context has a field that is not documented."},
		{InvalidValue, record.Warning, "call", "A field has the right type, but a value that cannot be right: no ISO 639-1 code, no e-mail address, an empty id."},
		{NotSerializable, record.Error, "call", "custom_data holds a value that JSON would drop, change or refuse."},
		{HandlerThrew, record.Error, "page", "The site's own function threw an exception when it was called."},
		{HandlerShadowed, record.Error, "page", "The site's own function is declared with let, const or class, where the Userlike client cannot see it."},
		{HandlerRemoved, record.Warning, "page", "The site took its own function away again."},
		{CaptureGap, record.Error, "page", "Calls were made that could not be recorded."},
	}
}

// severity is a rule's severity.
func severity(rule string) record.Severity {
	for _, r := range Rules() {
		if r.Name == rule {
			return r.Severity
		}
	}
	return record.Error // cannot be: the tests walk the table
}
