package inspect

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/words"
	"userlike-inspector/schema"
)

var identifier = regexp.MustCompile(`^[\pL_$][\pL\pN_$]*$`)

// path is a place as one writes it in JavaScript, with the arguments' names:
// session_ctx.custom_data.cart[0].price. c may be nil.
func (in *Inspector) path(c *call, at string) string {
	tokens, _ := schema.Tokens(at)
	if len(tokens) == 0 {
		return "the call"
	}
	var b strings.Builder
	if a, ok := in.fields[schema.Pointer(tokens[0])]; ok {
		b.WriteString(a.Name)
	} else if i, err := strconv.Atoi(tokens[0]); err == nil {
		fmt.Fprintf(&b, "argument %d", i+1)
	}
	for i, t := range tokens[1:] {
		inArray := false
		if c != nil {
			_, inArray = in.parent(c, tokens[:i+2]).([]any)
		}
		switch {
		case inArray, t == "*": // of an inferred place, every element
			fmt.Fprintf(&b, "[%s]", t)
		case identifier.MatchString(t):
			b.WriteString("." + words.Clip(t, words.MaxShown))
		default:
			fmt.Fprintf(&b, "[%s]", words.Quote(t))
		}
	}
	return words.Clip(b.String(), words.MaxPath)
}

// demand says where it is written what the value at a place has to be.
func (in *Inspector) demand(at string) string {
	return in.catalogue.Source + ": " + in.path(nil, at)
}

// subject names the call within a sentence.
func (c *call) subject() string {
	if c.event == "" {
		return "the call"
	}
	return words.Short(c.event)
}

// describe is the value at a place with its type, fit for a sentence.
func (c *call) describe(at string) string {
	if n, ok := c.notes[at]; ok {
		if c.isMadeUp(at) {
			n.Text = ""
		}
		if s := describeNote(n); s != "" {
			return s
		}
	}
	switch v := c.at(at).(type) {
	case nil:
		return "null"
	case bool:
		return fmt.Sprintf("the boolean %t", v)
	case json.Number:
		if c.isMadeUp(at) {
			return "a number (hidden)"
		}
		return "the number " + words.Short(v.String())
	case string:
		switch {
		case c.isMadeUp(at):
			return hiddenText(v)
		case v == "":
			return "an empty string"
		case isNumeric(v):
			return "the numeric string " + words.Quote(v)
		}
		return "the string " + words.Quote(v)
	case []any:
		return "an array of " + words.Plural(len(v), "element")
	}
	if class := c.class(at); class != "" {
		return class
	}
	return "an object"
}

// isMadeUp tells whether the text or number at a place is a pseudonym, which must
// not be quoted: it would read as what the site has sent.
func (c *call) isMadeUp(at string) bool {
	return slices.ContainsFunc(c.pseudonyms, func(p string) bool { return at == p || within(at, p) })
}

// hiddenText says of a pseudonym what is true of the text that it stands for.
func hiddenText(s string) string {
	kind := "a string of "
	if isNumeric(s) {
		kind = "a numeric string of "
	}
	return kind + words.Plural(utf8.RuneCountInString(s), "character") + " (hidden)"
}

// describeNote is what a note says a value is, fit for a sentence; "" if the
// value is of a JSON type nevertheless.
func describeNote(n record.Note) string {
	switch n.Is {
	case "undefined":
		return "undefined"
	case "nan", "infinity", "-infinity":
		name, _ := noted(n.Is)
		return name
	case "bigint":
		if n.Text != "" {
			return "the bigint " + words.Short(n.Text)
		}
		return "a bigint"
	case "error":
		return "an Error"
	case "date":
		if n.Text == "Invalid Date" {
			return "an invalid Date"
		}
		return "a Date"
	case "hole":
		return "a hole in its array"
	case "cycle":
		return "a reference to an object that contains it"
	}
	if name, ok := noted(n.Is); ok {
		return "a " + name
	}
	return ""
}

// class describes an object that is not a plain one; "" if it is.
func (c *call) class(at string) string {
	n := c.notes[at]
	switch n.Is {
	case "regexp", "map", "set", "error", "node":
		return describeNote(n)
	case "instance":
		switch {
		case unreadable(n):
			return "an object that cannot be read"
		case n.Text == "":
			return "an instance of a class"
		}
		return "an instance of " + words.Short(n.Text)
	}
	return ""
}

var numeric = regexp.MustCompile(`^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*$`)

// isNumeric tells whether s is a string of what may be meant as a number.
func isNumeric(s string) bool { return len(s) <= words.MaxCompared && numeric.MatchString(s) }
