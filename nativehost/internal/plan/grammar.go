package plan

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"userlike-inspector/nativehost/internal/words"
	"userlike-inspector/schema"
)

// grammar checks a plan's source against plan.schema.json.
func (r *reader) grammar(s *source) error {
	r.source = s
	if root, ok := r.value.(map[string]any); ok {
		r.readOff(root)
	}
	compiled, err := schema.Compile(schema.Plan)
	if err != nil {
		return err
	}
	grammar, err := schema.Decode(schema.Text(schema.Plan))
	if err != nil {
		return err
	}
	for _, v := range compiled.Check(r.value) {
		r.violated(grammar, v)
	}
	if len(r.problems) > 0 {
		return r.problems.sorted()
	}
	return nil
}

// eventsOutside tells whether names of events are written at the top level instead of
// below "events".
func (r *reader) eventsOutside() bool {
	return slices.ContainsFunc(r.order[""], func(name string) bool { return slices.Contains(r.documented, name) })
}

// readOff turns false into "off" in severity: YAML 1.1 reads the word off as false.
func (r *reader) readOff(root map[string]any) {
	severities, _ := root["severity"].(map[string]any)
	for rule, s := range severities {
		if text, ok := s.(string); s == false || ok && strings.EqualFold(text, "off") {
			severities[rule] = "off"
		}
	}
}

// violated reports one violation of plan.schema.json, with a remedy.
func (r *reader) violated(grammar any, v schema.Violation) {
	_, pointer := v.Place()
	tokens, _ := schema.Tokens(pointer)
	keyword, _ := schema.Lookup(grammar, tokens[:len(tokens)-1])
	rule, _ := keyword.(map[string]any)
	described, _ := rule["description"].(string)
	properties, _ := rule["properties"].(map[string]any)
	known := slices.Sorted(maps.Keys(properties))
	value := inJSON(r.valueAt(v.At))
	switch {
	case v.At == "/events" && r.valueAt("/events") == nil && r.eventsOutside():
	case v.Keyword == "additionalProperties" && strings.Count(v.At, "/") == 1 && slices.Contains(r.documented, lastToken(v.At)):
		r.problem(r.key(v.At), "%s is an event; indent it below events:", lastToken(v.At))
	case v.At == "" && !r.shown:
		r.problem(r.at(v.At), "this is no plan; expected members such as %s", words.List(known, "or"))
	case v.At == "":
		r.problem(r.at(v.At), "found %s; expected members such as %s", value, words.List(known, "or"))
	case v.Keyword == "additionalProperties":
		name := lastToken(v.At)
		r.problem(r.key(v.At), "%s has no meaning here; expected %s%s", words.Quote(name), words.List(known, "or"), didYouMean(name, known))
	case v.Keyword == "required":
		name := lastToken(v.At)
		member, _ := properties[name].(map[string]any)
		said, _ := member["description"].(string)
		r.problem(r.at(v.At), "%s is missing here; expected %s", name, said)
	case v.Keyword == "enum":
		list, _ := v.Want.([]any)
		for _, w := range list {
			if text, ok := w.(string); ok {
				known = append(known, text)
			}
		}
		text, isText := r.valueAt(v.At).(string)
		if strings.HasPrefix(pointer, "/$defs/rule/") && isText {
			at := r.at(v.At)
			if strings.HasPrefix(v.At, "/severity/") { // here the member's name is wrong, not its value
				text, at = lastToken(v.At), r.key(v.At)
			}
			r.problem(at, "there is no rule %s; expected one that userlike-inspector events lists%s", words.Quote(text), didYouMean(text, known))
			return
		}
		r.problem(r.at(v.At), "found %s; expected %s%s", value, words.List(known, "or"), didYouMean(text, known))
	default:
		r.problem(r.at(v.At), "found %s; expected %s", value, described)
	}
}

// lastToken is the name at the end of a JSON Pointer.
func lastToken(pointer string) string {
	tokens, _ := schema.Tokens(pointer)
	if len(tokens) == 0 {
		return ""
	}
	return tokens[len(tokens)-1]
}

// inJSON is a value as JSON, cut to a length fit for a message.
func inJSON(v any) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if e.Encode(v) != nil {
		return "a value"
	}
	return words.Short(strings.TrimSuffix(b.String(), "\n"))
}

func didYouMean(name string, known []string) string {
	if near := words.Nearest(name, known); near != "" {
		return "; did you mean " + near + "?"
	}
	return ""
}
