package inspect

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"userlike-inspector/nativehost/internal/plan"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/words"
	"userlike-inspector/schema"
)

// allowed tells whether the plan allows what the documentation does not.
func (in *Inspector) allowed(c *call, v schema.Violation) bool {
	switch {
	case v.Keyword == "enum" && v.At == "/0":
		return in.plan.AllowsEvent(c.event)
	case v.Keyword == "additionalProperties":
		return in.plan.AllowsField(v.At)
	}
	return false
}

// Shapes are the results of the plan's schemas in calls. Bit i stands for the schema at
// index i of Inspector.Shaped.
type Shapes struct {
	Judged uint64 // there was a value to check
	Broken uint64 // the value violates the schema
	Veiled uint64 // the record has too little of the value to tell
}

// Of is 1 if the bit of the schema at index i of Inspector.Shaped is set, else 0.
func (Shapes) Of(i int, bits uint64) int { return int(bits >> min(i, maxShapes-1) & 1) }

// maxShapes is how many schemas have a bit of their own in Shapes. Further ones share
// the last bit.
const maxShapes = 64

// Shaped is a schema of the plan, and the event to whose calls it applies.
type Shaped struct {
	Event  string // "" for all
	Schema *plan.Schema
	Rule   string
	why    string // the plan's reason, as a sentence
}

// Shaped are the plan's schemas.
func (in *Inspector) Shaped() []Shaped { return in.shaped }

func shapedBy(p *plan.Plan) (all []Shaped) {
	if p == nil {
		return nil
	}
	if s := p.CustomData; s != nil {
		all = append(all, Shaped{Schema: s, Rule: CustomData})
	}
	for i := range p.Events {
		e := &p.Events[i]
		for _, s := range e.Contexts {
			all = append(all, Shaped{e.Name, s, Context, e.Why()})
		}
	}
	return all
}

// judgePlanned checks a call against the plan's schemas.
func (in *Inspector) judgePlanned(v *verdicts, c *call) {
	for i, s := range in.shaped {
		if s.Event == "" || s.Event == c.event {
			in.judgeSchema(v, c, s, 1<<min(i, maxShapes-1))
		}
	}
}

// judgeSchema checks a call's value against a schema of the plan, if the call has the
// value. bit is the schema's bit in Shapes.
func (in *Inspector) judgeSchema(v *verdicts, c *call, s Shaped, bit uint64) {
	tokens, _ := schema.Tokens(s.Schema.At)
	value, there := schema.Lookup(c.args, tokens)
	if !there || c.notes[s.Schema.At].Is == "undefined" {
		return
	}
	c.shapes.Judged |= bit
	if s.Schema.OnValues && slices.ContainsFunc(c.pseudonyms, func(p string) bool { return p == s.Schema.At || within(p, s.Schema.At) || within(s.Schema.At, p) }) {
		c.shapes.Veiled |= bit
	}
	for _, violation := range s.Schema.Check(value) {
		demand := s.Schema.Source(violation)
		violation = violation.Within(s.Schema.At)
		if c.obscured(violation) {
			c.shapes.Veiled |= bit
			continue
		}
		c.shapes.Broken |= bit
		v.add(s.Rule, func() record.Finding {
			f := in.breached(c, violation, demand)
			f.Message += s.why
			return f
		})
	}
}

// obscured tells whether the record has too little of a value to be sure that it violates
// a schema of the plan.
func (c *call) obscured(v schema.Violation) bool {
	if c.hangsOnPseudonym(v) {
		return true
	}
	for _, n := range c.hidden {
		switch {
		case n.At == v.At:
			if v.Keyword != "type" || n.Is != "truncated" || c.at(v.At) == nil {
				return true
			}
		case within(v.At, n.At): // it is within a value that is incomplete
			return v.Keyword == "required" || n.Is != "truncated"
		case within(n.At, v.At):
			if v.Keyword != "type" {
				return true
			}
		}
	}
	return false
}

// kept are the keywords of JSON Schema that give the same result for pseudonyms. A
// pseudonym keeps the type and the length of the value, and equal values get equal ones.
var kept = []string{
	"type", "required", "additionalProperties", "unevaluatedProperties", "false", "minLength", "maxLength",
	"minItems", "maxItems", "minProperties", "maxProperties", "uniqueItems",
}

// hangsOnPseudonym tells whether a violation could be a mere effect of pseudonyms, which
// the original values would not have caused.
func (c *call) hangsOnPseudonym(v schema.Violation) bool {
	if slices.Contains(kept, v.Keyword) {
		return false
	}
	if c.isMadeUp(v.At) {
		switch c.at(v.At).(type) {
		case bool, nil:
			return false // redaction does not change this value
		}
		return true
	}
	return slices.ContainsFunc(c.pseudonyms, func(p string) bool { return within(p, v.At) })
}

// within tells whether a JSON Pointer is below another one.
func within(at, outer string) bool { return strings.HasPrefix(at, outer+"/") }

// breached is the finding on a violation of a schema of the plan.
func (in *Inspector) breached(c *call, v schema.Violation, demand string) record.Finding {
	f := record.Finding{At: v.At, Expected: expectation(v), Actual: words.Clip(c.describe(v.At), words.MaxPath), Demand: demand}
	place := in.path(c, v.At)
	switch {
	case v.Name:
		tokens, _ := schema.Tokens(v.At)
		name := tokens[len(tokens)-1]
		around := in.path(c, schema.Pointer(tokens[:len(tokens)-1]...))
		f.Actual = "the name " + words.Quote(name)
		f.Message = fmt.Sprintf("%s has a member named %s, but by the plan a name there must be %s. Check how the name is made.", around, words.Quote(name), f.Expected)
		return f
	case len(v.Alternatives) > 0:
		f.Message = fmt.Sprintf("%s must be %s by the plan, but %s sent %s. %s", place, f.Expected, c.subject(), c.describe(v.At), in.reasons(c, v))
		return f
	case v.Keyword == "oneOf":
		f.Message = fmt.Sprintf("%s must be what exactly one of the plan's alternatives allows, but %s sent %s, which more than one allows. Check where the value is set, or tell the alternatives apart in the plan.", place, c.subject(), c.describe(v.At))
		return f
	}
	switch v.Keyword {
	case "required":
		f.Actual = "absent"
		f.Message = fmt.Sprintf("%s is missing in %s, but the plan demands it. Check where it is put into the call.", place, c.subject())
	case "additionalProperties", "unevaluatedProperties", "false":
		f.Message = fmt.Sprintf("%s is not in the plan, but %s sent it as %s. Check whether it is misspelt or the plan is out of date.", place, c.subject(), c.describe(v.At))
	case "type":
		f.Actual = c.typeOf(v.At)
		want := f.Expected
		if !strings.Contains(want, " ") {
			want = words.Article(want)
		}
		f.Message = fmt.Sprintf("%s must be %s by the plan, but %s sent %s.%s", place, want, c.subject(), c.describe(v.At), in.typeHint(c, v.At, f.Expected))
	case schema.SlowPattern:
		f.Actual = "not known"
		f.Message = fmt.Sprintf("Whether %s is %s could not be found out in time. Write the plan's pattern so that no part of a text can match in many ways, as in (a+)+.", place, f.Expected)
	default:
		f.Message = fmt.Sprintf("%s must be %s by the plan, but %s sent %s. Check where the value is set.", place, f.Expected, c.subject(), c.describe(v.At))
	}
	return f
}

// maxReasons is how many alternatives of a schema are explained at most.
const maxReasons = 4

// reasons say, as sentences, why the value fits none of a schema's alternatives.
func (in *Inspector) reasons(c *call, v schema.Violation) string {
	if simple(v) {
		return "Check where the value is set."
	}
	var all []string
	for i, alternative := range v.Alternatives {
		if i == maxReasons {
			all = append(all, "and so for "+words.Plural(len(v.Alternatives)-i, "more alternative"))
			break
		}
		var demands []string
		for _, one := range alternative {
			demands = append(demands, in.path(c, one.At)+" must be "+inWords(one))
		}
		all = append(all, fmt.Sprintf("by alternative %d %s", i+1, words.List(demands[:min(len(demands), 3)], "and")))
	}
	return words.Clip("None fits: "+strings.Join(all, "; "), 3*words.MaxPath) + "."
}

// simple tells whether each alternative has one demand only, about the value itself.
func simple(v schema.Violation) bool {
	return !slices.ContainsFunc(v.Alternatives, func(a []schema.Violation) bool {
		return len(a) != 1 || a[0].At != v.Alternatives[0][0].At || a[0].Keyword == "required" || len(a[0].Alternatives) > 0
	})
}

// inWords is an expectation in a form that fits into a list: "a number", not "number".
func inWords(v schema.Violation) string {
	one := expectation(v)
	if name, ok := v.Want.(string); ok && v.Keyword == "type" && name != "null" {
		return words.Article(one)
	}
	return one
}

// expectation is what a keyword of a schema demands, in words.
func expectation(v schema.Violation) string {
	value := shownJSON(v.Want)
	switch v.Keyword {
	case "type":
		if list, ok := v.Want.([]any); ok {
			names := make([]string, len(list))
			for i, t := range list {
				names[i] = fmt.Sprint(t)
			}
			return words.List(names, "or")
		}
		return fmt.Sprint(v.Want)
	case "required":
		return "present"
	case "additionalProperties", "unevaluatedProperties", "false":
		return "absent"
	case "anyOf", "oneOf":
		if len(v.Alternatives) > 0 && simple(v) {
			var names []string
			for _, a := range v.Alternatives {
				if one := inWords(a[0]); !slices.Contains(names, one) {
					names = append(names, one)
				}
			}
			return words.Clip(words.List(names, "or"), words.MaxPath)
		}
		return "one of " + words.Plural(len(v.Alternatives), "alternative")
	case "minContains", "contains":
		return "an array with an element that fits"
	case "not":
		return "something else"
	case "dependentRequired":
		return "present"
	case "uniqueItems":
		return "an array without equal elements"
	case "enum":
		if list, ok := v.Want.([]any); ok {
			names := make([]string, len(list))
			for i, e := range list {
				names[i] = shownJSON(e)
			}
			return words.Clip("one of "+words.List(names, "or"), words.MaxPath)
		}
	case "const":
		return value
	case "format":
		return "of the format " + words.Short(fmt.Sprint(v.Want))
	case "pattern", schema.SlowPattern:
		return "text that matches " + quoted(v.Want)
	}
	bounds := map[string]string{
		"minimum": "at least %s", "maximum": "at most %s", "exclusiveMinimum": "more than %s", "exclusiveMaximum": "less than %s", "multipleOf": "a multiple of %s",
		"minLength": "text of %s or more characters", "maxLength": "text of no more than %s characters",
		"minItems": "an array of %s or more elements", "maxItems": "an array of no more than %s elements",
		"minProperties": "an object of %s or more members", "maxProperties": "an object of no more than %s members",
	}
	if bound, ok := bounds[v.Keyword]; ok {
		return fmt.Sprintf(bound, value)
	}
	return "as its schema's " + v.Keyword + " demands"
}

// quoted is a schema's text in quotes, cut if long. Backslashes stay single, so that
// patterns stay readable.
func quoted(v any) string {
	s, _ := v.(string)
	return `"` + words.Verbatim(words.Clip(s, words.MaxShown)) + `"`
}

// shownJSON is a schema's value as JSON, cut if long.
func shownJSON(v any) string {
	raw, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return words.Short(string(raw))
}

// hides tells whether a note says that a part of a value is not in the record.
func hides(n record.Note) bool {
	return slices.Contains([]string{"truncated", "getter", "cycle"}, n.Is) || unreadable(n)
}
