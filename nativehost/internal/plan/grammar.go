package plan

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"userlike-inspector/nativehost/internal/words"
	"userlike-inspector/schema"
)

// grammar checks the source by the plan's schema.
func (r *reader) grammar() error {
	if root, ok := r.value.(map[string]any); ok {
		r.readOff(root)
	}
	s, err := schema.Compile(schema.Plan)
	if err != nil {
		return err
	}
	grammar, err := schema.Decode(schema.Text(schema.Plan))
	if err != nil {
		return err
	}
	for _, v := range s.Check(r.value) {
		r.violated(grammar, v)
	}
	if len(r.problems) > 0 {
		return r.problems
	}
	return nil
}

// readOff lets "off" be what it is meant for: YAML 1.1 reads it as false.
func (r *reader) readOff(root map[string]any) {
	severities, _ := root["severity"].(map[string]any)
	for rule, s := range severities {
		if text, ok := s.(string); s == false || ok && strings.EqualFold(text, "off") {
			severities[rule] = "off"
		}
	}
}

// violated says what the grammar does not accept.
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
	case v.At == "":
		r.problem(r.at(v.At), "found %s; expected members such as %s", value, words.List(known, "or"))
	case v.Keyword == "additionalProperties":
		name := v.At[strings.LastIndexByte(v.At, '/')+1:]
		r.problem(r.key(v.At), "%s has no meaning here; expected %s%s", words.Quote(name), words.List(known, "or"), didYouMean(name, known))
	case v.Keyword == "enum":
		list, _ := v.Want.([]any)
		for _, w := range list {
			if text, ok := w.(string); ok {
				known = append(known, text)
			}
		}
		at := r.at(v.At)
		if strings.Contains(pointer, "/propertyNames/") {
			r.unknownRules(known)
			return
		}
		text, _ := r.valueAt(v.At).(string)
		r.problem(at, "found %s; expected %s%s", value, words.List(known, "or"), didYouMean(text, known))
	default:
		r.problem(r.at(v.At), "found %s; expected %s", value, described)
	}
}

// inJSON is a value as JSON has it, cut.
func inJSON(v any) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if e.Encode(v) != nil {
		return "a value"
	}
	return words.Short(strings.TrimSuffix(b.String(), "\n"))
}

// unknownRules tells of every severity for a rule that there is not.
func (r *reader) unknownRules(known []string) {
	for _, name := range r.order["/severity"] {
		if !slices.Contains(known, name) {
			r.problem(r.key("/severity"+schema.Pointer(name)), "there is no rule %s; expected one that userlike-inspector events lists%s", words.Quote(name), didYouMean(name, known))
		}
	}
}

func didYouMean(name string, known []string) string {
	if near := words.Nearest(name, known); near != "" {
		return "; did you mean " + near + "?"
	}
	return ""
}
