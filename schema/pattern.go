package schema

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dlclark/regexp2/v2"
	"github.com/santhosh-tekuri/jsonschema/v5"
)

// Regular expressions in JSON Schema are those of ECMA-262, with the flag u if possible. The
// validator always uses Go's, which have other character classes and no lookahead. So the
// keywords with regular expressions are hidden from the validator by this prefix, and
// checked by an extension of it.
const hidden = "ecma-262 "

// SlowPattern is the keyword of a violation which says that comparing a text with a pattern
// took too long.
const SlowPattern = "slow pattern"

const (
	// maxMatch is how long one comparison may take: some patterns would never end
	// for some texts.
	maxMatch = 500 * time.Millisecond
	// maxBacktrack is how much memory a comparison may take, in machine words.
	maxBacktrack = 4 << 20
	maxRepeat    = 1<<31 - 1 // the greatest number of repetitions; texts are shorter
)

// pattern is a regular expression.
type pattern struct{ re *regexp2.Regexp }

// match tells whether the pattern is found in s. ok is false if it took too long.
func (p *pattern) match(s string) (found, ok bool) {
	found, err := p.re.MatchString(s)
	return found, err == nil
}

// compilePattern reads a regular expression of ECMA-262. The error names the part that is not
// valid.
func compilePattern(text string) (*pattern, error) {
	source, plain, err := readPattern(text)
	if err != nil {
		return nil, err
	}
	re, err := regexp2.Compile(source, regexp2.ECMAScript|regexp2.Unicode, regexp2.OptionMaxBacktrackingStackSize(maxBacktrack))
	if err != nil && plain {
		// Without the flag a few more things are allowed, such as [\w-.].
		if re, _ = regexp2.Compile(source, regexp2.ECMAScript, regexp2.OptionMaxBacktrackingStackSize(maxBacktrack)); re != nil {
			err = nil
		}
	}
	if err != nil {
		message := strings.TrimPrefix(err.Error(), "error parsing regexp: ")
		return nil, errors.New(strings.TrimSuffix(message, " in `"+source+"`"))
	}
	re.MatchTimeout = maxMatch
	return &pattern{re}, nil
}

// readPattern refuses syntax of other languages that ECMA-262 does not have, and limits
// numbers of repetitions. plain says that the expression means the same without the flag u.
func readPattern(text string) (source string, plain bool, err error) {
	var b strings.Builder
	plain = true
	class := false
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c == '\\' && i+1 < len(text):
			e := text[i+1]
			letter := e|0x20 >= 'a' && e|0x20 <= 'z'
			if letter && !strings.ContainsRune("dDwWsSbBfnrtvcxupPk", rune(e)) {
				return "", false, fmt.Errorf(`\%c is not known in JSON Schema's regular expressions (ECMA-262)%s`, e, remedies[`\`+string(e)])
			}
			plain = plain && !strings.ContainsRune("pPk", rune(e)) && !strings.HasPrefix(text[i:], `\u{`)
			b.WriteString(text[i : i+2])
			i++
			continue
		case c == '[':
			class = true
		case c == ']':
			class = false
		case c == '(' && !class:
			if group := unknownGroup(text[i:]); group != "" {
				return "", false, fmt.Errorf("%s is not known in JSON Schema's regular expressions (ECMA-262)%s", group, remedies[group])
			}
		case c >= '0' && c <= '9' && !class && i > 0 && strings.ContainsRune("{,", rune(text[i-1])):
			end := i
			for end < len(text) && text[end] >= '0' && text[end] <= '9' {
				end++
			}
			digits := text[i:end]
			if n, err := strconv.ParseUint(digits, 10, 64); (err != nil || n > maxRepeat) && strings.ContainsRune(",}", rune((text + " ")[end])) {
				digits = strconv.Itoa(maxRepeat)
			}
			b.WriteString(digits)
			i = end - 1
			continue
		}
		b.WriteByte(c)
	}
	return b.String(), plain, nil
}

// remedies say what to write instead of syntax that ECMA-262 does not have.
var remedies = map[string]string{
	`\A`: "; write ^", `\z`: "; write $", `\Z`: "; write $", `\h`: `; write [ \t]`, `\a`: `; write \x07`, `\e`: `; write \x1b`,
	"(?i": "; write both cases, as in [Aa]", "(?P<": "; write (?<", "(?P=": `; write \k<`, "(?>": "; write (?:", "(?#": "; leave the comment out",
}

// unknownGroup is the beginning of a group if ECMA-262 does not know it, else "".
func unknownGroup(text string) string {
	rest, ok := strings.CutPrefix(text, "(?")
	if !ok {
		return ""
	}
	for _, known := range []string{":", "=", "!", "<"} {
		if strings.HasPrefix(rest, known) {
			return ""
		}
	}
	flags := rest[:len(rest)-len(strings.TrimLeft(rest, "ims-"))]
	switch {
	case flags != "" && strings.HasPrefix(rest[len(flags):], ":"): // modifiers, of ES2025
		return ""
	case flags != "":
		return "(?" + flags
	case strings.HasPrefix(rest, "P<"), strings.HasPrefix(rest, "P="):
		return text[:4]
	}
	return text[:min(3, len(text))]
}

// isPattern is the format "regex".
func isPattern(v any) bool {
	s, ok := v.(string)
	if !ok {
		return true
	}
	_, err := compilePattern(s)
	return err == nil
}

// patterns are a schema's regular expressions, by their text. It is the extension of the
// validator that checks them.
type patterns struct{ compiled map[string]*pattern }

func (p *patterns) add(text string) error {
	if p.compiled[text] != nil {
		return nil
	}
	one, err := compilePattern(text)
	if err == nil {
		p.compiled[text] = one
	}
	return err
}

// Compile is called by the validator for each schema, and reads the keywords that were
// hidden.
func (p *patterns) Compile(ctx jsonschema.CompilerContext, m map[string]any) (jsonschema.ExtSchema, error) {
	e := &patterned{}
	if text, ok := m[hidden+"pattern"].(string); ok {
		e.text, e.pattern = text, p.compiled[text]
	}
	named, ok := m[hidden+"patternProperties"].(map[string]any)
	if !ok {
		if e.pattern == nil {
			return nil, nil
		}
		return e, nil
	}
	for _, text := range slices.Sorted(maps.Keys(named)) {
		s, err := ctx.Compile(validatorPath(hidden+"patternProperties", text), false)
		if err != nil {
			return nil, err
		}
		e.members = append(e.members, members{text, p.compiled[text], s})
	}
	e.known, _ = m["properties"].(map[string]any)
	if additional, ok := m[hidden+"additionalProperties"]; ok {
		s, err := ctx.Compile(validatorPath(hidden+"additionalProperties"), false)
		if err != nil {
			return nil, err
		}
		e.additional, e.none = s, additional == false
	}
	return e, nil
}

// validatorPath is a path within a schema as the validator writes it.
func validatorPath(tokens ...string) string {
	for i, t := range tokens {
		tokens[i] = url.PathEscape(escape.Replace(t))
	}
	return strings.Join(tokens, "/")
}

// patterned is what one schema demands by patterns.
type patterned struct {
	text       string
	pattern    *pattern // of a string, nil for none
	members    []members
	known      map[string]any     // "properties"
	additional *jsonschema.Schema // the schema of all other members, nil for none
	none       bool               // other members are not allowed
}

// members are those whose names match a pattern.
type members struct {
	text    string
	pattern *pattern
	schema  *jsonschema.Schema
}

// errSlow is the message of an error that says that a pattern took too long.
const errSlow = "too slow"

// Validate is called by the validator for each value.
func (e *patterned) Validate(ctx jsonschema.ValidationContext, v any) error {
	if s, ok := v.(string); ok && e.pattern != nil {
		switch found, ok := e.pattern.match(s); {
		case !ok:
			return ctx.Error("pattern", errSlow)
		case !found:
			return ctx.Error("pattern", "no match")
		}
	}
	object, ok := v.(map[string]any)
	if !ok || e.members == nil && e.additional == nil {
		return nil
	}
	var failed []error
	surplus := false
	for _, name := range slices.Sorted(maps.Keys(object)) {
		_, named := e.known[name]
		for _, m := range e.members {
			found, ok := m.pattern.match(name)
			if !ok {
				failed = append(failed, ctx.Error(validatorPath("patternProperties", m.text), errSlow))
			}
			if !found {
				continue
			}
			named = true
			ctx.EvaluatedProp(name)
			if err := ctx.Validate(m.schema, validatorPath("patternProperties", m.text), object[name], memberPath(name)); err != nil {
				failed = append(failed, err)
			}
		}
		if named || e.additional == nil {
			continue
		}
		ctx.EvaluatedProp(name)
		if e.none {
			surplus = true
		} else if err := ctx.Validate(e.additional, "additionalProperties", object[name], memberPath(name)); err != nil {
			failed = append(failed, err)
		}
	}
	if surplus {
		failed = append(failed, ctx.Error("additionalProperties", "surplus"))
	}
	switch len(failed) {
	case 0:
		return nil
	case 1:
		return failed[0]
	}
	return jsonschema.ValidationError{}.Group(ctx.Error("", ""), failed...)
}

// memberPath is validatorPath for a member's name. For an empty name it uses a stand-in,
// because the validator treats an empty path as no member.
func memberPath(name string) string {
	if name == "" {
		return validatorPath(hidden)
	}
	return validatorPath(name)
}

// surplus lists the members of object that schema's "properties" does not name
// and its "patternProperties" do not match.
func (s *Schema) surplus(schema any, object map[string]any) []string {
	m, _ := schema.(map[string]any)
	properties, _ := m["properties"].(map[string]any)
	named, _ := m["patternProperties"].(map[string]any)
	var names []string
	for _, n := range slices.Sorted(maps.Keys(object)) {
		if _, ok := properties[n]; !ok && !s.matchesAny(named, n) {
			names = append(names, n)
		}
	}
	return names
}

func (s *Schema) matchesAny(named map[string]any, name string) bool {
	for text := range named {
		if s.patterns == nil || s.patterns.compiled[text] == nil {
			continue
		}
		if found, _ := s.patterns.compiled[text].match(name); found {
			return true
		}
	}
	return false
}
