package inspect

import (
	"embed"
	"slices"
	"strings"

	"userlike-inspector/nativehost/internal/record"
)

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
	CustomData        = "custom-data"
	Context           = "context"
	HandlerMissing    = "handler-missing"
	HandlerThrew      = "handler-threw"
	HandlerShadowed   = "handler-shadowed"
	HandlerLate       = "handler-late"
	HandlerRemoved    = "handler-removed"
	HandlerReplaced   = "handler-replaced"
	MissingEvent      = "missing-event"
	OutOfOrder        = "out-of-order"
	UnexpectedEvent   = "unexpected-event"
	DuplicateEvent    = "duplicate-event"
	ErrorShown        = "error-shown"
	BeforeConsent     = "before-consent"
	IdentityChanged   = "identity-changed"
	ShapeDrift        = "shape-drift"
	CaptureGap        = "capture-gap"
	NotForwarded      = "not-forwarded"
	ForwardedTwice    = "forwarded-twice"
	PersonalForwarded = "personal-data-forwarded"
	AcceptedExpired   = "accepted-expired"
	MidJourney        = "mid-journey"
)

// Rule describes one kind of verdict.
type Rule struct {
	Name     string
	Severity record.Severity // the worse one where it has two
	On       string          // what it is judged on: call, page, journey, hit or store
	Family   Family
	Source   string // where its demand comes from
	Meaning  string
}

// Family groups rules by what they judge. Its text is the heading of the group.
type Family string

// The families of rules.
const (
	onCall      Family = "the call"
	onVisit     Family = "the visit"
	onFunction  Family = "the site's own function"
	onHit       Family = "where the site sends it"
	onRecording Family = "the recording"
	onPlan      Family = "your plan"
)

// Families lists them in the order the documentation uses.
func Families() []Family { return []Family{onCall, onVisit, onFunction, onHit, onRecording, onPlan} }

// Where demands come from.
const (
	byAPI           = "Userlike's page on the Client Tracking API"
	byCustomData    = "Userlike's page on custom data"
	byPlan          = "the plan"
	byPlanOrReading = "the plan; this product's reading of Userlike's page on the Client Tracking API"
	byPlanOrProduct = "the plan; this product"
	byProduct       = "this product"
)

// Rules is the table of all rules, in the order of the documentation. Each call returns
// a new copy.
//
// A new rule needs a name and a row here, a check with its sentence in the file of its
// family, and a page in the folder pages. All other lists of rules follow from the table:
// go test -update in package journey writes those in the plan's schema and the README.
func Rules() []Rule {
	return []Rule{
		{UndocumentedEvent, record.Error, "call", onCall, byAPI,
			"The event's name is not among the documented ones."},
		{MissingArgument, record.Error, "call", onCall, byAPI,
			"The call has fewer than the three documented arguments."},
		{ExtraArgument, record.Warning, "call", onCall, byAPI,
			"The call has more than the three documented arguments."},
		{MissingField, record.Error, "call", onCall, byAPI,
			"A field that every call has to send is absent or undefined."},
		{WrongType, record.Error, "call", onCall, byAPI,
			"An argument or field has another type than the documented one."},
		{UndocumentedField, record.Warning, "call", onCall, byAPI,
			"A context has a field that is not documented."},
		{InvalidValue, record.Warning, "call", onCall, byAPI,
			"A field has the right type, but a value that cannot be right: no ISO 639-1 code, no e-mail address, an empty id."},
		{NotSerializable, record.Error, "call", onCall, byCustomData,
			"custom_data holds a value that JSON would drop, change or refuse."},
		{CustomData, record.Error, "call", onPlan, byPlan,
			"custom_data is not what the plan's schema demands."},
		{Context, record.Error, "call", onPlan, byPlan,
			"A context is not what the plan's schema for this event demands."},
		{HandlerMissing, record.Warning, "page", onFunction, byAPI,
			"The site had no function to call, 10 s after the Userlike client was loaded or had its frame, or when the page was left."},
		{HandlerThrew, record.Error, "page", onFunction, byAPI,
			"The site's own function threw an exception when it was called."},
		{HandlerShadowed, record.Error, "page", onFunction, byAPI,
			"The site's own function is declared with let, const or class, where the Userlike client cannot see it."},
		{HandlerLate, record.Warning, "page", onFunction, byAPI,
			"The site's own function appeared more than a second after the Userlike client was loaded or had its frame."},
		{HandlerRemoved, record.Warning, "page", onFunction, byAPI,
			"The site took its own function away again."},
		{HandlerReplaced, record.Warning, "page", onFunction, byAPI,
			"Another function took the place of the site's own and does not call it."},
		{MissingEvent, record.Error, "journey", onVisit, byPlanOrReading,
			"An event was expected and never came, or not in time: an error where a plan expects it, a warning where the catalogue does."},
		{OutOfOrder, record.Error, "journey", onVisit, byPlanOrReading,
			"An event came without what it needs, or before what the plan puts first: an error by a plan, a warning by the catalogue."},
		{UnexpectedEvent, record.Error, "journey", onPlan, byPlan,
			"An event came that the plan forbids, or more often than the plan allows."},
		{DuplicateEvent, record.Warning, "journey", onVisit, byProduct,
			"The same call was made again in the same document within 100 ms, with equal arguments."},
		{ErrorShown, record.Warning, "journey", onVisit, byAPI,
			"The contact was shown an error."},
		{BeforeConsent, record.Error, "journey", onVisit, byPlanOrReading,
			"Something guarded or personal was sent, or forwarded to another site, before the contact agreed to the data privacy notice: an error by a plan, a warning otherwise."},
		{IdentityChanged, record.Warning, "journey", onVisit, byProduct,
			"client_uuid, widget_id or session_id changed where it should not."},
		{ShapeDrift, record.Warning, "store", onVisit, byProduct,
			"A place within custom_data has values of different types in different calls."},
		{CaptureGap, record.Error, "page", onRecording, byProduct,
			"Calls were made that could not be recorded, or cannot be seen: an error where calls were lost, a warning where the site's function hides them, and where only requests and pushes could not be looked at."},
		{NotForwarded, record.Error, "call", onHit, byPlan,
			"A call did not arrive, or not in time, where the plan wants it forwarded to."},
		{ForwardedTwice, record.Warning, "call", onHit, byProduct,
			"A call reached the same place twice within 2 s, with equal data: it is counted double."},
		{PersonalForwarded, record.Error, "hit", onHit, byPlanOrProduct,
			"A name or an e-mail address was sent to another site, plain, encoded or hashed: an error where the plan says who may have it, a warning otherwise."},
		{AcceptedExpired, record.Error, "store", onPlan, byPlan,
			"The plan accepted a finding for a while, and the time is over: an error; or there is nothing left to accept: an info."},
		{MidJourney, record.Info, "journey", onVisit, byProduct,
			"The recording began in the middle of a visit, so what came earlier is unknown."},
	}
}

// SeverityOf is a rule's severity.
func SeverityOf(rule string) record.Severity {
	for _, r := range Rules() {
		if r.Name == rule {
			return r.Severity
		}
	}
	return record.Error // cannot be: the tests walk the table
}

//go:embed pages/*.txt
var pages embed.FS

// Page explains a rule at length, with an example that triggers it and one that does
// not. Each line of an example is a record: its time, what it is, and the members of the
// contexts that differ from those of a complete call.
type Page struct {
	Text     string // one paragraph per line
	Plan     string // the plan that the examples are judged by, "" for none
	Triggers string
	Passes   string
}

// Page is the rule's page.
func (r Rule) Page() Page {
	raw, err := pages.ReadFile("pages/" + r.Name + ".txt")
	if err != nil {
		return Page{Text: r.Meaning} // cannot be: the tests walk the table
	}
	text, passes, _ := strings.Cut(string(raw), "\n-- does not --\n")
	text, triggers, _ := strings.Cut(text, "\n-- triggers --\n")
	text, plan, _ := strings.Cut(text, "\n-- plan --\n")
	return Page{Text: strings.TrimSpace(text), Plan: strings.TrimRight(plan, "\n"), Triggers: strings.TrimRight(triggers, "\n"), Passes: strings.TrimRight(passes, "\n")}
}

// AboutPlace tells whether a rule's findings are about a place that calls are forwarded to.
func AboutPlace(rule string) bool {
	return slices.Contains([]string{NotForwarded, ForwardedTwice, PersonalForwarded, BeforeConsent}, rule)
}

// QuotesValues tells whether a rule's findings may quote values of the record. Other
// findings contain only events, times, types, ids and places.
func QuotesValues(rule string) bool {
	i := slices.IndexFunc(Rules(), func(r Rule) bool { return r.Name == rule })
	return !AboutPlace(rule) && (i < 0 || Rules()[i].On != "journey" && Rules()[i].On != "store")
}
