// Package inspect judges single records: a record in, findings out. It has no state and
// reads nothing else, so the host, the terminal and the reports get the same verdicts.
//
// Package schema knows what is documented. The rule of a finding follows from the
// keyword of the schema that failed and from the place. Some values are in the record
// only in part, or not at all because reading them would have run the page's code. They
// get no finding that could be wrong.
package inspect

import (
	"cmp"
	"fmt"
	"slices"

	"userlike-inspector/nativehost/internal/plan"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/words"
	"userlike-inspector/schema"
)

// Inspector holds the catalogue, the schemas and the plan that records are judged by. It
// is safe for concurrent use.
type Inspector struct {
	plan      *plan.Plan // nil for none
	shaped    []Shaped   // the plan's schemas
	catalogue *schema.Documented
	schema    *schema.Schema          // of a call's arguments
	call      *schema.Memory          // of the same schema
	fields    map[string]schema.Field // arguments and fields by JSON Pointer
}

// New compiles the schemas. It fails only if this program was built wrongly.
func New() (*Inspector, error) {
	call, err := schema.Compile(schema.Event)
	if err != nil {
		return nil, err
	}
	in := &Inspector{catalogue: schema.Catalogue(), schema: call, call: call.Memory(), fields: map[string]schema.Field{}}
	for _, f := range slices.Concat(in.catalogue.Arguments, in.catalogue.Fields) {
		in.fields[f.At] = f
	}
	return in, nil
}

// With returns an inspector that also judges by p; nil is no plan.
func (in *Inspector) With(p *plan.Plan) *Inspector {
	with := *in
	with.plan = p
	with.shaped = shapedBy(p)
	return &with
}

// Plan is the plan that the inspector judges by, nil for none.
func (in *Inspector) Plan() *plan.Plan { return in.plan }

// Catalogue is the documentation that the inspector judges by. Callers must not change it.
func (in *Inspector) Catalogue() *schema.Documented { return in.catalogue }

// Path turns a JSON Pointer into a call's arguments into the form of JavaScript:
// session_ctx.client_email.
func (in *Inspector) Path(at string) string { return in.path(nil, at) }

// Judge returns the findings on r that need no other record: the worst first, then by
// place. The same record always gets the same findings. A call whose Args are not a
// JSON array, which record.Decode refuses, gets none.
func (in *Inspector) Judge(r *record.Record) []record.Finding {
	if r.Kind == record.Call {
		found, _ := in.JudgeCall(r)
		return found
	}
	var v verdicts
	switch r.Kind {
	case record.Handler:
		judgeHandler(&v, r)
	case record.Gap:
		judgeGap(&v, r)
	case record.Hit:
		in.judgeHit(&v, r)
	}
	return in.settle(v.findings(), r)
}

// JudgeCall is Judge for a call. It also returns what the call says of its visit, so that
// the arguments are decoded only once.
func (in *Inspector) JudgeCall(r *record.Record) ([]record.Finding, VisitFacts) {
	c, found, facts := in.read(r)
	if c == nil && r.Threw() == "" {
		return nil, facts
	}
	if c == nil { // the finding quotes the call
		c = &call{event: facts.Event}
	}
	var v verdicts
	in.judgeCall(&v, c, found, r)
	return in.settle(v.findings(), r), facts
}

// Facts is what a call says about the visit that it is a part of. For other records it is
// empty.
func (in *Inspector) Facts(r *record.Record) VisitFacts {
	if r.Kind != record.Call {
		return VisitFacts{}
	}
	_, _, facts := in.read(r)
	return facts
}

// settle applies the plan's severities to findings, and drops those that are off.
func (in *Inspector) settle(found []record.Finding, r *record.Record) []record.Finding {
	if len(found) == 0 || !in.plan.OnSite(r.Address()) {
		return found
	}
	kept := found[:0]
	for _, f := range found {
		if s, off := in.plan.Severity(f.Rule, f.Severity); !off {
			f.Severity = s
			kept = append(kept, f)
		}
	}
	slices.SortStableFunc(kept, byWeight)
	return kept
}

// byWeight sorts the worst first.
func byWeight(a, b record.Finding) int { return b.Severity.Rank() - a.Severity.Rank() }

// maxOfRule is the most findings of one rule on one call. A page may pass twenty thousand
// unknown fields; a list of them all would help nobody.
const maxOfRule = 100

// verdicts collects the findings on one record.
type verdicts struct {
	list  []record.Finding
	count map[string]int // by rule, those beyond maxOfRule included
}

// add counts a finding of rule, and calls describe for it unless there are too many. If
// the description has no severity, it gets the rule's.
func (v *verdicts) add(rule string, describe func() record.Finding) {
	if v.count == nil {
		v.count = map[string]int{}
	}
	v.count[rule]++
	if v.count[rule] > maxOfRule {
		return
	}
	f := describe()
	f.Rule, f.Severity = rule, cmp.Or(f.Severity, SeverityOf(rule))
	v.list = append(v.list, f)
}

// findings returns the findings in the order in which they were added. Those beyond
// maxOfRule are one finding that says how many there were.
func (v *verdicts) findings() []record.Finding {
	for rule, n := range v.count {
		if more := n - maxOfRule; more > 0 {
			v.list = append(v.list, record.Finding{
				Rule:     rule,
				Severity: SeverityOf(rule),
				Message:  fmt.Sprintf("The call has %s of this kind that are not listed: %d are.", words.Plural(more, "more finding"), maxOfRule),
			})
		}
	}
	slices.SortFunc(v.list, func(a, b record.Finding) int {
		return cmp.Or(
			b.Severity.Rank()-a.Severity.Rank(),
			cmp.Compare(a.At, b.At),
			cmp.Compare(a.Rule, b.Rule),
			cmp.Compare(a.Message, b.Message),
		)
	})
	return slices.Compact(v.list)
}
