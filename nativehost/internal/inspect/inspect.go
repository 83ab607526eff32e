// Package inspect judges: a record in, findings out. It is pure, so the host
// that stores a record, the terminal and the reports all come to the same
// verdicts.
//
// What is documented comes from package schema; which rule a broken demand
// belongs to is derived from the schema's keyword and the place it failed at.
// A value of which the record holds only a part, or nothing because reading it
// would have run the page's code, is not accused of what cannot be known.
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

// Inspector holds what records are judged by. It is safe for concurrent use.
type Inspector struct {
	plan      *plan.Plan // nil for none
	shaped    []Shaped   // its schemas
	catalogue *schema.Documented
	schema    *schema.Schema          // of a call's arguments
	call      *schema.Memory          // of the same
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

// With gives an inspector that judges by p as well; nil is no plan.
func (in *Inspector) With(p *plan.Plan) *Inspector {
	with := *in
	with.plan = p
	with.shaped = shapedBy(p)
	return &with
}

// Plan is what the inspector judges by besides the documentation, nil for nothing.
func (in *Inspector) Plan() *plan.Plan { return in.plan }

// Catalogue is what the inspector judges by. It is not to be changed.
func (in *Inspector) Catalogue() *schema.Documented { return in.catalogue }

// Path is a place in a call's arguments, a JSON Pointer, as one writes it in
// JavaScript: session_ctx.client_email.
func (in *Inspector) Path(at string) string { return in.path(nil, at) }

// Judge gives the verdicts that r alone suffices for, the worst first, then by
// place. The same record always gets the same findings. A call whose Args are
// not a JSON array, which record.Decode refuses, gets none.
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

// JudgeCall is Judge for a call, and tells what the call says besides.
func (in *Inspector) JudgeCall(r *record.Record) ([]record.Finding, VisitFacts) {
	c, found, facts := in.read(r)
	if c == nil && r.Threw() == "" {
		return nil, facts
	}
	if c == nil { // only for what the finding says of the call
		c = &call{event: facts.Event}
	}
	var v verdicts
	in.judgeCall(&v, c, found, r)
	return in.settle(v.findings(), r), facts
}

// Facts is what a record says about the visit that it is a part of; nothing for
// what is not a call.
func (in *Inspector) Facts(r *record.Record) VisitFacts {
	if r.Kind != record.Call {
		return VisitFacts{}
	}
	_, _, facts := in.read(r)
	return facts
}

// settle gives findings the severities that the plan wants.
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

// byWeight puts the worst first.
func byWeight(a, b record.Finding) int { return b.Severity.Rank() - a.Severity.Rank() }

// maxOfRule bounds the findings of one rule on one call: a page that passes
// twenty thousand unknown fields is told so, but not twenty thousand times.
const maxOfRule = 100

// verdicts collects the findings on one record.
type verdicts struct {
	list  []record.Finding
	count map[string]int // by rule, those beyond maxOfRule included
}

// add counts a breach of rule and has it described, unless there are too many. The
// severity is the rule's where the description has none.
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

// findings is what was added, in order; the excess of a rule is one finding
// that gives its number.
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
