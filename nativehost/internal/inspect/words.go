package inspect

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/schema"
)

// Values are shown in findings to be recognised, not to be copied: tickets
// travel farther than recordings, and a page may send anything.
const (
	maxShown = 60  // characters of a value or name
	maxPath  = 160 // characters of a path in words
	maxText  = 300 // characters of an explanation: an exception, a reason
)

// quote is s in quotes on one line, cut to maxShown characters, with what is
// not printable escaped.
func quote(s string) string { return strconv.Quote(clip(s, maxShown)) }

// short is quote without the quotes.
func short(s string) string { return oneLine(clip(s, maxShown)) }

// oneLine is s, cut to maxText characters, with what is not printable escaped.
func oneLine(s string) string {
	q := strconv.Quote(clip(s, maxText))
	return strings.ReplaceAll(q[1:len(q)-1], `\"`, `"`)
}

// shown is short, or words for what would not be seen.
func shown(s string) string {
	if s == "" {
		return "an empty string"
	}
	return short(s)
}

// clip cuts s to n characters and shows that it did.
func clip(s string, n int) string {
	count := 0
	for i := range s {
		if count == n-1 && len(s)-i > 1 {
			return s[:i] + "…"
		}
		count++
	}
	return s
}

var identifier = regexp.MustCompile(`^[\pL_$][\pL\pN_$]*$`)

// words is a place as one writes it in JavaScript, with the arguments' names:
// session_ctx.custom_data.cart[0].price. c may be nil.
func (in *Inspector) words(c *call, at string) string {
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
		case inArray:
			fmt.Fprintf(&b, "[%s]", t)
		case identifier.MatchString(t):
			b.WriteString("." + clip(t, maxShown))
		default:
			fmt.Fprintf(&b, "[%s]", quote(t))
		}
	}
	return clip(b.String(), maxPath)
}

// demand says where it is written what the value at a place has to be.
func (in *Inspector) demand(at string) string {
	return in.catalogue.Source + ": " + in.words(nil, at)
}

// subject names the call within a sentence.
func (c *call) subject() string {
	if c.event == "" {
		return "the call"
	}
	return short(c.event)
}

// describe is the value at a place with its type, fit for a sentence.
func (c *call) describe(at string) string {
	if n, ok := c.notes[at]; ok {
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
		return "the number " + short(v.String())
	case string:
		switch {
		case v == "":
			return "an empty string"
		case isNumeric(v):
			return "the numeric string " + quote(v)
		}
		return "the string " + quote(v)
	case []any:
		return "an array of " + plural(len(v), "element")
	}
	if class := c.class(at); class != "" {
		return class
	}
	return "an object"
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
			return "the bigint " + short(n.Text)
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
		return "an instance of " + short(n.Text)
	}
	return ""
}

var numeric = regexp.MustCompile(`^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*$`)

// isNumeric tells whether s is a string of what may be meant as a number.
func isNumeric(s string) bool { return len(s) <= maxCompared && numeric.MatchString(s) }

// article puts "a" or "an" before a type.
func article(noun string) string {
	if strings.ContainsAny(noun[:min(1, len(noun))], "aeiou") {
		return "an " + noun
	}
	return "a " + noun
}

// plural is n things in words.
func plural[N int | int64](n N, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
