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

// path turns a JSON Pointer into the form of JavaScript, with the arguments' names:
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
		case inArray, t == "*": // in a place that was inferred, "*" is every element
			fmt.Fprintf(&b, "[%s]", t)
		case identifier.MatchString(t):
			b.WriteString("." + words.Clip(t, words.MaxShown))
		default:
			fmt.Fprintf(&b, "[%s]", words.Quote(t))
		}
	}
	return words.Clip(b.String(), words.MaxPath)
}

// demand says where the documentation describes the value at a place.
func (in *Inspector) demand(at string) string {
	return in.catalogue.Source + ": " + in.path(nil, at)
}

// subject is how a sentence names the call.
func (c *call) subject() string {
	if c.event == "" {
		return "the call"
	}
	return words.Short(c.event)
}

// describe is the value at a place with its type, in a form that fits into a sentence.
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

// isMadeUp tells whether the text or number at a place is a pseudonym. It must not be
// quoted, because a reader would think that the site has sent it.
func (c *call) isMadeUp(at string) bool {
	return slices.ContainsFunc(c.pseudonyms, func(p string) bool { return at == p || within(at, p) })
}

// hiddenText describes a pseudonym by what it has in common with the original text.
func hiddenText(s string) string {
	kind := "a string of "
	if isNumeric(s) {
		kind = "a numeric string of "
	}
	return kind + words.Plural(utf8.RuneCountInString(s), "character") + " (hidden)"
}

// describeNote is what a note says of a value, in a form that fits into a sentence; ""
// if the value has a JSON type anyway.
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

// class describes an object of a class of its own; "" for a plain object.
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

// isNumeric tells whether the text s is probably meant as a number.
func isNumeric(s string) bool { return len(s) <= words.MaxCompared && numeric.MatchString(s) }
